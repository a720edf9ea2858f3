/** The stores that a suite runs over, and small changes to write into them. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { openStore, type StoreOptions } from '../../../../src/edge/store/open-store.ts'
import type { JsonObject } from '../../../../src/fhir/types.ts'
import type { Change, Store, StoreReader, Version } from '../../../../src/ports.ts'
import { startPostgres, type Postgres } from './postgres.ts'

/** Every kind of store, by name. */
export const KINDS = ['sqlite in a file', 'sqlite in memory', 'postgres'] as const
/** Those that outlive the process. */
export const LASTING = ['sqlite in a file', 'postgres'] as const
export type Kind = (typeof KINDS)[number]

export interface Stores {
  /** The URL of a new store. */
  readonly url: (kind: Kind) => Promise<string>
  /** A store that is closed at the end of the file. */
  readonly open: (url: string, options?: StoreOptions) => Promise<Store>
}

/** The stores of one test file; PostgreSQL is started before its tests and stopped after them. */
export function stores(): Stores {
  let postgres: Postgres | undefined
  const folder = mkdtempSync(join(tmpdir(), 'stores-'))
  const opened: Store[] = []
  let count = 0
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(async () => {
    for (const store of opened) await store.close().catch(() => undefined)
    await postgres?.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    url: async (kind) => {
      count += 1
      if (kind === 'sqlite in memory') return 'sqlite::memory:'
      if (kind === 'sqlite in a file') return `sqlite:${join(folder, String(count), 'store.db')}`
      if (postgres === undefined) throw new TypeError('PostgreSQL was not started')
      return postgres.database()
    },
    open: async (url, options) => {
      const store = await openStore(url, options)
      opened.push(store)
      return store
    },
  }
}

/** A change that puts a Basic with the members given; its code counts. */
export function put(id: string, members: JsonObject = {}, more: Partial<Change> = {}): Change {
  return { type: 'Basic', id, method: 'PUT', resource: { resourceType: 'Basic', ...members }, ...more }
}

export function write(store: Store, change: Change): Promise<Version> {
  return store.transaction((writer) => writer.write(change))
}

export function current(reader: StoreReader, id: string): Promise<Version | undefined> {
  return reader.read([{ type: 'Basic', id }]).then(([version]) => version)
}

/** The number that a Basic carries in its member `count`. */
export function countOf(version: Version | undefined): number {
  return Number(version?.resource?.['count'] ?? 0)
}
