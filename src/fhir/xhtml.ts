/**
 * The strict tokenizer of narrative: a div as XML without document type, processing instructions and CDATA, in one pass
 * and without recursion; faults are data, and what is no markup is read as text, so that nothing is lost.
 * @see https://hl7.org/fhir/R4/narrative.html
 * @see https://www.w3.org/TR/xml/
 */

import {
  decode,
  fault,
  find,
  hasText,
  readAttributes,
  scanOf,
  type Attribute,
  type Fault,
  type Range,
  type Scan,
} from './xhtml-scan.ts'
import { nameEnd } from './xhtml-text.ts'

export type { Attribute, Fault, Range } from './xhtml-scan.ts'

/** `empty` where it was written `<br/>`; `unclosed` where the text ends without its close tag. */
export interface OpenTag extends Range {
  readonly kind: 'open'
  readonly name: string
  readonly attributes: readonly Attribute[]
  readonly empty: boolean
  readonly unclosed: boolean
}

/** Of no length where the text has no such tag. */
export interface CloseTag extends Range {
  readonly kind: 'close'
  readonly name: string
}

/** `text` is decoded. */
export interface TextRun extends Range {
  readonly kind: 'text'
  readonly text: string
}

export type Token = OpenTag | CloseTag | TextRun

export interface Tokens {
  /** Always balanced: for each open tag, the empty ones too, a close tag; comments are left out. */
  readonly tokens: readonly Token[]
  /** The first hundred, in the order they were met; none where the text is well-formed. */
  readonly faults: readonly Fault[]
}

