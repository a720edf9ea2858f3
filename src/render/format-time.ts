/** Dates and times at their own precision and with their own offset: nothing is moved to another zone (H-16). */

import type { JsonObject } from '../fhir/types.ts'
import type { Locale } from './locale.ts'
import { absentReason, joined, others, plainText, type Format, type Wording } from './wording.ts'

const DATE = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/
const DATE_TIME = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::(\d{2}(?:\.\d+)?))?(Z|[+-]\d{2}:\d{2})?$/
const TIME = /^(\d{2}:\d{2})(?::(\d{2}(?:\.\d+)?))?$/

/** A date, dateTime or instant in words; a text of another form as it is. @see https://hl7.org/fhir/R4/datatypes.html#dateTime */
export function showDateTime(text: string, wording: Wording): string {
  const [, date, minutes, seconds, offset] = DATE_TIME.exec(text) ?? []
  if (date === undefined || minutes === undefined) return showDate(text, wording)
  const day = showDate(date, wording)
  const time = clock(minutes, seconds)
  if (offset === undefined) return wording.phrase('date.time', { date: day, time })
  const full = wording.phrase('date.zoned', { date: day, time, offset: offset === 'Z' ? 'UTC' : offset })
  const local = offset === 'Z' ? siteTime(text, date, wording) : undefined
  return local === undefined ? full : wording.phrase('date.also', { time: full, local })
}

/** `2026`, `2026-03` and `2026-03-01` in words. */
export function showDate(text: string, { locale }: Pick<Wording, 'locale'>): string {
  const [, year, month, day] = DATE.exec(text) ?? []
  if (year === undefined) return text
  if (month === undefined) return year
  const at = new Date(0)
  at.setUTCFullYear(Number(year), Number(month) - 1, Number(day ?? 1))
  const isReal = at.getUTCMonth() === Number(month) - 1
  return isReal
    ? dateFormat(locale, day !== undefined)
        .format(at)
        .replaceAll(' ', '\u00a0')
    : text
}

const dateFormats = new WeakMap<Locale, Record<'day' | 'month', Intl.DateTimeFormat>>()

/** In the language's own order and words; the calendar and the digits are always those of the document. */
function dateFormat(locale: Locale, hasDay: boolean): Intl.DateTimeFormat {
  let formats = dateFormats.get(locale)
  if (formats === undefined) {
    const { locale: tag, month } = locale.dates ?? { locale: locale.language, month: 'long' }
    const make = (fields: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
      new Intl.DateTimeFormat(`${tag}-u-ca-gregory-nu-latn`, { ...fields, year: 'numeric', month, timeZone: 'UTC' })
    formats = { day: make({ day: 'numeric' }), month: make({}) }
    dateFormats.set(locale, formats)
  }
  return hasDay ? formats.day : formats.month
}

/** A time of day; seconds and their fraction stand where they are not zero. */
export function showTime(text: string): string {
  const [, minutes, seconds] = TIME.exec(text) ?? []
  return minutes === undefined ? text : clock(minutes, seconds)
}

function clock(minutes: string, seconds: string | undefined): string {
  return seconds === undefined || /^00(?:\.0*)?$/.test(seconds) ? minutes : `${minutes}:${seconds.replace(/\.0*$/, '')}`
}

const formatters = new Map<string, Intl.DateTimeFormat | undefined>()
/** There are some 600 zones; a document may name more. */
const MAX_FORMATTERS = 1_000

const FIELDS = {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
} as const

/** Wall clocks in a zone; undefined where there is no such zone. */
function formatterOf(timeZone: string): Intl.DateTimeFormat | undefined {
  if (formatters.has(timeZone)) return formatters.get(timeZone)
  if (formatters.size >= MAX_FORMATTERS) formatters.clear()
  let formatter: Intl.DateTimeFormat | undefined
  try {
    formatter = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', { ...FIELDS, hourCycle: 'h23', timeZone })
  } catch {
    formatter = undefined
  }
  formatters.set(timeZone, formatter)
  return formatter
}

/** The wall clock of the site's zone at a time in UTC, with the day where it is another one. */
function siteTime(instant: string, date: string, wording: Wording): string | undefined {
  const { zone, phrase } = wording
  const at = Date.parse(instant)
  if (zone === undefined || Number.isNaN(at)) return undefined
  const formatter = formatterOf(zone)
  if (formatter === undefined) return undefined
  const part = Object.fromEntries(formatter.formatToParts(at).map(({ type, value }) => [type, value]))
  const localDate = `${part['year']}-${part['month']}-${part['day']}`
  const [, , , seconds] = DATE_TIME.exec(instant) ?? []
  const time = clock(`${part['hour']}:${part['minute']}`, seconds)
  const day = localDate === date ? undefined : showDate(localDate, wording)
  return phrase('date.local', { local: joined([day, time]), zone })
}

function edge(value: JsonObject, name: string, wording: Wording): string {
  const text = plainText(value[name])
  return text === '' ? (absentReason(value[`_${name}`], wording) ?? '') : showDateTime(text, wording)
}

const period: Format = (value, wording) => {
  const [start, end] = [edge(value, 'start', wording), edge(value, 'end', wording)]
  const rest = others(value, 'Period', ['start', 'end'], wording)
  return joined([between(start, end, wording), ...rest])
}

function between(start: string, end: string, { phrase }: Wording): string {
  if (start === '' && end === '') return ''
  if (end === '') return phrase('period.since', { start })
  if (start === '') return phrase('period.until', { end })
  return start === end ? start : phrase('period.both', { start, end })
}

export const TIME_FORMATS: Readonly<Record<string, Format>> = { Period: period }
