/** Dates and times of any precision compared, only as far as both say. @see https://hl7.org/fhir/R4/datatypes.html#dateTime */

/** Whether one moment lies surely after another; false where one is absent, or where their precision leaves it open. */
export function isAfter(one: string | undefined, other: string | undefined): boolean {
  if (typeof one !== 'string' || typeof other !== 'string') return false
  const start = earliestMs(one)
  const end = latestMs(other)
  return start !== undefined && end !== undefined && start > end
}

/**
 * Whether one moment lies after another as they are written: dates are of one calendar, that of a time is the one of its
 * zone. A time in UTC, which is the zone of machines wherever they stand, may be of the day before or after.
 */
export function isAfterAsWritten(one: string | undefined, other: string | undefined): boolean {
  if (typeof one !== 'string' || typeof other !== 'string') return false
  const isMixed = one.includes('T') !== other.includes('T')
  return isMixed && /T.*(?:Z|[+-]00:00)$/.test(one.includes('T') ? one : other)
    ? isAfter(one, other)
    : isLater(one, other)
}

/** Whether a span surely lies within another, which may be open at an end; a date without a time counts as written. */
export function isWithin(one: Span, other: Span): boolean {
  return (
    (other.start === undefined || isWithinFrom(one.start, other.start)) &&
    (other.end === undefined || isWithinTo(one.end, other.end))
  )
}

/** Moments of any precision; one that is absent leaves the span open. */
export interface Span {
  readonly start?: string
  readonly end?: string
}

function isWithinFrom(one: string | undefined, least: string): boolean {
  if (one === undefined) return false
  if (one.includes('T') && least.includes('T')) return Date.parse(one) >= Date.parse(least)
  const [day, leastDay] = [firstDay(one), firstDay(least)]
  // a day begins before any time of it
  return least.includes('T') ? day > leastDay : day >= leastDay
}

function isWithinTo(one: string | undefined, most: string): boolean {
  if (one === undefined) return false
  if (one.includes('T') && most.includes('T')) return Date.parse(one) <= Date.parse(most)
  const [day, mostDay] = [lastDay(one), lastDay(most)]
  return most.includes('T') ? day < mostDay : day <= mostDay
}

function firstDay(moment: string): string {
  return dayOf(moment) + '-01-01'.slice(dayOf(moment).length - 4)
}

/** In the order of texts after every day of its month or year. */
function lastDay(moment: string): string {
  return dayOf(moment) + '-12-31'.slice(dayOf(moment).length - 4)
}

function dayOf(moment: string): string {
  return moment.split('T')[0] ?? ''
}

/** Whether one moment is later than another, where a date without a time counts as written, in the zone of the other. */
export function isLater(one: string, other: string): boolean {
  return laterThan(other)(one)
}

/** The same for many moments and one other. */
export function laterThan(other: string): (one: string) => boolean {
  const otherMs = other.includes('T') ? Date.parse(other) : undefined
  return (one) => {
    if (otherMs !== undefined && one.includes('T')) return Date.parse(one) > otherMs
    const length = Math.min(one.split('T')[0]?.length ?? 0, other.split('T')[0]?.length ?? 0)
    return one.slice(0, length) > other.slice(0, length)
  }
}

const DAY_MS = 86_400_000
/** The zones of the earth reach from 14 hours ahead to 12 hours behind. */
const AHEAD_MS = 14 * 3_600_000
const BEHIND_MS = 12 * 3_600_000

function earliestMs(moment: string): number | undefined {
  return shifted(moment, (dateMs) => dateMs - AHEAD_MS)
}

function latestMs(moment: string): number | undefined {
  if (moment.includes('T')) return shifted(moment, (dateMs) => dateMs)
  const [year = 0, month, day] = moment.split('-').map(Number)
  const end =
    month === undefined
      ? Date.UTC(year + 1, 0)
      : day === undefined
        ? Date.UTC(year, month)
        : Date.UTC(year, month - 1, day) + DAY_MS
  return shifted(moment, () => end - 1 + BEHIND_MS)
}

/** The instant of a time with offset as it is; of a date, what the second function makes of its first midnight in UTC. */
function shifted(moment: string, ofDate: (dateMs: number) => number): number | undefined {
  const ms = Date.parse(moment)
  if (Number.isNaN(ms)) return undefined
  return moment.includes('T') ? ms : ofDate(ms)
}
