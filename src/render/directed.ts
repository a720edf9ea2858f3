/** A line of our own words in which pieces of both directions meet, put into the order in which it is read. */

import { directionOfText, ISOLATES } from './locale.ts'

const [OPEN, CLOSE] = ISOLATES

/** Makes a text safe to stand in XHTML. */
type Escape = (text: string) => string

/** XHTML of a text: its line feeds, and what reads in another direction set apart. */
export function directed(text: string, escape: Escape): string {
  const lines = text.split('\n')
  const pieces = lines.every(isBalanced) ? lines : [text]
  return pieces.map((line) => directedLine(line, escape)).join('<br/>')
}

/** The text of a value behind the words of its label, set apart where either is read from the right. */
export function directedBeside(label: string, text: string, escape: Escape): string {
  const words = directed(text, escape)
  if (directionOfText(text) === undefined && !/[\d<>≤≥]/.test(text)) return words
  const isMixed = [label, text].some((one) => directionOfText(one) === 'rtl')
  return isMixed ? `<span dir="${directionOfText(text) ?? 'ltr'}">${words}</span>` : words
}

function isBalanced(line: string): boolean {
  return line.split(OPEN).length === line.split(CLOSE).length
}

/** The first letter says how a line is read: digits and marks have no say. */
function directedLine(line: string, escape: Escape): string {
  if (directionOfText(line) !== 'rtl' && !line.includes(OPEN)) return withBreaks(escape(line))
  const isFromRight = directionOfText(line) === 'rtl'
  const words = piecesOf(line)
    .map((piece) => pieceXhtml(piece, isFromRight, escape))
    .join('')
  return isFromRight && words.includes('<span') ? `<span dir="rtl">${words}</span>` : words
}

function withBreaks(xhtml: string): string {
  return xhtml.replaceAll('\n', '<br/>')
}

/** A piece that is set apart says itself how it is read: what stands apart within it has no say for a browser. */
function pieceXhtml({ text, isApart }: Piece, isFromRight: boolean, escape: Escape): string {
  if (!isApart) return isFromRight ? runsApart(text, escape) : withBreaks(escape(text))
  const inner = text.slice(OPEN.length, text.length - CLOSE.length)
  const direction = directionOfText(inner) ?? 'ltr'
  const words = piecesOf(inner).map((piece) => pieceXhtml(piece, direction === 'rtl', escape))
  return `<span dir="${direction}">${words.join('')}</span>`
}

/** What stands between letters that are read from the right, and brackets: figures with all that stands among them. */
const RUN = /[^\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}()[\]{}\n]+/gu

/** Marks at the edges of a run belong to the words around it; a sign belongs to its number, and a comparator too. */
const EDGES = /^(?:[\s,;:.!?|=]|[-–—+*/×·](?=\s|$))+|(?:[\s,;:.!?|=]|(?<=\s)[-–—+*/×·])+$/gu

/** A number alone is read alike from either side, and so are words alone. */
const PLAIN = /^(?:\d+(?:[.,]\d+)*|[\p{L}\p{M}\s]+|[^\p{L}\p{N}<>≤≥]+)$/u

/**
 * Runs from left to right in a line that is read from the right: else a `<` would become a `>`, a sign would change its
 * side, and a number would be torn from its unit.
 */
function runsApart(text: string, escape: Escape): string {
  let from = 0
  const parts: string[] = []
  for (const { 0: whole, index } of text.matchAll(RUN)) {
    const run = whole.replaceAll(EDGES, '')
    if (run === '' || PLAIN.test(run)) continue
    const start = index + whole.indexOf(run)
    parts.push(withBreaks(escape(text.slice(from, start))), `<span dir="ltr">${escape(run)}</span>`)
    from = start + run.length
  }
  return parts.join('') + withBreaks(escape(text.slice(from)))
}

interface Piece {
  /** With its marks, where it is set apart. */
  readonly text: string
  readonly isApart: boolean
}

function piecesOf(line: string): readonly Piece[] {
  const pieces: Piece[] = []
  let depth = 0
  let from = 0
  const end = (at: number, isApart: boolean): void => {
    if (at > from) pieces.push({ text: line.slice(from, at), isApart })
    from = at
  }
  for (let at = 0; at < line.length; at++) {
    if (line[at] === OPEN && depth++ === 0) end(at, false)
    if (line[at] === CLOSE && --depth === 0) end(at + 1, true)
  }
  end(line.length, false)
  return pieces
}
