/** Lines of the audit as AuditEvents that are found by search: made when they are first asked for, so that recording is cheap. */

import { actOf } from '../../../audit/act.ts'
import { auditEventOf } from '../../../audit/event.ts'
import type { Link } from '../../../audit/chain.ts'
import { overlay, versionCache } from './cache.ts'
import type { SearchIndex } from './search-index.ts'
import type { Database, Session } from './session.ts'
import { INTEGER, statement } from './statement.ts'
import type { AuditStateTable } from './tables.ts'
import { instantOf } from './versions.ts'
import { textOf, writerOf } from './writer.ts'

/** Below the number of names that a transaction holds beside others. */
const BATCH = 90

const STATE = statement({}, ({ db }) => db.selectFrom('audit_state').selectAll())

const LINES = statement({ after: INTEGER }, ({ db, slots }) =>
  db.selectFrom('audit').selectAll().where('seq', '>', slots.after).orderBy('seq').limit(BATCH),
)

const PUBLISHED = statement({ published: INTEGER }, ({ db, slots }) => db.updateTable('audit_state').set(slots))

export async function stateOf(session: Session): Promise<AuditStateTable> {
  const [state] = await session.rows(STATE(session.dialect, {}))
  if (state === undefined) throw new TypeError('The audit has no state')
  return state
}

/** Nothing; every line that was recorded is an AuditEvent, written by whoever came first. */
export async function publish(database: Database, index: SearchIndex): Promise<void> {
  const hasMore = await database.snapshot(async (session) => {
    const { published } = await stateOf(session)
    return (await session.rows(LINES(session.dialect, { after: published }))).length > 0
  })
  for (let count = hasMore ? BATCH : 0; count === BATCH;) {
    count = await database.transaction((session) => publishSome(session, index))
  }
}

async function publishSome(session: Session, index: SearchIndex): Promise<number> {
  const { dialect } = session
  await session.hold(['AuditEvent'])
  const { published } = await stateOf(session)
  const lines = await session.rows(LINES(dialect, { after: published }))
  const last = lines.at(-1)
  if (last === undefined) return 0
  const cache = overlay(versionCache(0))
  for (const line of lines) {
    const writer = writerOf({ session, cache, index, now: () => actOf(line.text).at, lines: [] })
    await writer.write({ type: 'AuditEvent', id: line.digest, method: 'POST', resource: auditEventOf(line) })
  }
  await session.rows(PUBLISHED(dialect, { published: last.seq }))
  return lines.length
}

/** The text of the AuditEvent of a line as it is stored. */
export function publishedText(line: Link): string {
  const { at } = actOf(line.text)
  const resource = auditEventOf(line)
  return textOf({ id: line.digest, resource }, '1', instantOf(Date.parse(at)))
}
