/** What is about something, many targets at once: every document asks for Provenances, and every check for Consents. */

import type { Pointer } from '../sql/search-index.ts'
import { builder, isAmong, sql, type Dialect, type Query, type RawBuilder } from '../sql/query.ts'
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
  const ids = new Map<About, string[]>()
  for (const [type, names] of Object.entries(asked) as [About, readonly string[]][])
    for (const name of names) {
      const address = addressOf(name, undefined)
      if (address === undefined) continue
      wanted.add(`${type} ${address.type}/${address.id}`)
      ids.set(type, [...(ids.get(type) ?? []), address.id])
    }
  if (ids.size === 0) return []
  const found = new Map<string, Pointer>()
  for (const { type, id, version, target_type, target_id } of await rowsOf(ids, session))
    if (wanted.has(`${type} ${target_type}/${target_id}`)) found.set(`${type}/${id}`, { type, id, version })
  return [...found.values()]
}

/** What is asked for in one turn of the program: by type, the ids of what it is about. */
interface Flight {
  readonly ids: Map<About, Set<string>>
  readonly rows: Promise<readonly Row[]>
}

const flights = new WeakMap<Session, Flight>()

/** The rows of all that is asked of a session in one turn: a document and its check need one query between them. */
function rowsOf(ids: ReadonlyMap<About, readonly string[]>, session: Session): Promise<readonly Row[]> {
  const flight = flights.get(session) ?? flightOf(session)
  for (const [type, some] of ids) {
    const own = flight.ids.get(type) ?? new Set()
    for (const id of some) own.add(id)
    flight.ids.set(type, own)
  }
  return flight.rows
}

function flightOf(session: Session): Flight {
  const ids: Flight['ids'] = new Map()
  const flight = { ids, rows: departed(ids, session) }
  flights.set(session, flight)
  return flight
}

/** Who asks in the same turn as another may do so by way of some promises that are fulfilled already. */
const PROMISES = 4

async function departed(ids: Flight['ids'], session: Session): Promise<readonly Row[]> {
  for (let count = 0; count < PROMISES; count += 1) await Promise.resolve()
  flights.delete(session)
  return session.rows(targeting(ids, session.dialect))
}

/** Each stands for the ids of a type in a query that is compiled once. */
const IDS: Readonly<Record<About, readonly string[]>> = { Provenance: [], Consent: [], PractitionerRole: [] }
const queries = new Map<string, Query>()

function targeting(ids: Flight['ids'], dialect: Dialect): Query<Row> {
  const types = (Object.keys(PARAMETERS) as About[]).filter((type) => ids.has(type))
  const name = `${dialect} ${types.join(' ')}`
  const query = queries.get(name) ?? compiled(types, dialect)
  queries.set(name, query)
  const values = new Map<unknown, readonly string[]>(types.map((type) => [IDS[type], [...(ids.get(type) ?? [])]]))
  return { sql: query.sql, parameters: query.parameters.map((each) => values.get(each) ?? each) }
}

function compiled(types: readonly About[], dialect: Dialect): Query {
  const ways = types.map((type) => wayTo(type, dialect))
  return sql`${sql.join(ways, sql` union all `)} order by rid`.compile(builder(dialect))
}

function wayTo(type: About, dialect: Dialect): RawBuilder<unknown> {
  return sql`select r.type as type, r.id as id, r.version as version, i.type as target_type, i.id as target_id, i.rid as rid
    from search_reference as i cross join resource as r
    where i.param = ${parameterNumber(PARAMETERS[type])} and ${isAmong(dialect, 'i.id', IDS[type])}
      and r.rid = i.rid and r.deleted = 0 and r.type = ${type}`
}
