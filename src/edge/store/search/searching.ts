/** A search over the index: the matches of a page in their order, how many there are, and what is included with them. */

import type { Instant } from '../../../fhir/types.ts'
import type { SearchRequest, SearchResult, StoreReader, Version } from '../../../ports.ts'
import { builder, sql } from '../sql/query.ts'
import type { Session } from '../sql/session.ts'
import type { SearchModel } from './definitions.ts'
import { among, type Filter } from './filter.ts'
import { included, type Held } from './inclusion.ts'
import type { Sql } from './matching.ts'
import { pageOf, pageToken, type Page, type Position } from './paging.ts'
import { planOf, type Plan } from './request.ts'
import type { Resource, Sort } from './sorting.ts'

export interface SearchContext {
  readonly search: SearchModel
  readonly now: Instant
  readonly session: Session
  readonly reader: Pick<StoreReader, 'read'>
}

/**
 * What a request finds.
 * @throws FhirError `invalid`, `value` for what cannot be asked, `not-supported` for a parameter that is not known where
 * handling is strict, `too-costly` where it would include too much
 */
export async function search(request: SearchRequest, context: SearchContext): Promise<SearchResult> {
  const plan = planOf(request, context)
  const page = pageOf(request, plan)
  const { session } = context
  const driver = await driverOf(plan.filters, session)
  const rows = plan.count === 0 ? [] : await pageRows({ plan, page, driver }, session)
  const hasMore = rows.length > plan.count
  const own = rows.slice(0, plan.count)
  const found = page.direction === 'before' ? own.toReversed() : own
  const total = await totalOf({ plan, page, driver }, { found, hasMore }, session)
  const beside = await included(found, plan, session)
  const [matches, others] = await Promise.all([versionsOf(found, context), versionsOf(beside, context)])
  const { used, issues, shape } = plan
  return {
    matches,
    included: others,
    ...(total !== undefined && { total }),
    used,
    issues,
    pages: pagesOf({ request, page }, { found, hasMore }),
    shape,
  }
}

async function versionsOf(held: readonly Held[], { reader }: SearchContext): Promise<readonly Version[]> {
  if (held.length === 0) return []
  const versions = await reader.read(held)
  return versions.filter((version): version is Version => version?.text !== undefined)
}

/** What a page is asked for with. */
interface Asked {
  readonly plan: Plan
  readonly page: Page
  readonly driver: Driver | undefined
}

/** The filter that few resources have, where one is: the search begins with these. */
interface Driver {
  readonly filter: Filter
  readonly isIn: (rid: Sql) => Sql
}

/** A resource with its keys in the order. */
type Row = Held & Pick<Position, 'keys'>

interface Rows {
  readonly found: readonly Row[]
  readonly hasMore: boolean
}

/** A filter that no more resources than these have is where a search begins. */
const FEW = 1000

/**
 * The filter that the fewest resources have, where these are few, as the list of their numbers: counted by the index, as
 * far as it matters. So neither database has to guess where to begin, which both do badly without statistics.
 */
async function driverOf(filters: readonly Filter[], session: Session): Promise<Driver | undefined> {
  const candidates = filters.filter(({ rids }) => rids !== undefined)
  const [only, another] = candidates
  const filter = another === undefined ? only : await fewest(candidates, session)
  if (filter?.rids === undefined) return undefined
  const few = sql`select distinct a.rid as rid from (${filter.rids}) as a limit ${FEW + 1}`
  const rows = await run<{ rid: number }>(few, session)
  if (rows.length > FEW) return undefined
  const rids = rows.map(({ rid }) => Number(rid))
  const isIn = (rid: Sql): Sql =>
    session.dialect === 'sqlite'
      ? sql`${rid} in (select value from json_each(${rids}))`
      : sql`${rid} = any(${rids}::bigint[])`
  return { filter, isIn }
}

async function fewest(candidates: readonly Filter[], session: Session): Promise<Filter | undefined> {
  const counts = candidates.map(
    ({ rids }, index) =>
      sql`(select count(*) from (select 1 from (${rids ?? sql``}) as ${sql.id(`a${index}`)} limit ${FEW + 1}) as ${sql.id(`b${index}`)}) as ${sql.id(`c${index}`)}`,
  )
  const [row] = await run<Record<string, number>>(sql`select ${sql.join(counts)}`, session)
  const counted = candidates.map((filter, index) => ({ filter, count: Number(row?.[`c${index}`] ?? 0) }))
  return counted.toSorted((one, other) => one.count - other.count)[0]?.filter
}

async function run<T>(query: Sql, session: Session): Promise<readonly T[]> {
  return session.rows<T>(query.compile(builder(session.dialect)))
}

const resource: Resource = (column) => sql`${sql.ref(`r.${column}`)}`

/** The resources that match, wherever in the order. */
function matching({ plan: { types, filters }, driver }: Pick<Asked, 'plan' | 'driver'>): Sql {
  const rid = resource('rid')
  const conditions = [
    sql`r.deleted = 0`,
    // the audit is asked for by its name only
    types.length === 0 ? sql`r.type <> 'AuditEvent'` : among(sql`r.type`, types),
    ...(driver === undefined ? [] : [driver.isIn(rid)]),
    ...filters.filter((filter) => filter !== driver?.filter).map((filter) => filter.holds(rid)),
  ]
  return sql`${sql.join(conditions, sql` and `)}`
}

