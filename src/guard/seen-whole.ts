/** Lists of versions that were all seen: asked of again as one, for as long as nothing that this follows from is another. */

import { isSame } from '../fhir/alike.ts'
import { memoFor, type Memo } from '../fhir/memo.ts'
import type { Version } from '../ports.ts'
import type { Bearing } from './bearing.ts'
import type { Consents } from './consents.ts'
import type { Guard } from './guard.ts'

export interface SeenWhole {
  /** Whether every version of a list may be seen, as is known from before; false where that is to be found out. */
  readonly has: (list: readonly Version[]) => Promise<boolean>
  /** Nothing; every version of a list may be seen, by themselves and by the consents of these patients. */
  readonly add: (list: readonly Version[], patients: readonly string[]) => void
}

interface Kept {
  readonly patients: readonly string[]
  readonly bearings: readonly Bearing[]
  readonly consentDefault: Guard['consentDefault']
}

const all = new WeakMap<object, Memo<readonly Version[], Kept>>()

/** Those that one caller saw on one way, by what stands for both. */
export function seenWholeBy(own: object, { consentDefault }: Guard, consents: Consents): SeenWhole {
  const seen = memoFor(all, own)
  return {
    has: async (list) => {
      const before = seen.get(list)
      if (before?.consentDefault !== consentDefault) return false
      await consents.load(before.patients)
      return isSame(before.bearings, consents.bearings(before.patients))
    },
    add: (list, patients) => void seen.set(list, { patients, bearings: consents.bearings(patients), consentDefault }),
  }
}
