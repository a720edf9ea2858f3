/** How long documents must be kept: by their type, from their date on. */

import { earlier, later } from './fhir/period.ts'
import { isBundle, isObject, type CodeableConcept, type Instant, type Json, type Resource } from './fhir/types.ts'
import { escaped, everyMatch } from './matches.ts'
import type { StoreReader, Version } from './ports.ts'

/** By `system|code` or code of a document's type, the period that it is kept at least; `*` is for every other type. */
export type Periods = Readonly<Record<string, string>>

const OTHERS = '*'

/**
 * Until when a document, or its Composition, must be kept; undefined where nothing says it. Where it has several codes, or
 * no date, the longer time counts.
 */
export function keptUntil(resource: Resource, periods: Periods, now: Instant): Instant | undefined {
  const composition = compositionOf(resource)
  if (composition === undefined) return undefined
  const stated = periodsOf(composition, periods)
  const from = dateOf(resource) ?? dateOf(composition) ?? now
  return stated.map((period) => later(from, period)).toSorted((one, other) => Date.parse(other) - Date.parse(one))[0]
}

function compositionOf(resource: Resource): Resource | undefined {
  if (resource.resourceType === 'Composition') return resource
  if (!isBundle(resource) || resource.type !== 'document') return undefined
  const first = resource.entry?.[0]?.resource
  return first?.resourceType === 'Composition' ? first : undefined
}

function periodsOf({ type }: Resource, periods: Periods): readonly string[] {
  const { coding = [] }: CodeableConcept = isObject(type) ? type : {}
  const own = coding.flatMap(({ system, code }) =>
    [`${system ?? ''}|${code ?? ''}`, code ?? ''].flatMap((key) =>
      Object.hasOwn(periods, key) ? (periods[key] ?? []) : [],
    ),
  )
  return own.length > 0 ? own : Object.hasOwn(periods, OTHERS) ? [periods[OTHERS] ?? ''] : []
}

/** A year or a month alone is taken to its end. */
function dateOf({ timestamp, date }: Resource): Instant | undefined {
  const text: Json | undefined = timestamp ?? date
  if (typeof text !== 'string' || Number.isNaN(Date.parse(text))) return undefined
  const precision = text.length === 4 ? 'P1Y' : text.length === 7 ? 'P1M' : undefined
  return precision === undefined ? text : later(text, precision)
}

/** A document that need not be kept any more. */
export interface Due {
  /** `Bundle/1` */
  readonly reference: string
  readonly until: Instant
}

/** The stored documents whose time is over, and that are under no legal hold. */
export async function dueDocuments(reader: StoreReader, periods: Periods, now: Instant): Promise<readonly Due[]> {
  const found = new Map<string, Due>()
  for (const [type, period] of Object.entries(periods)) {
    const before = ['timestamp', `lt${earlier(now, period)}`] as const
    const typed = type === OTHERS ? [] : [['composition.type', searched(type)] as const]
    const matches = await everyMatch(reader, { type: 'Bundle', parameters: [['type', 'document'], before, ...typed] })
    for (const version of matches) {
      const until = untilOf(version, periods, now)
      const { id } = version
      if (until === undefined || Date.parse(until) > Date.parse(now)) continue
      if ((await reader.holdOf?.({ type: 'Bundle', id })) === undefined)
        found.set(id, { reference: `Bundle/${id}`, until })
    }
  }
  return [...found.values()]
}

function untilOf({ resource }: Version, periods: Periods, now: Instant): Instant | undefined {
  return resource === undefined ? undefined : keptUntil(resource, periods, now)
}

/** The bar between system and code stays one. */
function searched(type: string): string {
  return type.split('|').map(escaped).join('|')
}
