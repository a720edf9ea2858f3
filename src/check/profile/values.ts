/** Fixed values, patterns, lengths and ranges. @see https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.pattern_x_ */

import { decimalValue, isDecimal } from '../../fhir/decimal.ts'
import type { ElementDefinition } from '../../fhir/library.ts'
import { isObject, type Json } from '../../fhir/types.ts'
import type { Place } from './place.ts'
import type { Check } from './run.ts'
import { finding, type Subjected } from './finding.ts'

/** The checks of single values that a row asks for beyond those of its base. */
export function valueChecks(
  row: ElementDefinition,
  base: ElementDefinition | undefined,
  of: Subjected,
): readonly Check[] {
  const { fixed, pattern, maxLength, minValue, maxValue } = row
  return [
    ...(fixed === undefined || isSame(fixed, base?.fixed) ? [] : [fixedCheck(fixed.value, of)]),
    ...(pattern === undefined || isSame(pattern, base?.pattern) ? [] : [patternCheck(pattern.value, of)]),
    ...(maxLength === undefined || maxLength === base?.maxLength ? [] : [lengthCheck(maxLength, of)]),
    ...(minValue === undefined ? [] : [rangeCheck(minValue.value, 'at least', of)]),
    ...(maxValue === undefined ? [] : [rangeCheck(maxValue.value, 'at most', of)]),
  ]
}

function isSame(one: { readonly value: Json }, other: { readonly value: Json } | undefined): boolean {
  return other !== undefined && equals(one.value, other.value)
}

function fixedCheck(fixed: Json, of: Subjected): Check {
  const told = excerpt(fixed)
  return (place, _run, found) => {
    if (place.value !== undefined && equals(place.value, fixed)) return
    found.push(
      finding(of, {
        rule: 'profile-fixed',
        place,
        text: `There is ${described(place)}, expected exactly ${told}`,
      }),
    )
  }
}

function patternCheck(pattern: Json, of: Subjected): Check {
  const told = excerpt(pattern)
  return (place, _run, found) => {
    if (place.value !== undefined && matches(place.value, pattern)) return
    found.push(
      finding(of, {
        rule: 'profile-pattern',
        place,
        text: `There is ${described(place)}, expected at least ${told}`,
      }),
    )
  }
}

function lengthCheck(maxLength: number, of: Subjected): Check {
  return (place, _run, found) => {
    const { value } = place
    if (typeof value !== 'string' || value.length <= maxLength || [...value].length <= maxLength) return
    const text = `The text has ${[...value].length} characters, expected at most ${maxLength}`
    found.push(finding(of, { rule: 'profile-max-length', place, text }))
  }
}

function rangeCheck(limit: Json, side: 'at least' | 'at most', of: Subjected): Check {
  const rule = side === 'at least' ? 'profile-min-value' : 'profile-max-value'
  return (place, _run, found) => {
    const order = place.value === undefined ? undefined : compared(place.value, limit)
    if (order === undefined || (side === 'at least' ? order >= 0 : order <= 0)) return
    const text = `There is ${described(place)}, expected ${side} ${excerpt(limit)}`
    found.push(
      finding(of, {
        rule,
        place,
        text,
      }),
    )
  }
}

/** Below, at or above a limit; undefined where the two cannot be compared. */
function compared(value: Json, limit: Json): number | undefined {
  if (isDecimal(value) && isDecimal(limit)) return decimalValue(value) - decimalValue(limit)
  if (typeof value === 'string' && typeof limit === 'string') return compareTimes(value, limit)
  if (!isObject(value) || !isObject(limit)) return undefined
  const { value: own, system, code } = value
  const { value: other, system: limitSystem, code: limitCode } = limit
  if (own === undefined || other === undefined || system !== limitSystem || code !== limitCode) return undefined
  return compared(own, other)
}

/** Dates of the same precision compare as text, instants by the time that they mean. */
function compareTimes(value: string, limit: string): number | undefined {
  if (value.includes('T') && limit.includes('T')) {
    const difference = Date.parse(value) - Date.parse(limit)
    return Number.isNaN(difference) ? undefined : difference
  }
  return value.length !== limit.length ? undefined : value < limit ? -1 : value > limit ? 1 : 0
}

/** Whether two values are the same in every member; decimals by value. */
export function equals(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true
  if (isDecimal(one) && isDecimal(other)) return decimalValue(one) === decimalValue(other)
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item: Json, index) => equals(item, other[index] as Json))
  }
  if (!isObject(one) || !isObject(other)) return false
  const names = Object.keys(other)
  return Object.keys(one).length === names.length && names.every((name) => equals(one[name], other[name]))
}

/** Whether a value has all that a pattern has: each member, and of a list some item for each of the pattern's. */
export function matches(value: Json | undefined, pattern: Json | undefined): boolean {
  if (Array.isArray(pattern)) {
    return pattern.every((one: Json) => Array.isArray(value) && value.some((item: Json) => matches(item, one)))
  }
  if (isObject(pattern)) {
    return isObject(value) && Object.keys(pattern).every((name) => matches(value[name], pattern[name]))
  }
  return equals(value, pattern)
}

/** A value for a message, cut where it is long. */
export function described({ value, shadow }: Place): string {
  return value === undefined ? (shadow === undefined ? 'nothing' : 'no value') : excerpt(value)
}

const MAX_EXCERPT = 160

export function excerpt(value: Json): string {
  const text = JSON.stringify(value)
  return text.length <= MAX_EXCERPT ? text : `${text.slice(0, MAX_EXCERPT)}…`
}
