/** What profiles ask of terminology: whether a code is of a value set. */

import type { Origin } from '../../fhir/library.ts'
import type { Coding } from '../../fhir/types.ts'

/** Whether a code is of a value set; unknown where it cannot be told here. */
export type CodeVerdict = 'in' | 'out' | 'unknown'

export interface Terminology {
  /** A coding without system stands for a `code`, whose system the value set tells. */
  readonly judge: (valueSet: string, coding: Coding, from?: Origin) => CodeVerdict
}
