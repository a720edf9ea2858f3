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

interface Row {
  readonly ref: PdfRef
  readonly dict: PdfDict
  readonly cells: readonly PdfDict[]
  /** How many columns it spans, with the cells that reach down into it. */
  width: number
}

/** Lets the last cell of each shorter row span what is missing: a row that is written short is no less a row. */
export function mendTable(document: PdfDocument, table: PdfDict): void {
  const rows = rowsOf(document, table)
  const reaching: number[] = []
  for (const [at, row] of rows.entries()) {
    row.width = reaching[at] ?? 0
    for (const cell of row.cells) {
      const columns = spanOf(document, cell, 'ColSpan')
      row.width += columns
      const down = Math.min(spanOf(document, cell, 'RowSpan'), rows.length - at)
      for (let below = 1; below < down; below += 1) reaching[at + below] = (reaching[at + below] ?? 0) + columns
    }
  }
  const widest = Math.max(0, ...rows.map(({ width }) => width))
  for (const row of rows) if (row.width < widest) widen(document, row, widest - row.width)
}

function rowsOf(document: PdfDocument, table: PdfDict): readonly Row[] {
  return kidsOf(document, table).flatMap(({ ref, dict, kind }) => {
    if (kind !== 'TR') return /^T(?:Head|Body|Foot)$/i.test(kind) ? rowsOf(document, dict) : []
    const cells = kidsOf(document, dict).filter((cell) => cell.kind === 'TH' || cell.kind === 'TD')
    return [{ ref, dict, cells: cells.map((cell) => cell.dict), width: 0 }]
  })
}

interface Kid {
  readonly ref: PdfRef
  readonly dict: PdfDict
  readonly kind: string
}

function kidsOf(document: PdfDocument, parent: PdfDict): readonly Kid[] {
  const held = resolved(document, parent.get('K'))
  const list = Array.isArray(held) ? held : [parent.get('K') ?? null]
  return list.flatMap((ref) => {
    const dict = dictOf(document, ref)
    const kind = nameOf(document, dict, 'S')
    return ref instanceof PdfRef && dict !== undefined && kind !== undefined ? [{ ref, dict, kind }] : []
  })
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
  const last = cells.at(-1)
  if (last === undefined) {
    const cell = pdfDict({ Type: pdfName('StructElem'), S: pdfName('TD'), P: ref, A: spanning(missing) })
    dict.set('K', added(document, cell))
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
