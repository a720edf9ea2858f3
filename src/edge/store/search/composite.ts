/** Composite parameters: values that must stand together. @see https://hl7.org/fhir/R4/search.html#combining */

import { sql } from '../sql/query.ts'
import type { Filtering, ParameterGroup } from './group.ts'
import { parameterName, parameterNumber, parameterOf } from './definitions.ts'
import { split } from './escaping.ts'
import { aliased, allOf, among, indexFilter, unindexed, type Filter } from './filter.ts'
import { partName, standsOnResource } from './indexing.ts'
import { badModifier, badValue, matchOf, type ValueReading } from './matching.ts'

interface CompositeReading {
  readonly group: ParameterGroup
  readonly reading: ValueReading
}

/** The resources that have the values of `code$value` in one place. */
export function compositeFilter(value: string, { group, reading }: CompositeReading, filtering: Filtering): Filter {
  const { components = [], expression } = group.parameter
  if (reading.modifier !== undefined) throw badModifier(reading.name, reading.modifier, [])
  const parts = split(value, '$')
  if (parts.length !== components.length || parts.includes('')) {
    throw badValue(reading, `${components.length} values with $ between them`)
  }
  const isWhole = group.types.every((type) => standsOnResource(expression, type))
  return isWhole ? onResource(parts, { group, reading }, filtering) : onElements(parts, { group, reading }, filtering)
}

/** The parts are other parameters of the resource. */
function onResource(parts: readonly string[], { group, reading }: CompositeReading, filtering: Filtering): Filter {
  const filters = (group.parameter.components ?? []).map(({ code, type }, index) => {
    const names = group.types
      .filter((owner) => parameterOf(filtering.search, owner, code) !== undefined)
      .map((owner) => parameterName(filtering.search, owner, code))
    return indexFilter(names, matchOf(parts[index] ?? '', simple(type), reading), filtering.next)
  })
  return allOf(filters, filtering.next)
}

function onElements(parts: readonly string[], { group, reading }: CompositeReading, { next }: Filtering): Filter {
  const rows = (group.parameter.components ?? []).map(({ type }, index) => {
    const match = matchOf(parts[index] ?? '', simple(type), reading)
    const row = aliased(`search_${match.table}`, next())
    const numbers = group.names.map((name) => parameterNumber(partName(name, index)))
    const param = among(row.column('param'), numbers)
    // The first part is looked for, the others are where it is.
    const where = match.where(index === 0 ? row.column : unindexed(row.column))
    return { ...row, where: sql`${param} and ${where}` }
  })
  const [first, ...others] = rows
  if (first === undefined) throw new TypeError(`${group.parameter.url} has no parts`)
  const from = sql.join(
    rows.map((row) => row.from),
    sql`, `,
  )
  const together = others.map(
    ({ column }) => sql` and ${column('rid')} = ${first.column('rid')} and ${column('part')} = ${first.column('part')}`,
  )
  const where = sql`${sql.join(
    rows.map((row) => row.where),
    sql` and `,
  )}${sql.join(together, sql``)}`
  return {
    rids: sql`select ${first.column('rid')} from ${from} where ${where}`,
    holds: (rid) => sql`exists (select 1 from ${from} where ${first.column('rid')} = ${rid} and ${where})`,
  }
}

function simple<T extends string>(type: T): Exclude<T, 'composite'> {
  if (type === 'composite') throw new TypeError('A part of a composite is a composite')
  return type as Exclude<T, 'composite'>
}
