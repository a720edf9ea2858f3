/** A service with a seal over a store in memory, for the suites of documents. */

import { demoSigner } from '../../../src/edge/keys/demo.ts'
import { bundleSource } from '../../../src/edge/store/bundle.ts'
import { storeSource } from '../../../src/edge/store/store-source.ts'
import { startService, type Start } from '../../../src/http/start.ts'
import { designOf } from '../../../src/main/design.ts'
import type { Source, Store, TimeStamper } from '../../../src/ports.ts'
import { readSettings } from '../../../src/settings.ts'
import { atEnd } from '../../ending.ts'
import { openTestStore } from '../../storing.ts'
import { printedPdf } from '../../render/pdf/printed.ts'

const NOW = '2026-03-15T10:00:00Z'
export const signer = demoSigner({ now: NOW })

export interface DocumentService {
  /** The FHIR base. */
  readonly base: string
  readonly store: Store
}

export interface ServiceOptions {
  readonly isSealing?: true
  readonly upstream?: readonly Source[]
  /** Reads PDFs; without it the thread that answers does. */
  readonly extract?: NonNullable<Start['service']['edge']['extract']>
  /** Who stamps, and whom its time-stamps are trusted by. */
  readonly lasting?: {
    readonly stamper: TimeStamper
    readonly trust: readonly Uint8Array[]
    readonly crls: readonly Uint8Array[]
  }
}

/** A service that listens until the tests of the file are done. */
export async function documentService(options: ServiceOptions = {}): Promise<DocumentService> {
  const { isSealing, upstream, extract, lasting } = options
  const settings = readSettings({ FHIRDOC_PORT: '0' })
  const store = await openTestStore()
  let seconds = 0
  const service: Start['service'] = {
    design: await designOf(settings),
    edge: {
      // each document a second after the one before, as the store orders them by their times
      now: () => new Date(Date.parse(NOW) + 1000 * seconds++).toISOString().replace('.000', ''),
      uuid: () => crypto.randomUUID(),
      printer: { print: () => Promise.resolve(printedPdf()), close: () => Promise.resolve() },
      observe: (_, work) => work(),
      ...(extract !== undefined && { extract }),
    },
    store,
    storeSource,
    searchParameters: () => [],
    sourceOf: (bundle) => bundleSource('request', bundle),
    trust: {
      trust: [...signer.trust, ...(lasting?.trust ?? [])],
      crls: [...signer.crls, ...(lasting?.crls ?? [])],
    },
    ...(lasting !== undefined && { stamper: lasting.stamper }),
    version: '1.2.3',
    startedAt: NOW,
    ...(isSealing && { seal: { key: signer.key, seal: true } }),
    ...(upstream !== undefined && { upstream }),
  }
  const log = { debug: () => undefined, info: () => undefined, error: () => undefined }
  const running = await startService({ settings, service, log })
  atEnd(async () => {
    await running.stop()
    await store.close()
  })
  return { base: `${running.url}/fhir`, store }
}
