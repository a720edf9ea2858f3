/** The service with the real stages and a store in memory, for the length of a test file. */

import { afterAll } from 'vitest'
import { bundleSource } from '../../../src/edge/store/bundle.ts'
import { openStore } from '../../../src/edge/store/open-store.ts'
import { openSearch } from '../../../src/edge/store/search/open-search.ts'
import { storeSource } from '../../../src/edge/store/store-source.ts'
import type { Log } from '../../../src/http/app.ts'
import { startService } from '../../../src/http/start.ts'
import { PAGES } from '../../../src/web/routes.ts'
import { designOf } from '../../../src/main.ts'
import type { Store } from '../../../src/ports.ts'
import { readSettings } from '../../../src/settings.ts'

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
  const service = {
    design,
    edge: {
      now: () => new Date().toISOString(),
      uuid: () => crypto.randomUUID(),
      printer: { print: () => Promise.resolve(Buffer.from('%PDF-1.7')), close: () => Promise.resolve() },
      observe: <T>(_: string, work: () => T): T => work(),
    },
    store,
    storeSource,
    searchParameters: search.parameters,
    sourceOf: bundleSource.bind(null, 'request'),
    trust: { trust: [], crls: [] },
    version: '1.2.3',
    startedAt: '2026-03-01T10:00:00Z',
  }
  const running = await startService({ settings, service, log: silence, pages: PAGES })
  afterAll(async () => {
    await running.stop()
    await store.close()
  })
  return `${running.url}/fhir`
}
