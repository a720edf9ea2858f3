/** The whole service with its pages over a store in memory that holds the example record, for the suites of drafts. */

import { generateKeyPairSync } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromiumPrinter } from '../../../src/edge/browser/chromium.ts'
import { openExample } from '../../../src/example.ts'
import { openGuides } from '../../../src/guides.ts'
import { demoSigner } from '../../../src/edge/keys/demo.ts'
import { issueCertificate, issueCrl, type Authority } from '../../../src/edge/keys/issue.ts'
import { openSearch } from '../../../src/edge/store/search/open-search.ts'
import { openStore } from '../../../src/edge/store/open-store.ts'
import { bundleSource } from '../../../src/edge/store/bundle.ts'
import { storeSource } from '../../../src/edge/store/store-source.ts'
import { parseJson } from '../../../src/fhir/json.ts'
import type { Resource } from '../../../src/fhir/types.ts'
import { startService, type Start } from '../../../src/http/start.ts'
import { designOf } from '../../../src/main/design.ts'
import type { Printer, Store } from '../../../src/ports.ts'
import { readSettings } from '../../../src/settings.ts'
import { PAGES } from '../../../src/web/routes.ts'

const root = new URL('../../../', import.meta.url)

/** The resources of the example: one patient with one stay in hospital. */
export function exampleRecord(): readonly Resource[] {
  const folder = new URL('fixtures/documents/discharge/resources/', root)
  return readdirSync(folder).map((name) => parseJson(readFileSync(new URL(name, folder))) as Resource)
}

export interface Desk {
  readonly url: string
  readonly store: Store
  /** Who issues certificates for cards that the service trusts. */
  readonly authority: Authority
  /** How often each stage was worked through so far. */
  readonly worked: () => Readonly<Record<string, number>>
  readonly close: () => Promise<void>
}

export interface DeskOptions {
  readonly resources?: readonly Resource[]
  readonly isSealing?: boolean
  /** Whether a newcomer is offered the example. */
  readonly hasExample?: boolean
  readonly printer?: Printer
  readonly port?: string
  /** What makes signatures last. */
  readonly lasting?: Required<Pick<Start['service'], 'stamper'>> & {
    readonly trust: Uint8Array
    readonly crl: Uint8Array
  }
}

/** A service that listens until it is closed. Its clock goes on by a second with each question. */
export async function openDesk({
  resources = exampleRecord(),
  isSealing = true,
  hasExample = false,
  printer,
  port = '0',
  lasting,
}: DeskOptions = {}): Promise<Desk> {
  const settings = readSettings({ FHIRDOC_PORT: port })
  const design = await designOf(settings)
  const start = Date.now()
  let count = 0
  const now = (): string => `${new Date(start + 1000 * count++).toISOString().slice(0, 19)}Z`
  const signer = demoSigner({ now: now() })
  const { authority, anchor, crl } = newAuthority(start)
  const search = await openSearch({ ...design.collect, base: 'http://127.0.0.1/fhir' }, { now })
  const store = await openStore('sqlite::memory:', search)
  await store.transaction(async (writer) => {
    for (const resource of resources)
      await writer.write({ type: resource.resourceType, id: resource.id ?? '', method: 'PUT', resource })
  })
  const own = printer ?? chromiumPrinter()
  const worked: Record<string, number> = {}
  const observe: Start['service']['edge']['observe'] = (stage, work) => {
    worked[stage] = (worked[stage] ?? 0) + 1
    return work()
  }
  const guides = openGuides([fileURLToPath(new URL('profiles', root))], design)
  const service: Start['service'] = {
    design,
    edge: { now, uuid: () => crypto.randomUUID(), printer: own, observe },
    store,
    storeSource,
    searchParameters: search.parameters,
    sourceOf: (bundle) => bundleSource('request', bundle),
    trust: {
      trust: [...signer.trust, anchor, ...(lasting === undefined ? [] : [lasting.trust])],
      crls: [...signer.crls, crl, ...(lasting === undefined ? [] : [lasting.crl])],
    },
    ...(lasting !== undefined && { stamper: lasting.stamper }),
    version: '1.2.3',
    startedAt: now(),
    guides,
    ...(hasExample && { example: openExample({ now }) }),
    ...(isSealing && { seal: { key: signer.key, seal: true as const } }),
  }
  const failures: unknown[] = []
  const log = { debug: () => undefined, info: () => undefined, error: (fields: unknown) => void failures.push(fields) }
  const running = await startService({ settings, service, log, pages: PAGES })
  return {
    url: running.url,
    store,
    authority,
    worked: () => ({ ...worked }),
    close: async () => {
      await running.stop()
      await own.close()
      await store.close()
      if (failures.length > 0) throw new Error(`The service failed: ${JSON.stringify(failures)}`)
    },
  }
}

interface NewAuthority {
  readonly authority: Authority
  readonly anchor: Uint8Array
  readonly crl: Uint8Array
}

function newAuthority(atMs: number): NewAuthority {
  const day = (days: number): string => new Date(atMs + days * 86_400_000).toISOString()
  const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const authority = { name: { O: 'Authority of the tests', CN: 'Authority of the tests (test key)' }, key }
  const anchor = issueCertificate(authority, {
    ...{ from: day(-1), until: day(30), subject: authority.name, key, serial: 1, authority: {} },
    keyUsage: ['keyCertSign', 'cRLSign'],
  })
  return { authority, anchor, crl: issueCrl(authority, { thisUpdate: day(-1), nextUpdate: day(30) }) }
}
