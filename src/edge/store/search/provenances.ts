/** What is about something, many targets at once: every document asks for Provenances, and every check for Consents. */

import type { Pointer } from '../sql/search-index.ts'
import { builder, listed, sql, type Dialect, type Query } from '../sql/query.ts'
import type { Session } from '../sql/session.ts'
import { parameterNumber } from './definitions.ts'
import { addressOf } from './references.ts'

interface Row extends Pointer {
  readonly target_type: string
  readonly target_id: string
}

/** The current Provenances about one of those named: `Patient/1`, or a URL elsewhere. One query. */
export function provenances(names: readonly string[], session: Session): Promise<readonly Pointer[]> {
  return about({ Provenance: names }, session)
}

/**
 * The current Consents of the patients named (`Patient/1`, or a URL elsewhere), and the current PractitionerRoles of the
 * people named: the houses that they work for. One query.
 */
export function consents(
  patients: readonly string[],
  people: readonly string[],
  session: Session,
): Promise<readonly Pointer[]> {
  return about({ Consent: patients, PractitionerRole: people }, session)
}

/** By type, the parameter that says what one is about. */
const PARAMETERS = {
  Provenance: 'Provenance.target',
  Consent: 'Consent.patient',
  PractitionerRole: 'PractitionerRole.practitioner',
} as const
type About = keyof typeof PARAMETERS
type Asked = Readonly<Partial<Record<About, readonly string[]>>>

async function about(asked: Asked, session: Session): Promise<readonly Pointer[]> {
  const wanted = new Set<string>()
  const ids = new Set<string>()
  for (const [type, names] of Object.entries(asked))
    for (const name of names) {
      const address = addressOf(name, undefined)
      if (address === undefined) continue
      wanted.add(`${type} ${address.type}/${address.id}`)
      ids.add(address.id)
    }
  if (ids.size === 0) return []
  const rows = await session.rows(targeting(Object.keys(asked) as About[], [...ids], session.dialect))
  const found = new Map<string, Pointer>()
  for (const { type, id, version, target_type, target_id } of rows)
    if (wanted.has(`${type} ${target_type}/${target_id}`)) found.set(`${type}/${id}`, { type, id, version })
  return [...found.values()]
}

/** Stands for the ids in a query that is compiled once. */
const IDS: readonly string[] = []
const queries = new Map<string, Query>()

function targeting(types: readonly About[], ids: readonly string[], dialect: Dialect): Query<Row> {
  const name = `${dialect} ${types.join(' ')}`
  let query = queries.get(name)
  if (query === undefined) queries.set(name, (query = compiled(types, dialect)))
  return { sql: query.sql, parameters: query.parameters.map((each) => (each === IDS ? ids : each)) }
}

function compiled(types: readonly About[], dialect: Dialect): Query {
  const ways = types.map((type) => sql`i.param = ${parameterNumber(PARAMETERS[type])} and r.type = ${type}`)
  const params = types.map((type) => sql`${parameterNumber(PARAMETERS[type])}`)
  const text = sql`select r.type as type, r.id as id, r.version as version, i.type as target_type, i.id as target_id
    from search_reference as i cross join resource as r
    where i.param in (${sql.join(params)}) and i.id in ${listed(dialect, IDS)}
      and r.rid = i.rid and r.deleted = 0 and (${sql.join(ways, sql` or `)}) order by i.rid`
  return text.compile(builder(dialect))
}