async function pageRows({ plan, page, driver }: Asked, session: Session): Promise<readonly Row[]> {
  const { sorts, count } = plan
  const keys = sorts.map((sort, index) => sql`, ${sort.key(resource)} as ${sql.id(`k${index}`)}`)
  const matches = sql`select r.rid as rid, r.type as type, r.id as id${sql.join(keys, sql``)} from resource as r where ${matching({ plan, driver })}`
  const behind = page.position === undefined ? sql`` : sql` where ${beyond(page.position, sorts, page.direction)}`
  const query = sql`select * from (${matches}) as m${behind} order by ${ordering(sorts, page.direction)} limit ${count + 1}`
  const rows = await run<Record<string, string | number | null>>(query, session)
  return rows.map((row) => ({
    rid: Number(row['rid']),
    type: String(row['type']),
    id: String(row['id']),
    keys: sorts.map(({ kind }, index) => keyOf(row[`k${index}`] ?? null, kind)),
  }))
}

/** PostgreSQL gives its long integers as texts. */
function keyOf(value: string | number | null, kind: Sort['kind']): string | number | null {
  return value === null || kind === 'text' ? value : Number(value)
}

function ordering(sorts: readonly Sort[], direction: Page['direction']): Sql {
  const isBack = direction === 'before'
  const keys = sorts.flatMap((sort, index) => {
    const key = sql.ref(`m.k${index}`)
    const isDown = (sort.direction === 'descending') !== isBack
    const own = sql`${key} ${sql.raw(isDown ? 'desc' : 'asc')}`
    if (sort.isRequired === true) return [own]
    return [sql`case when ${key} is null then 1 else 0 end ${sql.raw(isBack ? 'desc' : 'asc')}`, own]
  })
  return sql`${sql.join([...keys, sql`m.rid ${sql.raw(isFalling(sorts, direction) ? 'desc' : 'asc')}`])}`
}

/** Equals stand in the direction of the last key, so that one index gives the whole order. */
function isFalling(sorts: readonly Sort[], direction: Page['direction']): boolean {
  return (sorts.at(-1)?.direction === 'descending') !== (direction === 'before')
}

/** What stands behind a position in the order, or before it: greater in one key, equal in all before it. */
function beyond(position: Position, sorts: readonly Sort[], direction: Page['direction']): Sql {
  const isBack = direction === 'before'
  const cases: Sql[] = []
  let equal = sql`1 = 1`
  for (const [index, sort] of sorts.entries()) {
    const key = sql.ref(`m.k${index}`)
    const value = position.keys[index] ?? null
    const isDown = (sort.direction === 'descending') !== isBack
    const further = value === null ? undefined : sql`${key} ${sql.raw(isDown ? '<' : '>')} ${value}`
    if (value === null && isBack) cases.push(sql`(${equal} and ${key} is not null)`)
    if (further !== undefined)
      cases.push(isBack ? sql`(${equal} and ${further})` : sql`(${equal} and (${further} or ${key} is null))`)
    equal = value === null ? sql`${equal} and ${key} is null` : sql`${equal} and ${key} = ${value}`
  }
  const last = sql`(${equal} and m.rid ${sql.raw(isFalling(sorts, direction) ? '<' : '>')} ${position.rid})`
  return sql`(${sql.join([...cases, last], sql` or `)})`
}

async function totalOf(
  { plan, page, driver }: Asked,
  { found, hasMore }: Rows,
  session: Session,
): Promise<number | undefined> {
  if (plan.total === 'none' && plan.count > 0) return undefined
  const isWhole = page.position === undefined && page.direction === 'after' && plan.count > 0
  if (isWhole && !hasMore) return found.length
  const [row] = await run<{ n: number }>(countOf({ plan, driver }), session)
  return Number(row?.n ?? 0)
}

/** Where no filter has few resources, all those of each are gathered rather than asked for one by one. */
function countOf({ plan, driver }: Pick<Asked, 'plan' | 'driver'>): Sql {
  if (driver !== undefined) return sql`select count(*) as n from resource as r where ${matching({ plan, driver })}`
  const [only, another] = plan.filters
  if (only?.rids !== undefined && only.isOfType === true && another === undefined) {
    return sql`select count(*) as n from (select distinct rid from (${only.rids}) as a) as b`
  }
  const gathered = plan.filters.map(({ rids, holds }, index): Filter => {
    // Only one list is looked up by the number: of two, SQLite would look up each pair.
    const own = (rid: Sql): Sql => (index === 0 ? rid : sql`(${rid} + 0)`)
    const isIn = (rid: Sql): Sql => (rids === undefined ? holds(rid) : sql`${own(rid)} in (${rids})`)
    return { holds: isIn }
  })
  return sql`select count(*) as n from resource as r where ${matching({ plan: { ...plan, filters: gathered }, driver })}`
}

function pagesOf(
  { request, page }: { readonly request: SearchRequest; readonly page: Page },
  { found, hasMore }: Rows,
): SearchResult['pages'] {
  const [first] = found
  const last = found.at(-1)
  if (first === undefined || last === undefined) return {}
  const isBack = page.direction === 'before'
  const hasPrevious = isBack ? hasMore : page.position !== undefined
  const hasNext = isBack || hasMore
  return {
    first: pageToken(request, { direction: 'after' }),
    ...(hasPrevious && { previous: pageToken(request, { direction: 'before', position: first }) }),
    ...(hasNext && { next: pageToken(request, { direction: 'after', position: last }) }),
  }
}
