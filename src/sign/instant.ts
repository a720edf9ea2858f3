/** Instants and the seconds since 1970 that a JWS header counts in. @see https://hl7.org/fhir/R4/datatypes.html#instant */

import type { Instant } from '../fhir/types.ts'

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/

/** Milliseconds since 1970; undefined where the text is no instant. */
export function milliseconds(instant: Instant): number | undefined {
  const value = INSTANT.test(instant) ? Date.parse(instant) : Number.NaN
  return Number.isNaN(value) ? undefined : value
}

/** The instant in UTC and whole seconds, what is left of the second cut off: `2026-03-01T10:00:00Z`. */
export function instantOf(seconds: number): Instant {
  return `${new Date(Math.floor(seconds) * 1000).toISOString().slice(0, 19)}Z`
}
