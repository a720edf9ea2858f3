/** A resource for readers: every element in words, as the cells of a table row or as a list. */

import { elementModel } from '../fhir/model.ts'
import { isObject, type JsonObject, type Resource } from '../fhir/types.ts'
import { systemName } from './format-code.ts'
import { isUnusual, modifierNames } from './modifiers.ts'
import { isPart } from './parts.ts'
import type { Column, Row } from './rows.ts'
import { humanised, labelOf, many, objects, plainText, shown, withoutShadow, type Wording } from './wording.ts'

/** One element in words. */
export interface Item {
  readonly label?: string
  readonly text?: string
  /** It turns the meaning of the rest. */
  readonly strong?: boolean
  /** What the element is made of, where it has a structure worth showing. */
  readonly items?: readonly Item[]
}

export interface Cell {
  readonly items: readonly Item[]
}

export interface RowCells {
  readonly cells: readonly Cell[]
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

/** Every element of a resource or of a part of one, in the order it has there, but those to be left out. */
export function itemsOf(value: JsonObject, type: string, omit: ReadonlySet<string>, wording: Wording): readonly Item[] {
  const items: Item[] = []
  for (const name of new Set(Object.keys(value).map(withoutShadow))) {
    const base = elementModel(wording.model, type, name)?.choice ?? name
    if (QUIET.has(name) || omit.has(name) || omit.has(base)) continue
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

function element(value: JsonObject, type: string, name: string, wording: Wording): readonly Item[] {
  const model = elementModel(wording.model, type, name)
  const label = labelOf(type, name, wording)
  const areParts =
    model !== undefined && wording.model.types[model.type]?.kind === 'backbone' && many(value[name]).every(isObject)
  if (areParts && !isPart(model.type)) return structure(value, name, { label, type: model.type }, wording)
  if (areParts && model.type === QUESTION) return objects(value[name]).map((item) => question(item, wording))
  const text = shown(value, type, name, wording)
  return text === '' ? [] : [{ label, text, strong: model?.modifier === true && isUnusual(name, value[name]) }]
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
  const text = shown(item, QUESTION, 'answer', wording)
  const below = objects(item['item']).map((one) => question(one, wording))
  const rest = itemsOf(item, QUESTION, new Set(['linkId', 'text', 'answer', 'item', 'definition']), wording)
  const items = [...rest, ...below]
  return { label, ...(text !== '' && { text }), ...(items.length > 0 && { items }) }
}

/** The cells of a resource's row, and as details all that the columns do not show. */
export function cellsOf(resource: Resource, { columns }: Row, left: readonly string[], wording: Wording): RowCells {
  const cells = columns.map((column) => ({ items: columnItems(resource, column, wording) }))
  const told = new Set([...columns.flatMap(({ elements }) => elements), ...left, 'identifier'])
  return { cells, details: itemsOf(resource, resource.resourceType, told, wording) }
}

function columnItems(resource: Resource, { elements, bare }: Column, wording: Wording): readonly Item[] {
  const { resourceType } = resource
  return elements.flatMap((name, index) => {
    const text = shown(resource, resourceType, name, wording)
    if (text === '') return []
    const strong = isModifier(resourceType, name, wording) && isUnusual(name, resource[name])
    const isBare = index === 0 || (bare === true && typeof resource[name] !== 'boolean')
    return [{ ...(!isBare && { label: labelOf(resourceType, name, wording) }), text, strong }]
  })
}

function isModifier(type: string, name: string, { model }: Wording): boolean {
  return modifierNames(type, model).includes(name)
}
