/** What a search finds by the words of the specification, asked of each resource by itself. @see https://hl7.org/fhir/R4/search.html */

import { readdirSync, readFileSync } from 'node:fs'
import fhirpath from 'fhirpath'
import r4 from 'fhirpath/fhir-context/r4'
import type { Json, JsonObject, Resource } from '../../../../src/fhir/types.ts'

const PACKAGE = new URL('../../../../node_modules/hl7.fhir.r4.core/', import.meta.url)

/** A published SearchParameter. */
interface Published extends JsonObject {
  readonly code: string
  readonly type: string
  readonly expression: string
  readonly base: readonly string[]
  readonly url: string
}

const byType = new Map<string, Map<string, Published>>()
const byUrl = new Map<string, Published>()
for (const name of readdirSync(PACKAGE).filter((one) => one.startsWith('SearchParameter-'))) {
  const one = JSON.parse(readFileSync(new URL(name, PACKAGE), 'utf8')) as Published
  if (typeof one.expression !== 'string' || name.startsWith('SearchParameter-example')) continue
  byUrl.set(one.url, one)
  for (const base of one.base) {
    const own = byType.get(base) ?? new Map<string, Published>()
    byType.set(base, own.set(one.code, one))
  }
}

export function publishedOf(type: string): ReadonlyMap<string, Published> {
  return byType.get(type) ?? new Map<string, Published>()
}

/** A value with its datatype. */
export interface Node {
  readonly type: string
  readonly value: unknown
  /** The path of its definition: `Observation.component`. */
  readonly path?: string
}

type Evaluation = (focus: unknown, variables: Readonly<Record<string, unknown>>) => readonly unknown[]

const compiled = new Map<string, Evaluation>()

function nodes(
  expression: string,
  focus: unknown,
  { base, resource }: { base?: string | undefined; resource: Resource },
): readonly Node[] {
  const key = `${base ?? ''} ${expression}`
  const text = base === undefined ? expression : { base, expression }
  const evaluate =
    compiled.get(key) ?? (fhirpath.compile(text, r4, { resolveInternalTypes: false } as never) as Evaluation)
  compiled.set(key, evaluate)
  return evaluate(structuredClone(focus), { resource: structuredClone(resource) }).map((found) => {
    const { data, path, fhirNodeDataType } = found as EngineNode
    if (data === undefined) return { value: found, type: 'boolean' }
    return { value: data, type: fhirNodeDataType ?? path ?? '', ...(path !== null && { path }) }
  })
}

/** A value as the engine holds it. */
interface EngineNode {
  readonly data?: unknown
  readonly path: string | null
  readonly fhirNodeDataType: string | null
}

/** `(a as T)` takes one item only, which the published expressions do not mean; what a reference names is asked of its text. */
function terms(expression: string): readonly { readonly path: string; readonly names?: string }[] {
  const nested = expression
    .replace('Composition.section.entry', 'Composition.repeat(section).entry')
    .replace(
      /QuestionnaireResponse.item.where\(hasExtension\((.*?)\)\)/,
      'QuestionnaireResponse.repeat(item).where(extension($1).exists())',
    )
  return nested.split('|').map((term) => {
    const path = term.trim().replace(/^\((.+) as ([A-Za-z]+)\)/, '$1.ofType($2)').replace(/\.as\(([A-Za-z]+)\)/g, '.ofType($1)') // prettier-ignore
    const names = /\.where\(resolve\(\) is ([A-Za-z]+)\)/.exec(path)?.[1]
    const bare = path.replace(/\.where\(resolve\(\) is [A-Za-z]+\)/, '').replace(/ofType\(DateTime\)/g, 'ofType(dateTime)').replace(/ofType\(Uri\)/g, 'ofType(uri)') // prettier-ignore
    return { path: bare, ...(names !== undefined && { names }) }
  })
}

const remembered = new WeakMap<Resource, Map<Published, readonly Node[]>>()

/** All values of a parameter in a resource. */
export function valuesOf(resource: Resource, parameter: Published): readonly Node[] {
  const own = remembered.get(resource) ?? new Map<Published, readonly Node[]>()
  remembered.set(resource, own)
  const values = own.get(parameter) ?? foundBy(resource, parameter)
  own.set(parameter, values)
  return values
}

function foundBy(resource: Resource, { expression }: Published): readonly Node[] {
  return terms(expression).flatMap(({ path, names }) => {
    const root = /^\(?([A-Z][A-Za-z]*)\b/.exec(path)?.[1]
    if (root !== undefined && ![resource.resourceType, 'Resource', 'DomainResource'].includes(root)) return []
    const found = nodes(path, resource, { resource })
    return names === undefined ? found : found.filter(({ value }) => typeNamed(value as JsonObject, resource) === names)
  })
}

/** The occurrences of a composite, each with the values of its parts. */
export function partsOf(resource: Resource, parameter: Published): readonly (readonly (readonly Node[])[])[] {
  const components = parameter['component'] as unknown as readonly { expression: string }[]
  return valuesOf(resource, parameter).map(({ value, type, path }) => {
    const base = value !== null && typeof value === 'object' && 'resourceType' in value ? undefined : (path ?? type)
    return components.map(({ expression }) =>
      terms(expression).flatMap(({ path }) => nodes(path, value, { base, resource })),
    )
  })
}

export function componentTypes(parameter: Published): readonly string[] {
  const components = parameter['component'] as unknown as readonly { definition: string }[]
  return components.map(({ definition }) => byUrl.get(definition)?.type ?? '')
}

function typeNamed(value: JsonObject, holder: Resource): string | undefined {
  const { reference, type } = value
  if (typeof reference === 'string') {
    if (reference.startsWith('#')) return containedIn(holder, reference)?.resourceType
    const told = /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9.-]+(?:\/_history\/[^/]+)?$/.exec(reference)?.[1]
    if (told !== undefined) return told
  }
  return typeof type === 'string' ? type : undefined
}

