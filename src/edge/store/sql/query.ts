/** The door to Kysely: queries are built and compiled here, and run by a session. */

import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type Dialect as KyselyDialect,
  type RawBuilder,
  type SqlBool,
} from 'kysely'

export { sql }
export type {
  Kysely,
  AliasableExpression,
  Compilable,
  Expression,
  ExpressionBuilder,
  ExpressionWrapper,
  Generated,
  Insertable,
  RawBuilder,
  Selectable,
  SelectQueryBuilder,
  SqlBool,
} from 'kysely'

export type Dialect = 'sqlite' | 'postgres'
/** What a column holds, and a query is given: no booleans, which SQLite has not. */
export type Value = string | number | Uint8Array | null | readonly string[]

/** A query with the values that it is given. */
export interface Query<T = unknown> {
  readonly sql: string
  readonly parameters: readonly unknown[]
  /** Never present: the type of a row. */
  readonly row?: T
}

const DIALECTS: Readonly<Record<Dialect, KyselyDialect>> = {
  sqlite: {
    createDriver: () => new DummyDriver(),
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
  postgres: {
    createDriver: () => new DummyDriver(),
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
}

/** What builds queries over the tables `D`; it runs none. */
export function builder<D>(dialect: Dialect): Kysely<D> {
  return new Kysely<D>({ dialect: DIALECTS[dialect] })
}

/** Whether a column holds one of several texts, which are one parameter however many there are. */
export function isAmong(dialect: Dialect, column: string, texts: readonly string[]): RawBuilder<SqlBool> {
  const name = sql.ref(column)
  return dialect === 'sqlite'
    ? sql`${name} in (select value from json_each(${texts}))`
    : sql`${name} = any(${texts}::text[])`
}

/** The rows of a table-valued list of texts, for `in`: one parameter however many there are. */
export function listed(dialect: Dialect, texts: readonly string[]): RawBuilder<string> {
  return dialect === 'sqlite' ? sql`(select value from json_each(${texts}))` : sql`(select unnest(${texts}::text[]))`
}
