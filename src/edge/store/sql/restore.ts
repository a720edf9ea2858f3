/** A backup into an empty store: everything, or nothing. */

import { fail } from '../../../fhir/error.ts'
import { parseJson } from '../../../fhir/json.ts'
import { isResource } from '../../../fhir/types.ts'
import { lineOf, type Act } from '../../../audit/act.ts'
import type { Head } from '../../../audit/chain.ts'
import { append, headOf, setHead } from './audit.ts'
import { isVersion, type Kept, type Line } from './backup.ts'
import { versionCache } from './cache.ts'
import { emptied, INSERT_HOLD, INSERT_TOMBSTONE } from './erasing.ts'
import { tombstoneOf } from './kept.ts'
import { builder, sql, type Dialect, type Query } from './query.ts'
import type { SearchIndex } from './search-index.ts'
import type { Database, Session } from './session.ts'
import { BYTES, INTEGER, OPTIONAL_TEXT, statement, TEXT } from './statement.ts'
import type { Tables } from './tables.ts'
import { keyOf } from './versions.ts'

const PAGE = 200

const ANY = statement({}, ({ db }) => db.selectFrom('version').select('seq').limit(1))

const INSERT_VERSION = statement(
  { seq: INTEGER, name: TEXT, type: TEXT, version: INTEGER, last_updated: INTEGER, method: TEXT, text: OPTIONAL_TEXT },
  ({ db, slots }) => db.insertInto('version').values(slots),
)

const INSERT_ORIGINAL = statement({ seq: INTEGER, media_type: TEXT, bytes: BYTES }, ({ db, slots }) =>
  db.insertInto('original').values(slots),
)

const INSERT_RECEIPT = statement({ seq: INTEGER, text: TEXT }, ({ db, slots }) =>
  db.insertInto('receipt').values(slots),
)

const CURRENT = statement({ after: INTEGER }, ({ db, slots }) =>
  db
    .selectFrom('resource')
    .innerJoin('version', 'version.seq', 'resource.seq')
    .select(['rid', 'resource.type', 'resource.id', 'text'])
    .where('rid', '>', slots.after)
    .orderBy('rid')
    .limit(PAGE),
)

/** What is restored, and the tombstones of a later backup: what was erased since must not come back. */
export interface Restoring {
  readonly lines: AsyncIterable<Line | Kept>
  readonly tombstones?: AsyncIterable<Line | Kept>
  readonly now: string
}

const INSERT_AUDIT = statement({ seq: INTEGER, digest: TEXT, text: TEXT }, ({ db, slots }) =>
  db.insertInto('audit').values(slots),
)
const START = statement({ start_seq: INTEGER, start_digest: TEXT }, ({ db, slots }) =>
  db.updateTable('audit_state').set(slots),
)
const LAST = statement({ name: TEXT }, ({ db, slots }) =>
  db
    .selectFrom('version')
    .select((eb) => [eb.fn.max('version').as('version'), eb.fn.max('last_updated').as('last_updated')])
    .where('name', '=', slots.name),
)
const LAST_LINE = statement({}, ({ db }) =>
  db.selectFrom('audit').select(['seq', 'digest']).orderBy('seq', 'desc').limit(1),
)
const END = statement({}, ({ db }) => db.selectFrom('version').select((eb) => eb.fn.max('seq').as('seq')))

async function insertKept(kept: Kept, session: Session): Promise<void> {
  const { dialect } = session
  if ('audit' in kept) await session.rows(INSERT_AUDIT(dialect, kept.audit))
  if ('head' in kept) await setHead(kept.head, session)
  if ('tombstone' in kept) await session.rows(INSERT_TOMBSTONE(dialect, kept.tombstone))
  else if ('hold' in kept) await session.rows(INSERT_HOLD(dialect, kept.hold))
  else if ('start' in kept) {
    const { seq, digest } = kept.start
    await session.rows(START(dialect, { start_seq: seq, start_digest: digest }))
    await setHead({ seq, digest }, session)
  }
}

