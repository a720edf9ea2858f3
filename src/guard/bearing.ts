/** How the consents of one patient bear on one caller: worked out once for as long as all that it follows from is the same. */

import { ruleFor, uniform, type Rule } from '../access/consent.ts'
import type { Rights } from '../access/rights.ts'
import type { Resource } from '../fhir/types.ts'
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

function isSame(some: readonly Resource[], others: readonly Resource[]): boolean {
  return some.length === others.length && some.every((one, at) => one === others[at])
}
