/** The criteria that the table of resources answers by itself: `_id` and `_lastUpdated`. */

import { sql } from '../sql/query.ts'
import { alternatives, type Criterion, type Filtering } from './group.ts'
import { unescaped } from './escaping.ts'
import { aliased, among, anyOf, not, type Filter } from './filter.ts'
import { badModifier, badValue, momentCondition, type ValueReading } from './matching.ts'
import { keyText } from './texts.ts'

interface Asked {
  readonly code: string
  readonly modifier: string | undefined
}

/** The filter of `_id` or `_lastUpdated`; undefined for any other parameter. */
export function resourceColumn(
  criterion: Criterion,
  { code, modifier }: Asked,
  filtering: Filtering,
): Filter | undefined {
  if (code === '_id') return idFilter(criterion, modifier, filtering)
  return code === '_lastUpdated' ? timeFilter(criterion, modifier, filtering) : undefined
}

function idFilter({ value, asked, types }: Criterion, modifier: string | undefined, { next }: Filtering): Filter {
  if (modifier !== undefined && modifier !== 'not') throw badModifier(asked, modifier, ['not'])
  const ids = alternatives(value, asked).map((one) => {
    const id = keyText(unescaped(one))
    if (id === '' || id.includes('|')) throw badValue({ name: asked }, 'an id')
    return id
  })
  const { from, column } = aliased('resource', next())
  const isNamed = types.length * ids.length <= 500 && !types.includes('Resource')
  const names = types.flatMap((type) => ids.map((id) => `${type}/${id}`))
  const filter: Filter = {
    ...(isNamed && { rids: sql`select ${column('rid')} from ${from} where ${among(column('name'), names)}` }),
    holds: (rid) => sql`exists (select 1 from ${from} where ${column('rid')} = ${rid} and ${among(column('id'), ids)})`,
  }
  return modifier === 'not' ? not(filter) : filter
}

function timeFilter(
  { value, asked, types }: Criterion,
  modifier: string | undefined,
  { next, now, search: { base } }: Filtering,
): Filter {
  if (modifier !== undefined) throw badModifier(asked, modifier, [])
  const reading: ValueReading = { name: asked, modifier, target: undefined, base, now }
  const filters = alternatives(value, asked).map((one): Filter => {
    const { from, column } = aliased('resource', next())
    const where = momentCondition(one, reading, column('last_updated'))
    const isTyped = types.length <= 8 && !types.includes('Resource')
    return {
      ...(isTyped && {
        rids: sql`select ${column('rid')} from ${from} where ${among(column('type'), types)} and ${where}`,
      }),
      holds: (rid) => sql`exists (select 1 from ${from} where ${column('rid')} = ${rid} and ${where})`,
    }
  })
  return anyOf(filters)
}
