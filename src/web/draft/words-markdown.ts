/**
 * Words as plain text with the little of markdown that everybody writes, and back: for those whose browser runs no script.
 * What might be something else stays as it was written: `5*10`, `- 5 kg`.
 */

import { escapeText } from '../../fhir/xhtml-text.ts'
import { tokenize, type Token } from '../../fhir/xhtml.ts'

/** XHTML of a text: paragraphs, bold and italic words, lists, tables. */
export function fromMarkdown(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .split(/\n[^\S\n]*\n/)
    .map((block) => block.replace(/^\s*\n|\s+$/g, ''))
    .filter((block) => block.trim() !== '')
    .map(blockOf)
    .join('')
}

function blockOf(block: string): string {
  const lines = block.split('\n')
  return table(lines) ?? mixed(lines)
}

/** Lines of text and lists, one after the other. */
function mixed(lines: readonly string[]): string {
  const made: string[] = []
  let plain: string[] = []
  const flush = (): void => {
    if (plain.length > 0) made.push(`<p>${plain.map(inline).join('<br/>')}</p>`)
    plain = []
  }
  for (let at = 0; at < lines.length;) {
    const list = listFrom(lines, at)
    if (list === undefined) {
      plain.push(lines[at] ?? '')
      at += 1
    } else {
      flush()
      made.push(`<${list.name}>${list.items.map((item) => `<li>${inline(item)}</li>`).join('')}</${list.name}>`)
      at += list.items.length
    }
  }
  flush()
  return made.join('')
}

const BULLET = /^ {0,3}[-*•] +(?=\S)(.*)$/
const NUMBER = /^ {0,3}(\d{1,3})[.)] +(?=\S)(.*)$/

interface List {
  readonly name: 'ul' | 'ol'
  readonly items: readonly string[]
}

/** The list that begins at a line; none where an item might be a number with its sign, or where its own numbers would be lost. */
function listFrom(lines: readonly string[], from: number): List | undefined {
  const bullets = whileMatching(lines, from, (line) => BULLET.exec(line)?.[1])
  if (bullets.length > 0 && !bullets.some((item) => /^[\d.,]/.test(item))) return { name: 'ul', items: bullets }
  const numbered = whileMatching(lines, from, (line, index) => {
    const [, number, item] = NUMBER.exec(line) ?? []
    return Number(number) === index + 1 ? item : undefined
  })
  return numbered.length > 1 ? { name: 'ol', items: numbered } : undefined
}

function whileMatching(
  lines: readonly string[],
  from: number,
  itemOf: (line: string, index: number) => string | undefined,
): readonly string[] {
  const items: string[] = []
  for (const line of lines.slice(from)) {
    const item = itemOf(line, items.length)
    if (item === undefined) break
    items.push(item)
  }
  return items
}

const RULE = /^\s*\|?\s*:?-{3,}:?\s*(?:\|\s*:?-{3,}:?\s*)*\|?\s*$/

function table([head = '', rule = '', ...rows]: readonly string[]): string | undefined {
  if (!head.includes('|') || !RULE.test(rule) || !rows.every((row) => row.includes('|'))) return undefined
  const cells = (row: string, name: string): string =>
    `<tr>${cellsOf(row)
      .map((cell) => `<${name}>${inline(cell)}</${name}>`)
      .join('')}</tr>`
  return `<table><thead>${cells(head, 'th')}</thead><tbody>${rows.map((row) => cells(row, 'td')).join('')}</tbody></table>`
}

function cellsOf(row: string): readonly string[] {
  return row
    .trim()
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'))
}

const STRONG = /(?<![\p{L}\p{N}*\\])\*\*(?=[^\s*])([^*\n]*[^\s*])\*\*(?![\p{L}\p{N}*])/gu
const EMPHASIS = /(?<![\p{L}\p{N}*\\_])_(?=[^\s_])([^_\n]*[^\s_])_(?![\p{L}\p{N}_])/gu

/** What is struck out must stay so: without its line it would say the contrary. */
const STRUCK = /~~(?=\S)([^~\n]*\S)~~/gu

function inline(text: string): string {
  return escapeText(text.trimEnd())
    .replaceAll(STRUCK, '<span class="strikethrough">$1</span>')
    .replaceAll(STRONG, '<b>$1</b>')
    .replaceAll(EMPHASIS, '<i>$1</i>')
}

/** What markdown writes around, or before, the text of an element. */
const AROUND: Readonly<Record<string, string>> = { b: '**', strong: '**', i: '_', em: '_' }

