/** The text of the pages of a PDF, in the order in which it is drawn. @see ISO 32000-1:2008, 9 */

import { fail, FhirError } from '../fhir/error.ts'
import { inflated } from './deflate.ts'
import { Lexer } from './lexer.ts'
import {
  dictOf,
  nameOf,
  PdfName,
  PdfStream,
  PdfString,
  resolved,
  textOf,
  type PdfDict,
  type PdfDocument,
  type PdfValue,
} from './objects.ts'

const MOST_PAGES = 10_000
const MOST_FORMS = 20_000
const MOST_BYTES = 128 * 1024 * 1024
const MOST_DEPTH = 10

/** The text of each page without white space, of which print makes more or less. @throws FhirError `structure`, `too-costly` */
export function pageTexts(document: PdfDocument): readonly string[] {
  const state: State = { document, fonts: new Map(), left: { bytes: MOST_BYTES, forms: MOST_FORMS } }
  return pagesOf(document).map((page) => {
    const resources = dictOf(document, inherited(document, page, 'Resources')) ?? new Map<string, PdfValue>()
    const parts = contentsOf(state, page)
    return drawn(state, { content: parts.join('\n'), resources, depth: 0 }).replace(/\s+/gu, '')
  })
}

interface State {
  readonly document: PdfDocument
  readonly fonts: Map<PdfDict, Decoder>
  readonly left: { bytes: number; forms: number }
}

/** The leaves of the page tree in their order. */
export function pagesOf(document: PdfDocument): readonly PdfDict[] {
  const found: PdfDict[] = []
  const seen = new Set<PdfDict>()
  const pending: PdfValue[] = [dictOf(document, document.trailer.get('Root'))?.get('Pages') ?? null]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const node = dictOf(document, next)
    if (node === undefined || seen.has(node)) continue
    seen.add(node)
    if (seen.size > MOST_PAGES) throw fail('too-costly', `The PDF has more than ${MOST_PAGES} pages`)
    const kids = resolved(document, node.get('Kids'))
    if (Array.isArray(kids)) pending.push(...kids.toReversed())
    else found.push(node)
  }
  return found
}

function inherited(document: PdfDocument, page: PdfDict, name: string): PdfValue | undefined {
  let node: PdfDict | undefined = page
  for (let level = 0; node !== undefined && level < MOST_DEPTH; level += 1) {
    const found = node.get(name)
    if (found !== undefined) return found
    node = dictOf(document, node.get('Parent'))
  }
  return undefined
}

function contentsOf(state: State, page: PdfDict): readonly string[] {
  const { document } = state
  const contents = resolved(document, page.get('Contents'))
  const streams = Array.isArray(contents) ? contents.map((one) => resolved(document, one)) : [contents]
  return streams.flatMap((stream) => (stream instanceof PdfStream ? [unpacked(state, stream)] : []))
}

function unpacked({ document, left }: State, stream: PdfStream): string {
  const data = inflated(document, stream, left.bytes)
  left.bytes -= data.byteLength
  return Buffer.from(data).toString('latin1')
}

interface Content {
  readonly content: string
  readonly resources: PdfDict
  readonly depth: number
}

const VALUE_STARTS = new Set([...'/([<+-.0123456789'].map((mark) => mark.charCodeAt(0)))

/** What the operators of a content stream draw as text. */
function drawn(state: State, { content, resources, depth }: Content): string {
  const lexer = new Lexer(content)
  const operands: PdfValue[] = []
  let decode: Decoder = latin
  let text = ''
  for (let code = lexer.skipSpace(); !Number.isNaN(code); code = lexer.skipSpace()) {
    if (VALUE_STARTS.has(code)) {
      operands.push(lexer.value())
      continue
    }
    const operator = lexer.word()
    if (operator === '') lexer.at += 1
    if (operator === 'ID') passImage(lexer)
    if (operator === 'Tf') decode = decoderOf(state, fontNamed(state, resources, operands[0]))
    if (operator === 'Do' && depth < MOST_DEPTH) text += formText(state, operands[0], { resources, depth })
    if (SHOWS.has(operator)) text += stringsIn(operands).map(decode).join('')
    operands.length = 0
  }
  return text
}

const SHOWS: ReadonlySet<string> = new Set(['Tj', 'TJ', "'", '"'])

/** The data of an image in the line ends with its own operator. */
function passImage(lexer: Lexer): void {
  const end = /\sEI(?=\s|$)/g
  end.lastIndex = lexer.at
  lexer.at = end.exec(lexer.text) === null ? lexer.text.length : end.lastIndex
}

