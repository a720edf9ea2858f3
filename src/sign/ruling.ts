/** The words that the policy of verification is written in. */

import type { Finding, FindingCode } from './finding.ts'

export type Verdict = 'passed' | 'failed' | 'not-checked'

/** What a check is, and what the signature as a whole is because of it; nothing where it leaves the whole as it is. */
export interface Ruling {
  readonly verdict: Verdict
  readonly indication?: 'TOTAL_FAILED' | 'INDETERMINATE'
  readonly subIndication?: string
}

/** Of the facts: whether the row holds, what it says, the sentence for the reader, and the same by its codes. */
export type Row<T> = readonly [
  when: (facts: T) => boolean,
  ruling: Ruling,
  text: string | ((facts: T) => string),
  findings: FindingCode | ((facts: T) => Finding | readonly Finding[]),
]

export const passed: Ruling = { verdict: 'passed' }
export const unchecked: Ruling = { verdict: 'not-checked' }

/** Evidence that the signature is not what it says. */
export function fails(subIndication: string): Ruling {
  return { verdict: 'failed', indication: 'TOTAL_FAILED', subIndication }
}

/** Something does not hold, but later evidence may mend it. */
export function inconclusive(subIndication: string): Ruling {
  return { verdict: 'failed', indication: 'INDETERMINATE', subIndication }
}

/** Something that a verdict needs was not at hand. */
export function missing(subIndication?: string): Ruling {
  return { verdict: 'not-checked', indication: 'INDETERMINATE', ...(subIndication !== undefined && { subIndication }) }
}