export function containedIn({ contained }: Resource, reference: string): Resource | undefined {
  return Array.isArray(contained)
    ? (contained as readonly Resource[]).find(({ id }) => `#${id ?? ''}` === reference)
    : undefined
}

/** Insensitive to case, combining marks, punctuation and white space. */
export function folded(text: string): string {
  const base = text.normalize('NFD').replace(/[\u0300-\u036F]/g, '').normalize('NFC') // prettier-ignore
  const lower = base.toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFD').replace(/[\u0300-\u036F]/g, '').normalize('NFC') // prettier-ignore
  const bare = lower.replace(/[\p{P}\s]/gu, '')
  return bare === '' ? lower.replace(/\s+/g, ' ').trim() : bare
}

/** The strings of a value: of a name or an address all of its parts. */
export function stringsOf({ type, value }: Node): readonly string[] {
  if (typeof value === 'string') return [value]
  const parts: Readonly<Record<string, readonly string[]>> = {
    HumanName: ['text', 'family', 'given', 'prefix', 'suffix'],
    Address: ['text', 'line', 'city', 'district', 'state', 'postalCode', 'country'],
    Extension: ['valueString', 'valueMarkdown'],
  }
  return (parts[type] ?? []).flatMap((name) => (value as JsonObject)[name] ?? []).filter((one): one is string => typeof one === 'string') // prettier-ignore
}

export type Span = readonly [low: number, high: number]

/** Both ends included, in milliseconds. */
export function spanOf(text: string): Span {
  const [, date = '', time, zone] = /^([\d-]+)(?:T([\d:.]+))?(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? []
  const [year = '', month, day] = date.split('-')
  const at = (y: number, m: number, d: number): number => new Date(0).setUTCFullYear(y, m, d)
  if (time === undefined) {
    const [y, m, d] = [Number(year), Number(month ?? 1) - 1, Number(day ?? 1)]
    const end = day !== undefined ? at(y, m, d + 1) : month !== undefined ? at(y, m + 1, 1) : at(y + 1, 0, 1)
    return [at(y, m, d), end - 1]
  }
  const [hour = '0', minute = '0', seconds] = time.split(':')
  const offset = zone === undefined || zone === 'Z' ? 0 : (zone.startsWith('-') ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4))) // prettier-ignore
  const start = at(Number(year), Number(month) - 1, Number(day)) + ((Number(hour) * 60 + Number(minute) - offset) * 60 + Math.floor(Number(seconds ?? 0))) * 1000 // prettier-ignore
  if (seconds === undefined) return [start, start + 59_999]
  const [, fraction] = seconds.split('.')
  if (fraction === undefined) return [start, start + 999]
  const low = start + Math.floor(Number(`0.${fraction}`) * 1000 + 1e-6)
  return [low, low + Math.max(1, 10 ** (3 - fraction.length)) - 1]
}

const FAR = 8.64e15

export function dateSpan({ type, value }: Node): Span | undefined {
  if (typeof value === 'string') return type === 'string' ? undefined : spanOf(value)
  const object = value as JsonObject
  if (type === 'Period') return periodSpan(object)
  if (type !== 'Timing') return undefined
  const repeat = object['repeat'] as JsonObject | undefined
  const bounds = repeat?.['boundsPeriod'] as JsonObject | undefined
  const spans = [
    ...((object['event'] as readonly Json[] | undefined) ?? []).filter((one) => typeof one === 'string').map(spanOf),
    ...(bounds === undefined ? [] : [periodSpan(bounds)]).filter((one) => one !== undefined),
  ]
  return spans.length === 0 ? undefined : [Math.min(...spans.map(([low]) => low)), Math.max(...spans.map(([, high]) => high))] // prettier-ignore
}

function periodSpan({ start, end }: JsonObject): Span | undefined {
  if (typeof start !== 'string' && typeof end !== 'string') return undefined
  return [typeof start === 'string' ? spanOf(start)[0] : -FAR, typeof end === 'string' ? spanOf(end)[1] : FAR]
}

export interface Amount {
  readonly low: number
  readonly high: number
  readonly system?: unknown
  readonly code?: unknown
  readonly unit?: unknown
}

export function amountOf({ type, value }: Node): Amount | undefined {
  if (typeof value === 'number') return { low: value, high: value }
  const object = value as JsonObject
  if (type === 'Range') {
    const [low, high] = [object['low'], object['high']] as readonly (JsonObject | undefined)[]
    const unit = low ?? high
    if (unit === undefined) return undefined
    return { ...unit, low: Number(low?.['value'] ?? -Infinity), high: Number(high?.['value'] ?? Infinity) }
  }
  if (typeof object?.['value'] !== 'number') return undefined
  const amount = object['value']
  if (type === 'Money') return { low: amount, high: amount, system: 'urn:iso:std:iso:4217', code: object['currency'] }
  const comparator = typeof object['comparator'] === 'string' ? object['comparator'] : ''
  return {
    ...object,
    low: comparator.startsWith('<') ? -Infinity : amount,
    high: comparator.startsWith('>') ? Infinity : amount,
  }
}
