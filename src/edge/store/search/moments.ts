/** Dates and times as the span of time that they say, in milliseconds since 1970, both ends included. */

export interface Span {
  readonly low: number
  readonly high: number
}

/** Beyond every date that there is. */
export const EVER = 8_640_000_000_000_000

const MOMENT = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/

/**
 * The span of a date, dateTime or instant by its own precision; what has no zone counts as UTC. Undefined where the text
 * is none of them.
 * @see https://hl7.org/fhir/R4/search.html#date
 */
export function spanOf(text: string): Span | undefined {
  const match = MOMENT.exec(text)
  if (match === null) return undefined
  const [, year = '', month, day, hour, minute, second, fraction, zone] = match
  if (!isCalendarDate(Number(year), Number(month ?? 1), Number(day ?? 1))) return undefined
  if (Number(hour ?? 0) > 23 || Number(minute ?? 0) > 59 || Number(second ?? 0) > 60) return undefined
  if (hour === undefined) return daySpan(Number(year), month, day)
  const seconds = Math.min(Number(second ?? 0), 59)
  const milliseconds = Math.floor(Number(`0.${fraction ?? '0'}`) * 1000 + 1e-6)
  const start =
    utc(Number(year), Number(month) - 1, Number(day)) + ((Number(hour) * 60 + Number(minute)) * 60 + seconds) * 1000
  const low = start - offsetMs(zone) + milliseconds
  const length = second === undefined ? 60_000 : lengthOf(fraction)
  return { low, high: low + length - 1 }
}

function lengthOf(fraction: string | undefined): number {
  if (fraction === undefined) return 1000
  return Math.max(1, 10 ** (3 - fraction.length))
}

function daySpan(year: number, month: string | undefined, day: string | undefined): Span {
  const first = utc(year, Number(month ?? 1) - 1, Number(day ?? 1))
  if (month === undefined) return { low: first, high: utc(year + 1, 0, 1) - 1 }
  if (day === undefined) return { low: first, high: utc(year, Number(month), 1) - 1 }
  return { low: first, high: first + 86_400_000 - 1 }
}

/** Date.UTC takes the years below 100 for those of the last century. */
function utc(year: number, month: number, day: number): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  return date.getTime()
}

function isCalendarDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false
  return new Date(utc(year, month - 1, day)).getUTCDate() === day
}

function offsetMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0
  const [hours = 0, minutes = 0] = zone.slice(1).split(':').map(Number)
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}
