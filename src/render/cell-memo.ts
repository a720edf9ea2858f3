/** What a row told of a resource that cannot change, told again where all that it rests on is the same. */

import { memoFor, type Memo } from '../fhir/memo.ts'
import type { Reference, Resource } from '../fhir/types.ts'
import { wordingOf } from './format.ts'
import type { Locale } from './locale.ts'
import type { Wording } from './wording.ts'

/** A telling with what References were said to name for it. */
interface Told<T> {
  readonly told: T
  readonly named: readonly { readonly reference: Reference; readonly words: string }[]
}

/** A function of a resource, a row and a wording, whose answers are remembered by all three. */
export function telling<R extends object, T>(
  tell: (resource: Resource, row: R, left: readonly string[], wording: Wording) => T,
): (resource: Resource, row: R, left: readonly string[], wording: Wording) => T {
  const memos = new WeakMap<Locale, WeakMap<R, Memo<Resource, Map<string, Told<T>>>>>()
  return (resource, row, left, wording) => {
    if (!Object.isFrozen(resource)) return tell(resource, row, left, wording)
    const byRow = memos.get(wording.locale) ?? new WeakMap<R, Memo<Resource, Map<string, Told<T>>>>()
    memos.set(wording.locale, byRow)
    const memo = memoFor(byRow, row)
    const answers = memo.get(resource) ?? new Map<string, Told<T>>()
    memo.set(resource, answers)
    const key = [wording.zone, wording.content, wording.isBeside, wording.model.fhirVersion, ...left].join(' ')
    const known = answers.get(key)
    if (known?.named.every(({ reference, words }) => wording.refer(reference) === words) === true) return known.told
    const named: { reference: Reference; words: string }[] = []
    const refer = (reference: Reference): string => {
      const words = wording.refer(reference)
      named.push({ reference, words })
      return words
    }
    const told = tell(resource, row, left, wordingOf({ ...wording, refer }))
    answers.set(key, { told, named })
    return told
  }
}
