/** Numbers and quantities as the range that they say. @see https://hl7.org/fhir/R4/search.html#quantity */

import { decimalValue, isDecimal } from '../../../fhir/decimal.ts'
import { isObject, type Json, type JsonObject } from '../../../fhir/types.ts'
import type { Typed } from './expression.ts'
import type { Found } from './rows.ts'
import { keyText } from './texts.ts'

/** Stands for no bound: it is a number of JSON and of both databases. */
export const BOUNDLESS = Number.MAX_VALUE
/** The code systems of currencies. */
const CURRENCIES = 'urn:iso:std:iso:4217'

/** The rows of a number, Quantity (Age, Duration …), Money, Range or SampledData. */
export function quantities({ value, type }: Typed): readonly Found[] {
  if (isDecimal(value)) return [row(decimalValue(value), decimalValue(value), {})]
  if (!isObject(value)) return []
  const read = FORMS[type] ?? quantity
  return read(value)
}

const FORMS: Readonly<Record<string, (value: JsonObject) => readonly Found[]>> = {
  Range: ({ low, high }) => range(isObject(low) ? low : undefined, isObject(high) ? high : undefined),
  Money: ({ value, currency }) => {
    const amount = numberOf(value)
    return amount === undefined ? [] : [row(amount, amount, { system: CURRENCIES, code: currency })]
  },
  SampledData: sampled,
}

function quantity(value: JsonObject): readonly Found[] {
  const amount = numberOf(value['value'])
  if (amount === undefined) return []
  const comparator = typeof value['comparator'] === 'string' ? value['comparator'] : ''
  const low = comparator.startsWith('<') ? -BOUNDLESS : amount
  const high = comparator.startsWith('>') ? BOUNDLESS : amount
  return [row(low, high, value)]
}

function range(low: JsonObject | undefined, high: JsonObject | undefined): readonly Found[] {
  const unit = low ?? high
  if (unit === undefined) return []
  return [row(numberOf(low?.['value']) ?? -BOUNDLESS, numberOf(high?.['value']) ?? BOUNDLESS, unit)]
}

/** From the least to the greatest of the samples, in the unit of the origin. */
function sampled({ origin, factor, data }: JsonObject): readonly Found[] {
  if (!isObject(origin) || typeof data !== 'string') return []
  const zero = numberOf(origin['value']) ?? 0
  const scale = numberOf(factor) ?? 1
  const samples = data
    .split(/\s+/)
    .filter((sample) => /^-?\d+(?:\.\d+)?$/.test(sample))
    .map((sample) => zero + Number(sample) * scale)
  if (samples.length === 0) return []
  const low = samples.reduce((least, one) => Math.min(least, one))
  const high = samples.reduce((greatest, one) => Math.max(greatest, one))
  return [row(low, high, origin)]
}

function numberOf(value: Json | undefined): number | undefined {
  return isDecimal(value) ? decimalValue(value) : undefined
}

interface Unit {
  readonly system?: Json | undefined
  readonly code?: Json | undefined
  readonly unit?: Json | undefined
}

function row(low: number, high: number, { system, code, unit }: Unit): Found {
  const bounds = { low: bounded(low), high: bounded(high) }
  return { table: 'number', ...bounds, system: key(system), code: key(code), unit: key(unit) }
}

function bounded(value: number): number {
  return Math.max(-BOUNDLESS, Math.min(BOUNDLESS, value))
}

function key(value: Json | undefined): string {
  return typeof value === 'string' ? keyText(value) : ''
}
