/** The tables of the index: made, written and cleared. All rows of a resource bear the number that the store gives it. */

import { builder, sql, type Dialect, type Query, type RawBuilder } from '../sql/query.ts'
import type { Session } from '../sql/session.ts'
import type { IndexRows, Table } from './rows.ts'

type Column = 'integer' | 'bigint' | 'real' | 'text' | 'optional text' | 'optional integer'

interface TableDefinition {
  readonly columns: Readonly<Record<string, Column>>
  /** What is looked up by a value; the lists end with the columns that spare a look into the table. */
  readonly indexes: Readonly<Record<string, readonly string[]>>
}

/** Before the columns of each stand `rid`, `param`, `part` and `n`, which counts the rows of a resource. */
const TABLES: Readonly<Record<Table, TableDefinition>> = {
  token: {
    columns: { system: 'text', code: 'text' },
    indexes: { code: ['param', 'code', 'rid', 'system', 'part'], system: ['param', 'system', 'rid'] },
  },
  string: {
    columns: { start: 'text', value: 'optional text', exact: 'text' },
    indexes: { start: ['param', 'start', 'rid'] },
  },
  reference: {
    columns: { type: 'text', id: 'text', version: 'optional text', inner: 'optional integer' },
    indexes: { id: ['param', 'id', 'type', 'rid'] },
  },
  date: {
    columns: { low: 'bigint', high: 'bigint' },
    indexes: { low: ['param', 'low', 'rid', 'high'], high: ['param', 'high', 'rid', 'low'] },
  },
  number: {
    columns: { low: 'real', high: 'real', system: 'text', code: 'text', unit: 'text' },
    indexes: { low: ['param', 'low', 'rid', 'high'], high: ['param', 'high', 'rid', 'low'] },
  },
}

export const TABLE_NAMES = Object.keys(TABLES) as readonly Table[]

const TYPES: Readonly<Record<Dialect, Readonly<Record<Column, string>>>> = {
  sqlite: {
    integer: 'integer not null',
    bigint: 'integer not null',
    real: 'real not null',
    text: 'text not null',
    'optional text': 'text',
    'optional integer': 'integer',
  },
  postgres: {
    integer: 'integer not null',
    bigint: 'bigint not null',
    real: 'double precision not null',
    text: 'text collate "C" not null',
    'optional text': 'text collate "C"',
    'optional integer': 'integer',
  },
}

/** Nothing; the tables of the index are there, empty. */
export async function createIndexTables(session: Session): Promise<void> {
  for (const text of definitionsOf(session.dialect)) {
    await session.rows(sql.raw(text).compile(builder(session.dialect)))
  }
}

function definitionsOf(dialect: Dialect): readonly string[] {
  const types = TYPES[dialect]
  const own = { rid: types.bigint, param: types.integer, part: types.integer, n: types.integer }
  const tables = Object.entries(TABLES).flatMap(([name, { columns, indexes }]) => {
    const typed = Object.entries(columns).map(([column, type]) => [column, types[type]] as const)
    const list = [...Object.entries(own), ...typed].map(([column, type]) => `"${column}" ${type}`).join(', ')
    const key = 'primary key (rid, param, part, n)'
    return [
      // Clustered by resource: it is written, read and cleared in one place.
      `create table search_${name} (${list}, ${key})${dialect === 'sqlite' ? ' without rowid' : ''}`,
      ...Object.entries(indexes).map(
        ([suffix, columnNames]) =>
          `create index search_${name}_by_${suffix} on search_${name} (${columnNames.join(', ')})`,
      ),
    ]
  })
  return [
    ...tables,
    // By number, which is the order of pages, and by the time of the last change.
    `create index resource_by_type_and_rid on resource (type, deleted, rid)`,
    `create index resource_by_type_and_time on resource (type, deleted, last_updated, rid)`,
    `create table search_state (digest ${types.text})`,
  ]
}

const CASTS: Readonly<Record<Column, string>> = {
  integer: 'integer',
  bigint: 'bigint',
  real: 'double precision',
  text: 'text',
  'optional text': 'text',
  'optional integer': 'integer',
}

const inserts = new Map<string, Query>()
const deletions = new Map<string, Query>()

/** All rows in one statement, whose one value is the list of them as JSON. */
function insertion(table: Table, dialect: Dialect): Query {
  const known = inserts.get(table + dialect)
  if (known !== undefined) return known
  const own: Readonly<Record<string, Column>> = { rid: 'bigint', param: 'integer', part: 'integer', n: 'integer' }
  const columns = Object.entries({ ...own, ...TABLES[table].columns })
  const names = columns.map(([name]) => `"${name}"`).join(', ')
  const values = columns.map(([, type], place) =>
    dialect === 'sqlite' ? `value ->> ${place}` : `(value ->> ${place})::${CASTS[type]}`,
  )
  const rows: RawBuilder<unknown> =
    dialect === 'sqlite' ? sql`json_each(${'rows'})` : sql`json_array_elements(${'rows'}::json) as rows(value)`
  const text = sql`insert into ${sql.raw(`search_${table}`)} (${sql.raw(names)}) select ${sql.raw(values.join(', '))} from ${rows}`
  const query = text.compile(builder(dialect))
  inserts.set(table + dialect, query)
  return query
}

function deletion(table: Table, dialect: Dialect): Query {
  const known = deletions.get(table + dialect)
  if (known !== undefined) return known
  const query = sql`delete from ${sql.raw(`search_${table}`)} where rid = ${0}`.compile(builder(dialect))
  deletions.set(table + dialect, query)
  return query
}

/**
 * Nothing; the rows of a resource that has none are written, one statement for each table that gets some. All are asked
 * at once, which a server answers in one flight.
 */
export async function writeIndexes(session: Session, rid: number, rows: IndexRows): Promise<void> {
  const written = TABLE_NAMES.filter((table) => rows[table].length > 0).map((table) => {
    const lists = rows[table].map((row, n) => listOf({ rid, n, row }, table))
    return session.rows({ ...insertion(table, session.dialect), parameters: [JSON.stringify(lists)] })
  })
  await Promise.all(written)
}

function listOf(
  { rid, n, row }: { readonly rid: number; readonly n: number; readonly row: IndexRows[Table][number] },
  table: Table,
): readonly unknown[] {
  const values = row as unknown as Readonly<Record<string, unknown>>
  return [rid, row.param, row.part, n, ...Object.keys(TABLES[table].columns).map((column) => values[column])]
}

/** Nothing; a resource has no rows any more. */
export async function deleteIndexes(session: Session, rid: number): Promise<void> {
  const { dialect } = session
  await Promise.all(TABLE_NAMES.map((table) => session.rows({ ...deletion(table, dialect), parameters: [rid] })))
}
