/** By which names consents know whoever asks: their own, and those of the teams and houses that the store says they belong to. */

import { identifierName, type Asker, type Rule } from '../access/consent.ts'
import type { Rights } from '../access/rights.ts'
import { allReferences } from '../fhir/concern.ts'
import { parseReference } from '../fhir/reference.ts'
import { isObject, type Json, type Resource } from '../fhir/types.ts'
import type { Key } from '../ports.ts'
import type { Guard, Whole } from './guard.ts'

/** Resources that name people as their members. */
const TEAMS: ReadonlySet<string> = new Set(['CareTeam', 'Group', 'PractitionerRole', 'RelatedPerson'])

/** Resources that say by which identifiers somebody is known who asks. */
const SELVES: ReadonlySet<string> = new Set([
  'Practitioner',
  'PractitionerRole',
  'RelatedPerson',
  'Organization',
  'Device',
])

/** What the store says of the actors that rules name, as far as they are to be told apart. */
export interface Evidence {
  /** Teams that are named, and whoever asks where somebody is named by an identifier alone. */
  readonly teams: readonly Resource[]
  /** The PractitionerRoles of whoever asks. */
  readonly offices: readonly Resource[]
}

/** The teams that rules name, and whoever asks where that tells whom they name, as they are now. */
export async function teamsOf(guard: Guard, reader: Whole, rules: readonly Rule[]): Promise<Evidence['teams']> {
  const teams = teamsNamed(guard, rules)
  const held = teams.length === 0 ? [] : await reader.read(teams)
  return held.flatMap((version) => version?.resource ?? [])
}

/** What rules name whose members are to be looked at, and whoever asks where they name somebody by another identifier. */
export function teamsNamed({ rights, base }: Guard, rules: readonly Rule[]): readonly Key[] {
  const named = new Set(rules.flatMap(actorsIn))
  if (named.size === 0) return []
  const own = namesOf(rights, base)
  const others = [...named].filter((name) => !own.has(name))
  const teams = others.flatMap((name) => keyOf(name, base) ?? []).filter(({ type }) => TEAMS.has(type))
  const isIdentified = others.some((name) => isIdentifier(name))
  const selves = isIdentified ? [...own].flatMap((name) => (isIdentifier(name) ? [] : (keyOf(name, base) ?? []))) : []
  const self = selves.find(({ type }) => SELVES.has(type))
  return self === undefined ? teams : [...teams, self]
}

function actorsIn({ actors, rules }: Rule): readonly string[] {
  return [...actors, ...rules.flatMap(actorsIn)]
}

/** Who asks, by their own names and those that the evidence gives them. */
export function asker({ rights, base, now }: Guard, { teams, offices }: Evidence): Asker {
  const own = namesOf(rights, base)
  const joined = teams.filter((team) => allReferences(team).some((one) => own.has(one)))
  const selves = teams.filter(({ resourceType, id }) => own.has(`${resourceType}/${id ?? ''}`))
  const names = [
    ...selves.flatMap(identifiersOf),
    ...joined.map(({ resourceType, id }) => `${resourceType}/${id ?? ''}`),
    ...offices.flatMap((office) => houseOf(office) ?? []),
  ]
  return {
    names: new Set([...own, ...names.flatMap((name) => bothNames(name, base))]),
    purposes: rights.caller.purposes,
    now: now(),
  }
}

function isIdentifier(name: string): boolean {
  return name.startsWith('identifier ')
}

/** The identifiers that a person's own resource has, as names. */
function identifiersOf({ identifier }: Resource): readonly string[] {
  const list: readonly Json[] = Array.isArray(identifier) ? (identifier as readonly Json[]) : []
  return list.flatMap((one) => {
    const { system, value } = isObject(one) ? one : {}
    if (typeof value !== 'string') return []
    return [identifierName(value), ...(typeof system === 'string' ? [identifierName(value, system)] : [])]
  })
}

/** The organization for which somebody works, where the office is held still. */
function houseOf({ active, organization }: Resource): string | undefined {
  const { reference } = (organization ?? {}) as { readonly reference?: unknown }
  return active !== false && typeof reference === 'string' ? reference : undefined
}

const practitioners = new WeakMap<Rights, readonly string[]>()

/** The names of the caller as a practitioner of this service; none where it is nobody such. */
export function practitionersOf({ rights, base }: Guard): readonly string[] {
  const before = practitioners.get(rights)
  if (before !== undefined) return before
  const own = [...namesOf(rights, base)]
  const isOne = own.some((name) => /^Practitioner\/[A-Za-z0-9.-]{1,64}$/.test(name))
  const names = isOne ? own.filter((name) => !isIdentifier(name)) : []
  practitioners.set(rights, names)
  return names
}

const known = new WeakMap<Rights, ReadonlySet<string>>()

function namesOf(rights: Rights, base: string): ReadonlySet<string> {
  const before = known.get(rights)
  if (before !== undefined) return before
  const { fhirUser, subject, client, issuer } = rights.caller
  const identifiers = [subject, client].flatMap((value) =>
    value === undefined ? [] : [identifierName(value), identifierName(value, issuer)],
  )
  const names = new Set([...(fhirUser === undefined ? [] : bothNames(fhirUser, base)), ...identifiers])
  known.set(rights, names)
  return names
}

/** As it is written here, and as a URL. */
function bothNames(reference: string, base: string): readonly string[] {
  if (reference.startsWith(`${base}/`)) return [reference, reference.slice(base.length + 1)]
  return reference.includes('://') ? [reference] : [reference, `${base}/${reference}`]
}

function keyOf(name: string, base: string): Key | undefined {
  const parsed = parseReference(name.startsWith(`${base}/`) ? name.slice(base.length + 1) : name)
  return parsed.form === 'relative' ? { type: parsed.type, id: parsed.id } : undefined
}
