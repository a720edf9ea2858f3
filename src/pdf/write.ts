/** Objects to the bytes of a PDF: small objects packed into streams, a table as a stream, the same bytes for the same objects. */

import { deflated } from './deflate.ts'
import {
  PdfName,
  pdfDict,
  pdfName,
  PdfRef,
  PdfStream,
  PdfString,
  PdfUnread,
  type PdfDict,
  type PdfDocument,
  type PdfValue,
} from './objects.ts'

/** So many objects are packed together. */
const PACK = 200

const HEAD = '%PDF-1.7\n%\xe2\xe3\xcf\xd3\n'

/** What must stay outside of streams of objects: the document says which. */
export interface WriteOptions {
  /** Objects that are written by themselves, such as one whose bytes are signed. */
  readonly apart?: ReadonlySet<number>
}

/** The file of a document. The trailer has Root and ID, and Info where there is one. */
export function writePdf({ objects, trailer }: PdfDocument, { apart = new Set() }: WriteOptions = {}): Uint8Array {
  const out = new Output(HEAD)
  const places = new Map<number, readonly [kind: number, one: number, two: number]>()
  let last = Math.max(0, ...objects.keys())
  const put = (number: number, value: PdfValue): void => {
    places.set(number, [1, out.length, 0])
    out.text(`${number} 0 obj\n`)
    writeTop(value, out)
    out.text('\nendobj\n')
  }
  let pack: [number, PdfValue][] = []
  const flush = (): void => {
    if (pack.length === 0) return
    const holder = (last += 1)
    for (const [index, [number]] of pack.entries()) places.set(number, [2, holder, index])
    put(holder, packed(pack))
    pack = []
  }
  for (const [number, value] of [...objects].sort(([one], [other]) => one - other)) {
    if (value instanceof PdfStream || apart.has(number)) put(number, value)
    else if (pack.push([number, value]) === PACK) flush()
  }
  flush()
  const table = last + 1
  const start = out.length
  places.set(table, [1, start, 0])
  out.text(`${table} 0 obj\n`)
  writeTop(tableStream(places, table, trailer), out)
  out.text(`\nendobj\nstartxref\n${start}\n%%EOF\n`)
  return out.bytes()
}

/** Objects as one stream: their numbers and offsets, then their texts. */
function packed(objects: readonly (readonly [number, PdfValue])[]): PdfStream {
  const texts = objects.map(([, value]) => valueText(value))
  let offset = 0
  const head = objects.map(([number], at) => {
    const pair = `${number} ${offset}`
    offset += (texts[at]?.length ?? 0) + 1
    return pair
  })
  const first = `${head.join(' ')}\n`
  const data = Buffer.from(`${first}${texts.join('\n')}`, 'latin1')
  return deflated(data, pdfDict({ Type: pdfName('ObjStm'), N: objects.length, First: first.length }))
}

function tableStream(
  places: ReadonlyMap<number, readonly [number, number, number]>,
  table: number,
  trailer: PdfDict,
): PdfStream {
  const size = table + 1
  const data = Buffer.alloc(size * 7)
  for (const [number, [kind, one, two]] of places) {
    data.writeUInt8(kind, number * 7)
    data.writeUInt32BE(one, number * 7 + 1)
    data.writeUInt16BE(two, number * 7 + 5)
  }
  const dict = new Map(trailer)
  for (const [name, value] of pdfDict({ Type: pdfName('XRef'), Size: size, W: [1, 4, 2] })) dict.set(name, value)
  return deflated(data, dict)
}

/** Bytes as they come, joined once. */
export class Output {
  readonly #parts: Uint8Array[] = []
  length = 0

  constructor(head: string | Uint8Array) {
    if (typeof head === 'string') this.text(head)
    else this.data(head)
  }

  text(text: string): void {
    this.data(Buffer.from(text, 'latin1'))
  }

  data(bytes: Uint8Array): void {
    this.#parts.push(bytes)
    this.length += bytes.length
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.#parts, this.length)
  }
}

/** An object as it stands by itself, between `obj` and `endobj`. */
export function writeTop(value: PdfValue, out: Output): void {
  if (!(value instanceof PdfStream)) return out.text(valueText(value))
  const dict = new Map(value.dict).set('Length', value.data.length)
  out.text(`${valueText(dict)} stream\n`)
  out.data(value.data)
  out.text('\nendstream')
}

/** A value as PDF writes it. @throws TypeError for a stream, which stands by itself */
export function valueText(value: PdfValue): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return numberText(value)
  if (value instanceof PdfName) return nameText(value.name)
  if (value instanceof PdfRef) return `${value.number} 0 R`
  if (value instanceof PdfString) return stringText(value)
  if (value instanceof PdfUnread) return value.text
  if (Array.isArray(value)) return `[${value.map(valueText).join(' ')}]`
  if (value instanceof Map) {
    let text = '<<'
    for (const [name, member] of value) text += `${nameText(name)} ${valueText(member)}`
    return `${text}>>`
  }
  throw new TypeError('A stream stands by itself, expected a reference to it')
}

/** Without an exponent, which PDF has not. */
function numberText(value: number): string {
  const text = String(value)
  if (!text.includes('e')) return text
  return Math.abs(value) < 1 ? value.toFixed(10).replace(/\.?0+$/, '') : String(BigInt(value))
}

const names = new Map<string, string>()
/** Names of a hostile file are not remembered without end. */
const maxNames = 20_000

function nameText(name: string): string {
  const known = names.get(name)
  if (known !== undefined) return known
  const made = escapedName(name)
  if (names.size < maxNames) names.set(name, made)
  return made
}

function escapedName(name: string): string {
  return `/${/^[\w.+*@:;,!$&'=?~^|`-]*$/.test(name) ? name : name.replace(/[^\w.+*@:;,!$&'=?~^|`-]/g, hexOf)}`
}

function hexOf(character: string): string {
  return `#${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}

function stringText({ bytes }: PdfString): string {
  if (/^[\x20-\x7e]*$/.test(bytes)) return `(${bytes.replace(/[\\()]/g, '\\$&')})`
  return `<${Buffer.from(bytes, 'latin1').toString('hex')}>`
}
