/** A search request read: its criteria as filters, and what is asked of the answer. @see https://hl7.org/fhir/R4/search.html */

import { fail, FhirError } from '../../../fhir/error.ts'
import { one, type Issue } from '../../../fhir/issue.ts'
import type { Instant } from '../../../fhir/types.ts'
import type { SearchRequest, SearchResult } from '../../../ports.ts'
import { sql } from '../sql/query.ts'
import type { Dialect } from '../sql/query.ts'
import { concerning, findable, recordFilter } from './access.ts'
import { filterOf } from './criterion.ts'
import { isSearchable, type SearchModel } from './definitions.ts'
import { aliases, indexFilter, type Filter, type Findable } from './filter.ts'
import type { Criterion, Filtering } from './group.ts'
import { inclusionOf, type Inclusion } from './inclusion.ts'
import { COMPARTMENT } from './indexing.ts'
import { badValue, shown, type Columns, type Sql } from './matching.ts'
import { sortsOf, type Sort } from './sorting.ts'
import { keyText } from './texts.ts'

/** What is to be found, and how it is to be given. */
export interface Plan {
  /** Empty: over all types. */
  readonly types: readonly string[]
  readonly filters: readonly Filter[]
  readonly sorts: readonly Sort[]
  readonly inclusions: readonly Inclusion[]
  /** What may be found by whoever asks; all where it is absent. */
  readonly findable?: Findable
  readonly count: number
  readonly total: 'none' | 'estimate' | 'accurate'
  readonly shape: SearchResult['shape']
  readonly used: readonly (readonly [name: string, value: string])[]
  readonly issues: readonly Issue[]
}

const MAX_PARAMETERS = 100

/** The plan while it is made. */
interface Draft {
  readonly types: readonly string[]
  readonly filters: Filter[]
  readonly sorts: Sort[]
  readonly inclusions: Inclusion[]
  readonly request: SearchRequest
  readonly filtering: Filtering
  count: number
  total: Plan['total']
  summary?: 'true' | 'text' | 'data' | 'count'
  elements?: readonly string[]
}

/** False where the parameter is not known. @throws FhirError for a value that cannot be */
type ResultParameter = (value: string, draft: Draft) => boolean

const TOTALS: readonly string[] = ['none', 'estimate', 'accurate'] satisfies readonly Plan['total'][]
const SUMMARIES: readonly string[] = ['true', 'text', 'data', 'count', 'false']

/** What says how the answer is, by name. @see https://hl7.org/fhir/R4/search.html#2.21.1.1 */
const RESULT_PARAMETERS: Readonly<Record<string, ResultParameter>> = {
  _count: (value, draft) => {
    if (!/^\d{1,9}$/.test(value)) throw badValue({ name: '_count' }, 'a whole number')
    draft.count = Math.min(Number(value), draft.request.maxCount)
    return true
  },
  _total: (value, draft) => {
    draft.total = oneOf('_total', value, TOTALS) as Plan['total']
    return true
  },
  _summary: (value, draft) => {
    const summary = oneOf('_summary', value, SUMMARIES)
    if (summary !== 'false') draft.summary = summary as NonNullable<Draft['summary']>
    return true
  },
  _elements: (value, draft) => {
    const names = value.split(',').map((name) => name.trim())
    if (names.some((name) => !/^[A-Za-z][A-Za-z0-9.[\]]{0,63}$/.test(name))) {
      throw badValue({ name: '_elements' }, 'names of elements')
    }
    draft.elements = [...(draft.elements ?? []), ...names]
    return true
  },
  _contained: (value) => oneOf('_contained', value, ['false']) === 'false',
  _sort: (value, draft) => {
    const sorts = sortsOf(value, draft.types, draft.filtering.search)
    draft.sorts.push(...(sorts ?? []))
    return sorts !== undefined
  },
  _include: (value, draft) => including(value, 'forward', draft),
  '_include:iterate': (value, draft) => including(value, 'forward iterate', draft),
  '_include:recurse': (value, draft) => including(value, 'forward iterate', draft),
  _revinclude: (value, draft) => including(value, 'reverse', draft),
  '_revinclude:iterate': (value, draft) => including(value, 'reverse iterate', draft),
  '_revinclude:recurse': (value, draft) => including(value, 'reverse iterate', draft),
}

function including(value: string, mode: Inclusion['mode'], { types, inclusions, filtering }: Draft): boolean {
  const inclusion = inclusionOf(value, { mode, types, search: filtering.search })
  if (inclusion !== undefined) inclusions.push(inclusion)
  return inclusion !== undefined
}

function oneOf(name: string, value: string, allowed: readonly string[]): string {
  if (!allowed.includes(value)) throw badValue({ name }, allowed.join(', '))
  return value
}

