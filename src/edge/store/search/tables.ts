/** The tables of the index: made, written and cleared. All rows of a resource bear the number that the store gives it. */

import { builder, sql, type Dialect, type Query, type RawBuilder } from '../sql/query.ts'
import type { Session } from '../sql/session.ts'
import { allEnded } from '../sql/turns.ts'
import type { IndexRows, Table } from './rows.ts'

type Column = 'integer' | 'bigint' | 'real' | 'text' | 'optional text' | 'optional integer'

interface TableDefinition {
  readonly columns: Readonly<Record<string, Column>>
  /** What is looked up by a value; the lists end with the columns that spare a look into the table. */
  readonly indexes: Readonly<Record<string, readonly string[]>>
}

/** Before the columns of each stand these; `n` counts the rows of a resource. */
const OWN: Readonly<Record<string, Column>> = { rid: 'bigint', param: 'integer', part: 'integer', n: 'integer' }

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

/** Their order is that of the digests of a resource: it never changes. */
export const TABLES_IN_ORDER = ['token', 'string', 'reference', 'date', 'number'] as const satisfies readonly Table[]

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
  const tables = Object.entries(TABLES).flatMap(([name, { columns, indexes }]) => {
    const typed = Object.entries({ ...OWN, ...columns }).map(([column, type]) => [column, types[type]] as const)
    const list = typed.map(([column, type]) => `"${column}" ${type}`).join(', ')
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

/** The columns of a table beside those that all have, each with the type of a server that its values get. */
export function columnsOf(table: Table): readonly { readonly name: string; readonly cast: string }[] {
  return Object.entries(TABLES[table].columns).map(([name, column]) => ({ name, cast: CASTS[column] }))
}

/** The statements about one table, compiled once. */
interface Statements {
  /** All rows in one, whose one value is the list of them as JSON. */
  readonly insertion: Query
  /** The rows of the resource with the number given. */
  readonly selection: Query
  readonly deletion: Query
  /** Of these rows those that are counted by one of the numbers in the list. */
  readonly removal: Query
}

const known = new Map<string, Statements>()

function statementsOf(table: Table, dialect: Dialect): Statements {
  const key = table + dialect
  const made = known.get(key) ?? compileStatements(table, dialect)
  known.set(key, made)
  return made
}

function compileStatements(table: Table, dialect: Dialect): Statements {
  const columns = Object.entries({ ...OWN, ...TABLES[table].columns })
  const names = sql.raw(columns.map(([name]) => `"${name}"`).join(', '))
  const values = columns.map(([, type], place) =>
    dialect === 'sqlite' ? `value ->> ${place}` : `(value ->> ${place})::${CASTS[type]}`,
  )
  const rows: RawBuilder<unknown> =
    dialect === 'sqlite' ? sql`json_each(${'rows'})` : sql`json_array_elements(${'rows'}::json) as rows(value)`
  const counted =
    dialect === 'sqlite' ? sql`n in (select value from json_each(${'n'}))` : sql`n = any(${'n'}::integer[])`
  const own = sql.raw(`search_${table}`)
  const compile = (text: RawBuilder<unknown>): Query => text.compile(builder(dialect))
  return {
    insertion: compile(sql`insert into ${own} (${names}) select ${sql.raw(values.join(', '))} from ${rows}`),
    selection: compile(sql`select ${names} from ${own} where rid = ${0}`),
    deletion: compile(sql`delete from ${own} where rid = ${0}`),
    removal: compile(sql`delete from ${own} where rid = ${0} and ${counted}`),
  }
}

/** A row as it is compared: everything but which resource it is of, and its count. */
function contentOf(row: object, table: Table): string {
  const values = row as Readonly<Record<string, unknown>>
  return JSON.stringify(['param', 'part', ...Object.keys(TABLES[table].columns)].map((column) => values[column]))
}

/**
 * Nothing; the rows of a resource that has none are written, one statement for each table that gets some. All are asked
 * at once, which a server answers in one flight.
 */
export async function writeIndexes(session: Session, rid: number, rows: IndexRows): Promise<void> {
  await allEnded(TABLES_IN_ORDER.map((table) => insert(session, table, { rid, rows: rows[table], from: 0 })))
}

/** Nothing; the rows of a resource are those given. What is there already stays, which is most of it when one value changes. */
export async function replaceIndexes(session: Session, rid: number, rows: IndexRows): Promise<void> {
  await allEnded(TABLES_IN_ORDER.map((table) => replace(session, table, { rid, rows: rows[table] })))
}

type Rows = readonly IndexRows[Table][number][]

async function replace(
  session: Session,
  table: Table,
  { rid, rows }: { readonly rid: number; readonly rows: Rows },
): Promise<void> {
  const { selection, removal } = statementsOf(table, session.dialect)
  const held = await session.rows<{ readonly n: number }>({ sql: selection.sql, parameters: [rid] })
  const counts = new Map(held.map((row) => [contentOf(row, table), row.n]))
  const from = Math.max(-1, ...held.map(({ n }) => n)) + 1
  const fresh = rows.filter((row) => !counts.delete(contentOf(row, table)))
  const gone = [...counts.values()]
  await allEnded<unknown>([
    ...(gone.length > 0 ? [session.rows({ ...removal, parameters: [rid, gone] })] : []),
    insert(session, table, { rid, rows: fresh, from }),
  ])
}

/** Rows that are counted from a number on. */
interface Inserted {
  readonly rid: number
  readonly rows: Rows
  readonly from: number
}

async function insert(session: Session, table: Table, { rid, rows, from }: Inserted): Promise<void> {
  if (rows.length === 0) return
  const columns = Object.keys(TABLES[table].columns)
  const lists = rows.map((row, place) => {
    const values = row as unknown as Readonly<Record<string, unknown>>
    return [rid, row.param, row.part, from + place, ...columns.map((column) => values[column])]
  })
  const { insertion } = statementsOf(table, session.dialect)
  await session.rows({ ...insertion, parameters: [JSON.stringify(lists)] })
}

/** Nothing; a resource has no rows any more. */
export async function deleteIndexes(session: Session, rid: number): Promise<void> {
  const { dialect } = session
  await allEnded(
    TABLES_IN_ORDER.map((table) => session.rows({ ...statementsOf(table, dialect).deletion, parameters: [rid] })),
  )
}
