/** The audit as a table: lines in a chain that grows at one end alone, whoever writes. */

import { BEGINNING, linked, type Head, type Link } from '../../../audit/chain.ts'
import type { AuditLog } from '../../../ports/audit.ts'
import type { Query } from './query.ts'
import type { Database, Session } from './session.ts'
import { INTEGER, statement, TEXT } from './statement.ts'

const TAIL = statement({}, ({ db }) => db.selectFrom('audit').select(['seq', 'digest']).orderBy('seq', 'desc').limit(1))

const INSERT = statement({ seq: INTEGER, digest: TEXT, text: TEXT }, ({ db, slots }) =>
  db.insertInto('audit').values(slots),
)

/** Whoever adds to the chain holds its end until the lines are durable; the number is the store's own. */
const HOLD_TAIL: Query = { sql: 'SELECT pg_advisory_xact_lock(4711207)', parameters: [] }
const INSERT_ALL = 'insert into audit (seq, digest, text) select * from unnest($1::bigint[], $2::text[], $3::text[])'

/** The end of the chain. */
export async function tailOf(session: Session): Promise<Head> {
  const [tail] = await session.rows(TAIL(session.dialect, {}))
  return tail ?? BEGINNING
}

/** Nothing; the lines are at the end of the chain. The last thing that a transaction does, so that others wait a short time. */
export async function append(lines: readonly string[], session: Session): Promise<void> {
  if (lines.length === 0) return
  const { dialect } = session
  // SQLite has one writer; in a statement of its own, as each sees what was durable when it began
  if (dialect === 'postgres') await session.rows(HOLD_TAIL)
  const links = linked(lines, await tailOf(session))
  if (dialect === 'postgres') await session.rows(allOf(links))
  else for (const { seq, digest, text } of links) await session.rows(INSERT(dialect, { seq, digest, text }))
}

function allOf(links: readonly Link[]): Query {
  const columns = [links.map(({ seq }) => seq), links.map(({ digest }) => digest), links.map(({ text }) => text)]
  return { sql: INSERT_ALL, parameters: columns }
}

interface Waiting {
  readonly lines: readonly string[]
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

/** Lines made durable: all that wait at one time in one transaction. */
export function recorder(database: Database): AuditLog['record'] {
  const waiting: Waiting[] = []
  let isAtWork = false
  const work = async (): Promise<void> => {
    while (waiting.length > 0) {
      const group = waiting.splice(0)
      await database
        .transaction((session) =>
          append(
            group.flatMap(({ lines }) => lines),
            session,
          ),
        )
        .then(
          () => group.forEach(({ resolve }) => resolve()),
          (error: unknown) => group.forEach(({ reject }) => reject(error)),
        )
    }
    isAtWork = false
  }
  return (lines) => {
    if (lines.length === 0) return Promise.resolve()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    waiting.push({ lines, resolve, reject })
    if (!isAtWork) {
      isAtWork = true
      // whatever else ends in this turn of the loop goes along
      setImmediate(() => void work())
    }
    return promise
  }
}
