/** Resources by their business identifiers, many at once. */

import type { BusinessIdentifier, Key } from '../../../ports.ts'
import { builder, listed, sql } from '../sql/query.ts'
import type { Session } from '../sql/session.ts'
import { parameterNumber } from './definitions.ts'
import { IDENTIFIER } from './indexing.ts'
import { keyText } from './texts.ts'

interface Bearer extends Key {
  readonly system: string
  readonly code: string
}

/** For each identifier, the current resources that bear exactly it, in the order of their type and id. One query. */
export async function identified(
  identifiers: readonly BusinessIdentifier[],
  session: Session,
): Promise<readonly (readonly Key[])[]> {
  if (identifiers.length === 0) return []
  const codes = [...new Set(identifiers.map(({ value }) => keyText(value)))]
  const query = sql`select distinct i.system as system, i.code as code, r.type as type, r.id as id
    from search_token as i cross join resource as r
    where i.param = ${parameterNumber(IDENTIFIER)} and i.code in ${listed(session.dialect, codes)}
      and r.rid = i.rid and r.deleted = 0 order by 3, 4`
  const bearers = await session.rows<Bearer>(query.compile(builder(session.dialect)))
  return identifiers.map(({ type, system, value }) =>
    bearers
      .filter((one) => one.system === keyText(system) && one.code === keyText(value))
      .filter((one) => type === undefined || one.type === type)
      .map((one) => ({ type: one.type, id: one.id })),
  )
}
