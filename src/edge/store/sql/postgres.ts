/** PostgreSQL by `pg`: the door to it, and a pool of connections. */

import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { fail, FhirError } from '../../../fhir/error.ts'
import { GatheringSocket } from './gathering-socket.ts'
import type { Compilable, Query } from './query.ts'
import { compiled, holdsAlready, Overtaken, type Database, type Session } from './session.ts'

const MAX_CONNECTIONS = 20
const CONNECT_TIMEOUT_MS = 10_000
/** Statements that each connection keeps prepared; a query beyond them is planned each time. */
const MAX_PREPARED = 400
/** Above so many a transaction holds everything: locks are kept in memory that all share. */
const MAX_HELD = 200

const SNAPSHOT = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'
/**
 * Writers share a lock and hold what they read and write by its name, so that many go on at once. One that needs more
 * than names, or met another crosswise, is done once more from its beginning, alone.
 * @see https://www.postgresql.org/docs/18/explicit-locking.html
 */
const BESIDE = 'BEGIN; LOCK TABLE schema_version IN ROW SHARE MODE'
const LOCK_ALL = 'LOCK TABLE schema_version IN EXCLUSIVE MODE'
const ALONE = `BEGIN; ${LOCK_ALL}`
/** In the order of their keys, so that two who want the same do not wait for each other. */
const HOLD = `SELECT pg_advisory_xact_lock(key) FROM (
  SELECT DISTINCT hashtextextended(name, 0) AS key FROM unnest($1::text[]) AS name ORDER BY key) AS keys`
/** For the time in which there may be no table to lock; the number is the store's own. */
const EXCLUSIVELY = 'BEGIN; SELECT pg_advisory_xact_lock(4711206)'

/** Two met crosswise, or all together hold more than there is room for. */
const CROWDED: ReadonlySet<string> = new Set(['40P01', '53200'])
/** Connections that fail, and servers that stop. @see https://www.postgresql.org/docs/18/errcodes-appendix.html */
const GONE = /^(?:08|57P0)/
const INT8 = 20

/** The database at a URL. @throws FhirError `no-store` where it cannot be reached */
export async function openPostgres(url: string): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'fhirdoc',
    // Compiling a query costs more than running any of ours, and reading a table whole more than any way by its indexes.
    options: '-c jit=off -c enable_seqscan=off',
    // The beginning of a transaction goes out together with its first query.
    pipeline: true,
    stream: () => new GatheringSocket(),
    types: { getTypeParser },
  })
  // A connection that dies is replaced when the next is needed; whoever uses it is told by their query.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  const within = async <T>(begin: string, work: (session: Session) => Promise<T>): Promise<T> =>
    transacted({ client: await connected(pool), begin }, work)
  const byItself: Session = { dialect: 'postgres', rows: rowsAlone(pool, unusable), ...holdsAlready }
  const database: Database = {
    dialect: 'postgres',
    // a transaction would cost more than the query in it
    snapshot: (work, extent) => twice(() => (extent === undefined ? within(SNAPSHOT, work) : work(byItself))),
    transaction: async (work) => {
      try {
        return await twice(() => within(BESIDE, work))
      } catch (error) {
        if (!needsToBeAlone(error)) throw error
        return twice(() => within(ALONE, work))
      }
    },
    alone: rowsAlone(pool, unsure),
    together: (queries) => together(queries, pool),
    exclusively: (work) => within(EXCLUSIVELY, work),
    isReady: () =>
      pool.query<{ stands_by: boolean }>('SELECT pg_is_in_recovery() AS stands_by').then(
        ({ rows: [row] }) => row?.stands_by === false,
        () => false,
      ),
    // rows that are gone stay in the files until then
    compact: () =>
      pool.query('VACUUM').then(
        () => undefined,
        (cause: unknown) => Promise.reject(unusable(cause)),
      ),
    close: () => pool.end(),
  }
  try {
    const client = await connected(pool)
    client.release()
    return database
  } catch (error) {
    await pool.end()
    throw error
  }
}

/** The rows of queries each of which is a transaction by itself; what a lost connection leaves of one `failed` says. */
function rowsAlone(pool: pg.Pool, failed: (cause: unknown) => FhirError): Session['rows'] {
  return async <T>(query: Compilable<T> | Query<T>): Promise<readonly T[]> => {
    const { rows } = await pool
      .query(asPrepared(compiled(query)))
      .catch((cause: unknown) => Promise.reject(failed(cause)))
    return rows as readonly T[]
  }
}

/** Two wrote the same at a time, or met crosswise. */
const OVERTAKING = new Set(['40001', '23505', ...CROWDED])

/** Where the connection is lost they are done once more: if they were kept, they do not find what they assume. */
async function together(queries: readonly Query[], pool: pg.Pool): Promise<void> {
  try {
    await inOneFlight(queries, pool)
  } catch (cause) {
    if (cause instanceof pg.DatabaseError && OVERTAKING.has(cause.code ?? '')) throw new Overtaken('', { cause })
    if (cause instanceof FhirError || !isGone(cause)) throw unusable(cause)
    await pause(RETRY_MS)
    await inOneFlight(queries, pool).catch(() => Promise.reject(unsure(cause)))
  }
}

async function inOneFlight(queries: readonly Query[], pool: pg.Pool): Promise<void> {
  const [only, another] = queries
  const client = await connected(pool)
  const asked =
    only !== undefined && another === undefined
      ? [client.query(asPrepared(only))]
      : [client.query(BESIDE), ...queries.map((query) => client.query(asPrepared(query))), client.query('COMMIT')]
  const ends = await Promise.allSettled(asked)
  const failed = ends.find((end) => end.status === 'rejected')
  client.release(failed !== undefined && isGone(failed.reason))
  if (failed !== undefined) throw failed.reason
}

