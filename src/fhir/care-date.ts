/** When care was given, as far as a resource says it, whatever its type calls it. */

import { isObject, type Json, type Resource } from './types.ts'

/** The elements that say it, the nearest first. */
const DATES = ['effectiveDateTime', 'effectivePeriod', 'effectiveInstant', 'performedDateTime', 'performedPeriod', 'occurrenceDateTime', 'occurrencePeriod', 'onsetDateTime', 'onsetPeriod', 'timingDateTime', 'timingPeriod', 'servicedDate', 'servicedPeriod', 'period', 'billablePeriod', 'started', 'date', 'dateTime', 'authoredOn', 'whenHandedOver', 'recordedDate', 'dateAsserted', 'issued', 'created', 'sent', 'start'] as const // prettier-ignore

/** The first and last moment of it, as written; a moment that is left open is absent. */
export function careSpan(resource: Resource): readonly [first: string | undefined, last: string | undefined] {
  const name = DATES.find((one) => resource[one] !== undefined)
  const value = name === undefined ? undefined : resource[name]
  if (!isObject(value)) return [textOf(value), textOf(value)]
  return [textOf(value['start']), textOf(value['end'])]
}

/** The latest moment of it that is written. */
export function careDate(resource: Resource): string | undefined {
  const [first, last] = careSpan(resource)
  return last ?? first
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
