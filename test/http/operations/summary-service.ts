/** A service with the guides of the project over a store in memory that can be searched, for the suites of drafted documents. */

import { bundleSource } from '../../../src/edge/store/bundle.ts'
import { openStore } from '../../../src/edge/store/open-store.ts'
import { openSearch } from '../../../src/edge/store/search/open-search.ts'
import { storeSource } from '../../../src/edge/store/store-source.ts'
import type { Json, JsonObject, Resource } from '../../../src/fhir/types.ts'
import { startService, type Start } from '../../../src/http/start.ts'
import { designOf } from '../../../src/main/design.ts'
import type { Source } from '../../../src/ports.ts'
import { readSettings } from '../../../src/settings.ts'
import { atEnd } from '../../ending.ts'
import { projectGuides } from '../../guides.ts'
import { storing } from '../../record.ts'
import { printedPdf } from '../../render/pdf/printed.ts'

export const NOW = '2026-03-15T10:00:00Z'

export interface SummaryService {
  /** The FHIR base. */
  readonly base: string
  /** The status and the JSON of a GET below the base. */
  readonly get: (path: string) => Promise<{ readonly status: number; readonly body: Resource }>
  /** The same of a POST. */
  readonly post: (path: string, body: JsonObject) => Promise<{ readonly status: number; readonly body: Resource }>
}

export interface SummaryOptions {
  readonly emptySections?: 'emptyReason' | 'absent-unknown'
  readonly upstream?: readonly Source[]
  /** What the store holds. */
  readonly record?: readonly Resource[]
}

/** A service that listens until the tests of the file are done. */
export async function summaryService(options: SummaryOptions = {}): Promise<SummaryService> {
  const { emptySections = 'emptyReason', upstream, record = [] } = options
  const settings = readSettings({ FHIRDOC_PORT: '0' })
  const design = await designOf(settings)
  const clock = { now: () => NOW, uuid: () => crypto.randomUUID() }
  const search = await openSearch({ ...design.collect, base: 'http://127.0.0.1/fhir' }, clock)
  const store = await openStore('sqlite::memory:', search)
  const service: Start['service'] = {
    design,
    edge: {
      ...clock,
      printer: { print: () => Promise.resolve(printedPdf()), close: () => Promise.resolve() },
      observe: (_, work) => work(),
    },
    store,
    storeSource,
    searchParameters: search.parameters,
    sourceOf: (bundle) => bundleSource('request', bundle),
    trust: {},
    version: '1.2.3',
    startedAt: NOW,
    guides: projectGuides(design),
    emptySections,
    ...(upstream !== undefined && { upstream }),
  }
  const log = { debug: () => undefined, info: () => undefined, error: () => undefined }
  const running = await startService({ settings, service, log })
  atEnd(async () => {
    await running.stop()
    await store.close()
  })
  const base = `${running.url}/fhir`
  const ask = async (path: string, init: RequestInit): Promise<{ status: number; body: Resource }> => {
    const answer = await fetch(`${base}${path}`, init)
    return { status: answer.status, body: (await answer.json()) as Json as Resource }
  }
  const headers = { 'Content-Type': 'application/fhir+json' }
  const post: SummaryService['post'] = (path, body) =>
    ask(path, { method: 'POST', headers, body: JSON.stringify(body) })
  const stored = record.length === 0 ? undefined : await post('', storing(record))
  if (stored !== undefined && stored.status !== 200)
    throw new TypeError(`The record is not stored: ${JSON.stringify(stored.body)}`)
  return { base, get: (path) => ask(path, {}), post }
}
