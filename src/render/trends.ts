/** Results of one kind at several times side by side: a row for each kind, a column for each time, the earliest first. */

import { stringify } from '../fhir/json.ts'
import type { JsonObject } from '../fhir/types.ts'
import type { CellView, RowView, Scene, TableView } from './blocks.ts'
import { marksBesideGenerated } from './marks.ts'
import { wordingFor, type Target } from './refer.ts'
import { cellsOf, type Cell, type Item } from './resource.ts'
import { ROWS, type Row } from './rows.ts'
import { sharedElements } from './tables.ts'
import { objects, plainText, shown } from './wording.ts'

/** More columns than these do not fit a page: the times after them make a further table. */
const MAX_TIMES = 4

/** A result as a cell of a trend. */
interface Point {
  readonly target: Target
  readonly kind: string
  readonly unit: string
  /** For order alone. */
  readonly ms: number
  /** As it is printed. */
  readonly time: string
  readonly cells: Readonly<Record<string, Cell>>
  readonly details: readonly Item[]
  readonly marks: readonly string[]
}

export interface Trends {
  readonly tables: readonly TableView[]
  /** Of which there is no other of their kind at another time. */
  readonly single: readonly Target[]
}

/** The results that can be set side by side as tables, and those that cannot. */
export function trendsOf(targets: readonly Target[], caption: string | undefined, scene: Scene): Trends {
  const points = targets.flatMap((target) => pointOf(target, scene))
  const kinds = [...Map.groupBy(points, ({ kind }) => kind).values()]
    .flatMap(byUnit)
    .filter((all) => new Set(all.map(({ time }) => time)).size > 1)
  const inTrend = new Set(kinds.flatMap((all) => all.map(({ target }) => target)))
  const tables = tableGroups(kinds.map(seriesOf)).flatMap((group) => {
    const times = timesOf(group.flatMap(({ points }) => points))
    const starts = Array.from({ length: Math.ceil(times.length / MAX_TIMES) }, (_, at) => at * MAX_TIMES)
    return starts.map((start) => tableOf(group, times.slice(start, start + MAX_TIMES), { caption, scene }))
  })
  return {
    tables,
    single: targets.filter((target) => !inTrend.has(target)),
  }
}

/** All results of a kind. */
interface Series {
  readonly points: readonly Point[]
  readonly byTime: ReadonlyMap<string, readonly Point[]>
  readonly common: Common
}

function seriesOf(points: readonly Point[]): Series {
  return { points, byTime: Map.groupBy(points, ({ time }) => time), common: commonOf(points) }
}

/** How many of the latest tables are tried before a kind gets one of its own: else thousands of kinds take minutes. */
const MOST_TRIED = 100

/** Kinds whose times together fit a page, in their order. */
function tableGroups(kinds: readonly Series[]): readonly (readonly Series[])[] {
  const groups: { readonly kinds: Series[]; times: ReadonlySet<string> }[] = []
  for (const kind of kinds) {
    const own = new Set(kind.byTime.keys())
    const isFitting = ({ times }: { readonly times: ReadonlySet<string> }): boolean =>
      times.size <= MAX_TIMES && new Set([...times, ...own]).size <= MAX_TIMES
    const fitting = own.size > MAX_TIMES ? undefined : groups.slice(-MOST_TRIED).find(isFitting)
    if (fitting === undefined) groups.push({ kinds: [kind], times: own })
    else {
      fitting.kinds.push(kind)
      fitting.times = new Set([...fitting.times, ...own])
    }
  }
  return groups.map((group) => group.kinds)
}

/** Results of one kind apart by their unit; those without one go with the others, where these have but one. */
function byUnit(points: readonly Point[]): readonly (readonly Point[])[] {
  const units = new Set(points.map(({ unit }) => unit).filter((unit) => unit !== ''))
  return units.size < 2 ? [points] : [...Map.groupBy(points, ({ unit }) => unit).values()]
}

function timesOf(points: readonly Point[]): readonly string[] {
  const byTime = new Map(points.map(({ time, ms }) => [time, ms]))
  return [...byTime].sort(([one, a], [other, b]) => a - b || (one < other ? -1 : 1)).map(([time]) => time)
}

/** What makes two results comparable: one code, one place, one method, one unit. */
const KIND = ['code', 'bodySite', 'method', 'focus', 'device'] as const

