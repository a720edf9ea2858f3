/** Why a resource of a record is no entry of a draft: a sentence for the receipt, and a code that pages say in their reader's language. */

/** What each reason is told with. */
export const REASONS = {
  none: [],
  told: [],
  'told-left': [],
  list: [],
  before: ['date'],
  later: [],
  beyond: ['count'],
  'before-stay': [],
  'after-stay': [],
  'other-stay': [],
  'unknown-stay': [],
  'for-stay': [],
  'ended-before': [],
  'ended-undated': [],
  'not-in-use': [],
  cancelled: [],
  refuted: [],
  inactive: [],
  completed: [],
  revoked: [],
  course: [],
  stopped: [],
  over: [],
  'in-error': [],
  resolved: [],
  superseded: [],
  'not-taken': [],
  draft: [],
  proposed: [],
  'not-in-force': [],
  guide: [],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type ReasonCode = keyof typeof REASONS

export interface Reason {
  readonly code: ReasonCode
  /** By the names of `REASONS`. */
  readonly values?: Readonly<Record<string, string>>
  /** The end of a sentence, in English. */
  readonly text: string
}

/** A reason that is told with nothing. */
export function reason(code: ReasonCode, text: string): Reason {
  return { code, text }
}
