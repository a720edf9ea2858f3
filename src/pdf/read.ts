/** A PDF as its objects: of classic tables and of streams, with all its updates. @see ISO 32000-1:2008, 7.5 */

import { fail, type FhirError } from '../fhir/error.ts'
import { inflated } from './deflate.ts'
import { Lexer } from './lexer.ts'
import { PdfName, PdfStream, PdfUnread, type PdfDict, type PdfDocument, type PdfValue } from './objects.ts'

/** Where an object is: at an offset of the file, or by its place in a stream of objects. */
type Place = { readonly offset: number } | { readonly stream: number; readonly index: number }

interface Reading {
  readonly bytes: Uint8Array
  readonly text: string
  readonly places: Map<number, Place>
  /** Objects that a later table took away: what an earlier one says of them does not stand. */
  readonly freed: Set<number>
  /** Those that the table which is read takes away. */
  readonly free: number[]
  readonly document: PdfDocument
  readonly unread: string | undefined
  /** What may still be read: characters of objects, which may lie over each other, and bytes that streams unpack to. */
  readonly left: { characters: number; bytes: number }
}

const maxObjects = 1_000_000
const maxTables = 1_000
/** Of all streams that hold objects or tables. */
const maxUnpacked = 256 * 1024 * 1024

export interface ReadOptions {
  /** Objects whose text begins so are kept as text until they are asked for; only for files of our own browser. */
  readonly unread?: string
}

/**
 * The objects of a file.
 * @throws FhirError `structure` where it is no PDF, or damaged, `not-supported` where it is encrypted
 */
export function readPdf(bytes: Uint8Array, { unread }: ReadOptions = {}): PdfDocument {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  if (!text.startsWith('%PDF-')) throw fail('structure', 'The file is no PDF, expected one')
  const document: PdfDocument = { objects: new Map(), trailer: new Map() }
  const left = { characters: 4 * text.length, bytes: maxUnpacked }
  const reading: Reading = { bytes, text, places: new Map(), freed: new Set(), free: [], unread, document, left }
  readTables(reading)
  if (document.trailer.has('Encrypt')) throw fail('not-supported', 'The PDF is encrypted, expected one that is not')
  const streams = new Map<number, number[]>()
  for (const [number, place] of reading.places) {
    if ('offset' in place)
      document.objects.set(number, unreadAt(reading, number, place.offset) ?? objectAt(reading, number, place.offset))
    else if (streams.get(place.stream)?.push(number) === undefined) streams.set(place.stream, [number])
  }
  for (const [stream, numbers] of streams) readObjectStream(reading, stream, numbers)
  for (const [number, value] of document.objects) if (isOfTheFile(value)) document.objects.delete(number)
  return document
}

/** Whether a stream only says how the file is laid out, which is said anew when it is written. */
function isOfTheFile(value: PdfValue): boolean {
  const type = value instanceof PdfStream ? value.dict.get('Type') : undefined
  return type instanceof PdfName && (type.name === 'ObjStm' || type.name === 'XRef')
}

/** The tables from the last to the first: what a later one says of an object stands. */
function readTables(reading: Reading): void {
  const { text, document } = reading
  const start = [...text.slice(-2048).matchAll(/startxref\s+(\d+)\s+%%EOF/g)].at(-1)?.[1]
  if (start === undefined)
    throw fail('structure', 'The PDF does not say where its table is, expected startxref at its end')
  const seen = new Set<number>()
  const pending = [Number(start)]
  for (let offset = pending.shift(); offset !== undefined; offset = pending.shift()) {
    if (seen.has(offset)) continue
    if (seen.size === maxTables) throw tooMuch(`more than ${maxTables} tables`)
    seen.add(offset)
    const trailer = readTable(reading, offset)
    for (const [name, value] of trailer) if (!document.trailer.has(name)) document.trailer.set(name, value)
    const [hybrid, previous] = [trailer.get('XRefStm'), trailer.get('Prev')]
    if (typeof hybrid === 'number' && !seen.has(hybrid)) {
      seen.add(hybrid)
      readTable(reading, hybrid)
    }
    for (const number of reading.free.splice(0)) if (!reading.places.has(number)) reading.freed.add(number)
    if (typeof previous === 'number') pending.push(previous)
  }
  for (const name of ['Prev', 'XRefStm', 'W', 'Index', 'Filter', 'DecodeParms', 'Length', 'Type'])
    document.trailer.delete(name)
}

function readTable(reading: Reading, offset: number): PdfDict {
  const lexer = new Lexer(reading.text, offset)
  return lexer.took('xref') ? readClassic(reading, lexer) : readStream(reading, offset)
}

function readClassic({ places, freed, free, text }: Reading, lexer: Lexer): PdfDict {
  while (!lexer.took('trailer')) {
    const [first, count] = [lexer.value(), lexer.value()]
    if (typeof first !== 'number' || typeof count !== 'number') throw lexer.fault()
    if (count + places.size > maxObjects) throw tooMuch(`more than ${maxObjects} objects`)
    lexer.skipSpace()
    for (let at = 0; at < count; at += 1, lexer.at += 20) {
      const row = text.slice(lexer.at, lexer.at + 18)
      if (!/^\d{10} \d{5} [nf]$/.test(row)) throw lexer.fault()
      if (places.has(first + at) || freed.has(first + at)) continue
      if (row.endsWith('f')) free.push(first + at)
      else places.set(first + at, { offset: Number(row.slice(0, 10)) })
    }
  }
  const trailer = lexer.value()
  if (!(trailer instanceof Map)) throw lexer.fault()
  return trailer
}

function tooMuch(what: string): FhirError {
  return fail('too-costly', `The PDF has ${what}, expected at most as many`)
}

