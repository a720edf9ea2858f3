/** What comes into a document because something of it names it, by the first that does. */

import { occurrences } from '../../fhir/occurrence.ts'
import type { Model } from '../../fhir/model.ts'
import type { Found } from '../../ports.ts'
import type { RecordIndex } from './record-index.ts'

/** For each resource of the record that some of these lead to, the one that names it. */
export function alongWith(all: Iterable<Found>, index: RecordIndex, model: Model): ReadonlyMap<Found, Found> {
  const holders = new Map<Found, Found>()
  const pending = [...all]
  const seen = new Set(pending)
  // it grows on the way
  for (const holder of pending) {
    for (const { kind, value } of occurrences(holder.resource, model)) {
      const found = kind === 'reference' ? index.resolve({ reference: value }, holder) : undefined
      if (found === undefined || seen.has(found)) continue
      seen.add(found)
      holders.set(found, holder)
      pending.push(found)
    }
  }
  return holders
}
