/** Changes to a PDF as an update at its end: the bytes before stay as they are, which signatures over them need. @see ISO 32000-1:2008, 7.5.6 */

import { sha256 } from '../fhir/digest.ts'
import { fail } from '../fhir/error.ts'
import { deflated } from './deflate.ts'
import { pdfDict, pdfName, PdfString, type PdfDict, type PdfDocument } from './objects.ts'
import { Output, writeTop } from './write.ts'

export interface Update {
  /** As it was read from the bytes, its objects and its trailer as they are to be. */
  readonly document: PdfDocument
  /** The numbers of the objects that are new or other than in the bytes. */
  readonly changed: Iterable<number>
}

/** Where objects are: by their number, in the order of the numbers. */
type Places = ReadonlyMap<number, number>

/**
 * The file with the update: the bytes given, then the changed objects, each by itself, and a table of the kind that the
 * file has. The second part of its ID is new.
 * @throws FhirError `structure` where the file does not say where its table is
 */
export function appended(bytes: Uint8Array, { document, changed }: Update): Uint8Array {
  const previous = tableOf(bytes)
  const out = new Output(bytes)
  if (bytes.at(-1) !== LINE_END) out.text('\n')
  const places = new Map<number, number>()
  for (const number of [...changed].sort((one, other) => one - other)) {
    places.set(number, out.length)
    put(document, number, out)
  }
  const trailer = trailerOf(document, previous.offset, sha256(out.bytes()))
  if (previous.isClassic) putClassic(places, trailer, out)
  else putStream(places, trailer, out)
  return out.bytes()
}

const LINE_END = 10

function put({ objects }: PdfDocument, number: number, out: Output): void {
  const value = objects.get(number)
  if (value === undefined) throw new TypeError(`The document has no object ${number}`)
  out.text(`${number} 0 obj\n`)
  writeTop(value, out)
  out.text('\nendobj\n')
}

/** The last table of a file. */
function tableOf(bytes: Uint8Array): { readonly offset: number; readonly isClassic: boolean } {
  const tail = Buffer.from(bytes.subarray(-1024)).toString('latin1')
  const offset = Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(tail)?.[1] ?? NaN)
  if (!(offset < bytes.length))
    throw fail('structure', 'The PDF does not say where its table is, expected startxref at its end')
  return { offset, isClassic: Buffer.from(bytes.subarray(offset, offset + 4)).toString('latin1') === 'xref' }
}

/** What the trailer says of the whole document, and where the table before is. */
function trailerOf({ trailer, objects }: PdfDocument, previous: number, digest: Uint8Array): PdfDict {
  const made = new PdfString(Buffer.from(digest.subarray(0, 16)).toString('latin1'))
  const id = trailer.get('ID')
  const [first = made] = Array.isArray(id) ? id : []
  const size = Math.max(...objects.keys(), sizeOf(trailer) - 1) + 1
  return new Map([...trailer, ...pdfDict({ Size: size, Prev: previous, ID: [first, made] })])
}

function sizeOf(trailer: PdfDict): number {
  const size = trailer.get('Size')
  return typeof size === 'number' ? size : 1
}

function putClassic(places: Places, trailer: PdfDict, out: Output): void {
  const start = out.length
  const rows = runsOf(places).map(([first, offsets]) => {
    const lines = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`)
    return `${first} ${offsets.length}\n${lines.join('')}`
  })
  out.text(`xref\n${rows.join('')}trailer\n`)
  writeTop(trailer, out)
  out.text(`\nstartxref\n${start}\n%%EOF\n`)
}

function putStream(places: Places, trailer: PdfDict, out: Output): void {
  const start = out.length
  const number = sizeOf(trailer)
  const runs = runsOf(new Map([...places, [number, start]]))
  const data = Buffer.concat(runs.flatMap(([, offsets]) => offsets.map(rowOf)))
  const index = runs.flatMap(([first, offsets]) => [first, offsets.length])
  const members = pdfDict({ Type: pdfName('XRef'), Size: number + 1, W: [1, 4, 2], Index: index })
  out.text(`${number} 0 obj\n`)
  writeTop(deflated(data, new Map([...trailer, ...members])), out)
  out.text(`\nendobj\nstartxref\n${start}\n%%EOF\n`)
}

function rowOf(offset: number): Buffer {
  const row = Buffer.alloc(7)
  row.writeUInt8(1, 0)
  row.writeUInt32BE(offset, 1)
  return row
}

/** Numbers that follow each other, as tables have them together. */
function runsOf(places: Places): readonly (readonly [first: number, offsets: readonly number[]])[] {
  const runs: [number, number[]][] = []
  for (const [number, offset] of places) {
    const last = runs.at(-1)
    if (last !== undefined && last[0] + last[1].length === number) last[1].push(offset)
    else runs.push([number, [offset]])
  }
  return runs
}
