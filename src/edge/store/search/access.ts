/** What somebody may find, as a condition on resources: on the matches, on what is included, and on each link of a chain. */

import type { Access, Grant } from '../../../ports.ts'
import { listed, sql, type Dialect } from '../sql/query.ts'
import { parameterNumber, parameterOf } from './definitions.ts'
import { aliased, among, refersTo, type Filter, type Findable } from './filter.ts'
import type { Criterion, Filtering } from './group.ts'
import { COMPARTMENT, CONCERN, CONTEXT, LABEL, NOBODYS } from './indexing.ts'
import type { Sql } from './matching.ts'

interface Reading {
  readonly filtering: Filtering
  readonly dialect: Dialect
  /** How a constraint of a grant is read; undefined where it is not known. */
  readonly filterOf: (criterion: Criterion, filtering: Filtering) => Filter | undefined
}

/** The condition that access is, written anew for each place where it stands. */
export function findable(access: Access, reading: Reading): Findable {
  const { next } = reading.filtering
  const granted = access.grants.map((grant) => grantCondition(grant, reading))
  return (rid) => {
    const r = aliased('resource', next())
    const grants = granted.map((holds) => holds(rid, r.column('type')))
    const any = grants.length === 0 ? sql`1 = 0` : sql`(${sql.join(grants, sql` or `)})`
    const own = unbarred(access, { rid, name: r.column('name'), type: r.column('type') }, reading)
    return sql`exists (select 1 from ${r.from} where ${r.column('rid')} = ${rid} and ${any} and ${own}
      and not ${contextThat(rid, (t) => sql`not (${unbarred(access, t, reading)})`, reading)})`
  }
}

/** The same filter over what may be found alone. */
export function onlyFindable(filter: Filter, { findable: isFindable, next }: Filtering): Filter {
  if (isFindable === undefined) return filter
  const { from, column } = aliased('resource', next())
  return {
    ...(filter.rids !== undefined && {
      rids: sql`select ${column('rid')} from ${from} where ${column('rid')} in (${filter.rids}) and ${isFindable(column('rid'))}`,
    }),
    holds: (rid) => sql`(${filter.holds(rid)} and ${isFindable(rid)})`,
  }
}

/** Types that nobody finds by whose record they are in alone. */
const BY_CONTEXT: ReadonlySet<string> = new Set(['Provenance'])

/** What the index finds in the records of the patients of all grants, where nothing else of the types can be found. */
export function recordFilter({ grants }: Access, types: readonly string[], reading: Reading): readonly Filter[] {
  const { compartment } = reading.filtering.search
  const isOfRecords = (type: string): boolean => Object.hasOwn(compartment.elements, type) && !BY_CONTEXT.has(type)
  const patients = grants.flatMap(({ patient }) => patient ?? [])
  if (types.length === 0 || !types.every(isOfRecords)) return []
  if (grants.length === 0 || grants.some(({ patient }) => patient === undefined)) return []
  return concerning(patients, reading)
}

/** What is the data of one of the patients, whether in their record or not; all where none are named. */
export function concerning(
  patients: readonly string[] | undefined,
  { filtering, dialect }: Reading,
): readonly Filter[] {
  if (patients === undefined) return []
  const { from, column } = aliased('search_reference', filtering.next())
  const rows = sql`${column('param')} in (${parameterNumber(COMPARTMENT)}, ${parameterNumber(CONCERN)}) and ${column('type')} = 'Patient' and ${column('id')} in ${listed(dialect, patients)}`
  return [
    {
      rids: sql`select ${column('rid')} from ${from} where ${rows}`,
      holds: (rid) => sql`exists (select 1 from ${from} where ${column('rid')} = ${rid} and ${rows})`,
    },
  ]
}

type Granted = (rid: Sql, type: Sql) => Sql

function grantCondition({ types: named, except = [], patient, criteria }: Grant, reading: Reading): Granted {
  const { filtering } = reading
  const types = named ?? constrainedTypes(criteria, filtering)
  const filters = criteria.map(([name, value]) => constraint({ types: types ?? ['Resource'], name, value }, reading))
  // a constraint that is not understood must not be left out
  if (filters.includes(undefined)) return () => sql`1 = 0`
  return (rid, type) => {
    const conditions = [
      ...(types === undefined ? [] : [among(type, types)]),
      ...except.map((one) => sql`${type} <> ${one}`),
      ...(patient === undefined ? [] : [sql`(${inRecord(rid, patient, reading)} or ${byContext(rid, patient, reading)} or ${isNobodys(rid, filtering)})`]), // prettier-ignore
      ...filters.flatMap((filter) => (filter === undefined ? [] : [filter.holds(rid)])),
    ]
    return conditions.length === 0 ? sql`1 = 1` : sql`(${sql.join(conditions, sql` and `)})`
  }
}