/** Read before the criteria, as they depend on it. */
const TYPE = '_type'

interface Planning {
  readonly search: SearchModel
  readonly now: Instant
  readonly session: { readonly dialect: Dialect }
}

/**
 * What a request asks for.
 * @throws FhirError `invalid`, `value` for what cannot be, `not-supported` for what is not known where handling is strict
 */
export function planOf(request: SearchRequest, { search, now, session }: Planning): Plan {
  if (request.parameters.length > MAX_PARAMETERS) {
    throw fail('invalid', `The search has ${request.parameters.length} parameters, expected at most ${MAX_PARAMETERS}`)
  }
  const types = typesOf(request, search)
  const bare: Filtering = { search, now, next: aliases() }
  const reading = { filtering: bare, dialect: session.dialect, filterOf }
  const { access } = request
  const isFindable = access === undefined ? undefined : findable(access, reading)
  const ofAccess = access === undefined ? [] : recordFilter(access, types, reading)
  const draft: Draft = {
    types,
    filters: [
      ...compartmentFilters(request, search),
      ...concerning(request.concerning, reading),
      ...ofAccess,
      ...(isFindable ? [{ holds: isFindable }] : []),
    ],
    sorts: [],
    inclusions: [],
    request,
    filtering: { ...bare, ...(isFindable && { findable: isFindable }) },
    count: Math.min(request.defaultCount, request.maxCount),
    total: 'accurate',
  }
  const unknown: string[] = []
  const used = request.parameters.filter(([name, value]) => {
    const isUsed = isRead(name, value, draft)
    if (!isUsed) unknown.push(Object.hasOwn(RESULT_PARAMETERS, name) ? `${name}=${value}` : name)
    return isUsed
  })
  return {
    ...finished(draft),
    ...(isFindable && { findable: isFindable }),
    used,
    issues: unknownIssues(unknown, request),
  }
}

function finished({
  types,
  filters,
  sorts,
  inclusions,
  count,
  total,
  summary,
  elements,
}: Draft): Omit<Plan, 'used' | 'issues' | 'findable'> {
  const shape = { ...(summary !== undefined && { summary }), ...(elements !== undefined && { elements }) }
  return { types, filters, sorts, inclusions, count: summary === 'count' ? 0 : count, total, shape }
}

function typesOf({ type, parameters }: SearchRequest, search: SearchModel): readonly string[] {
  const asked = parameters.filter(([name]) => name === TYPE).map(([, value]) => value.split(','))
  const lists = [...(type === undefined ? [] : [[type]]), ...asked]
  for (const one of lists.flat()) {
    if (isSearchable(search, one)) continue
    if (one === type) throw fail('not-supported', `${shown(one)} is no resource type of this store`)
    throw badValue({ name: TYPE }, 'resource types')
  }
  const [first, ...others] = lists
  const all = [...new Set(first ?? [])].filter((one) => others.every((other) => other.includes(one)))
  if (first !== undefined && all.length === 0) throw badValue({ name: TYPE }, 'types that can be found together')
  return all
}

function compartmentFilters({ compartment }: SearchRequest, search: SearchModel): Filter[] {
  if (compartment === undefined) return []
  const { type, id } = compartment
  if (type !== search.compartment.code)
    throw fail('not-supported', `The compartment of ${one(shown(type))} is not known`)
  const where = (column: Columns): Sql => sql`${column('id')} = ${keyText(id)} and ${column('type')} = ${type}`
  return [indexFilter([COMPARTMENT], { table: 'reference', beside: [''], where }, () => 'compartment')]
}

function isRead(name: string, value: string, draft: Draft): boolean {
  if (name === TYPE) return true
  const result = Object.hasOwn(RESULT_PARAMETERS, name) ? RESULT_PARAMETERS[name] : undefined
  if (result !== undefined) return result(value, draft)
  if (value === '') throw badValue({ name }, 'a value')
  const types = draft.types.length === 0 ? ['Resource'] : draft.types
  const criterion: Criterion = { types, name, value, asked: name, depth: 0 }
  const filter = filterOf(criterion, draft.filtering)
  if (filter !== undefined) draft.filters.push(filter)
  return filter !== undefined
}

function unknownIssues(names: readonly string[], { handling, type }: SearchRequest): readonly Issue[] {
  const issues = names.map((name): Issue => {
    const text = `The search parameter ${shown(name)} is not supported for ${type ?? 'all resources'}`
    return { severity: handling === 'strict' ? 'error' : 'warning', code: 'not-supported', text }
  })
  const [first, ...others] = issues
  if (handling === 'strict' && first !== undefined) throw new FhirError([first, ...others])
  return issues
}
