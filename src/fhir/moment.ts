/** Dates and times of any precision compared, only as far as both say. @see https://hl7.org/fhir/R4/datatypes.html#dateTime */

/** Whether one moment lies surely after another; false where one is absent, or where their precision leaves it open. */
export function isAfter(one: string | undefined, other: string | undefined): boolean {
  if (typeof one !== 'string' || typeof other !== 'string') return false
  const start = earliestMs(one)
  const end = latestMs(other)
  return start !== undefined && end !== undefined && start > end
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
