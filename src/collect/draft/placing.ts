/** Where each resource of a record stands in a document, or why it does not. */

import type { Found } from '../../ports.ts'
import type { Candidate, Guide } from './compiled.ts'
import type { EntryRow } from './guide.ts'
import { reason, type Reason } from './reason.ts'
import type { RecordIndex } from './record-index.ts'
import type { Stay } from './stay.ts'

/** An entry of a section, before windows. */
export interface Placed {
  readonly found: Found
  readonly row: EntryRow
}

export interface Placing {
  /** By section, in the order of the record. */
  readonly sections: readonly (readonly Placed[])[]
  readonly left: ReadonlyMap<Found, Reason>
}

/** The section of each resource; several, where rows take it beside others. */
export function placed(index: RecordIndex, guide: Guide, stay: Stay | undefined): Placing {
  const sections = guide.row.sections.map((): Placed[] => [])
  const left = new Map<Found, Reason>()
  for (const found of index.all) {
    const places = placesOf(found, guide, stay)
    if ('text' in places) left.set(found, places)
    else for (const { section, row } of places) sections[section]?.push({ found, row })
  }
  return { sections, left }
}

/** What is said of a resource that nothing else is said of. */
export const NO_SECTION = reason('none', 'no section of this guide takes it')

/** Where a resource stands, or why it does not. */
function placesOf(found: Found, guide: Guide, stay: Stay | undefined): readonly Candidate[] | Reason {
  const { resourceType } = found.resource
  const candidates = guide.candidates(found.resource)
  const inScope = candidates.filter(({ row: { scope } }) => scope === undefined || stay?.has(found, scope) === true)
  const first = inScope.find(({ row }) => row.also !== true)
  const places = inScope.filter((place) => place.row.also === true || place === first)
  const taking = places.filter(({ left }) => left === undefined)
  if (taking.length > 0) return taking
  const [{ left = undefined } = {}] = places
  if (left !== undefined) return left
  const isKnown = guide.row.sections.some(({ entries }) => entries.some(({ type }) => type === resourceType))
  if (!isKnown) return reason('none', `${resourceType} is in no section of this guide`)
  return candidates.length > 0 && stay !== undefined ? stay.relation(found) : NO_SECTION
}
