/** The order of what is found. @see https://hl7.org/fhir/R4/search.html#sort */

import { fail } from '../../../fhir/error.ts'
import { sql } from '../sql/query.ts'
import { parameterName, parameterNumber, parameterOf, type ParameterType, type SearchModel } from './definitions.ts'
import { aliased, among } from './filter.ts'
import { shown, type Sql } from './matching.ts'
import type { Table } from './rows.ts'

/** One key of the order; what has no such value comes last, whichever the direction. */
export interface Sort {
  readonly direction: 'ascending' | 'descending'
  readonly kind: 'number' | 'text'
  /** Every resource has such a value. */
  readonly isRequired?: true
  /** The key of the resource with a number: the least of several values, descending the greatest. */
  readonly key: (resource: Resource) => Sql
  /** The index that has the resources in this order, where there is one: by the rows of one parameter. */
  readonly index?: { readonly table: string; readonly column: string; readonly param: number }
}

/** The columns of the resource that is sorted. */
export type Resource = (column: 'rid' | 'id' | 'last_updated') => Sql

interface Ordered {
  readonly table: Table
  readonly column: string
  readonly kind: Sort['kind']
  /** Another column comes between in the index. */
  readonly isUnindexed?: true
}

const ORDERS: Readonly<Record<Exclude<ParameterType, 'composite'>, Ordered>> = {
  token: { table: 'token', column: 'code', kind: 'text' },
  string: { table: 'string', column: 'start', kind: 'text' },
  reference: { table: 'reference', column: 'id', kind: 'text', isUnindexed: true },
  date: { table: 'date', column: 'low', kind: 'number' },
  number: { table: 'number', column: 'low', kind: 'number' },
  quantity: { table: 'number', column: 'low', kind: 'number' },
  uri: { table: 'token', column: 'code', kind: 'text' },
}

/** Changes nothing but that no index on the column is used: the rows of one resource are few, and are found by its number. */
export const SAME: Readonly<Record<Sort['kind'], Sql>> = { number: sql` + 0`, text: sql` || ''` }

const MAX_SORTS = 10

/**
 * The order that `-date,_id` asks for; undefined where a parameter in it is not known.
 * @throws FhirError `value` where there is nothing to sort by
 */
export function sortsOf(value: string, types: readonly string[], search: SearchModel): readonly Sort[] | undefined {
  const names = value.split(',').map((name) => name.trim())
  if (names.length > MAX_SORTS || names.some((name) => !/^-?[A-Za-z_][A-Za-z0-9_-]*$/.test(name))) {
    throw fail(
      'value',
      `The search parameter _sort is not understood, expected at most ${MAX_SORTS} names of parameters`,
    )
  }
  const sorts = names.map((name) => sortOf(name, types.length === 0 ? ['Resource'] : types, search))
  return sorts.every((sort) => sort !== undefined) ? sorts : undefined
}

function sortOf(name: string, types: readonly string[], search: SearchModel): Sort | undefined {
  const direction = name.startsWith('-') ? 'descending' : 'ascending'
  const code = name.replace(/^-/, '')
  if (code === '_id') return { direction, kind: 'text', isRequired: true, key: (resource) => resource('id') }
  if (code === '_lastUpdated') {
    return { direction, kind: 'number', isRequired: true, key: (resource) => resource('last_updated') }
  }
  const kinds = new Set(types.map((type) => parameterOf(search, type, code)?.type))
  const [kind, another] = kinds
  if (kind === undefined) return undefined
  if (kind === 'composite' || another !== undefined) {
    throw fail('value', `The search parameter _sort names ${shown(code)}, which has no order`)
  }
  const { table, column, kind: of, isUnindexed } = ORDERS[kind]
  const numbers = types.map((type) => parameterNumber(parameterName(search, type, code)))
  const { from, column: own } = aliased(`search_${table}`, 's')
  const end = sql.raw(direction === 'ascending' ? 'min' : 'max')
  // A period that ends is later than its beginning: what counts descending is its end.
  const value = direction === 'descending' && column === 'low' ? 'high' : column
  const [param, ...others] = numbers
  const isIndexed = isUnindexed !== true && param !== undefined && others.length === 0
  return {
    direction,
    kind: of,
    ...(isIndexed && { index: { table: `search_${table}`, column: value, param } }),
    key: (resource) =>
      sql`(select ${end}(${own(value)}${SAME[of]}) from ${from} where ${own('rid')} = ${resource('rid')} and ${among(own('param'), numbers)})`,
  }
}
