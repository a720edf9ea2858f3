/** Tables of the tags: every row spans as many columns as the widest. @see ISO 14289-1:2014, 7.5 */

import {
  added,
  dictOf,
  nameOf,
  pdfDict,
  pdfName,
  PdfRef,
  resolved,
  type PdfDict,
  type PdfDocument,
  type PdfValue,
} from '../../pdf/objects.ts'
import type { PlainCell } from './cells.ts'

interface Row {
  readonly ref: PdfRef
  readonly dict: PdfDict
  readonly cells: readonly Cell[]
  /** How many columns it spans, with the cells that reach down into it. */
  width: number
}

interface Cell {
  readonly ref: PdfRef
  readonly rows: number
  readonly columns: number
}

/**
 * Lets the last cell of each shorter row span what is missing: a row that is written short is no less a row. One that
 * reaches down is left as it is, for it would lie over the cells of the rows below.
 */
export function mendTable(document: PdfDocument, table: PdfDict, plain: Plain = new Map()): void {
  const rows = rowsOf(document, table, plain)
  const reaching: number[] = []
  for (const [at, row] of rows.entries()) {
    row.width = reaching[at] ?? 0
    for (const { columns, rows: reach } of row.cells) {
      row.width += columns
      const down = Math.min(reach, rows.length - at)
      for (let below = 1; below < down; below += 1) reaching[at + below] = (reaching[at + below] ?? 0) + columns
    }
  }
  const widest = Math.max(0, ...rows.map(({ width }) => width))
  for (const row of rows) if (row.width < widest) widen(document, row, widest - row.width)
}

/** The cells that are known as plain, by their number. */
type Plain = ReadonlyMap<number, PlainCell>

function rowsOf(document: PdfDocument, table: PdfDict, plain: Plain): readonly Row[] {
  return kidsOf(document, table).flatMap(({ ref, dict, kind }) => {
    if (kind !== 'TR') return /^T(?:Head|Body|Foot)$/i.test(kind) ? rowsOf(document, dict, plain) : []
    return [{ ref, dict, cells: heldBy(document, dict).flatMap((kid) => cellOf(document, kid, plain)), width: 0 }]
  })
}

function cellOf(document: PdfDocument, ref: PdfValue, plain: Plain): readonly Cell[] {
  if (!(ref instanceof PdfRef)) return []
  const known = plain.get(ref.number)
  if (known !== undefined) return [{ ref, rows: known.rows, columns: known.columns }]
  const dict = dictOf(document, ref)
  const kind = nameOf(document, dict, 'S')
  if (dict === undefined || (kind !== 'TH' && kind !== 'TD')) return []
  return [{ ref, rows: spanOf(document, dict, 'RowSpan'), columns: spanOf(document, dict, 'ColSpan') }]
}

interface Kid {
  readonly ref: PdfRef
  readonly dict: PdfDict
  readonly kind: string
}

function kidsOf(document: PdfDocument, parent: PdfDict): readonly Kid[] {
  return heldBy(document, parent).flatMap((ref) => {
    const dict = dictOf(document, ref)
    const kind = nameOf(document, dict, 'S')
    return ref instanceof PdfRef && dict !== undefined && kind !== undefined ? [{ ref, dict, kind }] : []
  })
}

function heldBy(document: PdfDocument, parent: PdfDict): readonly PdfValue[] {
  const held = resolved(document, parent.get('K'))
  return Array.isArray(held) ? held : [parent.get('K') ?? null]
}

/** The attributes of tables that a cell has, one dictionary or several; it may have some of other owners. */
export function tableAttributes(document: PdfDocument, cell: PdfDict): readonly PdfDict[] {
  const held = resolved(document, cell.get('A'))
  const all: readonly PdfValue[] = Array.isArray(held) ? held : [held]
  return all
    .map((one) => dictOf(document, one))
    .filter((one): one is PdfDict => one !== undefined && nameOf(document, one, 'O') === 'Table')
}

function spanOf(document: PdfDocument, cell: PdfDict, name: 'ColSpan' | 'RowSpan'): number {
  const holder = tableAttributes(document, cell).find((one) => one.has(name))
  const span = resolved(document, holder?.get(name))
  return typeof span === 'number' && span > 0 && span < 10_000 ? span : 1
}

function widen(document: PdfDocument, { ref, dict, cells }: Row, missing: number): void {
  const last = dictOf(document, cells.findLast(({ rows }) => rows === 1)?.ref)
  if (last === undefined) {
    const cell = pdfDict({ Type: pdfName('StructElem'), S: pdfName('TD'), P: ref, A: spanning(missing) })
    dict.set('K', [...heldBy(document, dict).filter((kid) => kid !== null), added(document, cell)])
    return
  }
  const attributes = tableAttributes(document, last)
  const own = attributes.find((one) => one.has('ColSpan')) ?? attributes[0]
  const span = spanOf(document, last, 'ColSpan') + missing
  if (own !== undefined) own.set('ColSpan', span)
  else last.set('A', withOther(document, last.get('A'), spanning(span)))
}

function spanning(columns: number): PdfDict {
  return pdfDict({ O: pdfName('Table'), ColSpan: columns })
}

function withOther(document: PdfDocument, held: PdfValue | undefined, own: PdfDict): PdfValue {
  if (held === undefined) return own
  const list = resolved(document, held)
  return Array.isArray(list) ? [...list, own] : [held, own]
}
