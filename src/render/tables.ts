/** Entries of one type as a table: a row each, with the columns of the type; columns that nothing is in are left out. */

import type { Resource } from '../fhir/types.ts'
import type { Beside, CellView, LineView, RowView, Scene, TableView } from './blocks.ts'
import { isSubject, type Document } from './document.ts'
import { marksBesideGenerated } from './marks.ts'
import { findTarget, summary, wordingFor, type Target } from './refer.ts'
import { cellsOf, type RowCells } from './resource.ts'
import type { Row } from './rows.ts'
import { labelOf, objects } from './wording.ts'
import type { Reference } from '../fhir/types.ts'

/** What a table is told beside its entries. */
export interface TableOptions {
  readonly row: Row
  /** Else the name of the type. */
  readonly caption?: string
  /** Entries that a row stands for beside its own, and what else is to be said of it. */
  readonly besides?: (target: Target) => Beside
  /** Elements that are told elsewhere. */
  readonly told?: readonly string[]
}

const NOTHING: Beside = { alike: [], marks: [] }

/** The table of entries of one type. */
export function tableOf(targets: readonly Target[], options: TableOptions, scene: Scene): TableView {
  const { document } = scene
  const { phrase } = document.reader.parts
  const { row, caption, besides = () => NOTHING, told = [] } = options
  const made = targets.map((target) => {
    const wording = wordingFor(document.reader, target.holder)
    const { alike, marks } = besides(target)
    const cells = cellsOf(target.resource, row, [...sharedElements(target, document), ...told], wording)
    return { target, alike, cells, marks: marksBesideGenerated(target, document), own: marks }
  })
  const used = row.columns.map(
    (_, index) => index === 0 || made.some(({ cells }) => cells.lines.some((line) => isFilled(line.cells[index]))),
  )
  const shared =
    made.length > 1 ? (made[0]?.marks ?? []).filter((mark) => made.every((one) => one.marks.includes(mark))) : []
  const isOnce = row.columns.map(({ ofEach }) => ofEach !== true)
  return {
    caption: caption ?? labelOf('', targets[0]?.resource.resourceType ?? '', document.reader.parts),
    ...(caption !== undefined && { isCaptionData: true }),
    columns: row.columns.filter((_, index) => used[index]).map(({ title }) => phrase(`column.${title}`)),
    rows: made.map(({ target, alike, cells, marks, own: further }): RowView => {
      const own = [...marks.filter((mark) => !shared.includes(mark)), ...further]
      const lines = linesOf(cells, { used, isOnce, head: nameOf(target, document), marks: own })
      return { lines: withId(lines, scene.links?.idOf(target, ...alike)), details: cells.details }
    }),
    marks: shared.map((mark) => phrase('labelled', { label: phrase('mark.all'), value: mark })),
  }
}

function withId([first, ...others]: readonly LineView[], id: string | undefined): readonly LineView[] {
  return first === undefined ? [] : [{ ...first, id }, ...others]
}

function isFilled(cell: CellView | undefined): boolean {
  return cell !== undefined && cell.items.length > 0
}

interface Layout {
  readonly used: readonly boolean[]
  /** By column: it stands once in a row, however many lines that has. */
  readonly isOnce: readonly boolean[]
  /** Where the first column has nothing. */
  readonly head: string
  readonly marks: readonly string[]
}

function linesOf({ lines }: RowCells, { used, isOnce, head, marks }: Layout): readonly LineView[] {
  const span = lines.length > 1 ? { span: lines.length } : {}
  return lines.map(({ cells }, at): LineView => {
    const [first, ...others] = cells
    const shownCells = others.flatMap((cell, index): readonly CellView[] => {
      if (used[index + 1] !== true) return []
      if (isOnce[index + 1] !== true) return [cell]
      return at === 0 ? [{ ...cell, ...span }] : []
    })
    if (at > 0) return { cells: shownCells }
    const items = first !== undefined && isFilled(first) ? first.items : [{ text: head }]
    return { head: { items, marks, ...span }, cells: shownCells }
  })
}

function nameOf({ resource, holder }: Target, { reader }: Document): string {
  return summary(resource, wordingFor(reader, holder, 1))
}

/** Elements that say of an entry what the header says of the whole document. */
export function sharedElements({ resource, holder }: Target, document: Document): readonly string[] {
  const { index } = document.reader
  return ['subject', 'patient', 'encounter'].filter((name) => {
    const reference = resource[name]
    if (typeof reference !== 'object' || reference === null) return false
    const target = findTarget(index, reference as Reference, holder)
    if (typeof target === 'string') return false
    return name === 'encounter' ? isEncounter(target.resource, document) : isSubject(document, target.resource)
  })
}

function isEncounter(resource: Resource, { composition, holder, reader }: Document): boolean {
  const target = findTarget(reader.index, objects(composition.encounter)[0] ?? {}, holder)
  return typeof target !== 'string' && target.resource === resource
}