/** Of a grant over all types, those that can fulfil its constraints, where not all can: others have no such parameter. */
function constrainedTypes(criteria: Grant['criteria'], { search }: Filtering): readonly string[] | undefined {
  const codes = criteria.map(([name]) => name.split(/[:.]/)[0] ?? '')
  const hasAll = (type: string): boolean => codes.every((code) => parameterOf(search, type, code) !== undefined)
  const types = hasAll('Resource') ? [] : Object.keys(search.definitions.types).filter(hasAll)
  return types.length === 0 ? undefined : types
}

function constraint(asked: Pick<Criterion, 'types' | 'name' | 'value'>, reading: Reading): Filter | undefined {
  try {
    return reading.filterOf({ ...asked, asked: asked.name, depth: 0 }, reading.filtering)
  } catch {
    return undefined
  }
}

/** In the record of the patient as the CompartmentDefinition says, or the patient's, and nobody else's where it must be one's alone. */
function inRecord(rid: Sql, patient: readonly string[], { filtering, dialect }: Reading): Sql {
  const own = (param: string, not: string): Sql => {
    const { from, column } = aliased('search_reference', filtering.next())
    return sql`exists (select 1 from ${from} where ${column('rid')} = ${rid} and ${column('param')} = ${parameterNumber(param)}
      and ${column('type')} = 'Patient' and ${column('id')} ${sql.raw(not)} in ${listed(dialect, patient)})`
  }
  return sql`((${own(COMPARTMENT, '')} or ${own(CONCERN, '')}) and not ${own(CONCERN, 'not')})`
}

/** What is about, or belongs to, something in the record of the patient, and to nothing else that is here. */
function byContext(rid: Sql, patient: readonly string[], reading: Reading): Sql {
  const within = contextThat(rid, (t) => inRecord(t.rid, patient, reading), reading)
  const without = contextThat(rid, (t) => sql`not ${inRecord(t.rid, patient, reading)}`, reading)
  return sql`(${within} and not ${without})`
}

function isNobodys(rid: Sql, { next }: Filtering): Sql {
  const { from, column } = aliased('search_token', next())
  return sql`exists (select 1 from ${from} where ${column('rid')} = ${rid} and ${column('param')} = ${parameterNumber(NOBODYS)})`
}

interface Held {
  readonly rid: Sql
  readonly name: Sql
  readonly type: Sql
}

/** Whether a context that is here has a condition. */
function contextThat(rid: Sql, has: (held: Held) => Sql, { filtering }: Reading): Sql {
  const f = aliased('search_reference', filtering.next())
  const t = aliased('resource', filtering.next())
  const held = { rid: t.column('rid'), name: t.column('name'), type: t.column('type') }
  return sql`exists (select 1 from ${f.from} cross join ${t.from} where ${f.column('rid')} = ${rid}
    and ${f.column('param')} = ${parameterNumber(CONTEXT)} and ${refersTo(f.column, t.column)} and ${t.column('deleted')} = 0 and ${has(held)})`
}

function unbarred({ labels, barred, names }: Access, { rid, name, type }: Held, { filtering, dialect }: Reading): Sql {
  const bars: Sql[] = []
  if (labels.length > 0) {
    const { from, column } = aliased('search_token', filtering.next())
    bars.push(sql`not exists (select 1 from ${from} where ${column('rid')} = ${rid} and ${column('param')} = ${parameterNumber(LABEL)} and ${column('code')} in ${listed(dialect, labels)})`) // prettier-ignore
  }
  if (barred.patients.length > 0 || barred.isAllOthers) {
    const { from, column } = aliased('search_reference', filtering.next())
    const those = sql`${sql.raw(barred.isAllOthers ? 'not in' : 'in')} ${listed(dialect, barred.patients)}`
    const { except = [] } = barred
    const isExcepted = except.length === 0 ? sql`` : sql`${among(type, except)} or `
    bars.push(sql`(${isExcepted}not exists (select 1 from ${from} where ${column('rid')} = ${rid} and ${column('param')} in (${parameterNumber(COMPARTMENT)}, ${parameterNumber(CONCERN)}) and ${column('type')} = 'Patient' and ${column('id')} ${those}))`) // prettier-ignore
  }
  if (names.length > 0) bars.push(sql`${name} not in ${listed(dialect, names)}`)
  return bars.length === 0 ? sql`1 = 1` : sql`${sql.join(bars, sql` and `)}`
}
