/**
 * Most tags of a page are the cells of its tables and the words in them, which Chromium writes in one way each: they are
 * looked at, and changed, as text. What is written otherwise is none of them.
 */

import { dictOf, PdfRef, PdfUnread, resolved, type PdfDict, type PdfDocument } from '../../pdf/objects.ts'

/** How all tags begin. */
export const TAG = '<</Type /StructElem\n'

const WORDS = /^<<\/Type \/StructElem\n\/S \/NonStruct\n\/P \d+ 0 R(\n\/Pg \d+ 0 R\n\/K \d+)>>$/

/** Where the words are that a tag holds and nothing else; undefined where it is another. */
export function wordsOf(object: unknown): string | undefined {
  return object instanceof PdfUnread ? WORDS.exec(object.text)?.[1] : undefined
}

/** A cell that has only what most have. */
export interface PlainCell {
  readonly object: PdfUnread
  /** All up to what it holds. */
  readonly head: string
  /** How it says what it holds. */
  readonly content: string
  readonly kids: readonly number[]
  /** The ids of its headers. */
  readonly headers: readonly string[]
  readonly rows: number
  readonly columns: number
}

const CELL =
  /^(<<\/Type \/StructElem\n\/S \/TD\n\/P \d+ 0 R)(\n\/K (?:\d+ 0 R|\[(?:\d+ 0 R ?)+\]))\n\/A \[(?:<<\/O \/Table\n\/Headers \[((?:\(node\d+\) ?)+)\]>> )?<<\/O \/Table\n\/RowSpan (\d{1,4})>> <<\/O \/Table\n\/ColSpan (\d{1,4})>>\]>>$/

/** Undefined where the object is something else, or a cell with more. */
export function plainCell(object: unknown): PlainCell | undefined {
  if (!(object instanceof PdfUnread)) return undefined
  const [, head, content = '', headers = '', rows, columns] = CELL.exec(object.text) ?? []
  if (head === undefined) return undefined
  return {
    object,
    head,
    content,
    kids: Array.from(content.matchAll(/(\d+) 0 R/g), ([, number]) => Number(number)),
    headers: headers.match(/node\d+/g) ?? [],
    rows: Number(rows) || 1,
    columns: Number(columns) || 1,
  }
}

/** What changes in plain cells. */
export interface CellChanges {
  /** New ids of headers, by the old ones. */
  readonly ids: ReadonlyMap<string, string>
  /** By the number of a tag around words: that of the cell which holds them itself now. */
  readonly moved: Map<number, number>
}

/** Writes a cell shorter: its words without a tag of their own, its headers by their new ids, no span that goes without saying. */
export function rewriteCell({ objects }: PdfDocument, number: number, cell: PlainCell, changes: CellChanges): void {
  const { object, head, content, kids, headers, rows, columns } = cell
  const [only, ...others] = kids
  const words = only === undefined || others.length > 0 ? undefined : wordsOf(objects.get(only))
  if (words !== undefined && only !== undefined) changes.moved.set(only, number)
  const known = headers.flatMap((header) => changes.ids.get(header) ?? []).map((id) => `(${id})`)
  const attributes = [
    ...(known.length > 0 ? [`/Headers [${known.join(' ')}]`] : []),
    ...(rows === 1 ? [] : [`/RowSpan ${rows}`]),
    ...(columns === 1 ? [] : [`/ColSpan ${columns}`]),
  ]
  const said = attributes.length === 0 ? '' : `\n/A <</O /Table\n${attributes.join('\n')}>>`
  objects.set(number, object.with(`${head}${words ?? content}${said}>>`))
}

/** Lets the pages find the tags that hold their words now. @see ISO 32000-1:2008, 14.7.4.4 */
export function followMoved(document: PdfDocument, root: PdfDict, moved: ReadonlyMap<number, number>): void {
  const pending = [root.get('ParentTree') ?? null]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const node = dictOf(document, next)
    const [kids, entries] = [resolved(document, node?.get('Kids')), resolved(document, node?.get('Nums'))]
    if (Array.isArray(kids)) pending.push(...kids)
    if (!Array.isArray(entries)) continue
    for (const tags of [entries, ...entries.map((entry) => resolved(document, entry))])
      if (Array.isArray(tags))
        for (const [at, tag] of tags.entries()) {
          const cell = tag instanceof PdfRef ? moved.get(tag.number) : undefined
          if (cell !== undefined) tags[at] = new PdfRef(cell)
        }
  }
}
