/** Conditions on resources of the store as SQL, and how they are joined. */

import { sql } from '../sql/query.ts'
import { parameterNumber } from './definitions.ts'
import type { Columns, Match, Sql } from './matching.ts'

export interface Filter {
  /** A query of the numbers of all resources that have it; absent where that would be nearly all: negations. */
  readonly rids?: Sql
  /** All of them are of the types that are searched. */
  readonly isOfType?: boolean | undefined
  /** Whether the resource with a number has it. */
  readonly holds: (rid: Sql) => Sql
}

/** Whether the resource with a number may be found by whoever asks, as a condition. */
export type Findable = (rid: Sql) => Sql

/** New names of tables within one statement, in the same order each time. */
export type Aliases = () => string

export function aliases(): Aliases {
  let last = 0
  return () => `t${++last}`
}

/** A table under a name, and its columns. */
export interface Aliased {
  readonly from: Sql
  readonly column: Columns
}

export function aliased(table: string, alias: string): Aliased {
  return {
    from: sql`${sql.table(table)} as ${sql.id(alias)}`,
    column: (name) => sql`${sql.ref(`${alias}.${name}`)}`,
  }
}

/**
 * Whether a row of references names a resource of the store: by both columns, which the index on references has, and by
 * the name, which the store's own has; so the search may go either way.
 */
export function refersTo(reference: Columns, held: Columns): Sql {
  return sql`${reference('id')} = ${held('id')} and ${reference('type')} = ${held('type')}
    and ${held('name')} = ${reference('type')} || '/' || ${reference('id')}`
}

/** What ranges are over: how a column is written so that no index on it is used. */
const UNINDEXED: Readonly<Record<string, Sql>> = {
  low: sql` + 0`,
  high: sql` + 0`,
  start: sql` || ''`,
  value: sql` || ''`,
}

/**
 * The same columns where a resource is at hand: its rows are few, and are found by its number. Without statistics SQLite
 * would rather go through all rows of a range.
 */
export function unindexed(column: Columns): Columns {
  return (name) => (UNINDEXED[name] === undefined ? column(name) : sql`(${column(name)}${UNINDEXED[name]})`)
}

/** Whether a column has one of the values. */
export function among(column: Sql, values: readonly (string | number)[]): Sql {
  const [only] = values
  return values.length === 1 ? sql`${column} = ${only}` : sql`${column} in (${sql.join([...values])})`
}

/** The numbers of the rows of parameters that stand beside one another. */
export function numbersOf(
  names: readonly string[],
  beside: readonly string[],
  numberOf: (name: string) => number,
): readonly number[] {
  return names.flatMap((name) => beside.map((one) => numberOf(name + one)))
}

/** The resources with a row of the parameters named that matches. */
export function indexFilter(names: readonly string[], match: Match, next: Aliases): Filter {
  const { from, column } = aliased(`search_${match.table}`, next())
  const numbers = numbersOf(names, match.beside, parameterNumber)
  const param = among(column('param'), numbers)
  return {
    isOfType: names.every((name) => !name.startsWith('Resource')),
    rids: sql`select ${column('rid')} from ${from} where ${param} and ${match.where(column)}`,
    holds: (rid) =>
      sql`exists (select 1 from ${from} where ${column('rid')} = ${rid} and ${param} and ${match.where(unindexed(column))})`,
  }
}

/** The resources that have one of the filters or more. */
export function anyOf(filters: readonly Filter[]): Filter {
  const [only, another] = filters
  if (only !== undefined && another === undefined) return only
  const rids = filters.flatMap((filter) => (filter.rids === undefined ? [] : [filter.rids]))
  return {
    isOfType: filters.every((filter) => filter.isOfType),
    ...(rids.length === filters.length && { rids: sql`${sql.join(rids, sql` union all `)}` }),
    holds: (rid) =>
      sql`(${sql.join(
        filters.map((filter) => filter.holds(rid)),
        sql` or `,
      )})`,
  }
}

/** The resources that have all filters. */
export function allOf(filters: readonly Filter[], next: Aliases): Filter {
  const [only, another] = filters
  if (only !== undefined && another === undefined) return only
  const driver = filters.find(({ rids }) => rids !== undefined)
  const all = (rid: Sql, some: readonly Filter[]): Sql =>
    sql`(${sql.join(
      some.map((filter) => filter.holds(rid)),
      sql` and `,
    )})`
  const alias = `${next()}_found`
  const rid = sql.ref(`${alias}.rid`)
  const rest = filters.filter((filter) => filter !== driver)
  return {
    isOfType: filters.some(({ isOfType }) => isOfType),
    ...(driver?.rids !== undefined && {
      rids: sql`select ${rid} from (${driver.rids}) as ${sql.id(alias)} where ${all(rid, rest)}`,
    }),
    holds: (rid) => all(rid, filters),
  }
}

/**
 * The same condition, asked of each row by itself: no database makes a join of it. As an inequality PostgreSQL expects it of
 * a third of the rows, so that it follows an order which is there; of an equality it would expect next to none.
 */
export function byItself(condition: Sql): Sql {
  return sql`case when ${condition} then 1 else 0 end > 0`
}

/** The resources that have it not; asked of each by itself, as PostgreSQL would else join all with all. */
export function not({ holds }: Filter): Filter {
  return { holds: (rid) => sql`case when ${holds(rid)} then 0 else 1 end = 1` }
}
