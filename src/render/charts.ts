/**
 * Vital signs as lines over time, drawn for display beside the text of a section: FHIR allows no SVG in narrative, so a
 * chart is never attested nor signed. Its description says every point in words, and no number is but printed.
 */

import { decimalText, isDecimal } from '../fhir/decimal.ts'
import type { JsonObject, Reference } from '../fhir/types.ts'
import type { Document } from './document.ts'
import { unknownModifiers } from './modifiers.ts'
import { findTarget, wordingFor, type Target } from './refer.ts'
import { sharedElements } from './tables.ts'
import { joined, objects, plainText, shown, type Wording } from './wording.ts'

/** What the template draws; lengths are of the view box. */
export interface ChartView {
  readonly id: string
  readonly title: string
  /** Every point in words. */
  readonly description: string
  readonly width: number
  readonly height: number
  readonly lines: readonly { readonly points: string; readonly dash: string }[]
  readonly dots: readonly { readonly x: number; readonly y: number; readonly label: string; readonly labelY: number }[]
  readonly names: readonly {
    readonly text: string
    readonly y: number
    readonly dash: string
    readonly textY: number
  }[]
  readonly times: readonly { readonly x: number; readonly text: string }[]
  readonly axisY: number
}

/** A value at a time. */
interface Point {
  readonly ms: number
  readonly time: string
  /** For its place alone. */
  readonly value: number
  readonly number: string
  readonly words: string
}

interface Series {
  readonly chart: string
  readonly name: string
  readonly unit: string
  readonly points: Point[]
}

const VITAL_SIGNS = new Set(['8716-3', 'vital-signs'])
/** Fewer make no course. */
const LEAST = 2
/** More would lie on each other. */
const MOST = 12

/** A chart for each vital sign that a section has at several times; none for sections of other things. */
export function chartsOf(
  { section, id }: { readonly section: JsonObject; readonly id: string },
  document: Document,
): readonly ChartView[] {
  const targets = (objects(section['entry']) as readonly Reference[]).flatMap((reference) => {
    const target = findTarget(document.reader.index, reference, document.holder)
    return typeof target === 'string' ? [] : [target]
  })
  const isOfVitalSigns = hasCode(section['code'])
  const series = new Map<string, Series>()
  for (const target of targets)
    if (target.resource.resourceType === 'Observation' && (isOfVitalSigns || hasCode(target.resource['category'])))
      addTo(series, target, document)
  const whole = [...series.values()].filter(
    ({ points }) => new Set(points.map(({ ms }) => ms)).size >= LEAST && points.length <= MOST,
  )
  return [...Map.groupBy(whole, ({ chart }) => chart)].map(([title, lines], index) =>
    chartOf({ id: `${id}-chart-${index + 1}`, title }, lines, document),
  )
}

function hasCode(concept: unknown): boolean {
  return objects(concept as never).some(({ coding }) =>
    objects(coding).some(({ code }) => VITAL_SIGNS.has(plainText(code))),
  )
}

/** Values that are in force, and are the subject's: a comparator, another status or an unknown modifier makes no point. */
function addTo(series: Map<string, Series>, target: Target, document: Document): void {
  const { resource, holder } = target
  const text = plainText(resource['effectiveDateTime'] ?? resource['effectiveInstant'])
  const isSure = FINAL.has(plainText(resource['status'])) && unknownModifiers(resource, '').length === 0
  if (
    !isSure ||
    !/T.*(?:Z|[+-]\d\d:\d\d)$|^\d{4}-\d\d-\d\d$/.test(text) ||
    !sharedElements(target, document).includes('subject')
  )
    return
  const wording = wordingFor(document.reader, holder, 1)
  const chart = shown(resource, 'Observation', 'code', wording)
  const time = shown(resource, 'Observation', 'effective', wording)
  const parts = [
    { part: resource as JsonObject, name: chart },
    ...objects(resource['component']).map((part) => ({
      part,
      name: shown(part, 'Observation.component', 'code', wording),
    })),
  ]
  for (const { part, name } of parts) {
    const [quantity] = objects(part['valueQuantity'])
    if (quantity === undefined || !isDecimal(quantity['value']) || quantity['comparator'] !== undefined) continue
    const unit = plainText(quantity['code']) || plainText(quantity['unit'])
    const key = JSON.stringify([chart, name, unit])
    const own = series.get(key) ?? { chart, name, unit, points: [] }
    series.set(key, own)
    own.points.push(pointOf(quantity, { ms: Date.parse(text), time }, wording))
  }
}