/**
 * A text that reads as the words do, and `isFaithful` where it gives back the very same words: else formatting would be
 * lost by it.
 */
export function toMarkdown(xhtml: string): { readonly text: string; readonly isFaithful: boolean } {
  const text = textOf(tokenize(`<div>${xhtml}</div>`).tokens)
  const plain = (one: string): string => one.replace(/<(\/?)strong>/g, '<$1b>').replace(/<(\/?)em>/g, '<$1i>').replace(/\s+/g, ' ') // prettier-ignore
  return { text, isFaithful: plain(fromMarkdown(text)) === plain(xhtml) }
}

interface Lists {
  text: string
  /** For each open list, the number of the next item; undefined for bullets. */
  readonly lists: (number | undefined)[]
  /** Of the table that is open: the cells of the row, and whether it is the first. */
  row: string[] | undefined
  isFirst: boolean
  /** What to write at the end of each open span. */
  readonly spans: string[]
}

function textOf(tokens: readonly Token[]): string {
  const state: Lists = { text: '', lists: [], row: undefined, isFirst: true, spans: [] }
  for (const token of tokens) {
    if (token.kind === 'text') put(state, token.text.replace(/\s+/g, ' '))
    else if (token.kind === 'open') {
      const isStruck = token.attributes.some(({ name, value }) => name === 'class' && value === 'strikethrough')
      if (token.name === 'span') state.spans.push(isStruck ? '~~' : '')
      if (isStruck) put(state, '~~')
      OPENING[token.name]?.(state)
    } else {
      if (token.name === 'span') put(state, state.spans.pop() ?? '')
      CLOSING[token.name]?.(state)
    }
  }
  return state.text.replace(/[^\S\n]+\n/g, '\n').replace(/\n{3,}/g, '\n\n').trim() // prettier-ignore
}

function put(state: Lists, text: string): void {
  const last = state.row === undefined ? undefined : state.row.length - 1
  if (state.row !== undefined && last !== undefined && last >= 0)
    state.row[last] = (state.row[last] ?? '') + text.replaceAll('|', '\\|').replaceAll('\n', ' ')
  else state.text += state.text.endsWith('\n') ? text.trimStart() : text
}

function paragraph(state: Lists): void {
  if (state.row === undefined && state.lists.length === 0) state.text = `${state.text.trimEnd()}\n\n`
}

function item(state: Lists): void {
  const number = state.lists.at(-1)
  if (state.lists.length > 0 && number !== undefined) state.lists[state.lists.length - 1] = number + 1
  state.text = `${state.text.trimEnd()}\n${number === undefined ? '- ' : `${number}. `}`
}

function endRow(state: Lists): void {
  const cells = state.row ?? []
  state.text = `${state.text.trimEnd()}\n| ${cells.map((cell) => cell.trim()).join(' | ')} |\n`
  if (state.isFirst) state.text += `|${' --- |'.repeat(cells.length)}\n`
  state.isFirst = false
  state.row = undefined
}

type Step = (state: Lists) => void

const marks: Readonly<Record<string, Step>> = Object.fromEntries(
  Object.entries(AROUND).map(([name, mark]) => [name, (state: Lists) => put(state, mark)]),
)

const blocks: Readonly<Record<string, Step>> = Object.fromEntries(
  'p h1 h2 h3 h4 h5 h6 blockquote pre caption dl dt dd'.split(' ').map((name) => [name, paragraph]),
)

const OPENING: Readonly<Record<string, Step>> = {
  ...marks,
  ...blocks,
  br: (state) => {
    if (state.row === undefined) state.text += '\n'
    else put(state, ' ')
  },
  ul: (state) => {
    state.text = `${state.text.trimEnd()}\n`
    state.lists.push(undefined)
  },
  ol: (state) => {
    state.text = `${state.text.trimEnd()}\n`
    state.lists.push(1)
  },
  li: item,
  table: (state) => {
    paragraph(state)
    state.isFirst = true
  },
  tr: (state) => void (state.row = []),
  th: (state) => void state.row?.push(''),
  td: (state) => void state.row?.push(''),
}

const CLOSING: Readonly<Record<string, Step>> = {
  ...marks,
  ...blocks,
  ul: closeList,
  ol: closeList,
  tr: endRow,
  table: paragraph,
}

function closeList(state: Lists): void {
  state.lists.pop()
  paragraph(state)
}
