/** One state of sources that change meanwhile: what was read is compared at the end (H-15). */

import { fail } from '../fhir/error.ts'
import type { Reading, Source } from '../ports.ts'

/** A second reading that changes too is of a record that is just being written. */
const ATTEMPTS = 2

/**
 * The result of work over sources that are the same at its end as when it read them; it is done once more where they are
 * not, so it has no other effects.
 * @throws FhirError `conflict` where they changed again
 */
export async function steadily<T>(
  sources: readonly Source[],
  work: (sources: readonly Source[]) => Promise<T>,
): Promise<T> {
  for (let count = 1; count <= ATTEMPTS; count += 1) {
    const readings = sources.map((source) => source.begin?.() ?? source)
    const result = await work(readings)
    const held = await Promise.all(readings.filter(isReading).map((reading) => reading.holds()))
    if (held.every((each) => each)) return result
  }
  throw fail('conflict', 'What the document is made of changed while it was read, expected a later attempt')
}

function isReading(source: Source): source is Reading {
  return 'holds' in source
}
