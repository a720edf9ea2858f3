/**
 * Chains that go on into the resources inside a stored document or message: `Bundle?composition.patient.identifier=`.
 * @see https://hl7.org/fhir/R4/bundle.html#search
 */

import { sql } from '../sql/query.ts'
import {
  alternatives,
  asksMissing,
  groupsOf,
  linkedTypes,
  MAX_CHAIN_DEPTH,
  presences,
  type Criterion,
  type Filtering,
  type ParameterGroup,
} from './group.ts'
import { onlyFindable } from './access.ts'
import { containedNumber } from './contained.ts'
import { innerNumber, parameterNumber } from './definitions.ts'
import { aliased, among, numbersOf, refersTo, type Filter } from './filter.ts'
import { PRESENCE } from './indexing.ts'
import { matchOf, type Sql, type ValueReading } from './matching.ts'
import { parseName } from './parameter-name.ts'

/** Whether a link leads into the Bundle itself. */
export function entersDocument({ parameter }: ParameterGroup): boolean {
  return parameter.expression === 'Bundle.entry[0].resource'
}

/** The filter of a criterion over the resources of the store, where a reference leads out of the document. */
type Outside = (criterion: Criterion, filtering: Filtering) => Filter | undefined

/** The Bundles whose first resource has what the criterion says. */
export function documentFilter(criterion: Criterion, filtering: Filtering, outside: Outside): Filter | undefined {
  const inner = { ...filtering, outside, numberOf: innerNumber }
  const found = innerRows({ ...criterion, depth: criterion.depth + 1 }, inner)
  if (found === undefined) return undefined
  const alias = `${filtering.next()}_found`
  const rids = sql`select ${sql.ref(`${alias}.rid`)} from (${found}) as ${sql.id(alias)} where ${sql.ref(`${alias}.part`)} = 0`
  return { rids, holds: (rid) => sql`${rid} in (${rids})` }
}

/**
 * The resources of which a reference by one of the parameters leads to one that they contain, with what the criterion says.
 * @see https://hl7.org/fhir/R4/search.html#contained
 */
export function containedFilter(
  criterion: Criterion,
  names: readonly string[],
  filtering: Filtering & { readonly outside: Outside },
): Filter | undefined {
  const found = innerRows(criterion, { ...filtering, numberOf: containedNumber })
  if (found === undefined) return undefined
  const alias = `${filtering.next()}_found`
  const y = (name: string): Sql => sql.ref(`${alias}.${name}`)
  const f = aliased('search_reference', filtering.next())
  const joined = sql`${f.column('rid')} = ${y('rid')} and ${f.column('inner')} = ${y('part')}
    and ${among(f.column('param'), names.map(parameterNumber))}`
  const from = sql`(${found}) as ${sql.id(alias)} cross join ${f.from}`
  return {
    rids: sql`select ${f.column('rid')} from ${from} where ${joined}`,
    holds: (rid) => sql`exists (select 1 from ${from} where ${y('rid')} = ${rid} and ${joined})`,
  }
}

interface InnerFiltering extends Filtering {
  readonly outside: Outside
  /** The numbers of parameters of the resources inside. */
  readonly numberOf: (name: string) => number
}

/** A query of `rid` and `part` of the resources inside documents; undefined where no such parameter is known. */
function innerRows(criterion: Criterion, filtering: InnerFiltering): Sql | undefined {
  const parsed = parseName(criterion.name)
  if (parsed === undefined || parsed.kind === 'has' || criterion.depth > MAX_CHAIN_DEPTH) return undefined
  const groups = groupsOf(criterion, parsed.code, filtering.search)?.filter(({ type }) => type !== 'composite')
  if (groups === undefined || groups.length === 0) return undefined
  const queries = groups.flatMap((group) => {
    const query =
      parsed.kind === 'plain'
        ? innerValues(criterion, { group, modifier: parsed.modifier }, filtering)
        : innerLink(criterion, { group, chain: parsed }, filtering)
    return query === undefined ? [] : [query]
  })
  return queries.length === 0 ? undefined : sql`${sql.join(queries, sql` union all `)}`
}

interface Asked {
  readonly group: ParameterGroup
  readonly modifier: string | undefined
}

