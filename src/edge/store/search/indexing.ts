/** What the search parameters of its type find in a resource, as rows of the index. */

import { memberships } from '../../../fhir/compartment.ts'
import { concernOf, labelsOf } from '../../../fhir/concern.ts'
import type { Reference, Resource } from '../../../fhir/types.ts'
import {
  innerNumber,
  parameterName,
  parameterNumber,
  searchParametersOf,
  type ParameterType,
  type SearchModel,
} from './definitions.ts'
import { containedNumber, containedReading, containedResources } from './contained.ts'
import { firstAddresses, innerResources, typeOfReference, type InnerResource } from './document-entries.ts'
import { compileExpression, type Extraction, type Focus, type Typed } from './expression.ts'
import { addressOf, type ReferenceReading } from './references.ts'
import { BESIDE, type DateRow, type Found, type IndexRows, type NumberRow } from './rows.ts'
import type { ReferenceRow, StringRow, TokenRow } from './rows.ts'
import { keyText, normalised, startOf, storable } from './texts.ts'
import { valuesOf, type Valuing } from './values.ts'

/** The rows of one resource. */
export type Indexer = (resource: Resource) => IndexRows

/** The name of the rows that say whose compartment a resource is in. */
export const COMPARTMENT = 'Resource:compartment'
/** The name of the rows that say whose a resource is that must be one patient's alone, or else nobody's. */
export const CONCERN = 'Resource:concern'
/** The name of the row of what is in nobody's record. */
export const NOBODYS = 'Resource:nobodys'
/** The name of the rows of what a resource is about or belongs to, which must be visible too. */
export const CONTEXT = 'Resource:context'
/** The name of the rows of the security labels, those inside a Bundle too. */
export const LABEL = 'Resource:label'
/** The name of the rows of the identifiers of every type. */
export const IDENTIFIER = 'Resource:identifier'
/** After a resource type: the name of the row that every resource of the type inside a document has. */
export const PRESENCE = ':presence'
/** What the table of resources says by itself. */
const COLUMNS: ReadonlySet<string> = new Set(['Resource._id', 'Resource._lastUpdated'])
const BUNDLED = 'Bundle.entry[0].resource'

interface CompiledPart {
  readonly name: string
  readonly type: Exclude<ParameterType, 'composite'>
  readonly extract: Extraction
}

interface CompiledParameter {
  readonly code: string
  readonly name: string
  readonly type: ParameterType
  readonly extract: Extraction
  /** It is about the resource that comes first in a document or message. */
  readonly isFirst: boolean
  /** Of a composite that stands on elements; empty where it stands on the resource: its parts are parameters then. */
  readonly parts: readonly CompiledPart[]
}

/** The indexer of a search model; expressions are compiled when a resource of their type first comes. */
export function indexer(search: SearchModel): Indexer {
  const compiled = new Map<string, readonly CompiledParameter[]>()
  const parametersOf = (type: string): readonly CompiledParameter[] => {
    const known = compiled.get(type) ?? compileParameters(type, search)
    compiled.set(type, known)
    return known
  }
  return (resource) => {
    const rows = new RowCollection()
    stored(resource, parametersOf(resource.resourceType), rows, search)
    const within = (inner: InnerResource, numberOf: Place['numberOf']): void => {
      const {
        part,
        resource: { resourceType },
        references,
        typeOf,
      } = inner
      const place: Place = { part, numberOf, focus: focusOn(inner.resource, typeOf), valuing: { search, references } }
      rows.add({ table: 'token', system: '', code: '' }, resourceType + PRESENCE, place)
      for (const parameter of parametersOf(resourceType)) simple(parameter, place, rows)
    }
    for (const inner of innerResources(resource, search.base)) within(inner, innerNumber)
    for (const inner of containedResources(resource, search.base)) within(inner, containedNumber)
    return rows.all
  }
}

/** The name of the rows of a part of a composite. */
export function partName(name: string, index: number): string {
  return `${name}$${index}`
}

/** Whether the parts of a composite are the parameters that they are named after: it stands on the whole resource. */
export function standsOnResource(expression: string, type: string): boolean {
  return expression === type
}

function compileParameters(type: string, search: SearchModel): readonly CompiledParameter[] {
  return searchParametersOf(search, type).map(([code, { type: kind, expression, components = [] }]) => {
    const name = parameterName(search, type, code)
    const extract = expression === BUNDLED ? nothing : compileExpression(expression, type, search.model)
    const parts = standsOnResource(expression, type) ? [] : components
    return {
      code,
      isFirst: expression === BUNDLED,
      name,
      type: kind,
      extract,
      parts: parts.map((part, index) => ({
        name: partName(name, index),
        type: part.type as CompiledPart['type'],
        extract: onAnyType(part.expression, search),
      })),
    }
  })
}

function nothing(): readonly Typed[] {
  return []
}

/** The parts of a composite stand on elements of more than one type. */
function onAnyType(expression: string, { model }: SearchModel): Extraction {
  const compiled = new Map<string, Extraction>()
  return (focus) => {
    const { type } = focus.node
    const extract = compiled.get(type) ?? compileExpression(expression, type, model)
    compiled.set(type, extract)
    return extract(focus)
  }
}

/** Where the rows of a resource belong. */
interface Place {
  readonly part: number
  readonly numberOf: (name: string) => number
  readonly focus: Focus
  readonly valuing: Valuing
}

function focusOn(resource: Resource, typeOf: Focus['typeOf']): Focus {
  return { node: { value: resource, type: resource.resourceType, path: resource.resourceType }, resource, typeOf }
}

