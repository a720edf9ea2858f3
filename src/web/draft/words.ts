/** What a person wrote, cleaned on the server: bold and italic words, lists, tables; of all else the text alone stays. */

import { escapeAttribute, escapeText } from '../../fhir/xhtml-text.ts'
import { tokenize, type OpenTag } from '../../fhir/xhtml.ts'
import { harmless } from '../../editing.ts'

/** Words as they may stand in a section. */
export interface Words {
  /** The content of a `div`, well-formed; empty where nothing is said. */
  readonly xhtml: string
  /** What of the pasted was left out and had a meaning: images, links that run something, hidden parts. */
  readonly leftOut: readonly string[]
}

export const NO_WORDS: Words = { xhtml: '', leftOut: [] }

/** Of any text, markup of any quality among it. */
export function cleaned(html: string): Words {
  const { xhtml, issues } = harmless(`<div>${html}</div>`, { prefix: '', headingLevel: 2, expression: 'text' })
  const leftOut = issues
    .filter(({ rule }) => rule === 'narrative-removed')
    .map(({ text }) => text.slice(text.indexOf(': ') + 2))
  const written = writeWords(xhtml)
  return { xhtml: isBlank(written) ? '' : written, leftOut }
}

/** Whether there is nothing to read in it. */
export function isBlank(xhtml: string): boolean {
  return tokenize(`<div>${xhtml}</div>`).tokens.every((token) => token.kind !== 'text' || token.text.trim() === '')
}

const KEPT: ReadonlySet<string> = new Set(
  'p br b strong i em span sub sup ul ol li dl dt dd table caption thead tbody tfoot tr th td h1 h2 h3 h4 h5 h6 blockquote pre q hr'.split(
    ' ',
  ),
)

/** An element whose looks say something, by the classes and the style that it bears: what is struck out stays so. */
const LOOKS: readonly (readonly [look: RegExp, element: string, classes?: string])[] = [
  [/\bstrikethrough\b|line-through/, 'span', 'strikethrough'],
  [/\bunderline\b/, 'span', 'underline'],
  [/(?:^| )bold(?: |$)|font-weight: ?(?:bold|[6-9]00)/, 'b'],
  [/\bitalics\b|font-style: ?italic/, 'i'],
]

/** Of an attribute that stays: a cell over several, and the direction and the language of words. */
const ATTRIBUTES: ReadonlyMap<string, RegExp> = new Map([
  ['colspan', /^(?:td|th)$/],
  ['rowspan', /^(?:td|th)$/],
  ['scope', /^th$/],
  ['dir', /./],
  ['lang', /./],
  ['xml:lang', /./],
])

/** The tags to write for an element, the innermost last. */
function tagsOf(tag: OpenTag): readonly (readonly [name: string, attributes: string])[] {
  const valueOf = (name: string): string => tag.attributes.find((one) => one.name === name)?.value ?? ''
  const look = `${valueOf('class')} ; ${valueOf('style')}`
  const looks = LOOKS.filter(([form]) => form.test(look)).map(
    ([, name, classes]) => [name, classes === undefined ? '' : ` class="${classes}"`] as const,
  )
  const attributes = tag.attributes
    .filter(({ name }) => ATTRIBUTES.get(name)?.test(tag.name) === true)
    .map(({ name, value }) => ` ${name}="${escapeAttribute(value)}"`)
    .join('')
  const isKept = KEPT.has(tag.name) && (tag.name !== 'span' || attributes !== '')
  const inner = STRUCTURE.has(tag.name) ? [] : looks
  return [...(isKept ? [[tag.name, attributes] as const] : []), ...inner]
}

/** Between these and their content stands no inline element. */
const STRUCTURE: ReadonlySet<string> = new Set('ul ol dl table thead tbody tfoot tr br hr'.split(' '))

/** What begins on a line of its own. */
const BLOCKS: ReadonlySet<string> = new Set('p ul ol dl table h1 h2 h3 h4 h5 h6 blockquote pre hr'.split(' '))

interface Piece {
  readonly xhtml: string
  readonly isBlock: boolean
}

interface Writing {
  /** What is written in each open element, the outermost first. */
  readonly open: Piece[][]
  readonly closing: { readonly tags: ReturnType<typeof tagsOf>; readonly name: string }[]
}

function writeWords(div: string): string {
  const writing: Writing = { open: [[]], closing: [] }
  for (const token of tokenize(div).tokens) {
    if (token.kind === 'text')
      append(writing, [{ xhtml: escapeText(token.text.replaceAll('\u00a0', ' ')), isBlock: false }])
    else if (token.kind === 'open') {
      writing.closing.push({ tags: tagsOf(token), name: token.name })
      writing.open.push([])
    } else close(writing)
  }
  return (writing.open[0] ?? []).map(({ xhtml }) => xhtml).join('')
}

function append({ open }: Writing, pieces: readonly Piece[]): void {
  open.at(-1)?.push(...pieces)
}

function close(writing: Writing): void {
  const pieces = writing.open.pop() ?? []
  const { tags = [], name = '' } = writing.closing.pop() ?? {}
  if (name === 'div') return append(writing, paragraphs(pieces, tags))
  const isBlock = BLOCKS.has(name) || (tags.length === 0 && pieces.some((piece) => piece.isBlock))
  if (tags.length === 0) return append(writing, pieces)
  if (name === 'p' && pieces.every(({ xhtml }) => xhtml.trim() === '' || xhtml === '<br/>')) return
  append(writing, [{ xhtml: within(tags, pieces), isBlock }])
}

/** What stood in a div without a block around it becomes paragraphs. */
function paragraphs(pieces: readonly Piece[], tags: ReturnType<typeof tagsOf>): readonly Piece[] {
  const made: Piece[] = []
  let inline: Piece[] = []
  const flush = (): void => {
    const isSaid = inline.some(({ xhtml }) => xhtml.trim() !== '' && xhtml !== '<br/>')
    if (isSaid) made.push({ xhtml: within([['p', ''], ...tags], trimmed(inline)), isBlock: true })
    inline = []
  }
  for (const piece of pieces) {
    if (piece.isBlock) {
      flush()
      made.push(piece)
    } else inline.push(piece)
  }
  flush()
  return made
}

function trimmed(pieces: readonly Piece[]): readonly Piece[] {
  const last = pieces.findLastIndex(({ xhtml }) => xhtml.trim() !== '' && xhtml !== '<br/>')
  return pieces.slice(0, last + 1)
}

function within(tags: ReturnType<typeof tagsOf>, pieces: readonly Piece[]): string {
  const [first] = tags
  if (first !== undefined && VOID.has(first[0])) return `<${first[0]}/>`
  const open = tags.map(([name, attributes]) => `<${name}${attributes}>`).join('')
  const shut = tags.map(([name]) => `</${name}>`).reverse().join('') // prettier-ignore
  return open + pieces.map(({ xhtml }) => xhtml).join('') + shut // prettier-ignore
}

const VOID: ReadonlySet<string> = new Set(['br', 'hr'])
