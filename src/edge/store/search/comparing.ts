/** Prefixes of numbers and dates, and how the range of a search value stands to that of a row. @see https://hl7.org/fhir/R4/search.html#prefix */

import { sql, type RawBuilder } from '../sql/query.ts'

const PREFIXES = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'] as const
export type Prefix = (typeof PREFIXES)[number]

export interface Prefixed {
  readonly prefix: Prefix
  readonly rest: string
}

/** `ge2026` as `ge` and `2026`; without a prefix it is `eq`. */
export function prefixed(text: string): Prefixed {
  const prefix = PREFIXES.find((one) => text.startsWith(one))
  return prefix === undefined ? { prefix: 'eq', rest: text } : { prefix, rest: text.slice(2) }
}

/** The range of a search value. */
export interface Sought {
  /** By its own precision. */
  readonly low: number
  readonly high: number
  /** About the value. */
  readonly about: { readonly low: number; readonly high: number }
  /** Where a comparison starts from: a number is taken as exact then, a date by its precision. */
  readonly from: { readonly low: number; readonly high: number }
  /** Whether `high` is within the range. */
  readonly closed: boolean
}

type Comparison = (column: (name: 'low' | 'high') => RawBuilder<unknown>, sought: Sought) => RawBuilder<unknown>

const contained: Comparison = (column, { low, high, closed }) =>
  closed
    ? sql`(${column('low')} >= ${low} and ${column('low')} <= ${high} and ${column('high')} <= ${high})`
    : sql`(${column('low')} >= ${low} and ${column('low')} < ${high} and ${column('high')} < ${high})`

/** What must hold of the row for each prefix. */
export const COMPARISONS: Readonly<Record<Prefix, Comparison>> = {
  eq: contained,
  ne: (column, sought) => sql`not ${contained(column, sought)}`,
  gt: (column, { from }) => sql`${column('high')} > ${from.high}`,
  lt: (column, { from }) => sql`${column('low')} < ${from.low}`,
  // The first half of each follows from the second, and lets an index be used.
  ge: (column, { from: { low, high } }) =>
    sql`(${column('high')} >= ${low} and (${column('high')} > ${high} or ${column('low')} >= ${low}))`,
  le: (column, { from: { low, high } }) =>
    sql`(${column('low')} <= ${high} and (${column('low')} < ${low} or ${column('high')} <= ${high}))`,
  sa: (column, { from }) => sql`${column('low')} > ${from.high}`,
  eb: (column, { from }) => sql`${column('high')} < ${from.low}`,
  ap: (column, { about }) => sql`(${column('low')} <= ${about.high} and ${column('high')} >= ${about.low})`,
}