function readStream(reading: Reading, offset: number): PdfDict {
  const { places, freed, free } = reading
  const stream = objectAt(reading, undefined, offset)
  if (!(stream instanceof PdfStream)) throw fail('structure', `The PDF has no table at byte ${offset}`)
  const data = unpackedWithin(reading, stream)
  const widths = numbersIn(stream.dict.get('W'))
  const [kindWidth = 0, second = 0, third = 0] = widths
  if (widths.some((width) => width < 0 || width > 8) || kindWidth + second + third === 0)
    throw fail('structure', `The PDF has a table at byte ${offset} whose columns have no width`)
  const size = stream.dict.get('Size')
  const index = stream.dict.has('Index')
    ? numbersIn(stream.dict.get('Index'))
    : [0, typeof size === 'number' ? size : 0]
  const field = (at: number, width: number): number => {
    let value = 0
    for (let byte = 0; byte < width; byte += 1) value = value * 256 + (data[at + byte] ?? 0)
    return value
  }
  let at = 0
  for (let pair = 0; pair + 1 < index.length; pair += 2) {
    const [first = 0, count = 0] = index.slice(pair, pair + 2)
    for (let number = first; number < first + count && at < data.length; number += 1) {
      const kind = kindWidth === 0 ? 1 : field(at, kindWidth)
      const [one, two] = [field(at + kindWidth, second), field(at + kindWidth + second, third)]
      at += kindWidth + second + third
      if (kind === 0) free.push(number)
      if (kind === 0 || places.has(number) || freed.has(number)) continue
      if (places.size === maxObjects) throw tooMuch(`more than ${maxObjects} objects`)
      places.set(number, kind === 2 ? { stream: one, index: two } : { offset: one })
    }
  }
  return stream.dict
}

/** The data of a stream, within what may still be unpacked. */
function unpackedWithin({ document, left }: Reading, stream: PdfStream): Uint8Array {
  const data = inflated(document, stream, left.bytes)
  left.bytes -= data.length
  left.characters += 4 * data.length
  return data
}

/** Objects that lie over each other must not be read without end. */
function spend({ left }: Reading, characters: number): void {
  left.characters -= characters
  if (left.characters < 0) throw fail('too-costly', 'The PDF has objects that lie over each other, expected none')
}

function numbersIn(value: PdfValue | undefined): readonly number[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'number') : []
}

/** The object at an offset as its text, where it begins as those do that are kept so. */
function unreadAt(reading: Reading, number: number, offset: number): PdfUnread | undefined {
  const { text, unread } = reading
  if (unread === undefined) return undefined
  const head = `${number} 0 obj\n`
  if (!text.startsWith(unread, offset + head.length) || !text.startsWith(head, offset)) return undefined
  const end = text.indexOf('\nendobj', offset)
  if (end < 0) return undefined
  spend(reading, end - offset)
  return new PdfUnread(text.slice(offset + head.length, end), valueOf)
}

function valueOf(text: string): PdfValue {
  return new Lexer(text).value()
}

/** The object at an offset; it must bear the number that the table says. */
function objectAt(reading: Reading, number: number | undefined, offset: number): PdfValue {
  const { text, bytes, places } = reading
  const lexer = new Lexer(text, offset)
  const own = lexer.value()
  if (typeof own !== 'number' || (number !== undefined && own !== number)) throw lexer.fault()
  lexer.value()
  if (!lexer.took('obj')) throw lexer.fault()
  const value = lexer.value()
  spend(reading, lexer.at - offset)
  if (!(value instanceof Map) || !lexer.took('stream')) return value
  if (text[lexer.at] === '\r') lexer.at += 1
  if (text[lexer.at] === '\n') lexer.at += 1
  const length = lengthOf(value.get('Length'), text, places)
  const end = lexer.at + (length ?? text.indexOf('endstream', lexer.at) - lexer.at)
  if (length === undefined) spend(reading, end - lexer.at)
  if (end < lexer.at || end > text.length) throw lexer.fault()
  // the data has its length, whatever it was in the file
  value.delete('Length')
  return new PdfStream(value, bytes.subarray(lexer.at, end))
}

/** The length of a stream, which may be an object of its own further on. */
function lengthOf(value: PdfValue | undefined, text: string, places: Reading['places']): number | undefined {
  if (typeof value === 'number') return value
  const place = value !== null && typeof value === 'object' && 'number' in value ? places.get(value.number) : undefined
  if (place === undefined || !('offset' in place)) return undefined
  const found = /^\s*\d+\s+\d+\s+obj\s+(\d+)\s+endobj/.exec(text.slice(place.offset, place.offset + 100))?.[1]
  return found === undefined ? undefined : Number(found)
}

function readObjectStream(reading: Reading, number: number, wanted: readonly number[]): void {
  const { document, places } = reading
  const stream = document.objects.get(number)
  if (!(stream instanceof PdfStream)) throw fail('structure', `The PDF has no stream of objects ${number}`)
  const text = Buffer.from(unpackedWithin(reading, stream)).toString('latin1')
  const [count, first] = [stream.dict.get('N'), stream.dict.get('First')]
  if (typeof count !== 'number' || typeof first !== 'number')
    throw fail('structure', `The stream of objects ${number} says not what it holds`)
  const head = new Lexer(text)
  const offsets = new Map<number, number>()
  for (let at = 0; at < count; at += 1) {
    const [own, offset] = [head.value(), head.value()]
    if (typeof own === 'number' && typeof offset === 'number') offsets.set(own, first + offset)
  }
  for (const own of wanted) {
    const offset = offsets.get(own)
    const place = places.get(own)
    if (offset === undefined || place === undefined || 'offset' in place) continue
    const lexer = new Lexer(text, offset)
    document.objects.set(own, lexer.value())
    spend(reading, lexer.at - offset)
  }
}
