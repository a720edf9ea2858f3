/**
 * What a value of each datatype gives for a parameter of each type.
 * @see https://hl7.org/fhir/R4/search.html#ptypes
 */

import { decimalValue, isDecimal } from '../../../fhir/decimal.ts'
import { isObject, type Json, type JsonObject } from '../../../fhir/types.ts'
import type { ParameterType, SearchModel } from './definitions.ts'
import type { Typed } from './expression.ts'
import { EVER, spanOf } from './moments.ts'
import { quantities } from './quantities.ts'
import type { ReferenceReading } from './references.ts'
import { canonicalReference, referenceRows } from './references.ts'
import type { Found } from './rows.ts'
import { keyText, laterWords } from './texts.ts'

/** What values are read with. */
export interface Valuing {
  readonly search: SearchModel
  readonly references: ReferenceReading
}

/** The rows of a value; none where the datatype has nothing that the type of parameter could find. */
export function valuesOf(node: Typed, type: Exclude<ParameterType, 'composite'>, valuing: Valuing): readonly Found[] {
  if (node.type === 'Extension') {
    const inner = extensionValue(node)
    return inner === undefined ? [] : valuesOf(inner, type, valuing)
  }
  return READERS[type](node, valuing)
}

function extensionValue({ value }: Typed): Typed | undefined {
  const [name, inner] = isObject(value) ? (Object.entries(value).find(([key]) => key.startsWith('value')) ?? []) : []
  if (name === undefined || inner === undefined) return undefined
  const type = name.slice('value'.length)
  const primitive = !isObject(inner)
  return { value: inner, type: primitive ? type.charAt(0).toLowerCase() + type.slice(1) : type, path: '' }
}

type Reader = (node: Typed, valuing: Valuing) => readonly Found[]

const READERS: Readonly<Record<Exclude<ParameterType, 'composite'>, Reader>> = {
  token: tokens,
  string: strings,
  reference: ({ value, type }, { references }) =>
    typeof value === 'string'
      ? canonicalReference(value)
      : type === 'Reference' && isObject(value)
        ? referenceRows(value, references)
        : [],
  date: dates,
  number: quantities,
  quantity: quantities,
  uri: ({ value }) => (typeof value === 'string' ? [token('', value)] : []),
}

function token(system: unknown, code: unknown): Found {
  return { table: 'token', system: keyOf(system), code: keyOf(code) }
}

function keyOf(value: unknown): string {
  return typeof value === 'string' ? keyText(value) : ''
}

function texts(...values: readonly unknown[]): readonly Found[] {
  return values.flatMap((text) => (typeof text === 'string' && text !== '' ? [{ table: 'text', text } as const] : []))
}

function objects(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isObject) : []
}

/** A value that has no code has a row without one: it is not missing. */
function tokens({ value, type, path }: Typed, { search }: Valuing): readonly Found[] {
  if (typeof value === 'boolean') return [token('', String(value))]
  if (isDecimal(value)) return [token('', String(decimalValue(value)))]
  if (type === 'string' && typeof value === 'string') return [token('', value.toLowerCase())]
  if (typeof value === 'string') return [token(type === 'code' ? search.definitions.systems[path] : '', value)]
  if (!isObject(value)) return []
  const read = TOKENS[type]
  return read === undefined ? [token('', '')] : read(value)
}

const TOKENS: Readonly<Record<string, (value: JsonObject) => readonly Found[]>> = {
  Coding: (coding) => [token(coding['system'], coding['code']), ...texts(coding['display'])],
  CodeableConcept: ({ coding, text }) => {
    const codings = objects(coding)
    const rows = codings.map(({ system, code }) => token(system, code))
    return [...(rows.length === 0 ? [token('', '')] : rows), ...texts(text, ...codings.map(({ display }) => display))]
  },
  Identifier: (identifier) => [
    token(identifier['system'], identifier['value']),
    ...(isObject(identifier['type']) ? ofType(identifier['type'], identifier['value']) : []),
  ],
  ContactPoint: ({ system, value }) => [token(system, value)],
}

function ofType(type: JsonObject, value: Json | undefined): readonly Found[] {
  const codings = objects(type['coding']).map(({ system, code }): Found => ({
    table: 'of-type',
    system: keyText(`${typeof system === 'string' ? system : ''}|${typeof code === 'string' ? code : ''}`),
    code: keyOf(value),
  }))
  return [...codings, ...texts(type['text'])]
}

const PARTS: Readonly<Record<string, readonly string[]>> = {
  HumanName: ['text', 'family', 'given', 'prefix', 'suffix'],
  Address: ['text', 'line', 'city', 'district', 'state', 'postalCode', 'country'],
  CodeableConcept: ['text'],
  Coding: ['display'],
  ContactPoint: ['value'],
  Identifier: ['value'],
  Annotation: ['text'],
}

function strings({ value, type, path }: Typed): readonly Found[] {
  if (typeof value === 'string') return stringRows(value, path)
  if (!isObject(value)) return []
  return (PARTS[type] ?? []).flatMap((name) => {
    const part = value[name]
    const all = Array.isArray(part) ? (part as readonly Json[]) : [part]
    return all.flatMap((text) => (typeof text === 'string' ? stringRows(text, `${type}.${name}`) : []))
  })
}

/** The words of a family name are found by themselves too. @see https://hl7.org/fhir/R4/search.html#string */
function stringRows(text: string, path: string): readonly Found[] {
  if (text === '') return []
  const words = path === 'HumanName.family' ? laterWords(text) : []
  return [{ table: 'string', text }, ...words.map((word) => ({ table: 'word', text: word }) as const)]
}

type DateFound = Extract<Found, { readonly table: 'date' }>

function dates({ value, type }: Typed): readonly Found[] {
  if (typeof value === 'string') return span(value, value)
  if (!isObject(value)) return []
  if (type === 'Timing') return timing(value)
  return type === 'Period' ? period(value) : []
}

function period({ start, end }: JsonObject): readonly DateFound[] {
  return typeof start === 'string' || typeof end === 'string' ? span(start, end) : []
}

/** From the beginning of one to the end of the other; open where one is absent. */
function span(start: Json | undefined, end: Json | undefined): readonly DateFound[] {
  const low = typeof start === 'string' ? spanOf(start)?.low : -EVER
  const high = typeof end === 'string' ? spanOf(end)?.high : EVER
  return low === undefined || high === undefined ? [] : [{ table: 'date', low, high }]
}

/** From the first of its events and bounds to the last. @see https://hl7.org/fhir/R4/search.html#date */
function timing({ event, repeat }: JsonObject): readonly Found[] {
  const events = Array.isArray(event) ? (event as readonly Json[]) : []
  const bounds = isObject(repeat) ? repeat['boundsPeriod'] : undefined
  const all = [
    ...events.flatMap((one) => (typeof one === 'string' ? span(one, one) : [])),
    ...(isObject(bounds) ? period(bounds) : []),
  ]
  if (all.length === 0) return []
  const low = all.reduce((least, one) => Math.min(least, one.low), EVER)
  const high = all.reduce((greatest, one) => Math.max(greatest, one.high), -EVER)
  return [{ table: 'date', low, high }]
}
