/**
 * Since when a signature is known to have been there: its time-stamps judged from the latest to the first, each at the
 * time that the one after it proves.
 * @see https://www.etsi.org/deliver/etsi_en/319100_319199/31910201/01.04.01_60/en_31910201v010401p.pdf
 */

import type { Addition, Gathered, Stamp } from './reading.ts'
import type { Material } from './revocation.ts'
import { validateTimestamp, type TimestampFacts } from './timestamp.ts'
import type { Evidence } from './trust.ts'

export interface StampFacts extends TimestampFacts {
  readonly kind: Stamp['kind']
}

export interface Moments {
  /** In the order in which they were added. */
  readonly stamps: readonly StampFacts[]
  /** The earliest time at which the signature is known to have been there; undefined where not even that of the verification is known. */
  readonly bestMs: number | undefined
  /** The evidence given, with what the signature brings along and the time since when that is known. */
  readonly evidence: Evidence
}

/** A time since when something is known to have been there, with what was added from then on. */
interface State {
  readonly knownMs: number | undefined
  readonly bestMs: number | undefined
  readonly stamps: readonly StampFacts[]
  readonly material: readonly Material[]
}

/** What the additions of a signature prove, at the time of the verification. */
export function momentsOf(additions: readonly Addition[], evidence: Evidence, atMs: number | undefined): Moments {
  const pool = [...(evidence.pool ?? []), ...additions.flatMap((one) => (isGathered(one) ? one.certificates : []))]
  const known = { ...evidence, pool }
  const start: State = { knownMs: atMs, bestMs: atMs, stamps: [], material: evidence.material }
  const end = additions.reduceRight<State>((state, addition, index) => {
    if (isGathered(addition)) return { ...state, material: [...state.material, materialOf(addition, state.knownMs)] }
    const before = additions.slice(0, index).filter(isGathered)
    const material = [...state.material, ...before.map((one) => materialOf(one, state.knownMs))]
    return judged(addition, state, { ...known, material })
  }, start)
  return { stamps: end.stamps, bestMs: end.bestMs, evidence: { ...known, material: end.material } }
}

function judged({ kind, token, data }: Stamp, state: State, evidence: Evidence): State {
  const facts = validateTimestamp(token, data, { ...evidence, atMs: state.knownMs })
  const stamps = [{ kind, ...facts }, ...state.stamps]
  const { fault, genTimeMs } = facts
  if (fault !== undefined || genTimeMs === undefined) return { ...state, stamps }
  return {
    ...state,
    stamps,
    bestMs: kind === 'content' ? state.bestMs : least(state.bestMs, genTimeMs),
    knownMs: kind === 'archive' ? least(state.knownMs, genTimeMs) : state.knownMs,
  }
}

function least(one: number | undefined, other: number): number {
  return one === undefined ? other : Math.min(one, other)
}

function isGathered(addition: Addition): addition is Gathered {
  return addition.kind === 'gathered'
}

function materialOf({ crls, ocsps }: Gathered, knownMs: number | undefined): Material {
  return { crls, ocsps, ...(knownMs !== undefined && { knownMs }) }
}
