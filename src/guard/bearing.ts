/** How the consents of one patient bear on one caller: worked out once for as long as all that it follows from is the same. */

import { ruleFor, uniform, type Rule } from '../access/consent.ts'
import type { Rights } from '../access/rights.ts'
import { isSame } from '../fhir/alike.ts'
import type { Resource } from '../fhir/types.ts'
import type { Version } from '../ports.ts'
import { asker, type Evidence } from './asker.ts'
import type { Guard } from './guard.ts'

/** A consent in force. */
export interface Given {
  readonly consent: Resource
  readonly rule: Rule
}

export interface Bearing {
  /** What is left of the rules for the caller. */
  readonly rules: readonly Rule[]
  /** What they say of everything alike. */
  readonly whole: ReturnType<typeof uniform>
  /** It is the same for as long as none of what it follows from changes. */
  readonly isSteady: boolean
  /** By resource, whether it is permitted, as far as that was asked. */
  readonly decisions: WeakMap<Resource, boolean>
}

/** Of a patient without consents. */
export const NO_BEARING: Bearing = { rules: [], whole: undefined, isSteady: true, decisions: new WeakMap() }

interface Circumstances extends Evidence {
  readonly guard: Guard
}

interface Kept {
  /** The very resources that it follows from. */
  readonly from: readonly Resource[]
  readonly bearing: Bearing
}

const kept = new WeakMap<Rights, Map<string, Kept>>()
const MOST_KEPT = 100

/** How what a patient has given bears on the caller. */
export function bearingOf(patient: string, given: readonly Given[], { guard, ...evidence }: Circumstances): Bearing {
  const from = [...given.map(({ consent }) => consent), ...evidence.teams, ...evidence.offices]
  // a period begins or ends while nothing changes
  const isSteady = !given.some(({ rule }) => hasPeriod(rule)) && from.every((one) => Object.isFrozen(one))
  if (!isSteady) return { ...madeOf(given, guard, evidence), isSteady }
  const own = kept.get(guard.rights) ?? new Map<string, Kept>()
  kept.set(guard.rights, own)
  const name = `${guard.consentDefault} ${patient}`
  const before = own.get(name)
  if (before !== undefined && isSame(before.from, from)) return before.bearing
  const bearing = madeOf(given, guard, evidence)
  if (own.size >= MOST_KEPT) own.clear()
  own.set(name, { from, bearing })
  return bearing
}

function madeOf(given: readonly Given[], guard: Guard, evidence: Evidence): Bearing {
  const who = asker(guard, evidence)
  const rules = given.flatMap(({ rule }) => ruleFor(rule, who) ?? [])
  return { rules, whole: uniform(rules), isSteady: true, decisions: new WeakMap() }
}

function hasPeriod({ period, rules }: Rule): boolean {
  return period !== undefined || rules.some(hasPeriod)
}

/** How everything that was found about some patients bears on the caller. */
export interface Bearings {
  /** By patient; those who are not there have given nothing. */
  readonly bearings: ReadonlyMap<string, Bearing>
  /** It follows from what was found alone, and from nothing that a clock or another resource says. */
  readonly isSettled: boolean
}

interface KeptAll {
  readonly found: readonly Version[]
  readonly bearings: ReadonlyMap<string, Bearing>
}

const keptAll = new WeakMap<Rights, Map<string, KeptAll>>()

/** The same of the very same versions as before, as long as it is settled; `make` makes it else. */
export async function bearingsOf(
  patients: readonly string[],
  found: readonly Version[],
  { guard, make }: { readonly guard: Guard; readonly make: () => Promise<Bearings> },
): Promise<ReadonlyMap<string, Bearing>> {
  const own = keptAll.get(guard.rights) ?? new Map<string, KeptAll>()
  keptAll.set(guard.rights, own)
  const name = JSON.stringify([guard.consentDefault, guard.base, patients])
  const before = own.get(name)
  if (before !== undefined && isSame(before.found, found)) return before.bearings
  const { bearings, isSettled } = await make()
  own.delete(name)
  if (own.size >= MOST_KEPT) own.clear()
  if (isSettled) own.set(name, { found, bearings })
  return bearings
}
