/** The consents of the store as they bear on one caller. */

import { joined, rulingOf, ruleOf, type Rule, type Ruling, type uniform } from '../access/consent.ts'
import { partsOf, type Part } from '../access/matter.ts'
import { concernOf } from '../fhir/concern.ts'
import { lastingMemo, remember } from '../fhir/memo.ts'
import { isBundle, type Resource } from '../fhir/types.ts'
import { everyMatch } from '../matches.ts'
import type { SearchRequest, Version } from '../ports.ts'
import { practitionersOf, teamsNamed, teamsOf } from './asker.ts'
import { bearingOf, bearingsOf, NO_BEARING, type Bearing, type Bearings, type Given } from './bearing.ts'
import type { Guard, Whole } from './guard.ts'

/** What the consents of some patients say to the caller. */
export interface Consents {
  /** Nothing; the consents of these patients are known from now on. */
  readonly load: (patients: readonly string[]) => Promise<void>
  /** The patients who have consents, known or not. */
  readonly consenting: () => Promise<readonly string[]>
  /** What is said of all that is the patient's: `by part` where it depends on what it is. */
  readonly ofPatient: (patient: string) => ReturnType<typeof uniform>
  /** Whether that stays so until a consent changes, or who somebody is whom one names. */
  readonly isSteady: (patient: string) => boolean
  /** All that it depends on what is permitted of the resources of these patients: the very same until any of that changes. */
  readonly bearings: (patients: readonly string[]) => readonly Bearing[]
  /** Whether nothing that is known denies anything of these patients. */
  readonly permitsAll: (patients: readonly string[]) => boolean
  /** Whether nothing that is known denies a resource of these patients. */
  readonly permits: (resource: Resource, patients: readonly string[]) => boolean
}

const rules = lastingMemo<Resource, { readonly rule: Rule | undefined }>()
const parts = lastingMemo<Resource, readonly Part[]>()
/** So many values stand in one criterion. */
const MOST_NAMED = 200

/** A consent that denies all could never be withdrawn, nor could anybody see who broke the glass. */
const OVERSEEN = ['AuditEvent', 'Consent'] as const

/** The types that the caller sees whatever consents say of them. */
export function overseenBy({ rights }: Guard): readonly string[] {
  return rights.caller.roles.includes('administer') ? OVERSEEN : []
}

/** The consents that a reader finds. Whoever breaks the glass is bound by none. */
export function consentsOf(guard: Guard, reader: Whole): Consents {
  const known = new Map<string, Bearing>()
  /** By patient, what makes them known: nobody is judged while it is on its way. */
  const coming = new Map<string, Promise<void>>()
  const isBound = guard.rights.caller.emergency === undefined
  const overseen = overseenBy(guard)
  let isAll = false
  const learn = async (patients: readonly string[]): Promise<void> => {
    for (let from = 0; from < patients.length; from += MOST_NAMED) {
      const some = patients.slice(from, from + MOST_NAMED)
      const found = await consentsAbout(some, guard, reader)
      const bearings = await bearingsOf(some, found, { guard, make: () => bearingsIn(found, guard, reader) })
      for (const patient of some) known.set(patient, bearings.get(patient) ?? NO_BEARING)
    }
  }
  const bearing = (patient: string): Bearing => known.get(patient) ?? NO_BEARING
  const decided = (ruling: Ruling | undefined): boolean => (ruling ?? guard.consentDefault) === 'permit'
  const isPermitted = (resource: Resource, patient: string): boolean => {
    if (overseen.includes(resource.resourceType)) return true
    const { rules: own, whole, decisions } = bearing(patient)
    if (whole !== 'by part') return decided(whole)
    const before = decisions.get(resource)
    if (before !== undefined) return before
    const decision = partsFor(resource, guard).every((part) => {
      const ruling = joined(own.map((rule) => rulingOf(rule, part)))
      return ruling === undefined && isBeside(part, resource, guard) ? true : decided(ruling)
    })
    if (Object.isFrozen(resource)) decisions.set(resource, decision)
    return decision
  }
  return {
    load: async (patients) => {
      if (!isBound || isAll) return
      const open = patients.filter((patient) => !known.has(patient) && !coming.has(patient))
      const learned = open.length === 0 ? undefined : learn(open)
      if (learned !== undefined) for (const patient of open) coming.set(patient, learned)
      for (const patient of patients) if (!known.has(patient)) await coming.get(patient)
    },
    consenting: async () => {
      if (!isBound) return []
      if (!isAll) {
        const found = [...(await everyConsent([], reader)), ...(await officesOf(guard, reader))]
        const { bearings } = await bearingsIn(found, guard, reader)
        for (const [patient, each] of bearings) known.set(patient, each)
      }
      isAll = true
      return [...known.keys()]
    },
    bearings: (patients) => (isBound ? patients.map(bearing) : []),
    ofPatient: (patient) => bearing(patient).whole,
    isSteady: (patient) => bearing(patient).isSteady,
    permitsAll: (patients) =>
      !isBound ||
      patients.every((patient) => {
        const { whole } = bearing(patient)
        return whole !== 'by part' && decided(whole)
      }),
    permits: (resource, patients) => !isBound || patients.every((patient) => isPermitted(resource, patient)),
  }
}

