/** `Bundle/$sign` of a PDF: with the seal of the service, or in two steps with a signature made elsewhere. */

import { fromBase64, toBase64 } from '../../fhir/digest.ts'
import { fail } from '../../fhir/error.ts'
import type { Json, Resource } from '../../fhir/types.ts'
import { embedValueInPdf, isPdf, outlastPdf, preparePdfElsewhere, signedPdf } from '../../signed-pdf.ts'
import { bytesAnswer, resourceAnswer, type Answer } from '../answer.ts'
import { FORMATS } from '../negotiation.ts'
import type { Call } from '../route.ts'
import { answeredIn, parametersToSign, signerIn } from './elsewhere.ts'
import { lastingOf } from './lasting.ts'
import { sealFor } from './seal.ts'
import type { signParameters } from './sign-parameters.ts'

/** The PDF that a Binary holds; undefined where it holds none. */
export function pdfIn(content: Resource): Uint8Array | undefined {
  const data: Json | undefined = content.resourceType === 'Binary' ? content['data'] : undefined
  const bytes = typeof data === 'string' ? fromBase64(data) : undefined
  return bytes !== undefined && isPdf(bytes) ? bytes : undefined
}

type Asked = Pick<Call<typeof signParameters>, 'values' | 'service' | 'wanted' | 'header' | 'pretty'>

/** What a signature in a PDF has no place for. */
const OF_DOCUMENTS = ['as', 'counter', 'format', 'who', 'sidecar'] as const

/** The signed PDF, or what is to be signed of it. @throws FhirError `value` for a parameter that is of no use for a PDF */
export async function signedPdfAnswer(pdf: Uint8Array, call: Asked): Promise<Answer> {
  const { values, service, pretty } = call
  const useless = OF_DOCUMENTS.find((name) => values[name] !== undefined)
  if (useless !== undefined) throw fail('value', `The parameter ${useless} is of no use for a PDF`)
  if (values.step === 'prepare') {
    const { type } = values
    const request = { signer: signerIn(values), ...(type !== undefined && { type }) }
    return resourceAnswer(parametersToSign(preparePdfElsewhere(pdf, request, service.edge)), pretty)
  }
  return pdfAnswer(await madeOf(pdf, call), call)
}

function madeOf(pdf: Uint8Array, { values, service }: Asked): Promise<Uint8Array> {
  const lasting = lastingOf(values, service)
  if (values.step === 'embed') return embedValueInPdf(pdf, answeredIn(values), service.edge, lasting)
  if (service.seal === undefined && lasting !== undefined) return outlastPdf(pdf, lasting, service.edge)
  const { key, seal } = sealFor(values, service)
  const { type } = values
  const request = { key, ...(type !== undefined && { type }), ...(seal !== undefined && { seal }) }
  return isSigned(pdf) && lasting !== undefined
    ? outlastPdf(pdf, lasting, service.edge)
    : signedPdf(pdf, request, service.edge, lasting)
}

function isSigned(pdf: Uint8Array): boolean {
  return Buffer.from(pdf).includes('/ByteRange')
}

/** Bytes as they are, unless FHIR alone is wanted. */
function pdfAnswer(pdf: Uint8Array, { wanted, header, pretty }: Asked): Answer {
  const isAnything = /^$|\*\/\*/.test(header('Accept') ?? '')
  if (wanted.format === 'pdf' || isAnything) return bytesAnswer(pdf, FORMATS.pdf.mediaTypes[0])
  return resourceAnswer({ resourceType: 'Binary', contentType: 'application/pdf', data: toBase64(pdf) }, pretty)
}
