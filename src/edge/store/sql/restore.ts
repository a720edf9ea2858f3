/** A backup into an empty store: everything, or nothing. */

import { fail } from '../../../fhir/error.ts'
import { parseJson } from '../../../fhir/json.ts'
import { isResource } from '../../../fhir/types.ts'
import type { Line } from './backup.ts'
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

/**
 * The number of versions that are now in the store, as they were.
 * @throws FhirError `conflict` where it is not empty; what the lines throw, with the store left empty
 */
export function restoreLines(database: Database, lines: AsyncIterable<Line>, index: SearchIndex): Promise<number> {
  return database.exclusively(async (session) => {
    await session.holdAll()
    const [any] = await session.rows(ANY(session.dialect, {}))
    if (any !== undefined) throw fail('conflict', 'The store holds resources already, expected an empty one')
    let seq = 0
    for await (const line of lines) {
      seq += 1
      await insert(seq, line, session)
    }
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
