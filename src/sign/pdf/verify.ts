/** What can be said of the signatures of a PDF: facts first, judgement second. */

import { FhirError } from '../../fhir/error.ts'
import { certified, type Facts, type Surroundings } from '../facts.ts'
import { signaturesOfPdf, type UnreadSignature } from './pades.ts'

/** The facts of every signature of the PDF; no file is too bad to be told of. */
export function pdfFacts(pdf: Uint8Array, surroundings: Surroundings): readonly Facts[] {
  const base = {
    where: 'pdf',
    signature: undefined,
    syntax: 'PDF',
    isRead: true,
    leftOut: [],
    atMs: surroundings.atMs,
  } as const
  let signatures: readonly UnreadSignature[]
  try {
    signatures = signaturesOfPdf(pdf)
  } catch (error) {
    if (!(error instanceof FhirError)) throw error
    return [{ ...base, refusal: error.message }]
  }
  const isOne = signatures.length === 1
  return signatures.map(({ name, read }) =>
    certified(read, { ...base, where: isOne ? 'pdf' : `pdf/${name}` }, { bundle: undefined, surroundings }),
  )
}
