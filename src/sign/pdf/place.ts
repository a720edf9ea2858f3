/** The place of a signature in a PDF: room for its value, and the octets around it that it is over. @see ISO 32000-1:2008, 12.8.1 */

import { fail } from '../../fhir/error.ts'
import { pdfDict, pdfName, PdfString, type PdfDict, type PdfDocument } from '../../pdf/objects.ts'
import { readPdf } from '../../pdf/read.ts'
import { appended } from '../../pdf/update.ts'
import { addField } from './field.ts'

/** A PDF with room for a signature. */
export interface Prepared {
  readonly bytes: Uint8Array
  /** Where the hexadecimal digits of the value begin, and how many octets it may have. */
  readonly start: number
  readonly room: number
  /** All octets but the value with its brackets: what is signed. */
  readonly covered: Uint8Array
}

export interface Placed {
  /** The members of the signature dictionary, its place left out. */
  readonly members: Readonly<Parameters<typeof pdfDict>[0]>
  /** What the field is to those who hear it: `Signature`. */
  readonly what: string
  /** How many octets the value may have. */
  readonly room: number
  /** Changes the document further, and gives the numbers of the objects. */
  readonly beside?: ((document: PdfDocument) => readonly number[]) | undefined
}

const NO_OFFSET = 9_999_999_999
const RANGE = `[0 ${NO_OFFSET} ${NO_OFFSET} ${NO_OFFSET}]`

/** The file with an update at its end, in which there is a field with room for a signature over all of it. */
export function withRoom(pdf: Uint8Array, { members, what, room, beside }: Placed): Prepared {
  const document = readPdf(pdf)
  const changed = [...(beside?.(document) ?? []), ...addField(document, emptySignature(members, room), what)]
  const bytes = Buffer.from(appended(pdf, { document, changed: new Set(changed) }))
  const digits = '0'.repeat(room * 2)
  const start = bytes.indexOf(`<${digits}>`, pdf.byteLength, 'latin1') + 1
  const range = bytes.indexOf(`/ByteRange ${RANGE}`, pdf.byteLength, 'latin1')
  if (start === 0 || range < 0) throw new TypeError('The signature of the PDF has no place')
  const [before, after] = [start - 1, start + digits.length + 1]
  const written = `[0 ${before} ${after} ${bytes.byteLength - after}]`
  bytes.write(written.padEnd(RANGE.length), range + '/ByteRange '.length, 'latin1')
  const covered = Buffer.concat([bytes.subarray(0, before), bytes.subarray(after)])
  return { bytes, start, room, covered }
}

function emptySignature(members: Placed['members'], room: number): PdfDict {
  const place = { ByteRange: [0, NO_OFFSET, NO_OFFSET, NO_OFFSET], Contents: new PdfString('\0'.repeat(room)) }
  return pdfDict({ Filter: pdfName('Adobe.PPKLite'), ...members, ...place })
}

/** The file with the value in its place. @throws FhirError `too-long` where there is not room enough */
export function filled({ bytes, start, room }: Omit<Prepared, 'covered'>, value: Uint8Array): Uint8Array {
  if (value.byteLength > room)
    throw fail('too-long', `The signature has ${value.byteLength} octets, and the PDF has room for ${room}`)
  const whole = Buffer.from(bytes)
  whole.write(
    Buffer.from(value)
      .toString('hex')
      .padEnd(room * 2, '0'),
    start,
    'latin1',
  )
  return whole
}

/** An instant as PDF writes it, in UTC: `D:20260301100000Z`. @see ISO 32000-1:2008, 7.9.4 */
export function pdfInstant(instant: string): PdfString {
  const digits = new Date(instant).toISOString().slice(0, 19).replace(/[-:T]/g, '')
  return new PdfString(`D:${digits}Z`)
}