/** By patient how what they have given bears on the caller. */
async function bearingsIn(found: readonly Version[], guard: Guard, reader: Whole): Promise<Bearings> {
  const resources = found.flatMap(({ resource }) => resource ?? [])
  const offices = resources.filter(({ resourceType }) => resourceType === 'PractitionerRole')
  const given = givenIn(resources, guard)
  const own = [...given.values()].flatMap((each) => each.map(({ rule }) => rule))
  const teams = await teamsOf(guard, reader, own)
  const bearings = new Map<string, Bearing>()
  for (const [patient, each] of given) bearings.set(patient, bearingOf(patient, each, { guard, teams, offices }))
  const isSettled =
    teamsNamed(guard, own).length === 0 &&
    resources.every((one) => Object.isFrozen(one)) &&
    [...bearings.values()].every(({ isSteady }) => isSteady)
  return { bearings, isSettled }
}

/** By patient the consents that are in force, with the rule that each is. */
function givenIn(resources: readonly Resource[], guard: Guard): ReadonlyMap<string, readonly Given[]> {
  const byPatient = new Map<string, Given[]>()
  for (const consent of resources) {
    if (consent.resourceType !== 'Consent') continue
    const { rule } = remember(rules, consent, (one) => ({ rule: ruleOf(one) }))
    if (rule === undefined) continue
    for (const patient of concernOf(consent, guard).patients) {
      const own = byPatient.get(patient) ?? []
      own.push({ consent, rule })
      byPatient.set(patient, own)
    }
  }
  return byPatient
}

/** What of a Bundle is in nobody's record needs nobody's consent, nor does the Bundle around it. */
function isBeside({ resource }: Part, whole: Resource, guard: Guard): boolean {
  return isBundle(whole) && (isBundle(resource) || concernOf(resource, guard).of === 'nobody')
}

function partsFor(resource: Resource, { base }: Guard): readonly Part[] {
  return remember(parts, resource, (one) => partsOf(one, base))
}

async function consentsAbout(patients: readonly string[], guard: Guard, reader: Whole): Promise<readonly Version[]> {
  const names = patients.flatMap((patient) =>
    patient.includes(':') ? [patient] : [`Patient/${patient}`, `${guard.base}/Patient/${patient}`],
  )
  const usable = names.filter((name) => /^(?:https?:\/\/[^\s,|$\\]+\/)?Patient\/[A-Za-z0-9.-]{1,64}$/.test(name))
  if (usable.length === 0) return []
  if (reader.consents !== undefined) return reader.consents(usable, practitionersOf(guard))
  return [...(await everyConsent([['patient', usable.join(',')]], reader)), ...(await officesOf(guard, reader))]
}

async function officesOf(guard: Guard, reader: Whole): Promise<readonly Version[]> {
  const people = practitionersOf(guard)
  if (people.length === 0) return []
  if (reader.consents !== undefined) return reader.consents([], people)
  return everyMatch(reader, { type: 'PractitionerRole', parameters: [['practitioner', people.join(',')]] })
}

function everyConsent(criteria: SearchRequest['parameters'], reader: Whole): Promise<readonly Version[]> {
  return everyMatch(reader, { type: 'Consent', parameters: [['status', 'active'], ...criteria, ['_total', 'none']] })
}
