/** Batches: each entry is done by itself. @see https://hl7.org/fhir/R4/http.html#brules */

import { FhirError } from '../../fhir/error.ts'
import type { Bundle, Entry } from '../../fhir/types.ts'
import { Refusal } from '../answer.ts'
import { planned } from './entries.ts'
import { mustBeAwaited, perform, type Performing } from './interactions.ts'
import type { Preferences } from './prefer.ts'
import { failedEntry, responseBundle, responseEntry } from './response.ts'

/** The response to a batch: what came of each entry, or why it failed. Aborted, it stops between two entries. */
export async function batch(
  bundle: Bundle,
  preferences: Preferences,
  { service, signal }: Performing,
): Promise<Bundle> {
  const done: Entry[] = []
  for (const [index, entry] of (bundle.entry ?? []).entries()) {
    mustBeAwaited(signal)
    try {
      const one = planned(entry, index, { service, handling: preferences.handling })
      done.push(responseEntry(one, await perform(one.act, one.ask, { service, signal }), { service, preferences }))
    } catch (thrown) {
      // a failure of ours belongs into the log
      if (!(thrown instanceof FhirError || thrown instanceof Refusal)) throw thrown
      done.push(failedEntry(thrown, index))
    }
  }
  return responseBundle('batch', done)
}
