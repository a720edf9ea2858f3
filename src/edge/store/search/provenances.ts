/** Provenance and Consent by what they are about, many targets at once: every document asks for them. */

import type { Key } from '../../../ports.ts'
import { builder, listed, sql, type Dialect, type Query } from '../sql/query.ts'
import type { Session } from '../sql/session.ts'
import { parameterNumber } from './definitions.ts'
import { addressOf } from './references.ts'

interface Row {
  readonly id: string
  readonly target_type: string
  readonly target_id: string
}

/** The current Provenances about one of those named: `Patient/1`, or a URL elsewhere. One query. */
export function provenances(names: readonly string[], session: Session): Promise<readonly Key[]> {
  return about('Provenance', names, session)
}

/** The current Consents of one of the patients named: `Patient/1`, or a URL elsewhere. One query. */
export function consents(names: readonly string[], session: Session): Promise<readonly Key[]> {
  return about('Consent', names, session)
}

/** By type, the parameter that says what one is about. */
const PARAMETERS = { Provenance: 'Provenance.target', Consent: 'Consent.patient' } as const
type About = keyof typeof PARAMETERS

async function about(type: About, names: readonly string[], session: Session): Promise<readonly Key[]> {
  const addresses = names.flatMap((name) => addressOf(name, undefined) ?? [])
  if (addresses.length === 0) return []
  const asked = new Set(addresses.map((address) => `${address.type}/${address.id}`))
  const ids = [...new Set(addresses.map(({ id }) => id))]
  const rows = await session.rows(targeting(type, ids, session.dialect))
  const found = rows.filter((row) => asked.has(`${row.target_type}/${row.target_id}`)).map(({ id }) => id)
  return [...new Set(found)].map((id) => ({ type, id }))
}

/** Stands for the ids in a query that is compiled once. */
const IDS: readonly string[] = []
const queries = new Map<string, Query>()

function targeting(type: About, ids: readonly string[], dialect: Dialect): Query<Row> {
  const name = `${dialect} ${type}`
  let query = queries.get(name)
  if (query === undefined) queries.set(name, (query = compiled(type, dialect)))
  return { sql: query.sql, parameters: query.parameters.map((each) => (each === IDS ? ids : each)) }
}

function compiled(type: About, dialect: Dialect): Query {
  const text = sql`select r.id as id, i.type as target_type, i.id as target_id
    from search_reference as i cross join resource as r
    where i.param = ${parameterNumber(PARAMETERS[type])} and i.id in ${listed(dialect, IDS)}
      and r.rid = i.rid and r.deleted = 0 and r.type = ${type} order by i.rid`
  return text.compile(builder(dialect))
}
