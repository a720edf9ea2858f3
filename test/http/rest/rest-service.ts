/** The service with the real stages and a store in memory, for the length of a test file. */

import { openStore } from '../../../src/edge/store/open-store.ts'
import { openSearch } from '../../../src/edge/store/search/open-search.ts'
import type { Log } from '../../../src/http/app.ts'
import { startService } from '../../../src/http/start.ts'
import { PAGES } from '../../../src/web/routes.ts'
import { designOf } from '../../../src/main/design.ts'
import type { Store } from '../../../src/ports.ts'
import { readSettings } from '../../../src/settings.ts'
import { atEnd } from '../../ending.ts'
import { plainService } from '../plain-service.ts'

export const FHIR = { 'Content-Type': 'application/fhir+json' }
const failures: unknown[] = []
const silence: Log = {
  debug: () => undefined,
  info: () => undefined,
  error: (fields) => void failures.push(fields),
}

/** What the service logged as its own failures. */
export function failuresSeen(): readonly unknown[] {
  return failures
}

const design = await designOf(readSettings({}))
const clock = { now: () => new Date().toISOString() }
const search = await openSearch(design.collect, clock)

/** The FHIR base of a service over the store given. */
export async function restService(url = 'sqlite::memory:'): Promise<string> {
  const settings = readSettings({ FHIRDOC_PORT: '0', FHIRDOC_LIMIT_CONCURRENCY: '200' })
  const store: Store = await openStore(url, search)
  const service = plainService(design, store, search)
  const running = await startService({ settings, service, log: silence, pages: PAGES })
  atEnd(async () => {
    await running.stop()
    await store.close()
  })
  return `${running.url}/fhir`
}
