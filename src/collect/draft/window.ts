/** What of a section is shown by age and number; the rest is counted, never dropped without a word (H-10, H-16). */

import { careDate } from '../../fhir/care-date.ts'
import { lastingMemo, remember } from '../../fhir/memo.ts'
import { isAfter } from '../../fhir/moment.ts'
import type { Resource } from '../../fhir/types.ts'
import type { Found } from '../../ports.ts'
import type { Guide } from './compiled.ts'
import type { Placed } from './placing.ts'
import { reason, type Reason } from './reason.ts'
import type { DraftRequest, Note } from './record.ts'

export interface Windowed {
  readonly entries: readonly Placed[]
  readonly left: ReadonlyMap<Found, Reason>
  readonly notes: readonly Note[]
}

/** The entries within the window of their section. What has no date is always within. */
export function windowed(
  entries: readonly Placed[],
  section: number,
  guide: Guide,
  request: Pick<DraftRequest, 'date' | 'zone'>,
): Windowed {
  const window = guide.row.sections[section]?.window
  if (window === undefined) return { entries, left: new Map(), notes: [] }
  const newest = entries.toSorted((one, other) => compareDates(one.found, other.found, 'newest'))
  const first = window.months === undefined ? undefined : monthsBefore(request, window.months)
  const seen = new Set<string>()
  const kept = new Set<Placed>()
  const left = new Map<Found, Reason>()
  for (const entry of newest) {
    const { kind } = guide.keys(entry.found.resource, section)
    const isLatest = kind !== undefined && !seen.has(kind)
    if (kind !== undefined) seen.add(kind)
    const date = careDate(entry.found.resource)
    const isOld = isAfter(first, date)
    const isMany = window.count !== undefined && kept.size >= window.count && date !== undefined
    if (isLatest || !(isOld || isMany)) kept.add(entry)
    else left.set(entry.found, reasonFor(isOld ? first : undefined, window.count))
  }
  const notes = left.size === 0 ? [] : [noteOf(window.latestOf !== undefined, first, left.size, window.count)]
  return { entries: entries.filter((entry) => kept.has(entry)), left, notes }
}

function reasonFor(first: string | undefined, count = 0): Reason {
  if (first !== undefined) {
    const text = `it is before ${first}, where the window of the section begins`
    return { code: 'before', values: { date: first }, text }
  }
  if (count === 0) return reason('later', 'a later one of its kind is shown')
  return { code: 'beyond', values: { count: String(count) }, text: `it is beyond the ${count} newest of the section` }
}

function noteOf(keepsLatest: boolean, first: string | undefined, count: number, most: number | undefined): Note {
  const slots = { count: String(count), ...(first !== undefined && { start: first }), ...(most !== undefined && { most: String(most) }) } // prettier-ignore
  if (first === undefined) return { phrase: keepsLatest ? 'window.newest' : 'window.most', slots }
  return { phrase: keepsLatest ? 'window.since.latest' : 'window.since', slots }
}

/** The newest or the oldest first; what has no date last. */
export function compareDates(one: Found, other: Found, first: 'newest' | 'oldest'): number {
  const { ms: a } = remember(moments, one.resource, momentOf)
  const { ms: b } = remember(moments, other.resource, momentOf)
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1
  const difference = a - b
  return first === 'newest' ? -difference : difference
}

const moments = lastingMemo<Resource, { readonly ms: number | undefined }>()

function momentOf(resource: Resource): { readonly ms: number | undefined } {
  const date = careDate(resource)
  return { ms: date === undefined ? undefined : Date.parse(date) }
}

/** The day so many months before that of a moment in the zone of the site: `2025-03-10`. */
function monthsBefore({ date, zone }: Pick<DraftRequest, 'date' | 'zone'>, months: number): string {
  const [year = 1970, month = 1, day = 1] = dayIn(date, zone).split('-').map(Number)
  const start = new Date(Date.UTC(year, month - 1 - months, 1))
  const last = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 0)).getUTCDate()
  start.setUTCDate(Math.min(day, last))
  return start.toISOString().slice(0, 10)
}

/** The day that a moment falls on in a zone; as it is written where none is given. */
export function dayIn(moment: string, zone: string | undefined): string {
  if (zone === undefined) return moment.slice(0, 10)
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
  return parts.format(new Date(moment))
}
