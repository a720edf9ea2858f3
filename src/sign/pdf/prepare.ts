/** A signature of a PDF whose key is elsewhere, in the two steps that a document's has: what is to be signed, and the PDF with the value. */

import { sha256 } from '../../fhir/digest.ts'
import { valueFor } from '../../fhir/ecdsa.ts'
import { fail } from '../../fhir/error.ts'
import { jsonOf } from '../../fhir/json.ts'
import { mustBeUnchanged, readHandle, writeHandle } from '../handle.ts'
import { algFor, algIn, inputFor, type Absent, type Answered, type ToSign } from '../prepare.ts'
import { embedPdf, preparePdf, type PdfSignRequest } from './sign.ts'

/** The first step. The digest is of the file with room for the value. @throws FhirError as `preparePdf` */
export function preparePdfFor(pdf: Uint8Array, signer: Absent, request: PdfSignRequest): Omit<ToSign, 'protected'> {
  const { certificates } = signer
  const alg = signer.alg ?? algFor(certificates)
  const { covered, input } = preparePdf(pdf, { alg, certificates }, request)
  const digest = sha256(covered)
  const { when, type, seal } = request
  const kept = jsonOf({ when, type, seal, alg })
  return { ...inputFor(alg, input), digest, handle: writeHandle({ kind: 'pdf', digest, certificates, request: kept }) }
}

/**
 * The last step: the PDF with the signature.
 * @throws FhirError `conflict` where the PDF is another than the one prepared, `value` where the handle is none, `security`
 * where the value is no signature by the certificate's key
 */
export function embedPdfValue(pdf: Uint8Array, { handle, value }: Omit<Answered, 'settings'>): Uint8Array {
  const { digest, certificates, request } = readHandle(handle, 'pdf')
  const { when, type, seal } = request
  const alg = algIn(request)
  if (alg === undefined || typeof when !== 'string')
    throw fail('value', 'The handle bears no request, expected the handle as it was given')
  const asked = { when, ...(typeof type === 'string' && { type }), ...(seal === true && { seal }) }
  const prepared = preparePdf(pdf, { alg, certificates }, asked)
  mustBeUnchanged({ digest }, prepared.covered)
  return embedPdf(prepared, valueFor(alg, value))
}
