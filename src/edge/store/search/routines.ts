/** The rows of the index as a routine of the server takes them: all of a resource at once, of which it writes what is new. */

import { hash } from 'node:crypto'
import { sql, builder } from '../sql/query.ts'
import type { IndexContent } from '../sql/search-index.ts'
import type { Session } from '../sql/session.ts'
import type { IndexRows, Table } from './rows.ts'
import { columnsOf, TABLES_IN_ORDER } from './tables.ts'

/** Stands for the rows of a table where there are none. */
const NONE = '-'
/** Of a digest: 96 bits. */
const LENGTH = 16

/** Rows as they are written: a digest for each table, which says whether it changes, and the lists of values. */
export function contentOf(rows: IndexRows, definitions: string): IndexContent {
  const digests: string[] = []
  const lists: string[] = []
  for (const table of TABLES_IN_ORDER) {
    const list = listOf(rows[table], table)
    digests.push(list === '[]' ? NONE : hash('sha256', definitions + list, 'base64url').slice(0, LENGTH))
    lists.push(`"${table}":${list}`)
  }
  return { digests: digests.join(' '), lists: `{${lists.join()}}` }
}

function listOf(rows: IndexRows[Table], table: Table): string {
  const columns = ['param', 'part', ...columnsOf(table).map(({ name }) => name)]
  return JSON.stringify(
    (rows as readonly object[]).map((row) => {
      const values = row as Readonly<Record<string, unknown>>
      return columns.map((column) => values[column])
    }),
  )
}

/** Nothing; a server with the tables of the index has the routine that writes to them. */
export async function createIndexRoutine(session: Session): Promise<void> {
  const parts = TABLES_IN_ORDER.map(
    (table, place) =>
      `if before[${place + 1}] is distinct from digests[${place + 1}] then ${replacing(table)}; end if;`,
  )
  const text = `create function index_put(own bigint, before text[], digests text[], lists json) returns void
    language plpgsql as $$ begin ${parts.join('\n')} end $$`
  await session.rows(sql.raw(text).compile(builder(session.dialect)))
}

/** What is there already stays, as most does when one value changes. */
function replacing(table: Table): string {
  const columns = [{ name: 'param', cast: 'integer' }, { name: 'part', cast: 'integer' }, ...columnsOf(table)]
  const values = columns.map(({ name, cast }, place) => `(value ->> ${place})::${cast} as "${name}"`).join(', ')
  const names = columns.map(({ name }) => `"${name}"`).join(', ')
  const same = columns.map(({ name }) => `held."${name}" is not distinct from given."${name}"`).join(' and ')
  return `with given as materialized (select ${values} from json_array_elements(lists -> '${table}') as rows(value)),
    gone as (delete from search_${table} as held where held.rid = own and not exists (select 1 from given where ${same}))
    insert into search_${table} (rid, n, ${names})
      select own, row_number() over () + (select coalesce(max(n), -1) from search_${table} where rid = own), ${names}
      from given where not exists (select 1 from search_${table} as held where held.rid = own and ${same})`
}
