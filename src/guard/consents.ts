/** The consents of the store as they bear on one caller. */

import { joined, ruleFor, ruleOf, rulingOf, uniform, type Rule, type Ruling } from '../access/consent.ts'
import { partsOf, type Part } from '../access/matter.ts'
import { concernOf } from '../fhir/concern.ts'
import { remember, type Memo } from '../fhir/memo.ts'
import { isBundle, type Resource } from '../fhir/types.ts'
import { everyMatch } from '../matches.ts'
import type { SearchRequest, Version } from '../ports.ts'
import { asker } from './asker.ts'
import type { Guard, Whole } from './guard.ts'

/** What the consents of some patients say to the caller. */
export interface Consents {
  /** Nothing; the consents of these patients are known from now on. */
  readonly load: (patients: readonly string[]) => Promise<void>
  /** The patients who have consents, known or not. */
  readonly consenting: () => Promise<readonly string[]>
  /** What is said of all that is the patient's: `by part` where it depends on what it is. */
  readonly ofPatient: (patient: string) => ReturnType<typeof uniform>
  /** Whether nothing that is known denies anything of these patients. */
  readonly permitsAll: (patients: readonly string[]) => boolean
  /** Whether nothing that is known denies a resource of these patients. */
  readonly permits: (resource: Resource, patients: readonly string[]) => boolean
}

const rules: Memo<Resource, { readonly rule: Rule | undefined }> = new WeakMap()
const parts: Memo<Resource, readonly Part[]> = new WeakMap()
/** So many values stand in one criterion. */
const MOST_NAMED = 200

/** The consents that a reader finds. Whoever breaks the glass is bound by none. */
export function consentsOf(guard: Guard, reader: Whole): Consents {
  const known = new Map<string, readonly Rule[]>()
  const isBound = guard.rights.caller.emergency === undefined
  let isAll = false
  const take = async (found: readonly Version[]): Promise<void> => {
    const byPatient = new Map<string, Rule[]>()
    for (const { resource } of found) {
      if (resource === undefined) continue
      const { rule } = remember(rules, resource, (one) => ({ rule: ruleOf(one) }))
      if (rule === undefined) continue
      for (const patient of concernOf(resource, guard).patients)
        byPatient.set(patient, [...(byPatient.get(patient) ?? []), rule])
    }
    const who = await asker(guard, reader, [...byPatient.values()].flat())
    for (const [patient, all] of byPatient)
      known.set(
        patient,
        all.flatMap((rule) => ruleFor(rule, who) ?? []),
      )
  }
  const rulesOf = (patient: string): readonly Rule[] => known.get(patient) ?? []
  const decided = (ruling: Ruling | undefined): boolean => (ruling ?? guard.consentDefault) === 'permit'
  return {
    load: async (patients) => {
      if (!isBound || isAll) return
      const open = patients.filter((patient) => !known.has(patient))
      for (const patient of open) known.set(patient, [])
      for (let from = 0; from < open.length; from += MOST_NAMED)
        await take(await consentsAbout(open.slice(from, from + MOST_NAMED), guard, reader))
    },
    consenting: async () => {
      if (!isBound) return []
      if (!isAll) await take(await everyConsent([], reader))
      isAll = true
      return [...known.keys()]
    },
    ofPatient: (patient) => uniform(rulesOf(patient)),
    permitsAll: (patients) =>
      !isBound ||
      patients.every((patient) => {
        const ruling = uniform(rulesOf(patient))
        return ruling !== 'by part' && decided(ruling)
      }),
    permits: (resource, patients) => {
      if (!isBound) return true
      return patients.every((patient) => {
        const own = rulesOf(patient)
        const whole = uniform(own)
        if (whole !== 'by part') return decided(whole)
        return partsFor(resource, guard).every((part) => {
          const ruling = joined(own.map((rule) => rulingOf(rule, part)))
          return ruling === undefined && isBeside(part, resource, guard) ? true : decided(ruling)
        })
      })
    },
  }
}

/** What of a Bundle is in nobody's record needs nobody's consent, nor does the Bundle around it. */
function isBeside({ resource }: Part, whole: Resource, guard: Guard): boolean {
  return isBundle(whole) && (isBundle(resource) || concernOf(resource, guard).of === 'nobody')
}

function partsFor(resource: Resource, { base }: Guard): readonly Part[] {
  return remember(parts, resource, (one) => partsOf(one, base))
}

function consentsAbout(patients: readonly string[], { base }: Guard, reader: Whole): Promise<readonly Version[]> {
  const names = patients.flatMap((patient) =>
    patient.includes(':') ? [patient] : [`Patient/${patient}`, `${base}/Patient/${patient}`],
  )
  const usable = names.filter((name) => /^(?:https?:\/\/[^\s,|$\\]+\/)?Patient\/[A-Za-z0-9.-]{1,64}$/.test(name))
  if (usable.length === 0) return Promise.resolve([])
  return reader.consents?.(usable) ?? everyConsent([['patient', usable.join(',')]], reader)
}

function everyConsent(criteria: SearchRequest['parameters'], reader: Whole): Promise<readonly Version[]> {
  return everyMatch(reader, { type: 'Consent', parameters: [['status', 'active'], ...criteria, ['_total', 'none']] })
}
