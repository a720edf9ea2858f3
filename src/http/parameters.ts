/** Options of an operation: query parameters, or parts of a Parameters body. @see https://hl7.org/fhir/R4/parameters.html */

import { toBase64 } from '../fhir/digest.ts'
import { fail, type FhirError } from '../fhir/error.ts'
import { isObject, isResource, type Json, type JsonObject, type Resource } from '../fhir/types.ts'
import { isDecimal, decimalText } from '../fhir/decimal.ts'
import { stringify } from '../fhir/json.ts'
import { excerpt, hint, isLater, mismatch, yesNo, type Shape } from '../shape.ts'

/** An option: its shape, the FHIR type it is declared with, and what it decides. */
export interface Parameter<T> {
  readonly shape: Shape<T>
  readonly type: 'boolean' | 'code' | 'string' | 'uri' | 'base64Binary'
  readonly text: string
}

/** The options of one operation. */
export interface Allowed<P extends ParameterTable> {
  readonly parameters: P
  /** Options that have a meaning to come: refused by name. */
  readonly later: readonly string[]
}

export type ParameterTable = Readonly<Record<string, Parameter<unknown>>>

/** The values of the options given, by their names. */
export type Values<P extends ParameterTable> = {
  readonly [K in keyof P]: P[K] extends { readonly shape: Shape<infer T> } ? T | undefined : never
}

/** Parameters that every request may carry. */
const COMMON = ['_format', '_pretty'] as const

/** An option as it was written, and where. */
interface Given {
  readonly name: string
  readonly value: string
  readonly expression?: string
}

/** Names and values, as a query has them. */
export type Pairs = readonly (readonly [name: string, value: string])[]

/** The query of a path with one. */
export function queryOf(url: string): URLSearchParams {
  return new URLSearchParams(url.split('?').slice(1).join('?'))
}

/**
 * Read as if it were sound, a query that is not would find nothing where it meant something.
 * @throws FhirError `invalid` where percent signs in it do not make text
 */
export function mustBeText(url: string): void {
  if (!url.includes('%')) return
  try {
    decodeURIComponent(url.replaceAll('+', ' '))
  } catch {
    throw fail('invalid', 'The query is no text in UTF-8, expected each percent sign before two digits such as %C3%BC')
  }
}

/** The pairs of a query, without those that every request may carry. */
export function pairsOf(query: URLSearchParams): Pairs {
  const common: readonly string[] = COMMON
  return [...query].filter(([name]) => !common.includes(name))
}

/** The same of a query as text, with or without the question mark before it. @throws FhirError as {@link mustBeText} */
export function pairsIn(query: string): Pairs {
  mustBeText(query)
  return pairsOf(new URLSearchParams(query))
}

/** The pairs as options. */
export function fromPairs(pairs: Pairs): readonly Given[] {
  return pairs.map(([name, value]) => ({ name, value }))
}

/** The pairs that an interaction heeds: a client may prefer that one it does not know is passed over. */
export function heeded(pairs: Pairs, parameters: ParameterTable, handling: 'strict' | 'lenient'): Pairs {
  return handling === 'strict' ? pairs : pairs.filter(([name]) => Object.hasOwn(parameters, name))
}

export interface Posted {
  /** The resource that the operation is about. */
  readonly content: Resource
  readonly given: readonly Given[]
}

/**
 * The resource of a body and the options beside it: the bare resource, or Parameters with it in the part named.
 * @throws FhirError `structure`, `required`, `value` where the body is neither
 */
export function fromBody(body: Json, part: string): Posted {
  if (!isResource(body)) throw fail('structure', 'The body is no FHIR resource, expected an object with a resourceType')
  if (body.resourceType !== 'Parameters') return { content: body, given: [] }
  const read = partsOf(body, part)
  const contents = read.filter((each) => 'content' in each)
  const [first] = contents
  if (first === undefined)
    throw fail('required', `The Parameters have no part ${part} with a resource`, {
      expression: 'Parameters.parameter',
    })
  if (contents.length > 1)
    throw fail('value', `The part ${part} is given twice, expected once`, { expression: 'Parameters.parameter' })
  return { content: first.content, given: read.filter((each) => 'value' in each) }
}

/**
 * The options of a body of Parameters, none of whose parts is a resource.
 * @throws FhirError `structure`, `value` where the body is anything else
 */
