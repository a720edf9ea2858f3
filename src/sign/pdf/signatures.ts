/** The signatures of a PDF and the octets that each is over, found so that no trick with ranges hides anything. @see ISO 32000-1:2008, 12.8.1 */

import { readDer } from '../../fhir/der.ts'
import { fail, FhirError } from '../../fhir/error.ts'
import { nameOf, PdfString, resolved, type PdfDict, type PdfDocument } from '../../pdf/objects.ts'
import { must } from '../must.ts'
import { signedFields } from './field.ts'

/** A signature, or a document time-stamp, with what it is over. */
export interface PdfSignature {
  /** The name of its field. */
  readonly name: string
  readonly dict: PdfDict
  /** `ETSI.CAdES.detached`, `adbe.pkcs7.detached`, `ETSI.RFC3161` … */
  readonly subFilter: string
  /** The octets of its value, DER. */
  readonly value: Uint8Array
  /** Where the digits of its value begin, and how many octets there is room for. */
  readonly start: number
  readonly room: number
  /** All octets of its revision but the value. */
  readonly covered: Uint8Array
  /** Where its revision ends. */
  readonly end: number
}

const MOST_SIGNATURES = 50

/** All of them, in the order of their revisions. @throws FhirError `structure` where one is over anything but a whole revision */
export function signaturesIn(pdf: Uint8Array, document: PdfDocument): readonly PdfSignature[] {
  const fields = signedFields(document)
  must(fields.length <= MOST_SIGNATURES, `The PDF has more than ${MOST_SIGNATURES} signatures`, 'too-costly')
  const signatures = fields.map(({ name, dict }) => signatureOf(pdf, document, { name, dict }))
  const sorted = signatures.toSorted((one, other) => one.end - other.end)
  const isTwice = sorted.some(({ end }, index) => sorted[index + 1]?.end === end)
  must(!isTwice, 'The PDF has two signatures over the same revision')
  return sorted
}

/** Whether it is a document time-stamp. */
export function isDocumentStamp({ subFilter }: Pick<PdfSignature, 'subFilter'>): boolean {
  return subFilter === 'ETSI.RFC3161'
}

function signatureOf(
  pdf: Uint8Array,
  document: PdfDocument,
  { name, dict }: Pick<PdfSignature, 'name' | 'dict'>,
): PdfSignature {
  const contents = resolved(document, dict.get('Contents'))
  must(contents instanceof PdfString, `The signature ${name} of the PDF has no value`)
  const value = Buffer.from(contents.bytes, 'latin1')
  const [before, after, end] = rangeOf(pdf, document, { name, dict })
  mustBeGap(pdf.subarray(before, after), value, name)
  mustBeRevision(pdf.subarray(0, end), name)
  return {
    name,
    dict,
    subFilter: nameOf(document, dict, 'SubFilter') ?? '',
    value: withoutPadding(value),
    start: before + 1,
    room: value.byteLength,
    covered: Buffer.concat([pdf.subarray(0, before), pdf.subarray(after, end)]),
    end,
  }
}

/** Where the gap begins and ends, and where the whole ends: two ranges from the beginning of the file, one after the other. */
function rangeOf(
  pdf: Uint8Array,
  document: PdfDocument,
  { name, dict }: Pick<PdfSignature, 'name' | 'dict'>,
): readonly [number, number, number] {
  const range = resolved(document, dict.get('ByteRange'))
  const numbers = Array.isArray(range) ? range.map((one) => resolved(document, one)) : []
  const [first, before = NaN, after = NaN, length = NaN] = numbers.filter(
    (one): one is number => typeof one === 'number' && Number.isSafeInteger(one),
  )
  const isWhole = numbers.length === 4 && first === 0 && before > 0 && after > before && length > 0
  must(
    isWhole && after + length <= pdf.byteLength,
    `The ByteRange of the signature ${name} is not two ranges of the file from its beginning`,
  )
  return [before, after, after + length]
}

const HEX = /^<[0-9A-Fa-f]*>$/

/** What the ranges leave out is the value of the signature and nothing else. */
function mustBeGap(gap: Uint8Array, value: Uint8Array, name: string): void {
  const text = Buffer.from(gap).toString('latin1')
  const isValue = HEX.test(text) && Buffer.from(text.slice(1, -1), 'hex').equals(value)
  must(isValue, `The ByteRange of the signature ${name} leaves out more than its value`)
}

/** A signature is over a file as it once was, to its last line. */
function mustBeRevision(revision: Uint8Array, name: string): void {
  const tail = Buffer.from(revision.subarray(-32)).toString('latin1')
  must(/%%EOF[\r\n ]{0,4}$/.test(tail), `The ByteRange of the signature ${name} does not reach the end of a file`)
}

const MOST_PADDING = 32

/** The room for a value is filled up with zeros; BER may end with some that are its own. */
function withoutPadding(value: Uint8Array): Uint8Array {
  const last = value.findLastIndex((octet) => octet !== 0)
  for (let end = last + 1; end <= Math.min(value.byteLength, last + MOST_PADDING); end += 1) {
    try {
      readDer(value.subarray(0, end))
      return value.subarray(0, end)
    } catch (error) {
      if (!(error instanceof FhirError)) throw error
    }
  }
  throw fail('structure', 'The value of a signature of the PDF is not DER')
}