/** An address in a narrative: the range encloses it as written. */
export interface Link extends Range {
  readonly attribute: 'href' | 'src'
  readonly element: string
  readonly value: string
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

interface Reader extends Scan {
  at: number
  roots: number
  readonly tokens: Token[]
  readonly open: Writable<OpenTag>[]
  /** How often each name is among `open`, counted from the first mismatch on: a stray close tag costs one look. */
  counts: Map<string, number> | undefined
  /** The place in `open` of the outermost script or style: no other close tag reaches below it. */
  opaque: number
}

const CODE = { exclamation: 33, slash: 47, less: 60, greater: 62, question: 63 }
/** The attributes of all tags that have none. */
const NONE: Attribute[] = []
/** Their content is no text for a reader. */
const OPAQUE: ReadonlySet<string> = new Set(['script', 'style'])

/** The tokens of a div, and what is not well-formed in it. */
export function tokenize(text: string): Tokens {
  const state = { at: 0, roots: 0, tokens: [], open: [], counts: undefined, opaque: -1 }
  const reader: Reader = { ...scanOf(text), ...state }
  while (reader.at < text.length) {
    if (text.charCodeAt(reader.at) !== CODE.less || !markup(reader)) plainText(reader)
  }
  for (let tag = reader.open.at(-1); tag; tag = reader.open.at(-1)) {
    fault(reader, text.length, `The element ${tag.name} is not closed`)
    tag.unclosed = true
    close(reader, text.length, text.length)
  }
  if (reader.roots === 0) fault(reader, 0, 'There is no element')
  return { tokens: reader.tokens, faults: reader.faults }
}

/** The addresses of a div in their order; of broken markup, those that can be read. */
export function links(div: string): Link[] {
  if (!div.includes('href') && !div.includes('src')) return []
  return tokenize(div).tokens.flatMap((token) => (token.kind === 'open' ? linksOf(token) : []))
}

/** The text content of a div: references resolved, markup and comments left out. */
export function textOf(div: string): string {
  let text = ''
  for (const token of tokenize(div).tokens) if (token.kind === 'text') text += token.text
  return text
}

function linksOf({ name: element, attributes }: OpenTag): Link[] {
  return attributes.flatMap(({ name: attribute, value, start, end }) =>
    attribute === 'href' || attribute === 'src' ? [{ attribute, element, value, start, end }] : [],
  )
}

/** Reads the markup at `<`; false, with nothing read, where it is none. */
function markup(reader: Reader): boolean {
  const code = reader.text.charCodeAt(reader.at + 1)
  if (code === CODE.slash) return closeTag(reader)
  if (code === CODE.exclamation) return declaration(reader)
  if (code === CODE.question) return skip(reader, '?>', 'A processing instruction is not allowed')
  return openTag(reader)
}

function plainText(reader: Reader): void {
  const { text, at: start } = reader
  if (text.charCodeAt(start) === CODE.less) fault(reader, start, 'The character < is no markup, expected &lt;')
  const next = text.indexOf('<', start + 1)
  reader.at = next === -1 ? text.length : next
  const raw = text.slice(start, reader.at)
  if (raw.includes(']]>')) fault(reader, start, 'The text has ]]>, expected ]]&gt;')
  if (reader.open.length === 0 && hasText(raw)) fault(reader, start, 'There is text outside the root element')
  reader.tokens.push({ kind: 'text', text: decode(reader, raw, start), start, end: reader.at })
}

/** Passes over what is not allowed, to the end of its closing mark. */
function skip(reader: Reader, mark: string, text: string): boolean {
  const place = find(reader, mark, reader.at + 2)
  if (place === -1) return false
  fault(reader, reader.at, text)
  reader.at = place + mark.length
  return true
}

function declaration(reader: Reader): boolean {
  const { text, at } = reader
  if (text.startsWith('<!--', at)) return comment(reader)
  if (text.startsWith('<![CDATA[', at)) return cdata(reader)
  return /[A-Za-z]/.test(text.charAt(at + 2)) && skip(reader, '>', 'A document type declaration is not allowed')
}

function comment(reader: Reader): boolean {
  const start = reader.at
  const end = find(reader, '-->', start + 4)
  if (end === -1) return false
  const content = reader.text.slice(start + 4, end)
  if (content.includes('--') || content.endsWith('-')) fault(reader, start, 'A comment has -- within, expected none')
  reader.at = end + 3
  return true
}

function cdata(reader: Reader): boolean {
  const { text: whole, at: start } = reader
  const end = find(reader, ']]>', start + 9)
  if (end === -1) return false
  fault(reader, start, 'A CDATA section is not allowed, expected escaped text')
  reader.at = end + 3
  const escaped = whole.slice(start + 9, end).replaceAll('&', '&amp;')
  reader.tokens.push({ kind: 'text', text: decode(reader, escaped, start), start, end: reader.at })
  return true
}

function closeTag(reader: Reader): boolean {
  const { text, at: start } = reader
  const stop = nameEnd(text, start + 2)
  const end = find(reader, '>', stop)
  const next = text.indexOf('<', stop)
  if (stop === start + 2 || end === -1 || (next !== -1 && next < end)) return false
  const name = text.slice(start + 2, stop)
  if (end > stop && hasText(text.slice(stop, end))) fault(reader, stop, `The close tag of ${name} has more than a name`)
  reader.at = end + 1
  if (reader.open.at(-1)?.name === name) close(reader, start, end + 1)
  else closeCrossing(reader, name, start)
  return true
}

/** A close tag that is not that of the innermost element: closes those between, or is passed over as stray. */
function closeCrossing(reader: Reader, name: string, start: number): void {
  fault(reader, start, `The close tag of ${name} does not match, expected ${reader.open.at(-1)?.name ?? 'none'}`)
  reader.counts ??= counted(reader.open)
  const known = reader.opaque === -1 ? (reader.counts.get(name) ?? 0) > 0 : reader.open[reader.opaque]?.name === name
  if (!known) return
  const height = reader.open.findLastIndex((tag) => tag.name === name)
  while (reader.open.length > height + 1) close(reader, start, start)
  close(reader, start, reader.at)
}

function counted(open: readonly OpenTag[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { name } of open) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

function close(reader: Reader, start: number, end: number): void {
  const tag = reader.open.pop()
  if (!tag) return
  reader.counts?.set(tag.name, (reader.counts.get(tag.name) ?? 0) - 1)
  if (reader.opaque === reader.open.length) reader.opaque = -1
  reader.tokens.push({ kind: 'close', name: tag.name, start, end })
}

function openTag(reader: Reader): boolean {
  const { text, at: start } = reader
  const stop = nameEnd(text, start + 1)
  if (stop === start + 1) return false
  const name = text.slice(start + 1, stop)
  const isBare = text.charCodeAt(stop) === CODE.greater
  const attributes: Attribute[] = isBare ? NONE : []
  const last = isBare ? stop : readAttributes(reader, stop, attributes)
  if (last === -1) return false
  const empty = text.charCodeAt(last) === CODE.slash
  reader.at = empty ? last + 2 : last + 1
  enter(reader, { kind: 'open', name, attributes, empty, unclosed: false, start, end: reader.at })
  return true
}

function enter(reader: Reader, tag: OpenTag): void {
  const { open, counts } = reader
  if (open.length === 0 && ++reader.roots === 2)
    fault(reader, tag.start, 'There is a second root element, expected one')
  if (reader.opaque === -1 && OPAQUE.has(tag.name)) reader.opaque = open.length
  reader.tokens.push(tag)
  open.push(tag)
  counts?.set(tag.name, (counts.get(tag.name) ?? 0) + 1)
  if (tag.empty) close(reader, tag.end, tag.end)
}