export function optionsOf(body: Json): readonly Given[] {
  if (!isResource(body, 'Parameters'))
    throw fail('structure', 'The body is no Parameters, expected one with the options')
  return partsOf(body).filter((each) => 'value' in each)
}

function partsOf(body: Resource, part?: string): readonly (Given | { readonly content: Resource })[] {
  const parts = Array.isArray(body['parameter']) ? (body['parameter'] as readonly Json[]) : []
  return parts.map((each, index) => readPart(each, { part, expression: `Parameters.parameter[${index}]` }))
}

interface Place {
  readonly part: string | undefined
  readonly expression: string
}

function readPart(each: Json, { part, expression }: Place): Given | { readonly content: Resource } {
  if (!isObject(each) || typeof each['name'] !== 'string')
    throw fail('structure', 'A parameter has no name', { expression })
  const { name, resource } = each
  if (name === part && isResource(resource)) return { content: resource }
  if (name === part) throw fail('value', `The part ${part} has no resource`, { expression })
  const value = primitive(each) ?? dataOf(resource)
  if (value === undefined) throw fail('value', `The part ${excerpt(name)} has no primitive value`, { expression })
  return { name, value, expression: `${expression}.value` }
}

/** The base64 of a Binary, which stands for its data, and of the JSON of a Provenance; a Bundle as its JSON. */
function dataOf(resource: Json | undefined): string | undefined {
  if (isResource(resource, 'Provenance')) return toBase64(stringify(resource))
  if (isResource(resource, 'Bundle')) return stringify(resource)
  const data = isResource(resource, 'Binary') ? resource['data'] : undefined
  return typeof data === 'string' ? data : undefined
}

/** The text of a part's one value[x]. */
function primitive(part: JsonObject): string | undefined {
  const values = Object.entries(part).filter(([name]) => /^value[A-Z]/.test(name))
  const value = values.length === 1 ? values[0]?.[1] : undefined
  if (typeof value === 'string') return value
  if (isDecimal(value)) return decimalText(value)
  if (isObject(value)) return tokenOf(value)
  return typeof value === 'boolean' ? String(value) : undefined
}

/** A Coding, the first of a CodeableConcept, or an Identifier as a search writes it: `system|code`. */
function tokenOf(value: JsonObject): string | undefined {
  const [coding] = Array.isArray(value['coding']) ? (value['coding'] as readonly Json[]) : [value]
  const { system, code, value: identifier } = isObject(coding) ? coding : {}
  const text = code ?? identifier
  if (typeof text !== 'string') return undefined
  return typeof system === 'string' ? `${system}|${text}` : text
}

/**
 * The options read by their table.
 * @throws FhirError `value` naming the allowed ones where one is unknown, given twice or badly written, and
 * `not-supported` where it is known but not there yet
 */
export function readOptions<P extends ParameterTable>(given: readonly Given[], allowed: Allowed<P>): Values<P> {
  const values: Record<string, unknown> = {}
  for (const option of given) {
    const place = option.expression === undefined ? {} : { expression: option.expression }
    const row = Object.hasOwn(allowed.parameters, option.name) ? allowed.parameters[option.name] : undefined
    if (row === undefined) throw unknown(option, allowed)
    if (values[option.name] !== undefined)
      throw fail('value', `The parameter ${option.name} is given twice, expected once`, place)
    const read = row.shape.read(option.value)
    const code = isLater(option.value, row.shape) ? 'not-supported' : 'value'
    if (read === undefined) throw fail(code, mismatch(`The parameter ${option.name}`, option.value, row.shape), place)
    values[option.name] = read
  }
  return values as Values<P>
}

function unknown({ name, expression }: Given, { parameters, later }: Allowed<ParameterTable>): FhirError {
  const place = expression === undefined ? {} : { expression }
  const names = [...Object.keys(parameters), ...COMMON]
  const allowed = `allowed: ${names.join(', ')}`
  if (later.includes(name))
    return fail('not-supported', `The parameter ${name} is not supported yet, ${allowed}`, place)
  return fail('value', `The parameter ${excerpt(name)} is unknown${hint(name, names)}, ${allowed}`, place)
}

/** Whether an answer is to be laid out for human eyes. @throws FhirError `value` */
export function isPretty(query: URLSearchParams): boolean {
  const value = query.get('_pretty') ?? 'false'
  const pretty = yesNo.read(value)
  if (pretty === undefined) throw fail('value', mismatch('The parameter _pretty', value, yesNo))
  return pretty
}
