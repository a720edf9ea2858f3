/** Sessions of people as a table: alike for every process, known by the digest of their secret alone. */

import type { KeptSession, Sessions } from '../../../ports/login.ts'
import type { Database } from './session.ts'
import { INTEGER, statement, TEXT } from './statement.ts'

const DIGEST = { digest: TEXT }

const INSERT = statement(
  { digest: TEXT, kind: TEXT, content: TEXT, last_seen: INTEGER, expires: INTEGER },
  ({ db, slots }) => db.insertInto('session').values(slots),
)

const FIND = statement(DIGEST, ({ db, slots }) =>
  db.selectFrom('session').selectAll().where('digest', '=', slots.digest),
)

const TAKE = statement(DIGEST, ({ db, slots }) =>
  db.deleteFrom('session').where('digest', '=', slots.digest).returningAll(),
)

const SEEN = statement({ digest: TEXT, at: INTEGER }, ({ db, slots }) =>
  db.updateTable('session').set({ last_seen: slots.at }).where('digest', '=', slots.digest),
)

const SWEEP = statement({ at: INTEGER }, ({ db, slots }) => db.deleteFrom('session').where('expires', '<', slots.at))

interface Row {
  readonly kind: string
  readonly content: string
  readonly last_seen: number
  readonly expires: number
}

/** The sessions that a database with its schema keeps. */
export function sqlSessions(database: Database): Sessions {
  const { dialect } = database
  return {
    async put(digest, { kind, content, lastSeen, expires }) {
      const row = { digest, kind, content, last_seen: Date.parse(lastSeen), expires: Date.parse(expires) }
      await database.transaction((session) => session.rows(INSERT(dialect, row)))
    },
    find: (digest) => database.snapshot(async (session) => kept(await session.rows(FIND(dialect, { digest })))),
    take: (digest) => database.transaction(async (session) => kept(await session.rows(TAKE(dialect, { digest })))),
    async seen(digest, at) {
      await database.transaction((session) => session.rows(SEEN(dialect, { digest, at: Date.parse(at) })))
    },
    async sweep(at) {
      await database.transaction((session) => session.rows(SWEEP(dialect, { at: Date.parse(at) })))
    },
  }
}

function kept([row]: readonly Row[]): KeptSession | undefined {
  if (row === undefined) return undefined
  const instant = (ms: number): string => new Date(Number(ms)).toISOString()
  const { kind, content, last_seen: lastSeen, expires } = row
  return {
    kind: kind === 'session' ? 'session' : 'login',
    content,
    lastSeen: instant(lastSeen),
    expires: instant(expires),
  }
}