function stringsIn(operands: readonly PdfValue[]): readonly PdfString[] {
  return operands.flatMap((one) => (Array.isArray(one) ? one : [one])).filter((one) => one instanceof PdfString)
}

function named(state: State, resources: PdfDict, kind: string, name: PdfValue | undefined): PdfValue {
  const table = dictOf(state.document, resources.get(kind))
  return name instanceof PdfName ? resolved(state.document, table?.get(name.name)) : null
}

function fontNamed(state: State, resources: PdfDict, name: PdfValue | undefined): PdfDict | undefined {
  const font = named(state, resources, 'Font', name)
  return font instanceof Map ? font : undefined
}

function formText(state: State, name: PdfValue | undefined, { resources, depth }: Omit<Content, 'content'>): string {
  const form = named(state, resources, 'XObject', name)
  if (!(form instanceof PdfStream) || nameOf(state.document, form.dict, 'Subtype') !== 'Form') return ''
  state.left.forms -= 1
  if (state.left.forms < 0) throw fail('too-costly', `The PDF draws more than ${MOST_FORMS} forms`)
  const own = dictOf(state.document, form.dict.get('Resources')) ?? resources
  return drawn(state, { content: unpacked(state, form), resources: own, depth: depth + 1 })
}

type Decoder = (text: PdfString) => string

const latin: Decoder = ({ bytes }) => bytes

function decoderOf(state: State, font: PdfDict | undefined): Decoder {
  if (font === undefined) return latin
  const known = state.fonts.get(font)
  if (known !== undefined) return known
  const made = newDecoder(state, font)
  state.fonts.set(font, made)
  return made
}

const UNKNOWN = '\ufffd'

function newDecoder(state: State, font: PdfDict): Decoder {
  const width = nameOf(state.document, font, 'Subtype') === 'Type0' ? 2 : 1
  const stream = resolved(state.document, font.get('ToUnicode'))
  const map = stream instanceof PdfStream ? characterMap(unpacked(state, stream)) : undefined
  return ({ bytes }) => {
    let text = ''
    for (let at = 0; at < bytes.length; at += width) {
      const code = width === 1 ? bytes.charCodeAt(at) : (bytes.charCodeAt(at) << 8) | bytes.charCodeAt(at + 1)
      text += map === undefined ? (width === 1 ? String.fromCharCode(code) : UNKNOWN) : (map.get(code) ?? UNKNOWN)
    }
    return text
  }
}

const MOST_CODES = 65_536

/** The characters of codes. @see ISO 32000-1:2008, 9.10.3 */
function characterMap(cmap: string): ReadonlyMap<number, string> {
  const map = new Map<number, string>()
  for (const [, block = ''] of cmap.matchAll(/beginbfchar([\s\S]*?)endbfchar/g)) {
    const values = valuesIn(block)
    for (let at = 0; at + 1 < values.length; at += 2) map.set(codeOf(values[at]), unitsOf(values[at + 1]))
  }
  for (const [, block = ''] of cmap.matchAll(/beginbfrange([\s\S]*?)endbfrange/g)) {
    const values = valuesIn(block)
    for (let at = 0; at + 2 < values.length; at += 3) {
      const [first, last] = [codeOf(values[at]), Math.min(codeOf(values[at + 1]), MOST_CODES)]
      for (let code = first; code <= last; code += 1) map.set(code, inRange(values[at + 2], code - first))
    }
  }
  return map
}

function valuesIn(block: string): readonly PdfValue[] {
  const lexer = new Lexer(block)
  const values: PdfValue[] = []
  try {
    while (!Number.isNaN(lexer.skipSpace())) values.push(lexer.value())
  } catch (error) {
    if (!(error instanceof FhirError)) throw error
  }
  return values
}

function codeOf(value: PdfValue | undefined): number {
  return value instanceof PdfString ? Number.parseInt(Buffer.from(value.bytes, 'latin1').toString('hex') || '0', 16) : 0
}

function unitsOf(value: PdfValue | undefined): string {
  return value instanceof PdfString ? textOf(new PdfString(`\xfe\xff${value.bytes}`)) : UNKNOWN
}

function inRange(target: PdfValue | undefined, offset: number): string {
  if (Array.isArray(target)) return unitsOf(target[offset])
  const text = unitsOf(target)
  const last = text.charCodeAt(text.length - 1)
  return text.slice(0, -1) + String.fromCharCode(last + offset)
}
