/** Whether a result lies within its reference range, told in words: only where value and range leave no doubt. */

import { decimalText, isDecimal } from '../fhir/decimal.ts'
import { isObject, type Json, type JsonObject } from '../fhir/types.ts'
import { objects, plainText, type Wording } from './wording.ts'

/** `above the reference range`, `below` it, of the value alone; nothing where the interpretation says as much. */
export function rangeFlags(observation: JsonObject, { phrase }: Wording): readonly string[] {
  const side = sideOf(observation)
  if (side === undefined || saysSo(observation['interpretation'], side)) return []
  return [phrase(`result.${side}`)]
}

type Side = 'above' | 'below'

/** On which side of its range a value lies; undefined where it lies in it, or where that cannot be told without doubt. */
export function sideOf({ valueQuantity: value, referenceRange }: JsonObject): Side | undefined {
  const [range, ...others] = objects(referenceRange)
  if (range === undefined || others.length > 0 || !isObject(value) || value['comparator'] !== undefined)
    return undefined
  if (QUALIFIERS.some((name) => range[name] !== undefined) || !isNormal(range['type'])) return undefined
  const low = difference(value, range['low'])
  const high = difference(value, range['high'])
  if (high !== undefined && high > 0) return 'above'
  return low !== undefined && low < 0 ? 'below' : undefined
}

/** What makes a range one of some people only. */
const QUALIFIERS = ['appliesTo', 'age', 'text', 'modifierExtension', 'extension'] as const

function isNormal(type: Json | undefined): boolean {
  return type === undefined || objects(type).some(({ coding }) => objects(coding).some(({ code }) => code === 'normal'))
}

/** Above or below zero as the value is above or below the bound; undefined where they cannot be compared. */
function difference(value: JsonObject, bound: Json | undefined): number | undefined {
  if (!isObject(bound) || bound['comparator'] !== undefined || !haveSameUnit(value, bound)) return undefined
  const [one, other] = [value['value'], bound['value']]
  if (!isDecimal(one) || !isDecimal(other)) return undefined
  return Number(decimalText(one)) - Number(decimalText(other))
}

function haveSameUnit(one: JsonObject, other: JsonObject): boolean {
  const [system, code, unit] = ['system', 'code', 'unit'].map((name) => [plainText(one[name]), plainText(other[name])])
  const areSame = ([left, right]: readonly string[] = []): boolean => left !== '' && left === right
  if (areSame(code)) return system?.[0] === system?.[1]
  const hasCodes = code?.[0] !== '' && code?.[1] !== ''
  return !hasCodes && areSame(unit)
}

/** Codes that say on which side a value lies. @see http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation */
const SAYING: Readonly<Record<Side, ReadonlySet<string>>> = {
  above: new Set(['H', 'HH', 'HU', 'HX', '>']),
  below: new Set(['L', 'LL', 'LU', 'LX', '<']),
}

function saysSo(interpretation: Json | undefined, side: Side): boolean {
  return codesOf(interpretation).some((code) => SAYING[side].has(code))
}

function codesOf(interpretation: Json | undefined): readonly string[] {
  return objects(interpretation).flatMap(({ coding }) => objects(coding).map(({ code }) => plainText(code)))
}

/** Codes with which nothing is out of order. */
const IN_ORDER = new Set(['N', 'NEG', 'ND', 'NR', 'S', 'WR', 'EXP'])

/** Whether an interpretation says that a result is out of order. */
export function isOutOfOrder(interpretation: Json | undefined): boolean {
  return codesOf(interpretation).some((code) => !IN_ORDER.has(code))
}
