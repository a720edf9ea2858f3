/**
 * Where a search begins: with the few resources that its filters leave, where they are few. That is counted by the index,
 * so neither database has to guess, which both do badly without statistics.
 */

import { builder, sql } from '../sql/query.ts'
import type { Session } from '../sql/session.ts'
import type { Filter } from './filter.ts'
import type { Sql } from './matching.ts'

/** Those that filters leave, as a list of numbers or as a query of them. */
export interface Driver {
  /** Need not be asked of each any more. */
  readonly filters: readonly Filter[]
  readonly isIn: (rid: Sql) => Sql
}

/** What is known before anything is looked for. */
export interface Start {
  /** Few resources, with which the search begins. */
  readonly few?: Driver
  /** All that have every filter which the index can list; absent where it can list none. */
  readonly gathered?: Driver
  /** How many these are, where they were counted. */
  readonly count?: number
}

type Listing = Filter & Required<Pick<Filter, 'rids'>>

/** No more resources than these are where a search begins. */
const FEW = 1000

/** Where a search with these filters begins. */
export async function startOf(filters: readonly Filter[], session: Session): Promise<Start> {
  const listings = filters.filter((filter): filter is Listing => filter.rids !== undefined)
  const [only, another] = listings
  if (only === undefined) return {}
  const least = another === undefined ? only : await fewest(listings, session)
  const rids = await run<{ rid: number }>(sql`select a.rid as rid from (${least.rids}) as a limit ${FEW + 1}`, session)
  if (rids.length <= FEW) return { few: listed(rids, [least], session) }
  const common = inAll(listings)
  const gathered = { filters: listings, isIn: (rid: Sql) => sql`${rid} in (${common})` }
  if (another === undefined) return { gathered }
  const rows = await run<{ rid: number; n: number }>(
    sql`with common as materialized (${common}) select rid, (select count(*) from common) as n from common limit ${FEW + 1}`,
    session,
  )
  if (rows.length <= FEW) return { few: listed(rows, listings, session) }
  return { gathered, count: Number(rows[0]?.n) }
}

/** A query of the numbers of those that every filter lists. */
function inAll(listings: readonly Listing[]): Sql {
  const lists = listings.map(({ rids }, index) => sql`select rid from (${rids}) as ${sql.id(`l${index}`)}`)
  return sql`${sql.join(lists, sql` intersect `)}`
}

function listed(rows: readonly { readonly rid: number }[], filters: readonly Filter[], session: Session): Driver {
  const rids = [...new Set(rows.map(({ rid }) => Number(rid)))]
  const isIn = (rid: Sql): Sql =>
    session.dialect === 'sqlite'
      ? sql`${rid} in (select value from json_each(${rids}))`
      : sql`${rid} = any(${rids}::bigint[])`
  return { filters, isIn }
}

async function fewest(listings: readonly Listing[], session: Session): Promise<Listing> {
  const counts = listings.map(
    ({ rids }, index) =>
      sql`(select count(*) from (select 1 from (${rids}) as ${sql.id(`a${index}`)} limit ${FEW + 1}) as ${sql.id(`b${index}`)}) as ${sql.id(`c${index}`)}`,
  )
  const [row] = await run<Record<string, number>>(sql`select ${sql.join(counts)}`, session)
  const counted = listings.map((filter, index) => ({ filter, count: Number(row?.[`c${index}`] ?? 0) }))
  const [first] = counted.toSorted((one, other) => one.count - other.count)
  if (first === undefined) throw new TypeError('There is no filter to begin with')
  return first.filter
}

/** The rows of a query of the search. */
export async function run<T>(query: Sql, session: Session): Promise<readonly T[]> {
  return session.rows<T>(query.compile(builder(session.dialect)))
}
