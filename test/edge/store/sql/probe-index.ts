/** A search index of one table, by which a test sees whether the index agrees with the versions. */

import { builder, sql } from '../../../../src/edge/store/sql/query.ts'
import type { SearchIndex } from '../../../../src/edge/store/sql/search-index.ts'
import type { Session } from '../../../../src/edge/store/sql/session.ts'

interface Probe {
  readonly probe: { readonly rid: number; readonly type: string; readonly id: string; readonly count: number }
}

const db = (session: Session): ReturnType<typeof builder<Probe>> => builder<Probe>(session.dialect)

/** Its search gives, of all that was indexed, what is current with the very count that was indexed. */
export const probeIndex: SearchIndex = {
  createTables: async (session) => {
    const text = 'create table probe (rid integer primary key, type text, id text, count integer)'
    await session.rows(sql.raw(text).compile(db(session)))
  },
  createRoutine: async (session) => {
    const text = `create function index_put(own bigint, before text[], digests text[], lists json) returns void language sql as
      $$ insert into probe (rid, type, id, count) values (own, lists ->> 0, lists ->> 1, (lists ->> 2)::integer)
      on conflict (rid) do update set count = excluded.count $$`
    await session.rows(sql.raw(text).compile(db(session)))
  },
  content: ({ type, id }, resource) => ({
    digests: '- - - - -',
    lists: JSON.stringify([type, id, Number(resource['count'])]),
  }),
  write: async ({ rid, type, id, resource }, session) => {
    const row = { rid, type, id, count: Number(resource['count']) }
    await session.rows(db(session).insertInto('probe').values(row))
  },
  replace: async ({ rid, resource }, session) => {
    const count = Number(resource['count'])
    await session.rows(db(session).updateTable('probe').set({ count }).where('rid', '=', rid))
  },
  remove: async (rid, session) => {
    await session.rows(db(session).deleteFrom('probe').where('rid', '=', rid))
  },
  provenances: () => Promise.reject(new Error('The probe knows no Provenance')),
  identified: () => Promise.resolve([]),
  search: async (_, { session, reader }) => {
    const rows = await session.rows(db(session).selectFrom('probe').selectAll())
    const versions = await reader.read(rows)
    const matches = versions.filter((version, at) => Number(version?.resource?.['count']) === rows[at]?.count)
    return {
      matches: matches.filter((version) => version !== undefined),
      included: [],
      total: rows.length,
      used: [],
      issues: [],
      pages: {},
      shape: {},
    }
  },
}
