/** The medication at discharge beside that at admission: a row for each medicine, with what became of it and why. */

import { compareMedication, type Change, type MedicineRow } from '../fhir/medication-comparison.ts'
import type { TreatmentRecord } from '../fhir/medicine.ts'
import type { Issue } from '../fhir/issue.ts'
import type { Reference, Section } from '../fhir/types.ts'
import type { Block, CellView, RowView, Scene } from './blocks.ts'
import { generate, type Generated } from './entries.ts'
import { marksBesideGenerated } from './marks.ts'
import { findTarget, titleOf, wordingFor, type Target } from './refer.ts'
import { cellsOf, type Item } from './resource.ts'
import { ROWS, type Column } from './rows.ts'
import { missingSentence, refusal } from './sentences.ts'
import { sharedElements } from './tables.ts'
import { joined, objects, plainText } from './wording.ts'

/** By the LOINC code of a section of medication at discharge, that of the section within it that has those at admission. */
const COMPARED: Readonly<Record<string, string>> = { '75311-1': '42346-7', '10183-2': '42346-7' }

/** The section within a section whose entries its own are compared with; undefined where there is none. */
export function comparedWith(section: Section): Section | undefined {
  const wanted = codesOf(section).map((code) => COMPARED[code])
  const below = objects(section.section) as readonly Section[]
  return below.find((one) => codesOf(one).some((code) => wanted.includes(code)))
}

function codesOf({ code }: Section): readonly string[] {
  return objects(code).flatMap(({ coding }) => objects(coding).map((one) => plainText(one['code'])))
}

interface Side {
  readonly targets: readonly Target[]
  readonly blocks: readonly Block[]
  readonly issues: readonly Issue[]
}

/** The table of the medicines of two sections; what is no treatment, or cannot be shown, follows it. */
export function medicationChanges(before: Section, after: Section, scene: Scene): Generated {
  const sides = [sideOf(before, scene), sideOf(after, scene)] as const
  const targetOf = new Map(sides.flatMap(({ targets }) => targets.map((target) => [target.resource, target] as const)))
  const records = sides.map(({ targets }) => targets.map((target) => recordOf(target, scene)))
  const rows = compareMedication(records[0] ?? [], records[1] ?? [])
  const rest = sides.flatMap(({ blocks }) => blocks)
  const issues = sides.flatMap((side) => side.issues)
  if (rows.length === 0) return { blocks: rest, issues }
  const { phrase } = scene.document.reader.parts
  const find = ({ resource }: TreatmentRecord): Target => targetOf.get(resource) as Target
  const table = {
    caption: phrase('change.caption'),
    columns: ['medication', 'change', 'admission', 'discharge', 'reason'].map((name) => phrase(`column.${name}`)),
    rows: rows.map((row) => rowView(row, find, scene)),
    marks: [],
  }
  return { blocks: [{ table }, ...rest], issues }
}

const TREATMENTS = new Set(['MedicationRequest', 'MedicationStatement'])

function sideOf({ entry }: Section, scene: Scene): Side {
  const { document } = scene
  const references = objects(entry) as readonly Reference[]
  const targets: Target[] = []
  const others: Reference[] = []
  const issues: Issue[] = []
  const blocks: Block[] = []
  for (const reference of references) {
    const target = findTarget(document.reader.index, reference, document.holder)
    if (typeof target === 'string') {
      blocks.push({ sentence: missingSentence(reference, target, document) })
      continue
    }
    const refused = refusal(target, reference, document)
    if (refused !== undefined) {
      issues.push(...refused.issues)
      blocks.push({ sentence: refused.sentence })
    } else if (TREATMENTS.has(target.resource.resourceType)) targets.push(target)
    else others.push(reference)
  }
  const made = generate(others, scene)
  return { targets, blocks: [...made.blocks, ...blocks], issues: [...issues, ...made.issues] }
}

function recordOf({ resource, holder }: Target, { document }: Scene): TreatmentRecord {
  const [reference] = objects(resource['medicationReference'])
  const target = reference === undefined ? 'no-reference' : findTarget(document.reader.index, reference, holder)
  return { resource, medication: typeof target === 'string' ? undefined : target.resource }
}

type Find = (record: TreatmentRecord) => Target

function rowView(row: MedicineRow, find: Find, scene: Scene): RowView {
  const [before, after] = [row.before.map(find), row.after.map(find)]
  const [first] = [...after, ...before]
  const head = first === undefined ? [] : nameItems(first, scene)
  const cells = [
    { items: changeItems(row, find, scene) },
    sideCell(before, head, scene),
    sideCell(after, head, scene),
    { items: reasonItems(after.length > 0 ? after : before, scene) },
  ]
  return { lines: [{ head: { items: head }, cells }], details: detailsOf(before, after, scene) }
}

/** Changes that the reader must not overlook. */
const GRAVE: ReadonlySet<Change> = new Set(['new', 'changed', 'stopped', 'paused', 'unclear'])

