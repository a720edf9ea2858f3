/** The objects of a PDF as plain values. @see https://pdfa.org/resource/iso-32000-pdf/ (ISO 32000-1:2008, 7.3) */

/** `/Type`: the same object for the same name. */
export class PdfName {
  readonly name: string

  constructor(text: string) {
    this.name = text
  }
}

/** `12 0 R` */
export class PdfRef {
  readonly number: number

  constructor(number: number) {
    this.number = number
  }
}

/** A string; each character is a byte. */
export class PdfString {
  readonly bytes: string

  constructor(bytes: string) {
    this.bytes = bytes
  }
}

export type PdfDict = Map<string, PdfValue>

export class PdfStream {
  readonly dict: PdfDict
  /** As it is in the file, filters not undone. */
  readonly data: Uint8Array

  constructor(dict: PdfDict, data: Uint8Array) {
    this.dict = dict
    this.data = data
  }
}

/** An object as the text that its file has of it: what nobody asks for is never taken apart. */
export class PdfUnread {
  readonly text: string
  readonly #read: (text: string) => PdfValue

  constructor(text: string, read: (text: string) => PdfValue) {
    this.text = text
    this.#read = read
  }

  /** What it is. @throws FhirError `structure` */
  value(): PdfValue {
    return this.#read(this.text)
  }

  /** The same object with another text. */
  with(text: string): PdfUnread {
    return new PdfUnread(text, this.#read)
  }

  /** What it refers to, and what a string in it looks like a reference to. */
  *references(): Generator<number> {
    for (const [, number] of this.text.matchAll(/(\d+) 0 R/g)) yield Number(number)
  }
}

export type PdfValue =
  null | boolean | number | PdfName | PdfRef | PdfString | PdfDict | PdfStream | PdfUnread | PdfValue[]

/** A document: its objects by number, and what the trailer says of them. */
export interface PdfDocument {
  readonly objects: Map<number, PdfValue>
  readonly trailer: PdfDict
}

const names = new Map<string, PdfName>()
/** Names of a hostile file are not remembered without end. */
const maxNames = 20_000

export function pdfName(text: string): PdfName {
  const known = names.get(text)
  if (known !== undefined) return known
  const made = new PdfName(text)
  if (names.size < maxNames) names.set(text, made)
  return made
}

export function pdfDict(members: Readonly<Record<string, PdfValue | undefined>>): PdfDict {
  return new Map(Object.entries(members).filter((member): member is [string, PdfValue] => member[1] !== undefined))
}

/** A text string: PDFDocEncoding where ASCII is enough, else UTF-16 with its mark. */
export function pdfText(text: string): PdfString {
  if (/^[\x20-\x7e\n\r\t]*$/.test(text)) return new PdfString(text)
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at))
  return new PdfString(`\xfe\xff${units.map((unit) => String.fromCharCode(unit >> 8, unit & 0xff)).join('')}`)
}

/** The text of a text string. */
export function textOf({ bytes }: PdfString): string {
  if (bytes.startsWith('\xfe\xff')) {
    const units = Array.from({ length: (bytes.length - 2) >> 1 }, (_, at) => {
      return (bytes.charCodeAt(2 + 2 * at) << 8) | bytes.charCodeAt(3 + 2 * at)
    })
    return units.map((unit) => String.fromCharCode(unit)).join('')
  }
  return bytes
}

/** The value itself, or what it refers to; null where that is not there. */
export function resolved({ objects }: PdfDocument, value: PdfValue | undefined): PdfValue {
  let found = value
  for (let steps = 0; found instanceof PdfRef; steps += 1) {
    if (steps > 32) return null
    const { number } = found
    found = objects.get(number)
    if (!(found instanceof PdfUnread)) continue
    found = found.value()
    objects.set(number, found)
  }
  return found ?? null
}

/** The dictionary that a value is, or that its stream has; undefined where it is neither. */
export function dictOf(document: PdfDocument, value: PdfValue | undefined): PdfDict | undefined {
  const found = resolved(document, value)
  if (found instanceof Map) return found
  return found instanceof PdfStream ? found.dict : undefined
}

/** The name that a member has. */
export function nameOf(document: PdfDocument, dict: PdfDict | undefined, key: string): string | undefined {
  const found = resolved(document, dict?.get(key))
  return found instanceof PdfName ? found.name : undefined
}

/** Takes away what nothing refers to: it would be carried along, and differ where nothing that is seen does. */
export function sweep({ objects, trailer }: PdfDocument): void {
  const reached = new Set<number>()
  const pending: PdfValue[] = [trailer]
  const reach = (number: number): void => {
    if (reached.has(number)) return
    reached.add(number)
    pending.push(objects.get(number) ?? null)
  }
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next instanceof PdfRef) reach(next.number)
    else if (next instanceof PdfUnread) for (const number of next.references()) reach(number)
    else if (next instanceof Map) for (const value of next.values()) pushIfHolding(value, pending)
    else if (next instanceof PdfStream) for (const value of next.dict.values()) pushIfHolding(value, pending)
    else if (Array.isArray(next)) for (const value of next) pushIfHolding(value, pending)
  }
  for (const number of objects.keys()) if (!reached.has(number)) objects.delete(number)
}

function pushIfHolding(value: PdfValue, pending: PdfValue[]): void {
  if (value instanceof PdfRef || value instanceof Map || value instanceof PdfStream || Array.isArray(value))
    pending.push(value)
}

/** Puts a new object into the document. */
export function added({ objects, trailer }: PdfDocument, value: PdfValue): PdfRef {
  const size = trailer.get('Size')
  let number = typeof size === 'number' ? size : 1
  while (objects.has(number)) number += 1
  objects.set(number, value)
  trailer.set('Size', number + 1)
  return new PdfRef(number)
}
