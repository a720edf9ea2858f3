/** Parts of resources, marked as such. @see https://hl7.org/fhir/R4/search.html#summary */

import type { ElementModel, Model } from '../../fhir/model.ts'
import { isObject, type Json, type JsonObject, type Resource } from '../../fhir/types.ts'
import type { SearchResult } from '../../ports.ts'
import type { Pairs } from '../parameters.ts'
import { SUBSETTED } from './admission.ts'

/** Which elements are wanted. */
export type Shape = SearchResult['shape']

type Wanted = (name: string, element: ElementModel) => boolean

const ALWAYS = new Set(['resourceType', 'id', 'meta'])

/** Elements without which others are misread are never left out. */
function isNeeded({ required, modifier }: ElementModel): boolean {
  return required === true || modifier === true
}

const SUMMARIES: Readonly<Record<string, Wanted>> = {
  true: (_, element) => element.summary === true || isNeeded(element),
  text: (name, element) => name === 'text' || isNeeded(element),
  data: (name) => name !== 'text',
}

/** The resource with the elements wanted, tagged SUBSETTED; the resource itself where all are. */
export function subset(resource: Resource, { summary, elements }: Shape, model: Model): Resource {
  const { resourceType } = resource
  const wanted = elements === undefined ? SUMMARIES[summary ?? ''] : among(elements, resourceType)
  if (wanted === undefined) return resource
  const kept = filtered(resource, resourceType, { wanted, isDeep: elements === undefined && summary === 'true' }, model)
  const { tag = [], ...meta } = resource.meta ?? {}
  return { ...kept, resourceType, meta: { ...meta, tag: [...tag, SUBSETTED] } }
}

function among(elements: readonly string[], resourceType: string): Wanted {
  const names = new Set(
    elements.map((each) => (each.startsWith(`${resourceType}.`) ? each.slice(resourceType.length + 1) : each)),
  )
  return (name, element) => names.has(name) || names.has(element.choice ?? name) || isNeeded(element)
}

interface Filter {
  readonly wanted: Wanted
  /** Whether elements of elements are left out too. */
  readonly isDeep: boolean
}

function filtered(object: JsonObject, type: string, filter: Filter, model: Model): JsonObject {
  const elements = model.types[type]?.elements ?? {}
  const kept = Object.entries(object).flatMap(([name, value]): [string, Json | undefined][] => {
    if (ALWAYS.has(name)) return [[name, value]]
    const own = name.startsWith('_') ? name.slice(1) : name
    const element = Object.hasOwn(elements, own) ? elements[own] : undefined
    if (element === undefined || !filter.wanted(own, element)) return []
    const isBackbone = filter.isDeep && model.types[element.type]?.kind === 'backbone' && own === name
    return [[name, isBackbone ? below(value, (each) => filtered(each, element.type, filter, model)) : value]]
  })
  return Object.fromEntries(kept)
}

function below(value: Json | undefined, of: (object: JsonObject) => JsonObject): Json | undefined {
  if (Array.isArray(value)) return (value as readonly Json[]).map((each) => (isObject(each) ? of(each) : each))
  return isObject(value) ? of(value) : value
}

/** The elements that the parameters of a read ask for. */
export function shapeOf(query: Pairs): Shape {
  const given = new Map(query)
  const elements = (given.get('_elements') ?? '').split(',').filter((name) => name !== '')
  const summary = (['true', 'text', 'data'] as const).find((each) => each === given.get('_summary'))
  return { ...(summary !== undefined && { summary }), ...(elements.length > 0 && { elements }) }
}
