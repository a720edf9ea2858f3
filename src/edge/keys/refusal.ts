/** What is said of a key that cannot be used: never its password, its content, or where it lies. */

import { fail, type FhirError } from '../../fhir/error.ts'

/** The error of a key, by the rule `signer-key`; `cause` is for the operator's log. */
export function refusal(text: string, cause?: unknown): FhirError {
  return fail('security', text, { rule: 'signer-key', ...(cause !== undefined && { cause }) })
}
