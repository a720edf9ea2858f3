/** By which names consents know whoever asks: their own, and those of the teams and houses that the store says they belong to. */

import type { Asker, Rule } from '../access/consent.ts'
import { allReferences } from '../fhir/concern.ts'
import { parseReference } from '../fhir/reference.ts'
import type { Caller, Key } from '../ports.ts'
import type { Guard, Whole } from './guard.ts'

/** Resources that name people as their members. */
const TEAMS: ReadonlySet<string> = new Set(['CareTeam', 'Group', 'PractitionerRole', 'RelatedPerson'])

/** Who asks, as far as the actors of these rules need to be told apart. */
export async function asker(guard: Guard, reader: Whole, rules: readonly Rule[]): Promise<Asker> {
  const { rights, base, now } = guard
  const { purposes } = rights.caller
  const own = namesOf(rights.caller, base)
  const named = [...new Set(rules.flatMap(actorsIn))].filter((name) => !own.has(name))
  const names = named.length === 0 ? own : new Set([...own, ...(await joinedNames(named, own, { guard, reader }))])
  return { names, purposes, now: now() }
}

function actorsIn({ actors, rules }: Rule): readonly string[] {
  return [...actors, ...rules.flatMap(actorsIn)]
}

function namesOf({ fhirUser, subject, client }: Caller, base: string): ReadonlySet<string> {
  const identifiers = [subject, client].flatMap((value) => (value === undefined ? [] : [`identifier ${value}`]))
  return new Set([...(fhirUser === undefined ? [] : bothNames(fhirUser, base)), ...identifiers])
}

/** As it is written here, and as a URL. */
function bothNames(reference: string, base: string): readonly string[] {
  if (reference.startsWith(`${base}/`)) return [reference, reference.slice(base.length + 1)]
  return reference.includes('://') ? [reference] : [reference, `${base}/${reference}`]
}

interface Circumstances {
  readonly guard: Guard
  readonly reader: Whole
}

/** The actors among those named that the caller is one of, as the store says it. */
async function joinedNames(
  named: readonly string[],
  own: ReadonlySet<string>,
  { guard, reader }: Circumstances,
): Promise<readonly string[]> {
  const keys = named.flatMap((name) => keyOf(name, guard.base) ?? [])
  const teams = keys.filter(({ type }) => TEAMS.has(type))
  const held = teams.length === 0 ? [] : await reader.read(teams)
  const ofTeams = held.flatMap((version) => {
    const isMember = version?.resource !== undefined && allReferences(version.resource).some((one) => own.has(one))
    return isMember ? bothNames(`${version.type}/${version.id}`, guard.base) : []
  })
  const isHouseNamed = keys.some(({ type }) => type === 'Organization')
  return [...ofTeams, ...(isHouseNamed ? await houses(own, { guard, reader }) : [])]
}

function keyOf(name: string, base: string): Key | undefined {
  const parsed = parseReference(name.startsWith(`${base}/`) ? name.slice(base.length + 1) : name)
  return parsed.form === 'relative' ? { type: parsed.type, id: parsed.id } : undefined
}

/** The organizations for which the caller works, by the PractitionerRoles of the store. */
async function houses(own: ReadonlySet<string>, { guard, reader }: Circumstances): Promise<readonly string[]> {
  const practitioners = [...own].filter((name) => /^Practitioner\/[A-Za-z0-9.-]{1,64}$/.test(name))
  if (practitioners.length === 0) return []
  const { matches } = await reader.search({
    type: 'PractitionerRole',
    parameters: [['practitioner', practitioners.join(',')]],
    handling: 'strict',
    defaultCount: 500,
    maxCount: 500,
  })
  return matches.flatMap(({ resource }) => {
    const organization = resource?.['organization'] as { readonly reference?: string } | undefined
    const isActive = resource?.['active'] !== false
    return isActive && typeof organization?.reference === 'string' ? bothNames(organization.reference, guard.base) : []
  })
}
