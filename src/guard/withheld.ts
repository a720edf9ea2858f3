/** What is said of a document that something is withheld from (H-10): that it is, and nothing of what it is. */

import { fail, type FhirError } from '../fhir/error.ts'

/** Nothing tells what is withheld, of whom, or where it would stand. */
export function somethingWithheld(): FhirError {
  return fail('forbidden', 'Something that belongs into the document is withheld from whoever asks, so it is not made')
}
