/** Prefixes of numbers and dates, and how the range of a search value stands to that of a row. @see https://hl7.org/fhir/R4/search.html#prefix */

import { sql, type RawBuilder } from '../sql/query.ts'
import { BOUNDLESS } from './quantities.ts'

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

const NUMBER = /^[+-]?(\d{1,100})(?:\.(\d{1,100}))?(?:[eE]([+-]?\d{1,3}))?$/

/** The range of a number; undefined where the text is none. @see https://hl7.org/fhir/R4/search.html#number */
export function numberRange(text: string): Sought | undefined {
  const [whole, , decimals, exponent] = NUMBER.exec(text) ?? []
  if (whole === undefined) return undefined
  // 1e2 is published as the range from 95 to 105: before an exponent the first digit stands for two.
  const digits = decimals?.length ?? (exponent === undefined ? 0 : 1)
  const exact = finite(Number(whole))
  const half = 0.5 * 10 ** (Number(exponent ?? 0) - digits)
  const tenth = Math.abs(exact) / 10
  return {
    low: finite(exact - half),
    high: finite(exact + half),
    about: { low: finite(exact - tenth), high: finite(exact + tenth) },
    from: { low: exact, high: exact },
    closed: false,
  }
}

function finite(value: number): number {
  return Math.max(-BOUNDLESS, Math.min(BOUNDLESS, value))
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
