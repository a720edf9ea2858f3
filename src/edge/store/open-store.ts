/** The store by its URL: `sqlite:./data/fhirdoc.db`, `sqlite::memory:` or `postgres://…`. */

import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fail } from '../../fhir/error.ts'
import type { Instant } from '../../fhir/types.ts'
import type { Store } from '../../ports.ts'
import { migrate } from './sql/schema.ts'
import type { SearchIndex } from './sql/search-index.ts'
import type { Database } from './sql/session.ts'
import { sqlStore } from './sql/sql-store.ts'
import { openSqliteFile, openSqliteMemory } from './sql/sqlite.ts'

export interface StoreOptions {
  /** What is found by search; none where the store only keeps. */
  readonly index?: SearchIndex
  readonly now?: () => Instant
  readonly maxCacheBytes?: number
}

const IN_MEMORY = 'sqlite::memory:'
const MAX_CACHE_BYTES = 32 * 1024 * 1024

/**
 * The store, with the schema of this program.
 * @throws FhirError `value` where the URL names none, `no-store` where it cannot be opened
 */
export async function openStore(url: string, options: StoreOptions = {}): Promise<Store> {
  const { index = withoutSearch, now = instant, maxCacheBytes = MAX_CACHE_BYTES } = options
  const database = await openDatabase(url)
  try {
    await migrate(database, index)
    await index.renew?.(database)
    return sqlStore(database, { index, now, maxCacheBytes })
  } catch (error) {
    await database.close()
    throw error
  }
}

function instant(): Instant {
  return new Date().toISOString()
}

/** The database that a URL names, as it is. @throws FhirError `value`, `no-store` */
export async function openDatabase(url: string): Promise<Database> {
  if (url === IN_MEMORY) return openSqliteMemory()
  const file = fileOf(url)
  if (file !== undefined) return openFile(file)
  if (/^postgres(?:ql)?:/.test(url)) {
    const { openPostgres } = await import('./sql/postgres.ts')
    return openPostgres(url)
  }
  throw fail(
    'value',
    'The store is unknown, expected such as sqlite:./data/fhirdoc.db or postgres://user@host/database',
  )
}

/** The file of the store that a URL names, where it is in one. */
export function fileOf(url: string): string | undefined {
  return url.startsWith('sqlite:') && url !== IN_MEMORY ? url.slice('sqlite:'.length) : undefined
}

async function openFile(path: string): Promise<Database> {
  await mkdir(dirname(path), { recursive: true }).catch((cause: unknown) => {
    throw fail('no-store', 'The folder of the store cannot be made', { cause })
  })
  return openSqliteFile(path)
}

/** Stands where nothing is searched. */
export const withoutSearch: SearchIndex = {
  createTables: () => Promise.resolve(),
  write: () => Promise.resolve(),
  replace: () => Promise.resolve(),
  remove: () => Promise.resolve(),
  identified: () => Promise.reject(fail('not-supported', 'The store was opened without a search index')),
  provenances: () => Promise.reject(fail('not-supported', 'The store was opened without a search index')),
  search: () => Promise.reject(fail('not-supported', 'The store was opened without a search index')),
}
