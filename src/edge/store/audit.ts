/** The audit of a store that its URL names: proven whole, and rid of what is too old. */

import { fail } from '../../fhir/error.ts'
import { kindOf } from '../files.ts'
import { fileOf, openDatabase, withoutSearch } from './open-store.ts'
import { expire, verified, type Expiry, type Verdict } from './sql/audit-verified.ts'
import { migrate } from './sql/schema.ts'
import type { SearchIndex } from './sql/search-index.ts'
import type { Database } from './sql/session.ts'

export type { Verdict } from './sql/audit-verified.ts'

/** What can be said of the audit; `known` is a digest that its head had before. @throws FhirError `not-found`, `no-store` */
export function verifyAudit(url: string, known?: string): Promise<Verdict> {
  return within(url, withoutSearch, (database) => verified(database, known))
}

/** How many lines were taken from the beginning. @throws FhirError `not-found`, `no-store` */
export function expireAudit(url: string, expiry: Expiry, index: SearchIndex): Promise<number> {
  return within(url, index, (database) => expire(database, expiry, index))
}

async function within<T>(url: string, index: SearchIndex, work: (database: Database) => Promise<T>): Promise<T> {
  const file = fileOf(url)
  if (file !== undefined && (await kindOf(file)) !== 'file')
    throw fail('not-found', 'There is no store with an audit, expected the one that the setting names')
  const database = await openDatabase(url)
  try {
    await migrate(database, index)
    return await work(database)
  } finally {
    await database.close()
  }
}
