/** Lines of the audit as AuditEvents that are found by search: made when they are first asked for, so that recording is cheap. */

import { actOf } from '../../../audit/act.ts'
import { fail } from '../../../fhir/error.ts'
import type { Head, Link } from '../../../audit/chain.ts'
import { auditEventOf, MAKING } from '../../../audit/event.ts'
import { overlay, versionCache } from './cache.ts'
import type { SearchIndex } from './search-index.ts'
import type { Database, Session } from './session.ts'
import { INTEGER, statement, TEXTS } from './statement.ts'
import { isAmong } from './query.ts'
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
  if (state === undefined) throw fail('no-store', 'The store does not say any more where its audit begins')
  return state
}

/** Nothing; every line that was recorded is an AuditEvent, written by whoever came first, unless it is enough before. */
export async function publish(database: Database, index: SearchIndex, isEnough: () => boolean): Promise<void> {
  const { hasMore, made } = await database.snapshot(async (session) => {
    const { published, made } = await stateOf(session)
    return { made, hasMore: (await session.rows(LINES(session.dialect, { after: published }))).length > 0 }
  })
  if (made !== MAKING) {
    await database.exclusively((session) => unpublishAll({ session, index }))
    return publish(database, index, isEnough)
  }
  for (let count = hasMore ? BATCH : 0; count === BATCH && !isEnough();) {
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

const REMADE = statement({ published: INTEGER, made: INTEGER }, ({ db, slots }) =>
  db.updateTable('audit_state').set(slots),
)

/** Nothing; whatever was made in another way is gone, and is made anew. */
async function unpublishAll({ session, index }: Unpublishing): Promise<void> {
  const { dialect } = session
  await session.holdAll()
  for (let after = 0; ;) {
    const lines = await session.rows(LINES(dialect, { after }))
    await unpublish(lines, { session, index })
    const last = lines.at(-1)
    if (last === undefined) break
    after = last.seq
  }
  await session.rows(REMADE(dialect, { published: 0, made: MAKING }))
}

/** The text of the AuditEvent of a line as it is stored. */
export function publishedText(line: Link): string {
  const { at } = actOf(line.text)
  const resource = auditEventOf(line)
  return textOf({ id: line.digest, resource }, '1', instantOf(Date.parse(at)))
}

const EVENTS = statement({ names: TEXTS }, ({ db, dialect, slots }) =>
  db
    .selectFrom('resource')
    .select(['rid', 'name'])
    .where(isAmong(dialect, 'name', slots.names)),
)
const FORGET_EVENTS = statement({ names: TEXTS }, ({ db, dialect, slots }) =>
  db.deleteFrom('resource').where(isAmong(dialect, 'name', slots.names)),
)
const FORGET_VERSIONS = statement({ names: TEXTS }, ({ db, dialect, slots }) =>
  db.deleteFrom('version').where(isAmong(dialect, 'name', slots.names)),
)

interface Unpublishing {
  readonly session: Session
  readonly index: SearchIndex
}

/** Nothing; of these lines no AuditEvent is there. */
export async function unpublish(
  lines: readonly Pick<Head, 'digest'>[],
  { session, index }: Unpublishing,
): Promise<void> {
  const names = lines.map(({ digest }) => `AuditEvent/${digest}`)
  for (const { rid } of await session.rows(EVENTS(session.dialect, { names }))) await index.remove(rid, session)
  await session.rows(FORGET_EVENTS(session.dialect, { names }))
  await session.rows(FORGET_VERSIONS(session.dialect, { names }))
}
