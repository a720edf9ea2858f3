/**
 * Canonical JSON, the octets that signatures cover.
 * @see https://www.rfc-editor.org/rfc/rfc8785
 */

import { decimalText, decimalValue, exactText } from './decimal.ts'
import { fail } from './error.ts'
import type { Decimal, Json, JsonObject } from './types.ts'

/**
 * The canonical text of a value without the root members named.
 * @throws FhirError `value` for a number beyond a double and for a lone surrogate, which have no canonical form
 */
export function canonical(value: Json, omit: readonly string[] = []): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number') return double(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if (JSON.isRawJSON(value)) return double(value)
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonical(item)).join(',')}]`
  return object(value as JsonObject, omit)
}

function object(value: JsonObject, omit: readonly string[]): string {
  let text = ''
  // The default order is by UTF-16 code units, as RFC 8785 section 3.2.3 wants.
  for (const name of Object.keys(value).sort()) {
    const member = value[name]
    if (member === undefined || omit.includes(name)) continue
    text += `${text === '' ? '' : ','}${quoted(name)}:${canonical(member)}`
  }
  return `{${text}}`
}

function quoted(text: string): string {
  if (!text.isWellFormed()) throw fail('value', 'A string has a lone surrogate and so no canonical form')
  return JSON.stringify(text)
}

function double(value: number | Decimal): string {
  const number = decimalValue(value)
  if (!Number.isFinite(number))
    throw fail('value', `The number ${decimalText(value)} is beyond a double and has no canonical form`)
  return JSON.stringify(number)
}

/** Whether the canonical form keeps a number's value: it may lose trailing zeros, but no digit that counts. */
export function isFaithful(value: number | Decimal): boolean {
  if (typeof value === 'number') return true
  const number = Number(value.rawJSON)
  return Number.isFinite(number) && exactText(value.rawJSON) === exactText(String(number))
}