function innerValues(criterion: Criterion, { group, modifier }: Asked, filtering: InnerFiltering): Sql {
  if (modifier === 'missing') {
    const present = presences(group).map(({ table, beside }) => ({ table, beside: [beside], where: () => sql`1 = 1` }))
    return asksMissing(criterion) ? without(present, group, filtering) : withRow(present, group, filtering)
  }
  const { search, now } = filtering
  const reading: ValueReading = {
    name: criterion.asked,
    modifier,
    target: group.targets,
    base: search.base,
    now,
    isCaseless: group.isCaseless,
  }
  if (group.type === 'composite') throw new TypeError('A composite is not looked for inside documents')
  const { type } = group
  const matches = alternatives(criterion.value, criterion.asked).map((value) => matchOf(value, type, reading))
  return modifier === 'not' ? without(matches, group, filtering) : withRow(matches, group, filtering)
}

type Matches = readonly (Pick<ReturnType<typeof matchOf>, 'beside' | 'where'> & { readonly table: string })[]

function withRow(matches: Matches, { names }: ParameterGroup, { next, numberOf }: InnerFiltering): Sql {
  const queries = matches.map(({ table, beside, where }) => {
    const { from, column } = aliased(`search_${table}`, next())
    const numbers = numbersOf(names, beside, numberOf)
    return sql`select ${column('rid')}, ${column('part')} from ${from} where ${among(column('param'), numbers)} and ${where(column)}`
  })
  return sql`${sql.join(queries, sql` union all `)}`
}

/** Those of the types that have no such row. */
function without(matches: Matches, { names, types }: ParameterGroup, { next, numberOf }: InnerFiltering): Sql {
  const all = aliased('search_token', next())
  const presence = types.map((type) => numberOf(type + PRESENCE))
  const absent = matches.map(({ table, beside, where }) => {
    const { from, column } = aliased(`search_${table}`, next())
    const numbers = numbersOf(names, beside, numberOf)
    return sql` and not exists (select 1 from ${from} where ${column('rid')} = ${all.column('rid')} and ${column('part')} = ${all.column('part')} and ${among(column('param'), numbers)} and ${where(column)})`
  })
  return sql`select ${all.column('rid')}, ${all.column('part')} from ${all.from} where ${among(all.column('param'), presence)}${sql.join(absent, sql``)}`
}

interface Link {
  readonly group: ParameterGroup
  readonly chain: Extract<ReturnType<typeof parseName>, { kind: 'chain' }>
}

/** What a reference inside means is the entry that it resolves to, else the resource of the store with that address. */
function innerLink(criterion: Criterion, { group, chain }: Link, filtering: InnerFiltering): Sql | undefined {
  if (group.type !== 'reference') return undefined
  const types = linkedTypes(chain, group, filtering.search)
  const rest: Criterion = { ...criterion, types, name: chain.rest, depth: criterion.depth + 1 }
  const inside = innerRows(rest, filtering)
  const found = filtering.outside(rest, filtering)
  if (inside === undefined || found === undefined) return undefined
  const outside = onlyFindable(found, filtering)
  const numbers = group.names.map(filtering.numberOf)
  const f = aliased('search_reference', filtering.next())
  const inner = `${filtering.next()}_found`
  const y = (name: string): Sql => sql.ref(`${inner}.${name}`)
  const g = aliased('search_reference', filtering.next())
  const t = aliased('resource', filtering.next())
  const isHeld =
    outside.rids === undefined ? outside.holds(t.column('rid')) : sql`${t.column('rid')} in (${outside.rids})`
  return sql`select ${f.column('rid')}, ${f.column('part')} from (${inside}) as ${sql.id(inner)} cross join ${f.from}
    where ${f.column('rid')} = ${y('rid')} and ${f.column('inner')} = ${y('part')} and ${among(f.column('param'), numbers)}
    union all
    select ${g.column('rid')}, ${g.column('part')} from ${t.from} cross join ${g.from}
    where ${isHeld} and ${t.column('deleted')} = 0 and ${g.column('inner')} is null and ${among(g.column('param'), numbers)}
      and ${refersTo(g.column, t.column)}`
}