function changeItems(
  { change, aspects, before, after, perhaps }: MedicineRow,
  find: Find,
  { document }: Scene,
): readonly Item[] {
  const { phrase } = document.reader.parts
  const word = phrase(`change.${change}`)
  const names = joined(aspects.map((aspect) => phrase(`aspect.${aspect}`)))
  const text = names === '' ? word : phrase('labelled', { label: word, value: names })
  const others = joined([...new Set(perhaps.map((record) => titleFor(find(record), document)))], '; ')
  const isCarried = change === 'unchanged' && after.every((record) => before.includes(record))
  return [
    { text, isComputed: true, ...(GRAVE.has(change) && { strong: true }) },
    ...(others === '' ? [] : [{ text: phrase('change.perhaps', { titles: others }), isComputed: true } as const]),
    ...(isCarried ? [{ text: phrase('change.carried'), isComputed: true } as const] : []),
  ]
}

function titleFor({ resource, holder }: Target, { reader }: Scene['document']): string {
  return titleOf(resource, wordingFor(reader, holder, 1))
}

const NAME: Column = { title: 'medication', elements: ['medication'] }
const REASON: Column = {
  title: 'reason',
  elements: ['statusReason', 'reasonCode', 'reasonReference', 'note'],
  bare: true,
}

function cellItems(target: Target, column: Column, { document }: Scene): readonly Item[] {
  const wording = wordingFor(document.reader, target.holder)
  return cellsOf(target.resource, { columns: [column] }, [], wording).lines[0]?.cells[0]?.items ?? []
}

function nameItems(target: Target, scene: Scene): readonly Item[] {
  const items = cellItems(target, NAME, scene)
  return items.length > 0 ? items : [{ text: titleFor(target, scene.document) }]
}

function reasonItems(targets: readonly Target[], scene: Scene): readonly Item[] {
  const all = targets.flatMap((target) => cellItems(target, REASON, scene))
  return all.filter((item, place) => all.findIndex(({ text }) => text === item.text) === place)
}

/** How a medicine is taken, of each record; its name where that is not the one of the row. */
function sideCell(targets: readonly Target[], head: readonly Item[], scene: Scene): CellView {
  const { phrase } = scene.document.reader.parts
  if (targets.length === 0) return { items: [{ text: phrase('diff.none') }] }
  const items = targets.flatMap((target): readonly Item[] => {
    const name = nameItems(target, scene)
    const isOther = joined(name.map(({ text }) => text)) !== joined(head.map(({ text }) => text))
    return [...(isOther ? name : []), ...takenItems(target, scene)]
  })
  const marks = [...new Set(targets.flatMap((target) => marksBesideGenerated(target, scene.document)))]
  const id = scene.links?.idOf(...targets)
  return { items, marks, ...(id !== undefined && { id }) }
}

/** How it is taken; that it is not taken says enough where no dosage is recorded. */
function takenItems(target: Target, scene: Scene): readonly Item[] {
  const unusual = unusualItems(target, scene)
  const dosage = dosageItems(target, scene)
  if (dosage.length > 0 || unusual.length > 0) return [...dosage, ...unusual]
  return [{ text: scene.document.reader.parts.phrase('change.no-dosage') }]
}

function dosageItems(target: Target, { document }: Scene): readonly Item[] {
  const wording = wordingFor(document.reader, target.holder)
  const row = ROWS[target.resource.resourceType]
  if (row?.each === undefined || objects(target.resource[row.each]).length === 0) return []
  const columns = row.columns.filter(({ ofEach }) => ofEach === true)
  const { lines } = cellsOf(target.resource, { each: row.each, columns }, [], wording)
  return lines.map(({ cells }) => {
    const items = cells.flatMap((cell) => cell.items)
    const told = items.map(({ label, text, items: below }) => [
      label,
      text ?? joined(below?.map((one) => one.text) ?? []),
    ])
    return {
      text: joined(told.map(([label, text]) => (label === undefined ? text : `${label}: ${text ?? ''}`))),
      strong: items.some(({ strong }) => strong === true),
    }
  })
}

const STATUS: Column = { title: 'status', elements: ['status', 'doNotPerform', 'intent'], bare: true }

/** What turns the meaning of a record stands beside its dosage, not only among the details. */
function unusualItems(target: Target, scene: Scene): readonly Item[] {
  return cellItems(target, STATUS, scene).filter(({ strong }) => strong === true)
}

/** All that the columns do not tell, of each record; once for one that stands on both sides. */
function detailsOf(before: readonly Target[], after: readonly Target[], scene: Scene): readonly Item[] {
  const { phrase } = scene.document.reader.parts
  const told = after.length > 0 ? after : before
  const labelled = (targets: readonly Target[], label: string): readonly Item[] =>
    targets.flatMap((target) => {
      const items = restOf(target, told.includes(target), scene)
      return items.length === 0 ? [] : [{ label, items }]
    })
  const both = before.filter((target) => after.includes(target))
  return [
    ...both.flatMap((target) => restOf(target, true, scene)),
    ...labelled(
      before.filter((target) => !both.includes(target)),
      phrase('column.admission'),
    ),
    ...labelled(
      after.filter((target) => !both.includes(target)),
      phrase('column.discharge'),
    ),
  ]
}

function restOf(target: Target, isReasonTold: boolean, { document }: Scene): readonly Item[] {
  const { resource } = target
  const wording = wordingFor(document.reader, target.holder)
  const { each } = ROWS[resource.resourceType] ?? {}
  const columns = isReasonTold ? [NAME, REASON] : [NAME]
  const dosage = each === undefined ? [] : [each]
  return cellsOf(resource, { columns }, [...sharedElements(target, document), ...dosage], wording).details
}
