/** Search criteria as filters over the resources of the store. @see https://hl7.org/fhir/R4/search.html */

import { fail } from '../../../fhir/error.ts'
import { sql } from '../sql/query.ts'
import { onlyFindable } from './access.ts'
import { compositeFilter } from './composite.ts'
import { parameterName, parameterNumber, parameterOf } from './definitions.ts'
import { containedFilter, documentFilter, entersDocument } from './document-criterion.ts'
import { split } from './escaping.ts'
import { aliased, allOf, among, anyOf, indexFilter, not, refersTo, type Filter } from './filter.ts'
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
import { matchOf, shown, type ValueReading } from './matching.ts'
import { parseName } from './parameter-name.ts'
import { resourceColumn } from './resource-criterion.ts'

/**
 * The filter of a criterion; undefined where no such parameter is known.
 * @throws FhirError `invalid` for a modifier or form that cannot be, `value` for a value that cannot be
 */
export function filterOf(criterion: Criterion, filtering: Filtering): Filter | undefined {
  const { name, asked, depth } = criterion
  if (depth > MAX_CHAIN_DEPTH) {
    throw fail('invalid', `The search parameter ${shown(asked)} is too deep, expected at most ${MAX_CHAIN_DEPTH} links`)
  }
  const parsed = parseName(name)
  switch (parsed?.kind) {
    case undefined:
      return undefined
    case 'plain':
      return plainFilter(criterion, parsed, filtering)
    case 'chain':
      return chainFilter(criterion, parsed, filtering)
    case 'has':
      return hasFilter(criterion, parsed, filtering)
  }
}

type Plain = Extract<ReturnType<typeof parseName>, { kind: 'plain' }>

function plainFilter(criterion: Criterion, { code, modifier }: Plain, filtering: Filtering): Filter | undefined {
  const column = resourceColumn(criterion, { code, modifier }, filtering)
  if (column !== undefined) return column
  const groups = groupsOf(criterion, code, filtering.search)
  if (groups === undefined) return undefined
  if (modifier === 'missing') return missingFilter(criterion, groups, filtering)
  const filters = groups.map((group) => groupFilter(criterion, group, modifier, filtering))
  const any = anyOf(filters)
  return modifier === 'not' ? not(any) : any
}

/** The resources that have one of the values. */
function groupFilter(
  { value, asked }: Criterion,
  group: ParameterGroup,
  modifier: string | undefined,
  filtering: Filtering,
): Filter {
  const { type, names, targets, isCaseless } = group
  const { base } = filtering.search
  const reading: ValueReading = { name: asked, modifier, target: targets, base, now: filtering.now, isCaseless }
  const filters = alternatives(value, asked).map((one) =>
    type === 'composite'
      ? compositeFilter(one, { group, reading }, filtering)
      : (ofVersion(one, { group, reading }, filtering) ??
        indexFilter(names, matchOf(one, type, reading), filtering.next)),
  )
  return anyOf(filters)
}

interface Grouped {
  readonly group: ParameterGroup
  readonly reading: ValueReading
}

/** The definitions with a URL and a version, where the value is `url|version`. @see https://hl7.org/fhir/R4/search.html#uri */
function ofVersion(value: string, { group, reading }: Grouped, { search, next }: Filtering): Filter | undefined {
  const { types, names, type } = group
  const [url = '', version = '', another] = split(value, '|')
  const isVersioned =
    type === 'uri' && reading.modifier === undefined && url !== '' && version !== '' && another === undefined
  const hasVersions = types.every((one) => parameterOf(search, one, 'version') !== undefined)
  if (!isVersioned || !hasVersions || !names.every((name) => name.endsWith('.url'))) return undefined
  const versions = types.map((one) => parameterName(search, one, 'version'))
  const isOfVersion = matchOf(version, 'token', { ...reading, isCaseless: true })
  return allOf([indexFilter(names, matchOf(url, 'uri', reading), next), indexFilter(versions, isOfVersion, next)], next)
}

function missingFilter(criterion: Criterion, groups: readonly ParameterGroup[], { next }: Filtering): Filter {
  const isMissing = asksMissing(criterion)
  const filters = groups.flatMap((group) =>
    presences(group).map(({ table, beside }): Filter => {
      const { from, column } = aliased(`search_${table}`, next())
      const numbers = group.names.map((name) => parameterNumber(name + beside))
      return {
        rids: sql`select ${column('rid')} from ${from} where ${among(column('param'), numbers)}`,
        holds: (rid) =>
          sql`exists (select 1 from ${from} where ${column('rid')} = ${rid} and ${among(column('param'), numbers)})`,
      }
    }),
  )
  return isMissing ? not(anyOf(filters)) : anyOf(filters)
}

