/** A search over the index: the matches of a page in their order, how many there are, and what is included with them. */

import type { Instant } from '../../../fhir/types.ts'
import type { SearchRequest, SearchResult, StoreReader, Version } from '../../../ports.ts'
import { sql } from '../sql/query.ts'
import type { Session } from '../sql/session.ts'
import type { SearchModel } from './definitions.ts'
import { run, startOf, type Driver, type Start } from './driver.ts'
import { aliased, among, byItself } from './filter.ts'
import { included, type Held } from './inclusion.ts'
import type { Sql } from './matching.ts'
import { pageOf, pageToken, type Page, type Position } from './paging.ts'
import { planOf, type Plan } from './request.ts'
import { SAME, type Resource, type Sort } from './sorting.ts'

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
  const start = await startOf(plan.filters, session)
  const rows = plan.count === 0 ? [] : await pageRows({ plan, page, start }, session)
  const hasMore = rows.length > plan.count
  const own = rows.slice(0, plan.count)
  const found = page.direction === 'before' ? own.toReversed() : own
  const total = await totalOf({ plan, page, start }, { found, hasMore }, session)
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
  readonly start: Start
}

/** A resource with its keys in the order. */
type Row = Held & Pick<Position, 'keys'>

interface Rows {
  readonly found: readonly Row[]
  readonly hasMore: boolean
}

const resource: Resource = (column) => sql`${sql.ref(`r.${column}`)}`

/** How those that match are found: among those that a driver lists, or one by one in an order. */
interface Way {
  readonly driver?: Driver | undefined
  /** The filters are asked of each by itself: no database joins them, which would find all before the first is given. */
  readonly isStepwise?: true
}

/** The resources that match, wherever in the order. */
function matching({ types, filters }: Pick<Plan, 'types' | 'filters'>, { driver, isStepwise }: Way): Sql {
  const rid = resource('rid')
  const asked = filters.filter((filter) => driver?.filters.includes(filter) !== true)
  const conditions = [
    sql`r.deleted = 0`,
    // the audit is asked for by its name only
    types.length === 0 ? sql`r.type <> 'AuditEvent'` : among(sql`r.type`, types),
    ...(driver === undefined ? [] : [driver.isIn(rid)]),
    ...asked.map(({ holds }) => (isStepwise === true ? byItself(holds(rid)) : holds(rid))),
  ]
  return sql`${sql.join(conditions, sql` and `)}`
}

async function pageRows({ plan, page, start: { few, gathered } }: Asked, session: Session): Promise<readonly Row[]> {
  if (few !== undefined) return rowsBy({ driver: few }, { plan, page }, session)
  // in the order of the table those that match come one after the other until the page is full
  if (plan.sorts.every(({ isRequired }) => isRequired)) return rowsBy({ isStepwise: true }, { plan, page }, session)
  const walked = await walkedRows(plan, page, session)
  return walked ?? rowsBy({ driver: gathered }, { plan, page }, session)
}

async function rowsBy(way: Way, { plan, page }: Omit<Asked, 'start'>, session: Session): Promise<readonly Row[]> {
  const { sorts, count } = plan
  const keys = sorts.map((sort, index) => sql`, ${sort.key(resource)} as ${sql.id(`k${index}`)}`)
  const matches = sql`select r.rid as rid, r.type as type, r.id as id${sql.join(keys, sql``)} from resource as r where ${matching(plan, way)}`
  const behind = page.position === undefined ? sql`` : sql` where ${beyond(page.position, sorts, page.direction)}`
  const query = sql`select * from (${matches}) as m${behind} order by ${ordering(sorts, page.direction)} limit ${count + 1}`
  return rowsOf(await run<Given>(query, session), sorts)
}

/**
 * The rows of a page in an order that an index has: it is followed until the page is full. Undefined where no index has the
 * order, or the page is not full before those come that have no such value.
 */
async function walkedRows(plan: Plan, page: Page, session: Session): Promise<readonly Row[] | undefined> {
  const { sorts, count } = plan
  const [sort, another] = sorts
  if (sort?.index === undefined || another !== undefined || page.position?.keys[0] === null) return undefined
  const { table, column, param } = sort.index
  const s = aliased(table, 's')
  const key = s.column(column)
  const isDown = isFalling(sorts, page.direction)
  const [further, way] = isDown ? [sql`<`, sql`desc`] : [sql`>`, sql`asc`]
  const behind =
    page.position === undefined
      ? sql``
      : sql` and (${key} ${further} ${page.position.keys[0]} or (${key} = ${page.position.keys[0]} and ${s.column('rid')} ${further} ${page.position.rid}))`
  // of the several values of a resource the one that it is ordered by
  const first = sql`${s.column('n')} = (select o.n from ${sql.table(table)} as o where o.rid = ${s.column('rid')} and o.param = ${param}
    order by o.${sql.ref(column)}${SAME[sort.kind]} ${sql.raw(sort.direction === 'descending' ? 'desc' : 'asc')}, o.n limit 1)`
  const query = sql`select r.rid as rid, r.type as type, r.id as id, ${key} as k0 from ${s.from} cross join resource as r
    where ${s.column('param')} = ${param} and r.rid = ${s.column('rid')}${behind} and ${byItself(first)} and ${matching(plan, { isStepwise: true })}
    order by ${key} ${way}, ${s.column('rid')} ${way} limit ${count + 1}`
  const rows = rowsOf(await run<Given>(query, session), sorts)
  return rows.length > count ? rows : undefined
}

type Given = Readonly<Record<string, string | number | null>>

function rowsOf(rows: readonly Given[], sorts: readonly Sort[]): readonly Row[] {
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
  { plan, page, start }: Asked,
  { found, hasMore }: Rows,
  session: Session,
): Promise<number | undefined> {
  if (plan.total === 'none' && plan.count > 0) return undefined
  const isWhole = page.position === undefined && page.direction === 'after' && plan.count > 0
  if (isWhole && !hasMore) return found.length
  const isOfIndex =
    plan.filters.every(({ rids }) => rids !== undefined) && plan.filters.some(({ isOfType }) => isOfType)
  if (isOfIndex && start.count !== undefined) return start.count
  const [row] = await run<{ n: number }>(countOf(plan, start), session)
  return Number(row?.n ?? 0)
}

function countOf({ types, filters }: Plan, { few, gathered }: Start): Sql {
  const [only, another] = filters
  if (few === undefined && only?.rids !== undefined && only.isOfType === true && another === undefined)
    return sql`select count(*) as n from (select distinct rid from (${only.rids}) as a) as b`
  return sql`select count(*) as n from resource as r where ${matching({ types, filters }, { driver: few ?? gathered })}`
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
