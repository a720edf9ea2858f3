/** The history of a resource, of a type, or of all: the newest first. */

import { fail } from '../../../fhir/error.ts'
import type { HistoryRequest, HistoryResult } from '../../../ports.ts'
import { builder, sql, type RawBuilder, type SelectQueryBuilder, type SqlBool } from './query.ts'
import { remembered, VERSION_COLUMNS, type Reading } from './reading.ts'
import type { Tables } from './tables.ts'

type Versions = SelectQueryBuilder<Tables, 'version', unknown>

/** A page of versions, and how many there are on all. @throws FhirError `value` for a page or a time that cannot be */
export async function historyOf(request: HistoryRequest, { session, cache }: Reading): Promise<HistoryResult> {
  const db = builder<Tables>(session.dialect)
  const asked = conditionsOf(request).reduce<Versions>(
    (query, condition) => query.where(condition),
    db.selectFrom('version'),
  )
  const [counted] = await session.rows(asked.select(sql<number>`count(*)`.as('total')))
  const start = request.page === undefined ? undefined : placeOf(request.page)
  const page = start === undefined ? asked : asked.where(before(start))
  const rows = await session.rows(
    page
      .select([...VERSION_COLUMNS, 'version.seq'])
      .orderBy('version.last_updated', 'desc')
      .orderBy('version.seq', 'desc')
      .limit(request.count + 1),
  )
  const shown = rows.slice(0, request.count)
  const last = rows.length > shown.length ? shown.at(-1) : undefined
  return {
    versions: shown.map((row) => remembered(row, cache)),
    total: counted?.total ?? 0,
    ...(last !== undefined && { next: `${last.last_updated}.${last.seq}` }),
  }
}

/** What is asked for of the table `version`. */
function conditionsOf({ type, id, since, at }: HistoryRequest): readonly RawBuilder<SqlBool>[] {
  return [
    ...(type === undefined
      ? [sql<SqlBool>`version.type <> 'AuditEvent'`]
      : [id === undefined ? sql<SqlBool>`version.type = ${type}` : sql<SqlBool>`version.name = ${`${type}/${id}`}`]),
    ...(since === undefined ? [] : [sql<SqlBool>`version.last_updated >= ${spanOf(since).startMs}`]),
    ...(at === undefined ? [] : [currentIn(spanOf(at))]),
  ]
}

interface Span {
  readonly startMs: number
  /** The first millisecond after it. */
  readonly endMs: number
}

/** The versions that were current at some time of a span. */
function currentIn({ startMs, endMs }: Span): RawBuilder<SqlBool> {
  return sql<SqlBool>`version.last_updated < ${endMs} and not exists (
    select 1 from version as later where later.name = version.name
    and later.version = version.version + 1 and later.last_updated <= ${startMs})`
}

interface Place {
  readonly lastUpdated: number
  readonly seq: number
}

function placeOf(page: string): Place {
  const [, lastUpdated, seq] = /^(\d{1,15})\.(\d{1,15})$/.exec(page) ?? []
  if (lastUpdated === undefined || seq === undefined)
    throw fail('value', 'The page of the history is unknown, expected the link of an earlier answer')
  return { lastUpdated: Number(lastUpdated), seq: Number(seq) }
}

function before({ lastUpdated, seq }: Place): RawBuilder<SqlBool> {
  return sql<SqlBool>`(version.last_updated, version.seq) < (${lastUpdated}, ${seq})`
}

const MOMENT = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T\d\d:\d\d(:\d\d(\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?)?)?$/

/** The time that a moment of any precision covers; a date without a time is taken in UTC. */
function spanOf(moment: string): Span {
  const [, year = '', month, day, seconds, fraction] = MOMENT.exec(moment) ?? []
  const startMs = Date.parse(moment)
  if (year === '' || Number.isNaN(startMs))
    throw fail('value', 'The time of the history is no instant, expected such as 2026-03-01T10:00:00Z')
  if (month === undefined) return { startMs, endMs: Date.UTC(Number(year) + 1, 0) }
  if (day === undefined) return { startMs, endMs: Date.UTC(Number(year), Number(month)) }
  if (!moment.includes('T')) return { startMs, endMs: startMs + 86_400_000 }
  return { startMs, endMs: startMs + (fraction !== undefined ? 1 : seconds !== undefined ? 1_000 : 60_000) }
}
