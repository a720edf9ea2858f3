/** The index renewed: where a store was indexed by other definitions than those of this program, all is indexed again. */

import { sha256, toBase64url } from '../../../fhir/digest.ts'
import { parseJson } from '../../../fhir/json.ts'
import { isResource } from '../../../fhir/types.ts'
import { builder, sql } from '../sql/query.ts'
import type { Indexed } from '../sql/search-index.ts'
import type { Database, Session } from '../sql/session.ts'
import type { SearchModel } from './definitions.ts'

/** Counts up when other rows are written for the same definitions. */
const FORMAT = 4
/** So many resources are indexed in one transaction: others may write between. */
const BATCH = 500

/** What the rows of the index depend on. */
export function indexDigest({ definitions, base }: SearchModel): string {
  return toBase64url(sha256(JSON.stringify([FORMAT, definitions.digest, base ?? null])))
}

/** Nothing; it is noted by what the store is indexed. */
export async function noteDigest(session: Session, digest: string): Promise<void> {
  const db = builder(session.dialect)
  await session.rows(sql`delete from search_state`.compile(db))
  await session.rows(sql`insert into search_state (digest) values (${digest})`.compile(db))
}

async function notedDigest(session: Session): Promise<string | undefined> {
  const query = sql`select digest from search_state`
  const [row] = await session.rows<{ digest: string }>(query.compile(builder(session.dialect)))
  return row?.digest
}

/** How a resource gets new rows for its old ones. */
export type Reindex = (indexed: Indexed, session: Session) => Promise<void>

/** Nothing; every current resource is indexed as the digest says. What is interrupted is begun again at the next start. */
export async function renew(database: Database, digest: string, reindex: Reindex): Promise<void> {
  if ((await database.snapshot(notedDigest)) === digest) return
  let last = 0
  for (let isEnd = false; !isEnd;) {
    const batch = await database.transaction((session) => renewed(last, reindex, session))
    last = batch.last
    isEnd = batch.count < BATCH
  }
  await database.transaction((session) => noteDigest(session, digest))
}

interface Batch {
  readonly last: number
  readonly count: number
}

interface Current {
  readonly rid: number
  readonly type: string
  readonly id: string
  readonly text: string
}

async function renewed(after: number, reindex: Reindex, session: Session): Promise<Batch> {
  const query = sql`select r.rid as rid, r.type as type, r.id as id, v.text as text
    from resource as r join version as v on v.seq = r.seq
    where r.rid > ${after} and r.deleted = 0 order by r.rid limit ${BATCH}`
  const rows = await session.rows<Current>(query.compile(builder(session.dialect)))
  for (const { rid, type, id, text } of rows) {
    const resource = parseJson(text)
    if (isResource(resource)) await reindex({ rid: Number(rid), type, id, resource }, session)
  }
  return { last: Number(rows.at(-1)?.rid ?? after), count: rows.length }
}