function pointOf(target: Target, { document }: Scene): readonly Point[] {
  const { resource } = target
  const moment = momentOf(resource)
  const isOfSubject = resource['subject'] === undefined || sharedElements(target, document).includes('subject')
  if (moment === undefined || Number.isNaN(moment) || !isOfSubject || resource['code'] === undefined) return []
  const wording = wordingFor(document.reader, target.holder)
  const row = ROWS['Observation'] as Row
  const { lines, details } = cellsOf(resource, row, sharedElements(target, document), wording)
  const cells = Object.fromEntries(
    row.columns.map(({ title }, index) => [title, lines[0]?.cells[index] ?? { items: [] }]),
  )
  const kind = stringify(KIND.map((name) => resource[name] ?? null))
  const time = shown(resource, 'Observation', 'effective', wording)
  return [
    {
      target,
      kind,
      unit: unitsOf(resource).join(' '),
      ms: moment,
      time,
      cells,
      details,
      marks: marksBesideGenerated(target, document),
    },
  ]
}

/** A dateTime without time, and what has no offset, is ordered as if in UTC. */
function momentOf({ effectiveDateTime, effectiveInstant, effectivePeriod }: JsonObject): number | undefined {
  const [start] = objects(effectivePeriod).map((period) => period['start'])
  const text = plainText(effectiveDateTime ?? effectiveInstant ?? start)
  if (text === '') return undefined
  return Date.parse(!text.includes('T') || /(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`)
}

function unitsOf({ valueQuantity, component }: JsonObject): readonly string[] {
  const quantities = [valueQuantity, ...objects(component).map((one) => one['valueQuantity'])]
  return quantities.flatMap((one) => objects(one).map(({ code, unit }) => plainText(code) || plainText(unit)))
}

interface TrendPlace {
  readonly caption: string | undefined
  readonly scene: Scene
}

function tableOf(kinds: readonly Series[], times: readonly string[], { caption, scene }: TrendPlace): TableView {
  const { phrase } = scene.document.reader.parts
  const present = kinds.filter(({ byTime }) => times.some((time) => byTime.has(time)))
  const hasRange = present.some(({ common: { range } }) => range !== undefined && range.items.length > 0)
  const hasStatus = present.some(({ common: { status } }) => status !== undefined)
  const rows = present.map(({ points, byTime, common }): RowView => {
    const values = times.map((time) => cellAt(byTime.get(time) ?? [], common, scene))
    const range = hasRange ? [common.range ?? { items: [] }] : []
    const status = hasStatus ? [common.status ?? { items: [] }] : []
    const head = points[0]?.cells['observation'] ?? { items: [] }
    return {
      lines: [{ head, cells: [...values, ...range, ...status] }],
      details: detailsOf(times.flatMap((time) => byTime.get(time) ?? [])),
    }
  })
  return {
    caption: caption ?? phrase('trend.caption'),
    ...(caption !== undefined && { isCaptionData: true }),
    columns: [
      phrase('column.observation'),
      ...times,
      ...(hasRange ? [phrase('column.range')] : []),
      ...(hasStatus ? [phrase('column.status')] : []),
    ],
    rows,
    marks: [],
  }
}

interface Common {
  readonly range?: Cell
  readonly status?: Cell
}

/** What all results of a kind have alike, which then stands once. */
function commonOf(points: readonly Point[]): Common {
  const [first] = points
  const isAlike = (title: string): boolean => {
    const own = stringify(first?.cells[title] ?? null)
    return points.every(({ cells }) => stringify(cells[title] ?? null) === own)
  }
  const { range, status } = first?.cells ?? {}
  return {
    ...(range !== undefined && isAlike('range') && { range }),
    ...(status !== undefined && isAlike('status') && { status }),
  }
}

function cellAt(points: readonly Point[], common: Common, { document, links, beside }: Scene): CellView {
  const label = document.reader.parts.phrase('column.range')
  const items = points.flatMap(({ cells }): readonly Item[] => [
    ...(cells['value']?.items ?? []),
    ...(cells['interpretation']?.items ?? []),
    ...(common.range === undefined ? (cells['range']?.items ?? []).map((item) => ({ ...item, label })) : []),
    ...(common.status === undefined ? (cells['status']?.items ?? []) : []),
  ])
  const marks = [...new Set(points.flatMap((point) => [...point.marks, ...(beside?.(point.target).marks ?? [])]))]
  const id =
    points.length > 0
      ? links?.idOf(...points.flatMap(({ target }) => [target, ...(beside?.(target).alike ?? [])]))
      : undefined
  return { items, marks, ...(id !== undefined && { id }) }
}

/** Details that all results share once, the others after their time. */
function detailsOf(points: readonly Point[]): readonly Item[] {
  const textOf = (item: Item): string => stringify(item)
  const [first] = points
  const shared = (first?.details ?? []).filter((item) =>
    points.every(({ details }) => details.some((other) => textOf(other) === textOf(item))),
  )
  const isShared = new Set(shared.map(textOf))
  const own = points.flatMap(({ time, details }): readonly Item[] => {
    const rest = details.filter((item) => !isShared.has(textOf(item)))
    return rest.length > 0 ? [{ label: time, items: rest }] : []
  })
  return [...shared, ...own]
}
