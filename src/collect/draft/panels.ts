/** Results that a report or a panel tells: they come along with it and are no entries beside it. */

import type { Json } from '../../fhir/types.ts'
import type { Found } from '../../ports.ts'
import type { Placed } from './placing.ts'
import type { RecordIndex } from './record-index.ts'

export interface Gathered {
  readonly entries: readonly Placed[]
  /** For each member that is no entry, the one that tells it. */
  readonly members: ReadonlyMap<Found, Found>
}

/** The entries of a section without those that others among them tell. */
export function gathered(entries: readonly Placed[], index: RecordIndex): Gathered {
  const below = new Map(entries.map((entry) => [entry.found, membersOf(entry, index)]))
  const members = new Map<Found, Found>()
  for (const [head, own] of below) {
    for (const member of reached(own, below)) {
      // two that gather each other would both be gone
      const isCircle = member === head || reached(below.get(member) ?? [], below).has(head)
      if (below.has(member) && !isCircle && !members.has(member)) members.set(member, head)
    }
  }
  return { entries: entries.filter(({ found }) => !members.has(found)), members }
}

/** The results that an entry names; none where one of them cannot be told in its place. */
function membersOf({ found, row }: Placed, index: RecordIndex): readonly Found[] {
  const list = row.members === undefined ? undefined : found.resource[row.members]
  if (!Array.isArray(list)) return []
  const targets = (list as readonly Json[]).map((reference) => index.resolve(reference, found))
  const own = targets.filter((target) => target !== undefined)
  return own.every(({ resource }) => resource.resourceType === 'Observation') ? own : []
}

function reached(start: readonly Found[], below: ReadonlyMap<Found, readonly Found[]>): ReadonlySet<Found> {
  const found = new Set<Found>()
  const pending = [...start]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (found.has(next)) continue
    found.add(next)
    pending.push(...(below.get(next) ?? []))
  }
  return found
}