type Chain = Extract<ReturnType<typeof parseName>, { kind: 'chain' }>

/** The resources that a reference of theirs leads to one with what the rest of the name says. */
function chainFilter(criterion: Criterion, chain: Chain, filtering: Filtering): Filter | undefined {
  const groups = groupsOf(criterion, chain.code, filtering.search)
  if (groups === undefined) return undefined
  const links = groups.flatMap((group) => {
    const link = group.type === 'reference' ? linkFilter(criterion, chain, group, filtering) : undefined
    return link === undefined ? [] : [link]
  })
  return links.length === 0 ? undefined : anyOf(links)
}

function linkFilter(
  criterion: Criterion,
  chain: Chain,
  group: ParameterGroup,
  filtering: Filtering,
): Filter | undefined {
  const types = linkedTypes(chain, group, filtering.search)
  if (entersDocument(group)) return documentFilter({ ...criterion, types, name: chain.rest }, filtering, filterOf)
  const rest: Criterion = { ...criterion, types, name: chain.rest, depth: criterion.depth + 1 }
  const linked = filterOf(rest, filtering)
  if (linked === undefined) return undefined
  const contained = containedFilter(rest, group.names, { ...filtering, outside: filterOf })
  const held = heldFilter({ group, types, linked }, filtering)
  return contained === undefined ? held : anyOf([held, contained])
}

interface Linked {
  readonly group: ParameterGroup
  readonly types: readonly string[]
  readonly linked: Filter
}

/** The resources of which a reference leads to one of the store that fits. */
function heldFilter({ group, types, linked }: Linked, filtering: Filtering): Filter {
  const rest = onlyFindable(linked, filtering)
  const f = aliased('search_reference', filtering.next())
  const t = aliased('resource', filtering.next())
  const numbers = group.names.map(parameterNumber)
  // What has a value is of a type that can have it; what has none need not be.
  const isTyped = types.length <= 8 || rest.rids === undefined
  // Written so that no index on the type alone is used.
  const joined = sql`${among(f.column('param'), numbers)} and ${refersTo(f.column, t.column)}${isTyped ? sql` and ${among(sql`(${t.column('type')} || '')`, types)}` : sql``}`
  return {
    // The order of the tables is the order of the search: from the few at the end of the chain to its beginning.
    ...(rest.rids !== undefined && {
      rids: sql`select ${f.column('rid')} from ${t.from} cross join ${f.from} where ${t.column('rid')} in (${rest.rids}) and ${joined}`,
    }),
    holds: (rid) =>
      sql`exists (select 1 from ${f.from} cross join ${t.from} where ${f.column('rid')} = ${rid} and ${joined} and ${t.column('deleted')} = 0 and ${rest.holds(t.column('rid'))})`,
  }
}

type Has = Extract<ReturnType<typeof parseName>, { kind: 'has' }>

/** The resources to which a reference leads from one with what the rest of the name says. */
function hasFilter(criterion: Criterion, { type, code, rest }: Has, filtering: Filtering): Filter | undefined {
  const [group] = groupsOf({ types: [type], depth: 0 }, code, filtering.search) ?? []
  if (group?.type !== 'reference') return undefined
  const found = filterOf({ ...criterion, types: [type], name: rest, depth: criterion.depth + 1 }, filtering)
  if (found === undefined) return undefined
  const referring = onlyFindable(found, filtering)
  const f = aliased('search_reference', filtering.next())
  const t = aliased('resource', filtering.next())
  const joined = sql`${among(f.column('param'), group.names.map(parameterNumber))}
    and ${refersTo(f.column, t.column)}`
  return {
    ...(referring.rids !== undefined && {
      rids: sql`select ${t.column('rid')} from ${f.from} cross join ${t.from} where ${f.column('rid')} in (${referring.rids}) and ${joined}`,
    }),
    holds: (rid) =>
      sql`exists (select 1 from ${t.from} cross join ${f.from} where ${t.column('rid')} = ${rid} and ${joined} and ${referring.holds(f.column('rid'))})`,
  }
}
