/** Entries as tables and lists made for display from their data, in the order of the section; none is ever left out. */

import type { Issue } from '../fhir/issue.ts'
import type { Reference } from '../fhir/types.ts'
import { isSubject, type Document } from './document.ts'
import { own } from './locale.ts'
import { marksBesideGenerated } from './marks.ts'
import { unknownModifierIssue, unknownModifiers } from './modifiers.ts'
import { findTarget, summary, wordingFor, type Missing, type Target } from './refer.ts'
import { cellsOf, itemsOf, type Cell, type Item } from './resource.ts'
import { ROWS, type Row } from './rows.ts'
import { joined, labelOf, objects, plainText, type Wording } from './wording.ts'

export interface TableView {
  readonly caption: string
  readonly columns: readonly string[]
  readonly rows: readonly RowView[]
  /** What is true of every row. */
  readonly marks: readonly string[]
}

export interface RowView {
  readonly head: Cell
  readonly cells: readonly Cell[]
  readonly details: readonly Item[]
  readonly marks: readonly string[]
}

export interface ListView {
  readonly type: string
  readonly title: string
  readonly items: readonly Item[]
  readonly marks: readonly string[]
}

/** One of: a table of entries of one type, a list of one entry, or a sentence on an entry that cannot be shown. */
export interface Block {
  readonly table?: TableView
  readonly list?: ListView
  readonly sentence?: string
}

export interface Generated {
  readonly blocks: readonly Block[]
  readonly issues: readonly Issue[]
}

/** The entries that references of the Composition name; entries of one type that follow each other make one table. */
export function generate(references: readonly Reference[], document: Document): Generated {
  const { reader, holder } = document
  const issues: Issue[] = []
  const groups: Group[] = []
  for (const reference of references) {
    const target = findTarget(reader.index, reference, holder)
    const refused = typeof target === 'string' ? undefined : refusal(target, reference, document)
    if (refused !== undefined) issues.push(...refused.issues)
    const sentence = typeof target === 'string' ? missingSentence(reference, target, document) : refused?.sentence
    const last = groups.at(-1)
    if (sentence !== undefined) groups.push({ sentence })
    else if (typeof target !== 'string') {
      const { resourceType } = target.resource
      if (last !== undefined && 'targets' in last && last.type === resourceType) last.targets.push(target)
      else groups.push({ type: resourceType, targets: [target] })
    }
  }
  return { blocks: groups.flatMap((group) => blocksOf(group, document)), issues }
}

type Group = { readonly sentence: string } | { readonly type: string; readonly targets: Target[] }

function blocksOf(group: Group, document: Document): readonly Block[] {
  if (!('targets' in group)) return [group]
  const row = own(ROWS, group.type)
  if (row === undefined) return group.targets.map((target) => ({ list: listOf(target, document) }))
  return [{ table: tableOf(group.type, group.targets, row, document) }]
}

/** All elements of a resource but those that the page tells elsewhere. */
export function listOf(target: Target, document: Document, told: readonly string[] = []): ListView {
  const { resource, holder } = target
  const wording = wordingFor(document.reader, holder)
  const items = itemsOf(
    resource,
    resource.resourceType,
    new Set([...sharedElements(target, document), ...told]),
    wording,
  )
  const title = summary(resource, wordingFor(document.reader, holder, 1))
  return {
    type: labelOf('', resource.resourceType, wording),
    title,
    items,
    marks: marksBesideGenerated(target, document),
  }
}

function tableOf(type: string, targets: readonly Target[], row: Row, document: Document): TableView {
  const { phrase } = document.reader.parts
  const rows = targets.map((target): RowView => {
    const wording = wordingFor(document.reader, target.holder)
    const { cells: all, details } = cellsOf(target.resource, row, sharedElements(target, document), wording)
    const [head, ...cells] = all
    const isNamed = head !== undefined && head.items.length > 0
    const name = { items: [{ text: summary(target.resource, wordingFor(document.reader, target.holder, 1)) }] }
    return { head: isNamed ? head : name, cells, details, marks: marksBesideGenerated(target, document) }
  })
  const used = rows.reduce(
    (most, { cells }) => cells.map((cell, index) => (most[index] ?? false) || cell.items.length > 0),
    [] as boolean[],
  )
  const [first, ...titles] = row.columns.map(({ title }) => phrase(`column.${title}`))
  const shared =
    rows.length > 1 ? (rows[0]?.marks ?? []).filter((mark) => rows.every(({ marks }) => marks.includes(mark))) : []
  return {
    caption: labelOf('', type, document.reader.parts),
    columns: [first ?? '', ...titles.filter((_, index) => used[index])],
    rows: rows.map(({ head, cells, details, marks }) => ({
      head,
      details,
      cells: cells.filter((_, index) => used[index]),
      marks: marks.filter((mark) => !shared.includes(mark)),
    })),
    marks: shared.map((mark) => phrase('labelled', { label: phrase('mark.all'), value: mark })),
  }
}

/** Elements that say of an entry what the header says of the whole document. */
function sharedElements({ resource, holder }: Target, document: Document): readonly string[] {
  const { index } = document.reader
  return ['subject', 'patient', 'encounter'].filter((name) => {
    const reference = resource[name]
    if (typeof reference !== 'object' || reference === null) return false
    const target = findTarget(index, reference as Reference, holder)
    if (typeof target === 'string') return false
    return name === 'encounter' ? isEncounter(target, document) : isSubject(document, target.resource)
  })
}

function isEncounter({ resource }: Target, { composition, holder, reader }: Document): boolean {
  const target = findTarget(reader.index, objects(composition.encounter)[0] ?? {}, holder)
  return typeof target !== 'string' && target.resource === resource
}

/** What to say, and to report, of a resource with modifiers that are not known; undefined where it has none. */
export function refusal(target: Target, reference: Reference | undefined, { reader }: Document): Refusal | undefined {
  const { resource, entry } = target
  const unknown = unknownModifiers(
    resource,
    entry === undefined ? resource.resourceType : `Bundle.entry[${entry.index}].resource`,
  )
  if (unknown.length === 0) return undefined
  const title = plainText(reference?.display) || resource.resourceType
  const url = joined(unknown.map((one) => one.url))
  return {
    sentence: reader.parts.phrase('modifier.refused', { title, url }),
    issues: unknown.map((one) => unknownModifierIssue(resource.resourceType, one)),
  }
}

export interface Refusal {
  readonly sentence: string
  readonly issues: readonly Issue[]
}

/** A sentence on an entry that the document does not hold. */
export function missingSentence(reference: Reference, reason: Missing, { reader }: Document): string {
  const { phrase } = reader.parts
  const words = [reference.display, reference.reference].map(plainText).filter(Boolean)
  const wording: Wording = wordingFor(reader, { container: { resourceType: 'Composition' } }, 9)
  const identifier = wording.show(reference.identifier, 'Identifier')
  const entry = [...words, identifier].filter(Boolean).join(' · ') || phrase('reference.nothing')
  return phrase(`entry.${reason}`, { entry })
}
