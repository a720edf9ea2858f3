/** A resource for readers: every element in words, as the cells of a table row or as a list. */

import { telling } from './cell-memo.ts'
import { elementModel } from '../fhir/model.ts'
import { isObject, type JsonObject, type Resource } from '../fhir/types.ts'
import { systemName } from './format-code.ts'
import { isStatedAbsence } from './absences.ts'
import { DOSAGE_PARTS } from './format-dosage.ts'
import { own } from './locale.ts'
import { isNotTaken, isUnusual, modifierNames } from './modifiers.ts'
import { isPart } from './parts.ts'
import { isOutOfOrder, rangeFlags } from './ranges.ts'
import type { Column, Row } from './rows.ts'
import {
  choiceNames,
  humanised,
  labelOf,
  many,
  objects,
  plainText,
  shown,
  withoutShadow,
  type Wording,
} from './wording.ts'

/** One element in words. */
export interface Item {
  readonly label?: string
  readonly text?: string
  /** It turns the meaning of the rest. */
  readonly strong?: boolean
  /** What the element is made of, where it has a structure worth showing. */
  readonly items?: readonly Item[]
  /** The text is markdown. */
  readonly isMarkdown?: true
  /** It stands in no data, but follows from some. */
  readonly isComputed?: true
}

export interface Cell {
  readonly items: readonly Item[]
}

export interface RowCells {
  readonly lines: readonly Line[]
  readonly details: readonly Item[]
}

/** Never shown of a resource: what is for machines, and what is told by other means. */
const QUIET = new Set([
  'id',
  'meta',
  'text',
  'language',
  'resourceType',
  'contained',
  'implicitRules',
  'modifierExtension',
])

/** Never shown of a part of a resource, whose `text` is what somebody wrote. */
const QUIET_IN_PARTS = new Set(['id', 'modifierExtension'])

/** Every element of a resource or of a part of one, in the order it has there, but those to be left out. */
export function itemsOf(value: JsonObject, type: string, omit: ReadonlySet<string>, wording: Wording): readonly Item[] {
  const items: Item[] = []
  const quiet = wording.model.types[type]?.kind === 'resource' ? QUIET : QUIET_IN_PARTS
  for (const name of new Set(Object.keys(value).map(withoutShadow))) {
    const base = elementModel(wording.model, type, name)?.choice ?? name
    if (quiet.has(name) || omit.has(name) || omit.has(base)) continue
    if (name === 'extension') items.push(...extensions(value, wording))
    else items.push(...element(value, type, name, wording))
  }
  return items
}

/** An extension stands like an element, by the last part of its address. */
function extensions(value: JsonObject, wording: Wording): readonly Item[] {
  return objects(value['extension']).map((extension) => {
    const label = humanised(systemName(plainText(extension['url'])).replaceAll('-', ' '))
    const text = wording.show(extension, 'Extension')
    return { label, text: text.slice(text.indexOf(': ') + 2) }
  })
}

/** @see https://hl7.org/fhir/R4/datatypes.html#markdown; the text of an Annotation is such */
const MARKDOWN = new Set(['markdown', 'Annotation'])

function element(value: JsonObject, type: string, name: string, wording: Wording): readonly Item[] {
  const model = elementModel(wording.model, type, name)
  const label = labelOf(type, name, wording)
  const areParts =
    model !== undefined && wording.model.types[model.type]?.kind === 'backbone' && many(value[name]).every(isObject)
  if (areParts && !isPart(model.type)) return structure(value, name, { label, type: model.type }, wording)
  if (areParts && model.type === QUESTION) return objects(value[name]).map((item) => question(item, wording))
  const text = shown(value, type, name, wording)
  if (text === '') return []
  const strong = model?.modifier === true && isUnusual(name, value[name])
  return [{ label, text, strong, ...(MARKDOWN.has(model?.type ?? '') && !strong && { isMarkdown: true }) }]
}

interface Structure {
  readonly label: string
  readonly type: string
}

function structure(value: JsonObject, name: string, { label, type }: Structure, wording: Wording): readonly Item[] {
  return objects(value[name]).map((part) => ({ label, items: itemsOf(part, type, new Set(), wording) }))
}

const QUESTION = 'QuestionnaireResponse.item'

/** A question with its answers, and the questions below it. */
function question(item: JsonObject, wording: Wording): Item {
  const label = shown(item, QUESTION, 'text', wording) || plainText(item['linkId'])
  const { text, items: followUps } = answered(item, wording)
  const below = [...followUps, ...objects(item['item']).map((one) => question(one, wording))]
  const rest = itemsOf(item, QUESTION, new Set(['linkId', 'text', 'answer', 'item', 'definition']), wording)
  const items = [...rest, ...below]
  return { label, ...(text !== '' && { text }), ...(items.length > 0 && { items }) }
}