/** Nothing; what the later backup says was erased is erased here too, and the audit, where there is one, tells of it. */
async function entomb({ tombstones, now }: Restoring, session: Session): Promise<void> {
  const cache = versionCache(0)
  let count = 0
  for await (const line of tombstones ?? none()) {
    if (isVersion(line) || !('tombstone' in line)) continue
    const { name } = line.tombstone
    if ((await tombstoneOf(keyOf(name), session)) !== undefined) continue
    count += 1
    const erased = await emptied(name, { session, cache })
    await session.rows(INSERT_TOMBSTONE(session.dialect, line.tombstone))
    if (erased.length > 0) await insertDeletion(name, session)
  }
  if ((await headOf(session)).seq === 0) return
  const act: Act = { at: now, kind: 'restored', outcome: '0', told: { tombstones: String(count) } }
  await append([lineOf(act)], session)
}

/** The last line that was restored; what the first one follows where there is none. */
async function lastOf(session: Session): Promise<Head> {
  const [last] = await session.rows(LAST_LINE(session.dialect, {}))
  return last ?? headOf(session)
}

async function* none(): AsyncGenerator<never> {
  // nothing was erased since
}

async function insertDeletion(name: string, session: Session): Promise<void> {
  const [last] = await session.rows(LAST(session.dialect, { name }))
  const [end] = await session.rows(END(session.dialect, {}))
  const next = { version: Number(last?.version) + 1, lastUpdated: Number(last?.last_updated) + 1 }
  await insert(Number(end?.seq) + 1, { name, ...next, method: 'DELETE', text: null }, session)
}

/**
 * The number of versions that are now in the store, as they were.
 * @throws FhirError `conflict` where it is not empty; what the lines throw, with the store left empty
 */
export function restoreLines(database: Database, restoring: Restoring, index: SearchIndex): Promise<number> {
  return database.exclusively(async (session) => {
    await session.holdAll()
    const [any] = await session.rows(ANY(session.dialect, {}))
    if (any !== undefined) throw fail('conflict', 'The store holds resources already, expected an empty one')
    if ((await headOf(session)).seq > 0)
      throw fail('conflict', 'The store holds an audit already, expected an empty one')
    let seq = 0
    let isHeadKnown = false
    for await (const line of restoring.lines) {
      if (isVersion(line)) await insert((seq += 1), line, session)
      else await insertKept(line, session)
      isHeadKnown ||= 'head' in line
    }
    if (!isHeadKnown) await setHead(await lastOf(session), session)
    await entomb(restoring, session)
    for (const query of pointers(session.dialect)) await session.rows(query)
    await indexAll(session, index)
    return seq
  })
}

async function insert(seq: number, line: Line, session: Session): Promise<void> {
  const { name, version, lastUpdated, method, text, original, receipt } = line
  const { dialect } = session
  const row = { seq, name, type: keyOf(name).type, version, last_updated: lastUpdated, method, text }
  await session.rows(INSERT_VERSION(dialect, row))
  if (original !== undefined) {
    const bytes = Buffer.from(original.bytes, 'base64')
    await session.rows(INSERT_ORIGINAL(dialect, { seq, media_type: original.mediaType, bytes }))
  }
  if (receipt !== undefined) await session.rows(INSERT_RECEIPT(dialect, { seq, text: receipt }))
}

/** Of each name the last version is the current one; what is written next takes the next number. */
function pointers(dialect: Dialect): readonly Query[] {
  const db = builder<Tables>(dialect)
  const id = sql<string>`substr(name, length(type) + 2)`
  const latest = sql<number>`(select max(latest.version) from version as latest where latest.name = version.name)`
  const insertion = db
    .insertInto('resource')
    .columns(['name', 'type', 'id', 'version', 'seq', 'last_updated', 'deleted'])
    .expression((eb) =>
      eb
        .selectFrom('version')
        .select(['name', 'type', id.as('id'), 'version', 'seq', 'last_updated'])
        .select(sql<number>`case when text is null then 1 else 0 end`.as('deleted'))
        .where('version', '=', latest)
        .orderBy('seq'),
    )
    .compile()
  const sequence = sql`select setval(pg_get_serial_sequence('version', 'seq'), (select max(seq) from version))`
  return dialect === 'sqlite' ? [insertion] : [insertion, sequence.compile(db)]
}

async function indexAll(session: Session, index: SearchIndex): Promise<void> {
  for (let after = 0; ;) {
    const rows = await session.rows(CURRENT(session.dialect, { after }))
    for (const { rid, type, id, text } of rows) {
      const resource = text === null ? undefined : parseJson(text)
      if (isResource(resource)) await index.write({ rid, type, id, resource }, session)
      after = rid
    }
    if (rows.length < PAGE) return
  }
}
