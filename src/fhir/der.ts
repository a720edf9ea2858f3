/**
 * A reader of DER, and of the BER that signatures in the field are written in: elements, with nothing after the end.
 * @see https://www.itu.int/rec/T-REC-X.690
 */

import { fail } from './error.ts'

/** One element. */
export interface Element {
  /** The identifier octet: `0x30` of a SEQUENCE, `0xa0` of `[0]` constructed. */
  readonly tag: number
  /** All its octets. */
  readonly bytes: Uint8Array
  /** Those after tag and length. */
  readonly content: Uint8Array
  /** Empty where the element is primitive. */
  readonly children: readonly Element[]
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  enumerated: 0x0a,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

const CONSTRUCTED = 0x20
const MOST_DEPTH = 40

/** The one element that the octets are. @throws FhirError `structure` */
export function readDer(bytes: Uint8Array): Element {
  const { element, end } = elementAt(bytes, 0, 0)
  if (end !== bytes.byteLength) throw malformed()
  return element
}

interface Read {
  readonly element: Element
  readonly end: number
}

function elementAt(bytes: Uint8Array, start: number, depth: number): Read {
  const tag = bytes[start]
  const first = bytes[start + 1]
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f || depth > MOST_DEPTH) throw malformed()
  if (first === 0x80) return indefinite(bytes, start, depth)
  const { length, size } = lengthAt(bytes, start + 1)
  const from = start + 1 + size
  const end = from + length
  if (end > bytes.byteLength) throw malformed()
  const children: Element[] = []
  if ((tag & CONSTRUCTED) !== 0) {
    for (let at = from; at < end;) {
      const child = elementAt(bytes.subarray(0, end), at, depth + 1)
      children.push(child.element)
      at = child.end
    }
  }
  return { element: { tag, bytes: bytes.subarray(start, end), content: bytes.subarray(from, end), children }, end }
}

/** BER lets the end of a constructed element be two octets of zero. */
function indefinite(bytes: Uint8Array, start: number, depth: number): Read {
  const tag = bytes[start] ?? 0
  if ((tag & CONSTRUCTED) === 0) throw malformed()
  const children: Element[] = []
  let at = start + 2
  while (bytes[at] !== 0 || bytes[at + 1] !== 0) {
    const child = elementAt(bytes, at, depth + 1)
    children.push(child.element)
    at = child.end
  }
  const end = at + 2
  return { element: { tag, bytes: bytes.subarray(start, end), content: bytes.subarray(start + 2, at), children }, end }
}

function lengthAt(bytes: Uint8Array, at: number): { readonly length: number; readonly size: number } {
  const first = bytes[at] ?? 0
  if (first < 0x80) return { length: first, size: 1 }
  const count = first & 0x7f
  if (count > 4 || at + count >= bytes.byteLength) throw malformed()
  const length = bytes.subarray(at + 1, at + 1 + count).reduce((value, octet) => value * 256 + octet, 0)
  return { length, size: 1 + count }
}

function malformed(): Error {
  return fail('structure', 'The octets are not DER, expected one element of ASN.1 and nothing after it')
}

/** The child at a place, of the tag given. @throws FhirError `structure` where there is none */
export function child({ children }: Element, index: number, tag?: number): Element {
  const found = children[index]
  if (found === undefined || (tag !== undefined && found.tag !== tag)) throw malformed()
  return found
}

/** The first child with the tag; undefined where there is none. */
export function tagged({ children }: Element, tag: number): Element | undefined {
  return children.find((one) => one.tag === tag)
}

/** The octets of an OCTET STRING; BER may write it in parts. */
export function octetsOf(element: Element): Uint8Array {
  return (element.tag & CONSTRUCTED) === 0 ? element.content : Buffer.concat(element.children.map(octetsOf))
}

/** The octets of a BIT STRING without the count of unused bits. */
export function bitsOf({ content }: Element): Uint8Array {
  return content.subarray(1)
}

/** `1.2.840.10045.4.3.2` */
export function identifierOf({ tag, content }: Element): string {
  if (tag !== TAG.objectIdentifier || content.length === 0 || (content.at(-1) ?? 0) >= 0x80) throw malformed()
  const arcs: number[] = []
  let arc = 0
  for (const octet of content) {
    arc = arc * 128 + (octet & 0x7f)
    if (octet >= 0x80) continue
    arcs.push(arc)
    arc = 0
  }
  const [both = 0, ...others] = arcs
  const first = Math.min(2, Math.floor(both / 40))
  return [first, both - first * 40, ...others].join('.')
}

const UTC = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/
const GENERALIZED = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\.\d+)?Z$/

/** Milliseconds since 1970 of a UTCTime or GeneralizedTime, as RFC 5280 and RFC 3161 write them. @throws FhirError `structure` */
export function timeOf({ tag, content }: Element): number {
  const text = Buffer.from(content).toString('latin1')
  const parts = (tag === TAG.utcTime ? UTC : GENERALIZED).exec(text)
  if (parts === null || (tag !== TAG.utcTime && tag !== TAG.generalizedTime)) throw malformed()
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', fraction = ''] = parts
  const full = tag === TAG.utcTime ? `${Number(year) < 50 ? 20 : 19}${year}` : year
  const value = Date.parse(`${full}-${month}-${day}T${hour}:${minute}:${second}${fraction}Z`)
  if (Number.isNaN(value)) throw malformed()
  return value
}

/** A whole number, where it is one that a double holds; a serial number is compared by its octets. */
export function integerOf({ content }: Element): number {
  if (content.length === 0 || content.length > 6) throw malformed()
  const [first = 0] = content
  return content.reduce((value, octet) => value * 256 + octet, 0) - (first >= 0x80 ? 256 ** content.length : 0)
}
