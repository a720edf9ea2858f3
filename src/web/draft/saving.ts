/** Two people at one draft: what each decides of a section stands, or both see both. */

import { editOf, isSameEdit, sectionOf, type SectionEdit } from './sections.ts'
import type { Composition } from '../../fhir/types.ts'

/** What was asked for, what it was made from, and what is there now. */
export interface Attempt {
  readonly key: string
  readonly mine: SectionEdit
  /** The version that the person saw; undefined where that is not to be had. */
  readonly seen: Composition | undefined
  readonly current: Composition
}

export type Settled =
  | { readonly outcome: 'save' | 'same' }
  /** Someone else changed the same section meanwhile: nothing is overwritten. */
  | { readonly outcome: 'conflict'; readonly theirs: SectionEdit }
  /** The section is not there any more. */
  | { readonly outcome: 'gone' }

/**
 * What becomes of a save: another section than the one that somebody else changed meanwhile is saved, the same one never
 * without both having been seen.
 */
export function settle({ key, mine, seen, current }: Attempt): Settled {
  const section = sectionOf(current, key)
  if (section === undefined) return { outcome: 'gone' }
  const theirs = editOf(section)
  if (isSameEdit(mine, theirs)) return { outcome: 'same' }
  const before = seen && sectionOf(seen, key)
  return before !== undefined && isSameEdit(editOf(before), theirs)
    ? { outcome: 'save' }
    : { outcome: 'conflict', theirs }
}
