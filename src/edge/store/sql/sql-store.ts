/** The store over a database: snapshots and transactions that share what was read lately. */

import { randomUUID } from 'node:crypto'
import { fail } from '../../../fhir/error.ts'
import type { Instant } from '../../../fhir/types.ts'
import type { Store } from '../../../ports.ts'
import { append, headOf, recording } from './audit.ts'
import { publish } from './audit-published.ts'
import { overlay, versionCache } from './cache.ts'
import { consentChanges, countConsentChanges } from './consent-state.ts'
import { journal, type View } from './journal.ts'
import { readerOf } from './reader.ts'
import type { SearchIndex } from './search-index.ts'
import type { Database } from './session.ts'
import { sqlSessions } from './sessions.ts'
import { looking, type Sight } from './looking.ts'
import { sighted } from './sighted.ts'
import { tentative, tentatively } from './tentative.ts'
import { writerOf } from './writer.ts'

export interface SqlStoreOptions {
  readonly index: SearchIndex
  readonly now: () => Instant
  /** About how much of what was read is remembered. */
  readonly maxCacheBytes: number
}

/** The store that a database with its schema holds. */
export function sqlStore(database: Database, { index, now, maxCacheBytes }: SqlStoreOptions): Store {
  const cache = versionCache(maxCacheBytes)
  const written = journal()
  const name = randomUUID()
  const { record, reading } = recording(database)
  const unheld = tentative({ database, index, cache, now })
  const sighting = database.together && { database, look: sightsOf(database), cache, index, name }
  return {
    snapshot: (work, extent) =>
      reading(async () => {
        const done = extent === undefined && sighting !== undefined ? await sighted(work, sighting) : undefined
        if (done !== undefined) return done.result
        return database.snapshot((session) => {
          let seen: Promise<View | undefined> | undefined
          const view = (): Promise<View | undefined> => (seen ??= written.view(session))
          const reader = readerOf({ session, cache, index, ...(extent === undefined && { view }) })
          const consentState = async (): Promise<string> => `${name} ${await consentChanges(session)}`
          return work(extent === undefined ? { ...reader, consentState } : reader)
        }, extent)
      }),
    transaction: async (work) => {
      const done = unheld && (await tentatively(work, unheld))
      if (done !== undefined) return done.result
      // What was written is remembered once it is durable: before that its number may yet be another's.
      let own = overlay(cache)
      const result = await database.transaction(async (session) => {
        own = overlay(cache)
        const lines: string[] = []
        const done = await work(writerOf({ session, cache: own, index, now, lines }))
        // Work may take a failure lightly; half a version must not be.
        if (!own.isWhole()) throw fail('exception', 'A change could not be written to its end')
        await countConsentChanges(own, session)
        await append(lines, session)
        return done
      })
      own.settle()
      return result
    },
    audit: {
      record,
      publish: (isEnough = () => false) => publish(database, index, isEnough),
      head: () => database.snapshot(headOf),
    },
    compact: () => database.compact(),
    sessions: sqlSessions(database),
    isReady: () => database.isReady(),
    close: () => database.close(),
  }
}

/** Sights of a server, each look being a query by itself. */
function sightsOf(database: Database): () => Promise<Sight | undefined> {
  return looking({ rows: (query) => database.snapshot((session) => session.rows(query), 'resource') })
}
