/** A document's JWS but for its value: JAdES baseline B, detached over canonical JSON. @see https://www.rfc-editor.org/rfc/rfc7515 */

import type { Draft, DraftRequest } from './draft.ts'
import { writeHeader } from './header.ts'
import { signingInput, writeData } from './jws.ts'
import { DOCUMENT_FORM, octets } from './octets.ts'

/** The signature of a document but for its value. @throws FhirError `value` where the document has no canonical form */
export function joseDraft({ bundle, ...request }: DraftRequest): Draft {
  const header = writeHeader({ ...request, canon: DOCUMENT_FORM })
  const covered = octets(bundle, DOCUMENT_FORM)
  return {
    sigFormat: 'application/jose',
    targetFormat: `application/fhir+json;canonicalization=${DOCUMENT_FORM}`,
    octets: covered,
    protected: header,
    input: signingInput(header, covered),
    data: (value) => writeData(header, value),
  }
}
