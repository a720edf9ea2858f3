/** Periods of the calendar, such as retention is stated in. @see https://www.rfc-editor.org/rfc/rfc3339#appendix-A */

import { fail } from './error.ts'
import type { Instant } from './types.ts'

/** The moment a period after another, in UTC; the last day of a month where there is no such day. @throws FhirError `value` */
export function later(moment: Instant, period: string): Instant {
  return moved(moment, period, 1)
}

/** The moment a period before another. @throws FhirError `value` */
export function earlier(moment: Instant, period: string): Instant {
  return moved(moment, period, -1)
}

function moved(moment: Instant, period: string, sign: 1 | -1): Instant {
  const [whole, years = 0, months = 0, weeks = 0, days = 0] =
    /^P(?=\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?$/.exec(period) ?? []
  const start = new Date(moment)
  if (whole === undefined || Number.isNaN(start.getTime()))
    throw fail('value', 'A period or the moment it is counted from is none, expected such as P10Y')
  const count = sign * (Number(years) * 12 + Number(months))
  const day = start.getUTCDate()
  start.setUTCDate(1)
  start.setUTCMonth(start.getUTCMonth() + count)
  const last = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 0)).getUTCDate()
  start.setUTCDate(Math.min(day, last) + sign * (Number(weeks) * 7 + Number(days)))
  if (Number.isNaN(start.getTime())) throw fail('value', 'A period leads beyond all calendars')
  return start.toISOString()
}
