/** A line of our own words in which pieces of both directions meet, put into the order in which it is read. */

import { directionOfText, ISOLATES } from './locale.ts'

const [OPEN, CLOSE] = ISOLATES

/** Makes a text safe to stand in XHTML. */
type Escape = (text: string) => string

/** XHTML of a text: its line feeds, and what reads in another direction set apart. */
export function directed(text: string, escape: Escape): string {
  const lines = text.split('\n')
  const isLineByLine = lines.every(isBalanced)
  return isLineByLine
    ? lines.map((line) => directedLine(line, escape)).join('<br/>')
    : marked(text, escape).replaceAll('\n', '<br/>')
}

function marked(text: string, escape: Escape): string {
  return escape(text).replaceAll(OPEN, '<span dir="auto">').replaceAll(CLOSE, '</span>')
}

function isBalanced(line: string): boolean {
  return line.split(OPEN).length === line.split(CLOSE).length
}

/** Without a letter beside the pieces set apart, the first of them says how the line is read: digits have no say. */
function directedLine(line: string, escape: Escape): string {
  if (!line.includes(OPEN)) return escape(line)
  const pieces = piecesOf(line)
  const isWordless = pieces.every(({ text, isApart }) => isApart || !/\p{L}/u.test(text))
  const first = pieces.find(({ text, isApart }) => isApart && directionOfText(text) !== undefined)
  if (!isWordless || first === undefined || directionOfText(first.text) !== 'rtl') return marked(line, escape)
  const parts = pieces.map(({ text, isApart }) => (isApart ? marked(text, escape) : numbersApart(text, escape)))
  return `<span dir="rtl">${parts.join('')}</span>`
}

/**
 * Figures with all that stands among and before them, but the marks at their edges and brackets: read from right to left
 * a `<` would become a `>`, and a sign would change its side.
 */
const FIGURES = /[^\s()[\]{},;:](?:[^()[\]{}]*[^\s()[\]{},;:])?/gu

function numbersApart(text: string, escape: Escape): string {
  let from = 0
  const parts: string[] = []
  for (const { 0: figures, index } of text.matchAll(FIGURES)) {
    parts.push(escape(text.slice(from, index)))
    parts.push(/[\p{N}<>≤≥]/u.test(figures) ? `<span dir="ltr">${escape(figures)}</span>` : escape(figures))
    from = index + figures.length
  }
  return parts.join('') + escape(text.slice(from))
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