/** Keys and times fit in a double; they come as text else. */
function getTypeParser(oid: number): (value: string) => unknown {
  if (oid === INT8) return Number
  const parser = pg.types.getTypeParser(oid, 'text') as unknown as (value: string) => unknown
  return parser
}

async function connected(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect()
  } catch (cause) {
    if (pool.totalCount >= MAX_CONNECTIONS) throw fail('transient', 'The store is busy with other work', { cause })
    throw fail('no-store', 'The store cannot be reached', { cause })
  }
}

interface Begun {
  readonly client: pg.PoolClient
  readonly begin: string
}

/** The result of work between the beginning given and its end; the connection is given back. */
async function transacted<T>({ client, begin }: Begun, work: (session: Session) => Promise<T>): Promise<T> {
  const begun = client.query(begin).catch((cause: unknown) => Promise.reject(unusable(cause)))
  // it is heard of by the first query, or at the end: work may not have asked anything by then
  begun.catch(() => undefined)
  const failures: unknown[] = []
  const rows = rowsOf({ client, begun, failures })
  try {
    const result = await work({ dialect: 'postgres', rows, ...holdsOf(begin, rows, failures) })
    await begun
    // Work may take a failure lightly, but a transaction that met one cannot be had.
    if (failures.length > 0) throw failures[0]
    const ended = client.query('COMMIT')
    // What was only read is known already: nobody waits for the end.
    if (begin === SNAPSHOT) {
      ended.then(
        () => client.release(),
        () => client.release(true),
      )
      return result
    }
    await ended.catch((cause: unknown) => Promise.reject(unsure(cause)))
    client.release()
    return result
  } catch (error) {
    // Where beginning failed, that is the error at hand already.
    await begun.catch(() => undefined)
    // A connection on which not even this works is not used again.
    const isSound = await client.query('ROLLBACK').then(
      () => true,
      () => false,
    )
    client.release(!isSound)
    throw failures.find(needsToBeAlone) ?? error
  }
}

/** How a transaction holds things, by how it began. */
function holdsOf(begin: string, rows: Session['rows'], failures: unknown[]): Pick<Session, 'hold' | 'holdAll'> {
  if (begin === BESIDE) return holdsBeside(rows, failures)
  if (begin !== EXCLUSIVELY) return holdsAlready
  return { ...holdsAlready, holdAll: () => rows({ sql: LOCK_ALL, parameters: [] }).then(() => undefined) }
}

/** Names of prepared statements, which are the same on every connection. */
const names = new Map<string, string>()

function nameOf(text: string): string | undefined {
  const known = names.get(text)
  if (known !== undefined || names.size >= MAX_PREPARED) return known
  const name = `s${names.size}`
  names.set(text, name)
  return name
}

interface Running extends Omit<Begun, 'begin'> {
  readonly begun: Promise<unknown>
  /** What went wrong, the first thing first. */
  readonly failures: unknown[]
}

function asPrepared({ sql, parameters }: Query): pg.QueryConfig {
  const name = nameOf(sql)
  return { text: sql, values: [...parameters], ...(name !== undefined && { name }) }
}

function rowsOf({ client, begun, failures }: Running): Session['rows'] {
  return async <T>(query: Compilable<T> | Query<T>): Promise<readonly T[]> => {
    try {
      const [result] = await Promise.all([client.query(asPrepared(compiled(query))), begun])
      return result.rows as readonly T[]
    } catch (cause) {
      const failure = unusable(cause)
      failures.push(failure)
      throw failure
    }
  }
}

/** Thrown where a transaction beside others cannot go on. */
class NotAlone extends Error {
  override readonly name = 'NotAlone'
}

function holdsBeside(rows: Session['rows'], failures: unknown[]): Pick<Session, 'hold' | 'holdAll'> {
  const held = new Set<string>()
  const refuse = (): Promise<never> => {
    const reason = new NotAlone('The transaction needs more than it can hold beside others')
    failures.push(reason)
    return Promise.reject(reason)
  }
  return {
    hold: async (names) => {
      const others = names.filter((name) => !held.has(name))
      if (others.length === 0) return
      for (const name of others) held.add(name)
      if (held.size > MAX_HELD) await refuse()
      await rows({ sql: HOLD, parameters: [others] })
    },
    holdAll: refuse,
  }
}

function needsToBeAlone(error: unknown): boolean {
  const cause = error instanceof FhirError ? error.cause : error
  return cause instanceof NotAlone || (cause instanceof pg.DatabaseError && CROWDED.has(cause.code ?? ''))
}

/** Thrown where a connection ended before what was done on it was kept. */
class Lost extends Error {
  override readonly name = 'Lost'
}

const RETRY_MS = 50

/** The result of work, which is done once more where its connection is lost. */
async function twice<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof FhirError && error.cause instanceof Lost)) throw error
    // others that were lost with it are noticed meanwhile, and not taken
    await pause(RETRY_MS)
    return work()
  }
}

/** What does not come from the server comes from its connection. */
function isGone(cause: unknown): boolean {
  return cause instanceof pg.DatabaseError ? GONE.test(cause.code ?? '') : cause instanceof Error
}

function unusable(cause: unknown): FhirError {
  if (cause instanceof FhirError) return cause
  if (!isGone(cause)) return fail('no-store', 'The store cannot be read or written', { cause })
  const text = 'The connection to the store was lost, nothing was kept'
  return fail('transient', text, { cause: new Lost(text, { cause }) })
}

/** What became of a transaction whose end was not told is known when the store is read again: it is not done twice. */
function unsure(cause: unknown): FhirError {
  if (!isGone(cause)) return unusable(cause)
  return fail('no-store', 'The connection to the store was lost at the end of the transaction, which may be kept', {
    cause,
  })
}
