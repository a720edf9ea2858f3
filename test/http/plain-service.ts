/** What a service is made of in the tests of its faces: the real stages over a store, and a printer that prints nothing. */

import { bundleSource } from '../../src/edge/store/bundle.ts'
import type { Search } from '../../src/edge/store/search/open-search.ts'
import { storeSource } from '../../src/edge/store/store-source.ts'
import type { Start } from '../../src/http/start.ts'
import type { Design } from '../../src/pipeline.ts'
import type { Store } from '../../src/ports.ts'

/** The service over a store that is searched so. */
export function plainService(design: Design, store: Store, search: Search): Start['service'] {
  return {
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
    sourceOf: (bundle) => bundleSource('request', bundle),
    trust: { trust: [], crls: [] },
    version: '1.2.3',
    startedAt: '2026-03-01T10:00:00Z',
  }
}