/** The answers, and the questions that stand below one of them: under that answer where there are several. */
function answered(item: JsonObject, wording: Wording): { readonly text: string; readonly items: readonly Item[] } {
  const answers = objects(item['answer'])
  if (answers.length < many(item['answer']).length || !answers.some((answer) => 'item' in answer))
    return { text: shown(item, QUESTION, 'answer', wording), items: [] }
  const alone = answers.map(({ item: _below, ...answer }) => answer)
  const items = answers.flatMap((answer, index): readonly Item[] => {
    const below = objects(answer['item']).map((one) => question(one, wording))
    if (below.length === 0 || answers.length === 1) return below
    return [{ label: shown({ answer: alone.slice(index, index + 1) }, QUESTION, 'answer', wording), items: below }]
  })
  return { text: shown({ answer: alone }, QUESTION, 'answer', wording), items }
}

/** The line of a part of a resource, or the first line, with all that the row has but once. */
export interface Line {
  readonly cells: readonly Cell[]
}

/** The lines of a resource's row, at least one, and as details all that the columns do not show. */
export const cellsOf = telling((resource: Resource, row: Row, left: readonly string[], wording: Wording): RowCells => {
  const { columns, each } = row
  const { resourceType } = resource
  const parts = each === undefined ? [] : objects(resource[each])
  const areParts = each !== undefined && parts.length > 0 && parts.length === many(resource[each]).length
  const partType = elementModel(wording.model, resourceType, each ?? '')?.type ?? ''
  const cellsAt = (part: JsonObject | undefined, isFirst: boolean): readonly Cell[] =>
    columns.map((column) => {
      if (column.ofEach !== true) return { items: isFirst ? columnItems(resource, column, wording) : [] }
      return { items: part === undefined ? [] : partItems(part, { type: partType, column, columns }, wording) }
    })
  const lines = (areParts ? parts : [undefined]).map((part, index) => ({ cells: cellsAt(part, index === 0) }))
  const shownElements = columns.flatMap(({ elements, ofEach }) => (ofEach === true ? [] : elements))
  const told = new Set([...shownElements, ...(areParts ? [each] : []), ...left, 'identifier'])
  return { lines, details: itemsOf(resource, resourceType, told, wording) }
})

interface PartColumn {
  readonly type: string
  readonly column: Column
  readonly columns: readonly Column[]
}

/** What a column tells of one part of a resource; `rest` is all that no column names. */
function partItems(part: JsonObject, { type, column, columns }: PartColumn, wording: Wording): readonly Item[] {
  return column.elements.flatMap((name): readonly Item[] => {
    if (name === REST) return itemsOf(part, type, new Set(columns.flatMap(toldByColumn)), wording)
    const text = own(DOSAGE_PARTS, name)?.text(part, type, wording) ?? shown(part, type, name, wording)
    return text === '' ? [] : [{ text, strong: isTurned(part, type, name, wording) }]
  })
}

const REST = 'rest'

function toldByColumn({ elements, ofEach }: Column): readonly string[] {
  return ofEach === true ? elements.flatMap((name) => own(DOSAGE_PARTS, name)?.tells ?? [name]) : []
}

function columnItems(resource: Resource, { elements, bare }: Column, wording: Wording): readonly Item[] {
  const { resourceType } = resource
  return elements.flatMap((name, index): readonly Item[] => {
    const added = addedTo(resource, name, wording)
    const text = shown(resource, resourceType, name, wording)
    if (text === '') return added
    const strong = isTurned(resource, resourceType, name, wording) || isGrave(resource, name, wording)
    const isBare = (index === 0 || bare === true) && typeof resource[name] !== 'boolean'
    return [{ ...(!isBare && { label: labelOf(resourceType, name, wording) }), text, strong }, ...added]
  })
}

/** Whether a value must not be overlooked though it modifies nothing. */
function isGrave(resource: Resource, name: string, { model }: Wording): boolean {
  const values = [name, ...choiceNames(resource, resource.resourceType, name, model)].map((one) => resource[one])
  if (name === 'adherence') return isNotTaken(resource)
  return values.some(isStatedAbsence) || (name === 'interpretation' && isOutOfOrder(resource[name]))
}

function isTurned(value: JsonObject, type: string, name: string, { model }: Wording): boolean {
  return modifierNames(type, model).includes(name) && isUnusual(name, value[name])
}

/** What is seen from several elements and stands beside one of them. */
function addedTo(resource: Resource, name: string, wording: Wording): readonly Item[] {
  if (resource.resourceType !== 'Observation' || name !== 'interpretation') return []
  return rangeFlags(resource, wording).map((text) => ({ text, strong: true, isComputed: true }))
}
