/** The one way in which a signature is refused while it is read. */

import { fail } from '../fhir/error.ts'
import type { IssueCode } from '../fhir/issue.ts'

/** Nothing, where the condition holds. @throws FhirError with the text, `structure` unless another code is given */
export function must(holds: boolean, text: string, code: IssueCode = 'structure'): asserts holds {
  if (!holds) throw fail(code, text)
}
