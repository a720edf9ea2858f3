/** Batches: each entry is done by itself. @see https://hl7.org/fhir/R4/http.html#brules */

import { FhirError } from '../../fhir/error.ts'
import type { Bundle, Entry } from '../../fhir/types.ts'
import { Refusal } from '../answer.ts'
import { planned } from './entries.ts'
import { mustBeAwaited, perform } from './interactions.ts'
import { operated, type Operating } from './operated.ts'
import type { Preferences } from './prefer.ts'
import { failedEntry, responseBundle, responseEntry } from './response.ts'

/** The response to a batch: what came of each entry, or why it failed. Aborted, it stops between two entries. */
export async function batch(bundle: Bundle, preferences: Preferences, operating: Operating): Promise<Bundle> {
  const { service, signal } = operating
  const answered = async (entry: Entry, index: number): Promise<Entry> => {
    const one = planned(entry, index, { service, handling: preferences.handling })
    return responseEntry(one, await perform(one.act, one.ask, { service, signal }), { service, preferences })
  }
  const done: Entry[] = []
  for (const [index, entry] of (bundle.entry ?? []).entries()) {
    mustBeAwaited(signal)
    try {
      done.push((await operated(entry, operating)) ?? (await answered(entry, index)))
    } catch (thrown) {
      // a failure of ours belongs into the log
      if (!(thrown instanceof FhirError || thrown instanceof Refusal)) throw thrown
      done.push(failedEntry(thrown, index))
    }
  }
  return responseBundle('batch', done)
}