const FINAL = new Set(['final', 'amended', 'corrected'])

function pointOf(quantity: JsonObject, at: Pick<Point, 'ms' | 'time'>, wording: Wording): Point {
  const words = wording.show(quantity, 'Quantity')
  const { value } = quantity
  const text = isDecimal(value) ? decimalText(value) : ''
  return { ...at, value: Number(text), number: wording.show(value, 'decimal'), words }
}

const WIDTH = 640
const HEIGHT = 204
const LEFT = 20
const RIGHT = 150
const TOP = 24
const BOTTOM = 58
const DASHES = ['', '6 4', '2 3', '8 3 2 3'] as const

function chartOf(
  { id, title }: Pick<ChartView, 'id' | 'title'>,
  series: readonly Series[],
  document: Document,
): ChartView {
  const { phrase } = document.reader.parts
  const all = series.flatMap(({ points }) => points)
  const x = scale(
    all.map(({ ms }) => ms),
    [LEFT + 30, WIDTH - RIGHT],
  )
  const y = scale(
    all.map(({ value }) => value),
    [HEIGHT - BOTTOM, TOP + 8],
    LEAST_SPAN,
  )
  const sorted = series.map((one) => ({ ...one, points: [...one.points].sort((a, b) => a.ms - b.ms) }))
  const said = sorted.map(({ name, points }) =>
    phrase('labelled', {
      label: name,
      value: joined(
        points.map(({ time, words }) => `${time} ${words}`),
        '; ',
      ),
    }),
  )
  return {
    id,
    title: phrase('chart.title', { name: title }),
    description: said.join('. '),
    width: WIDTH,
    height: HEIGHT,
    axisY: HEIGHT - BOTTOM + 24,
    lines: sorted.map(({ points }, index) => ({
      dash: dashOf(index),
      points: points.map(({ ms, value }) => `${x(ms)},${y(value)}`).join(' '),
    })),
    dots: sorted.flatMap(({ points }, index) =>
      points.map(({ ms, value, number }) => ({
        x: x(ms),
        y: y(value),
        label: number,
        labelY: y(value) + (index % 2 === 0 ? -8 : 17),
      })),
    ),
    names: sorted.map(({ name, points, unit }, index) => {
      const at = y(points.at(-1)?.value ?? 0)
      return {
        text: `${name}${unit === '' ? '' : ` (${unitIn(points, unit)})`}`,
        y: at,
        textY: at + 4,
        dash: dashOf(index),
      }
    }),
    times: timesOf(all, x),
  }
}

/** The unit as it is printed. */
function unitIn(points: readonly Point[], unit: string): string {
  return points.at(-1)?.words.split('\u00a0')[1] ?? unit
}

function dashOf(index: number): string {
  return DASHES[index % DASHES.length] ?? ''
}

/** The days of the axis: the first and the last, which the description has with their times. */
function timesOf(points: readonly Point[], x: (ms: number) => number): ChartView['times'] {
  const sorted = [...points].sort((a, b) => a.ms - b.ms)
  const ends = [sorted[0], sorted.at(-1)].filter((point) => point !== undefined)
  return ends.map(({ ms, time }) => ({ x: x(ms), text: time }))
}

/** A course that spans less than this share of its values is drawn as flat as it is. */
const LEAST_SPAN = 0.25

/** From values to places between two ends, their middle in the middle. */
function scale(
  values: readonly number[],
  [from, to]: readonly [number, number],
  leastSpan = 0,
): (value: number) => number {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const span = Math.max(most - least, leastSpan * Math.max(Math.abs(least), Math.abs(most))) || 1
  const middle = (least + most) / 2
  return (value) => Math.round(((from + to) / 2 + ((value - middle) / span) * (to - from)) * 10) / 10
}
