/**
 * Numbers that keep their own text. A JSON number is a JavaScript number where that prints as the same text, else a
 * raw JSON value that `JSON.stringify` writes as it was read: `1.50` stays `1.50`.
 * @see https://hl7.org/fhir/R4/datatypes.html#decimal
 */

import type { Decimal, Json } from './types.ts'

/** The number with the text given, which must be a JSON number. */
export function decimal(text: string): number | Decimal {
  const value = Number(text)
  return String(value) === text ? value : JSON.rawJSON(text)
}

export function isDecimal(value: Json | undefined): value is number | Decimal {
  return typeof value === 'number' || JSON.isRawJSON(value)
}

/** The number's own text. */
export function decimalText(value: number | Decimal): string {
  return typeof value === 'number' ? String(value) : value.rawJSON
}

/** The number as a double, for comparison only: never to be printed or stored. */
export function decimalValue(value: number | Decimal): number {
  return typeof value === 'number' ? value : Number(value.rawJSON)
}

/** A number, by its JSON text, as sign, significant digits and power of ten: one text for each value. */
export function exactText(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  const all = (whole + fraction).replace(/^0+/, '')
  const significant = all.replace(/0+$/, '')
  if (significant === '') return '0'
  return `${sign}${significant}e${Number(exponent) - fraction.length + (all.length - significant.length)}`
}

/** A mutable deep copy with every decimal as a double: what libraries that know only JSON are given. */
export function plain(value: Json | undefined): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (JSON.isRawJSON(value)) return Number(value.rawJSON)
  if (Array.isArray(value)) return value.map(plain)
  const copy: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value as Record<string, Json>)) copy[name] = plain(member)
  return copy
}
