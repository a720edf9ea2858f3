/**
 * A signature in a PDF as PAdES baseline has it, in the three steps of every signature: the octets, the key, the embedding.
 * It comes last, as an update at the end of the file.
 * @see https://www.etsi.org/deliver/etsi_en/319100_319199/31914201/01.02.01_60/en_31914201v010201p.pdf
 */

import { fail } from '../../fhir/error.ts'
import type { Instant } from '../../fhir/types.ts'
import { pdfName, pdfText } from '../../pdf/objects.ts'
import { readPdf } from '../../pdf/read.ts'
import type { SigningKey } from '../../ports.ts'
import { algorithm, verifies } from '../algorithms.ts'
import { cmsValue, signedAttributes, writeCms } from '../cms-write.ts'
import { instantOf } from '../instant.ts'
import { mustBeFit, mustBeInstant, mustHaveLeaf, ofClaim, typeFor, type Signer } from '../sign.ts'
import { holderOf } from '../signer.ts'
import { readCertificate, type Certificate } from '../x509.ts'
import { signedFields } from './field.ts'
import { filled, pdfInstant, withRoom, type Prepared } from './place.ts'

export interface PdfSignRequest {
  readonly when: Instant
  /** An ASTM code, by default the author's signature. */
  readonly type?: string
  /** An organization or a device seals and nobody signs: the type is verification. */
  readonly seal?: true
}

/** What is left for the key to do. */
export interface PreparedPdf extends Prepared {
  readonly signer: Signer
  /** What the key signs: the signed attributes. */
  readonly input: Uint8Array
}

/** What puts a time-stamp over a value beside the signature. */
type Stamping = (value: Uint8Array) => Promise<Uint8Array>

/**
 * The PDF with a signature by the key over all of it, and a time-stamp over the signature where one is asked for.
 * @throws FhirError `business-rule` where it is signed already, `security` for what the key or its certificate is
 */
export async function signPdf(
  pdf: Uint8Array,
  key: SigningKey,
  request: PdfSignRequest,
  stamp?: Stamping,
): Promise<Uint8Array> {
  const prepared = preparePdf(pdf, key, request)
  const value = await key.sign(prepared.input)
  return embedPdf(prepared, value, await stamp?.(cmsValue(key.alg, value)))
}

/** Beside the certificates: attributes and value, and a time-stamp with its own certificates. */
const ROOM = 16_384

/** The first step. @throws FhirError as `signPdf` */
export function preparePdf(pdf: Uint8Array, { alg, certificates }: Signer, request: PdfSignRequest): PreparedPdf {
  const leaf = mustHaveLeaf(certificates)
  const whenMs = mustBeInstant(request.when)
  mustBeFit(leaf, alg, whenMs)
  const type = typeFor(request)
  const holder = holderOf(leaf)
  if (request.seal !== undefined && holder.kind === 'person')
    throw ofClaim('A seal is made by an Organization or Device, not by the person of the certificate')
  mustBeUnsigned(pdf)
  const room = certificates.reduce((sum, der) => sum + der.byteLength, ROOM)
  const what = request.seal === undefined ? 'Signature' : 'Seal'
  const prepared = withRoom(pdf, {
    members: {
      Type: pdfName('Sig'),
      SubFilter: pdfName('ETSI.CAdES.detached'),
      M: pdfInstant(instantOf(whenMs / 1000)),
      Name: pdfText(holder.name),
    },
    what,
    room,
  })
  const input = signedAttributes(prepared.covered, { alg, leaf, commitment: type.code })
  return { ...prepared, signer: { alg, certificates }, input }
}

/** Any update of a signed file but what makes the signature last would break it (H-14). */
function mustBeUnsigned(pdf: Uint8Array): void {
  const [first] = signedFields(readPdf(pdf))
  if (first === undefined) return
  const text = 'The PDF is signed already, and a further signature would change it, expected one that is not signed'
  throw fail('business-rule', text, { rule: 'signed-once' })
}

/**
 * The last step: the PDF with the value in its place.
 * @throws FhirError `security` where the value is not that of the certificate's key over the prepared input
 */
export function embedPdf(prepared: PreparedPdf, value: Uint8Array, stamp?: Uint8Array): Uint8Array {
  const { signer, input } = prepared
  const row = algorithm(signer.alg)
  const leaf = mustHaveLeaf(signer.certificates)
  if (row === undefined || !verifies(row, leaf.publicKey, input, value)) {
    const text = 'The value is no signature by the key of the certificate, expected one over the prepared octets'
    throw fail('security', text, { rule: 'signer-key' })
  }
  const others = signer.certificates.slice(1).map(readCertificate).filter(isNoRoot)
  return filled(
    prepared,
    writeCms({ alg: signer.alg, certificates: [leaf, ...others], attributes: input, value, stamp }),
  )
}

/** A root is trusted where it is known, not where it comes along. */
function isNoRoot({ subjectName, issuerName }: Certificate): boolean {
  return subjectName !== issuerName
}