function stored(
  resource: Resource,
  parameters: readonly CompiledParameter[],
  rows: RowCollection,
  search: SearchModel,
): void {
  const typeOf = (reference: Reference): string | undefined => typeOfReference(reference, resource)
  const references: ReferenceReading = containedReading(resource, search.base)
  const place: Place = {
    part: 0,
    numberOf: parameterNumber,
    focus: focusOn(resource, typeOf),
    valuing: { search, references },
  }
  for (const parameter of parameters) {
    if (COLUMNS.has(parameter.name)) continue
    if (parameter.type === 'composite') composite(parameter, place, rows)
    else simple(parameter, place, rows)
    if (isIdentifier(parameter)) simple({ ...parameter, name: IDENTIFIER }, place, rows)
    if (!parameter.isFirst) continue
    for (const address of firstAddresses(resource, parameter.code, search.base))
      rows.add({ table: 'reference', ...address, inner: 0 }, parameter.name, place)
  }
  for (const address of patientsOf(resource, search))
    rows.add({ table: 'reference', ...address, version: null, inner: null }, COMPARTMENT, place)
  accessRows(resource, place, rows, search)
}

/** What access is decided by. */
function accessRows(resource: Resource, place: Place, rows: RowCollection, search: SearchModel): void {
  const { patients, of, contexts } = concernOf(resource, search)
  const own = of === 'only' ? patients : []
  for (const id of own)
    rows.add({ table: 'reference', type: 'Patient', id: keyText(id), version: null, inner: null }, CONCERN, place)
  if (of === 'nobody') rows.add({ table: 'token', system: '', code: '' }, NOBODYS, place)
  for (const text of contexts) {
    const address = addressOf(text, search.base)
    if (address !== undefined) rows.add({ table: 'reference', ...address, version: null, inner: null }, CONTEXT, place)
  }
  for (const code of labelsOf(resource)) rows.add({ table: 'token', system: '', code: keyText(code) }, LABEL, place)
}

function isIdentifier({ code, type }: CompiledParameter): boolean {
  return code === 'identifier' && type === 'token'
}

function simple({ name, type, extract }: CompiledParameter, place: Place, rows: RowCollection): void {
  if (type === 'composite') return
  for (const node of extract(place.focus)) {
    for (const found of valuesOf(node, type, place.valuing)) rows.add(found, name, place)
  }
}

/** Each occurrence that has all parts, so that they are found together only where they stand together. */
function composite({ parts, extract }: CompiledParameter, place: Place, rows: RowCollection): void {
  if (parts.length === 0) return
  for (const [part, node] of extract(place.focus).entries()) {
    const focus = { ...place.focus, node }
    const found = parts.map(({ type, extract: of }) => of(focus).flatMap((one) => valuesOf(one, type, place.valuing)))
    if (found.some((values) => values.length === 0)) continue
    for (const [index, values] of found.entries()) {
      const name = parts[index]?.name ?? ''
      for (const value of values) rows.add(value, name, { ...place, part })
    }
  }
}

/** The patients of the store in whose compartment a resource is; a patient is in its own. */
function patientsOf(resource: Resource, { compartment, base }: SearchModel): readonly { type: string; id: string }[] {
  const { resourceType: type, id } = resource
  const own = type === compartment.code && typeof id === 'string' ? [{ type, id }] : []
  const others = memberships(resource, compartment).flatMap(({ reference: { reference } }) => {
    const address = typeof reference === 'string' ? addressOf(reference, base) : undefined
    return address?.type === compartment.code ? [{ type: address.type, id: address.id }] : []
  })
  return [...own, ...others]
}

/** Rows as they come; the same row is kept once. */
class RowCollection {
  readonly all: {
    readonly token: TokenRow[]
    readonly string: StringRow[]
    readonly reference: ReferenceRow[]
    readonly date: DateRow[]
    readonly number: NumberRow[]
  } = { token: [], string: [], reference: [], date: [], number: [] }
  readonly #seen = new Set<string>()

  add(found: Found, name: string, { part, numberOf }: Pick<Place, 'part' | 'numberOf'>): void {
    const { table, ...values } = found
    const param = numberOf(isBeside(table) ? name + BESIDE[table] : name)
    const key = [table, param, part, ...Object.values(values)].join('\u{1F}')
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    this.#push(found, { param, part })
  }

  #push(found: Found, own: { readonly param: number; readonly part: number }): void {
    switch (found.table) {
      case 'token':
      case 'of-type':
      case 'identifier':
        this.all.token.push({ ...own, system: found.system, code: found.code })
        break
      case 'text':
      case 'word':
      case 'string':
        this.all.string.push({ ...own, ...stringRow(found.text) })
        break
      case 'reference':
        this.all.reference.push({ ...own, type: found.type, id: found.id, version: found.version, inner: found.inner })
        break
      case 'date':
        this.all.date.push({ ...own, low: found.low, high: found.high })
        break
      case 'number': {
        const { low, high, system, code, unit } = found
        this.all.number.push({ ...own, low, high, system, code, unit })
      }
    }
  }
}

function isBeside(table: Found['table']): table is keyof typeof BESIDE {
  return Object.hasOwn(BESIDE, table)
}

function stringRow(text: string): Pick<StringRow, 'start' | 'value' | 'exact'> {
  const value = normalised(text)
  const start = startOf(value)
  return { start, value: start === value ? null : value, exact: storable(text) }
}
