/** The marks, faults, references and attributes of a markup text, each read in time linear to it. */

import { decodeReferences, nameEnd } from './xhtml-text.ts'

/** Half-open, in UTF-16 code units of the text. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** `value` is decoded; the range encloses the value as written, without its quotes. */
export interface Attribute extends Range {
  readonly name: string
  readonly value: string
}

/** What is not well-formed, at an offset. */
export interface Fault {
  readonly offset: number
  readonly text: string
}

/** A text under reading and the faults met so far. */
export interface Scan {
  readonly text: string
  readonly faults: Fault[]
  /** Where each mark stands next, -1 for nowhere: no mark is looked for twice over the same text. */
  readonly next: Map<string, number>
  /** Whether the text has characters that XML has not. */
  readonly foreign: boolean
}

const maxFaults = 100
// eslint-disable-next-line no-control-regex -- these are the characters that XML leaves out
const NOT_XML = /[\0-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]|\p{Surrogate}/u
const CODE = { slash: 47, equals: 61, greater: 62, quote: 34, apostrophe: 39 }

/** A text ready to be read; a character that XML has not is its first fault. */
export function scanOf(text: string): Scan {
  const foreign = NOT_XML.exec(text)
  const scan: Scan = { text, faults: [], next: new Map(), foreign: foreign !== null }
  if (foreign) fault(scan, foreign.index, `There is ${codePoint(foreign[0])}, a character that XML does not allow`)
  return scan
}

/** Notes what is not well-formed, up to a limit. */
export function fault({ faults }: Scan, offset: number, text: string): void {
  if (faults.length < maxFaults) faults.push({ offset, text })
}

/** Where a mark stands at or after a place, or -1; places may not go back. */
export function find({ text, next }: Scan, mark: string, from: number): number {
  const known = next.get(mark)
  if (known !== undefined && (known === -1 || known >= from)) return known
  const place = text.indexOf(mark, from)
  next.set(mark, place)
  return place
}

/** Text with its references resolved, line ends as `\n`, and U+FFFD for what XML does not allow. */
export function decode(scan: Scan, raw: string, offset: number): string {
  if (!scan.foreign && !raw.includes('&') && !raw.includes('\r')) return raw
  return decodeReferences(raw, (at, text) => {
    fault(scan, offset + at, text)
  })
}

/** Whether a text has more than white space, as XML knows it. */
export function hasText(text: string): boolean {
  return /[^ \t\r\n]/.test(text)
}

/** The place of the `>` or `/>` that ends a tag, its attributes put into `found`; -1 where this is no tag. */
export function readAttributes(scan: Scan, from: number, found: Attribute[]): number {
  const { text } = scan
  for (let at = from; ;) {
    const place = spaceEnd(text, at)
    const code = text.charCodeAt(place)
    if (code === CODE.greater || (code === CODE.slash && text.charCodeAt(place + 1) === CODE.greater)) {
      duplicates(scan, found)
      return place
    }
    if (place === at) {
      if (found.length === 0) return -1
      fault(scan, place, 'There is no space between two attributes')
    }
    at = attribute(scan, place, found)
    if (at === -1) return -1
  }
}

/** The place after one attribute; -1 where there is none. */
function attribute(scan: Scan, start: number, found: Attribute[]): number {
  const { text } = scan
  const stop = nameEnd(text, start)
  if (stop === start) return -1
  const name = text.slice(start, stop)
  const equals = spaceEnd(text, stop)
  if (text.charCodeAt(equals) !== CODE.equals) {
    fault(scan, start, `The attribute ${name} has no value`)
    found.push({ name, value: '', start: stop, end: stop })
    return stop
  }
  const place = spaceEnd(text, equals + 1)
  const code = text.charCodeAt(place)
  const quoted = code === CODE.quote || code === CODE.apostrophe
  const range = quoted ? quotedValue(scan, place) : bareValue(scan, place, name)
  if (!range) return -1
  found.push({ name, value: attributeValue(scan, range), ...range })
  return quoted ? range.end + 1 : range.end
}

/** None where the quote is not closed before the next `<`: then the tag is read as text, so that no text is lost. */
function quotedValue(scan: Scan, place: number): Range | undefined {
  const end = find(scan, scan.text.charAt(place), place + 1)
  const markup = find(scan, '<', place + 1)
  if (end === -1 || (markup !== -1 && markup < end)) return undefined
  return { start: place + 1, end }
}

function bareValue(scan: Scan, place: number, name: string): Range | undefined {
  const bare = /[^\s"'<>=`]+/y
  bare.lastIndex = place
  if (!bare.test(scan.text)) return undefined
  fault(scan, place, `The value of the attribute ${name} has no quotes`)
  return { start: place, end: bare.lastIndex }
}

/** @see https://www.w3.org/TR/xml/#AVNormalize */
function attributeValue(scan: Scan, { start, end }: Range): string {
  const raw = scan.text.slice(start, end)
  return decode(scan, /[\t\n\r]/.test(raw) ? raw.replace(/\r\n|[\t\n\r]/g, ' ') : raw, start)
}

function duplicates(scan: Scan, found: readonly Attribute[]): void {
  if (found.length < 2) return
  const seen = new Set<string>()
  for (const { name, start } of found) {
    if (seen.has(name)) fault(scan, start, `The attribute ${name} is there twice, expected once`)
    seen.add(name)
  }
}

function spaceEnd(text: string, from: number): number {
  let at = from
  for (let code = text.charCodeAt(at); code === 32 || code === 10 || code === 9 || code === 13;) {
    code = text.charCodeAt(++at)
  }
  return at
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}
