/** A real PostgreSQL for the tests of one file, whose databases have the schema of a store and are closed at the end. */

import { afterAll, beforeAll } from 'vitest'
import { openPostgres } from '../../../../src/edge/store/sql/postgres.ts'
import { migrate } from '../../../../src/edge/store/sql/schema.ts'
import type { Database } from '../../../../src/edge/store/sql/session.ts'
import { startPostgres, type Postgres } from './postgres.ts'
import { probeIndex } from './probe-index.ts'

export interface Migrated extends Pick<Postgres, 'database'> {
  /** The database at a URL as one more process has it. */
  readonly opened: (url: string) => Promise<Database>
}

export function migratedPostgres(): Migrated {
  let server: Postgres
  const open: Database[] = []
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(async () => {
    for (const database of open) await database.close()
    await server.stop()
  })
  return {
    database: () => server.database(),
    opened: async (url) => {
      const database = await openPostgres(url)
      open.push(database)
      await migrate(database, probeIndex)
      return database
    },
  }
}
