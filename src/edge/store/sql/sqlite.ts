/** SQLite by `node:sqlite`: one connection that writes, others that read, or a single one in memory. */

import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { fail, FhirError } from '../../../fhir/error.ts'
import type { Compilable, Query } from './query.ts'
import { compiled, holdsAlready, type Database, type Session } from './session.ts'
import { syncing } from './syncing.ts'
import { readersAndWriters, turns } from './turns.ts'

const MAX_IDLE_READERS = 8
const MAX_STATEMENTS = 500
/** How long a transaction waits while another process writes. */
const MAX_BUSY_MS = 30_000
/** After so long the lock is asked for without a pause for a while: between two writes of a busy process it is free for a moment only. */
const PATIENT_MS = 20
const SPIN_MS = 2
/** For the moments at which SQLite must have a file for itself: the change to WAL, recovery. */
const OPENING_TIMEOUT_MS = 10_000
const READING_TIMEOUT_MS = 1_000
/** Of 4 KiB: a log of 32 MiB. */
const LOG_PAGES = 8_000

interface Connection {
  readonly db: DatabaseSync
  readonly session: Session
}

/** The database in a file, which is made where it is missing. @throws FhirError `no-store` where it cannot be opened */
export function openSqliteFile(path: string): Database {
  // It never waits within SQLite, which would stop everything else here: the lock is asked for again and again.
  const writer = opened(path, 0)
  const idle: Connection[] = []
  const isolated = turns()
  const { synced, isSound, close } = syncing(`${path}-wal`)
  const writing = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    const result = await isolated(() => written(writer, work))
    await synced()
    return result
  }
  const take = (): Connection => {
    if (!writer.db.isOpen) throw fail('no-store', 'The store is closed')
    return idle.pop() ?? opened(path, READING_TIMEOUT_MS)
  }
  return {
    dialect: 'sqlite',
    snapshot: async (work) => {
      const reader = take()
      try {
        return await within(reader, 'BEGIN', work)
      } finally {
        if (writer.db.isOpen && idle.length < MAX_IDLE_READERS) idle.push(reader)
        else reader.db.close()
      }
    },
    transaction: writing,
    alone: (query) => writing((session) => session.rows(query)),
    exclusively: writing,
    isReady: () => Promise.resolve(isSound() && isWritable(writer)),
    // the write-ahead log holds pages as they were
    compact: () => isolated(() => Promise.resolve(writer.db.exec('PRAGMA wal_checkpoint(TRUNCATE)'))),
    close: () =>
      isolated(async () => {
        for (const { db } of [...idle.splice(0), writer]) db.close()
        await close()
      }),
  }
}

/** A database that lives as long as it is open. */
export function openSqliteMemory(): Database {
  const connection = opened(':memory:', 0)
  const { reading, writing } = readersAndWriters()
  const written = <T>(work: (session: Session) => Promise<T>): Promise<T> =>
    writing(() => within(connection, 'BEGIN', work))
  return {
    dialect: 'sqlite',
    snapshot: (work) => reading(() => work(connection.session)),
    transaction: written,
    alone: (query) => written((session) => session.rows(query)),
    exclusively: written,
    isReady: () => Promise.resolve(connection.db.isOpen),
    compact: () => Promise.resolve(),
    close: () => writing(() => Promise.resolve(connection.db.close())),
  }
}

function opened(path: string, timeoutMs: number): Connection {
  try {
    const db = new DatabaseSync(path, { timeout: OPENING_TIMEOUT_MS, enableForeignKeyConstraints: true })
    // NORMAL: the file stays whole whatever happens; that a transaction outlives a loss of power is waited for after it.
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY')
    // Writing the log back holds everything up: it is done seldom, for pages that were written many times only once.
    db.exec(`PRAGMA wal_autocheckpoint = ${LOG_PAGES}`)
    db.exec(`PRAGMA busy_timeout = ${timeoutMs}`)
    return { db, session: sessionOf(db) }
  } catch (cause) {
    throw unusable(cause)
  }
}

function sessionOf(db: DatabaseSync): Session {
  const statements = new Map<string, StatementSync>()
  const prepared = (text: string): StatementSync => {
    const known = statements.get(text)
    if (known !== undefined) return known
    if (statements.size >= MAX_STATEMENTS) statements.clear()
    const statement = db.prepare(text)
    statements.set(text, statement)
    return statement
  }
  const rows = <T>(query: Compilable<T> | Query<T>): Promise<readonly T[]> => {
    const { sql, parameters } = compiled(query)
    try {
      return Promise.resolve(prepared(sql).all(...parameters.map(inputOf)) as unknown as readonly T[])
    } catch (cause) {
      return Promise.reject(unusable(cause))
    }
  }
  return { dialect: 'sqlite', rows, ...holdsAlready }
}

/** A list is one parameter, which `json_each` reads. */
function inputOf(value: unknown): SQLInputValue {
  return Array.isArray(value) ? JSON.stringify(value) : (value as SQLInputValue)
}

/** The work in a transaction, once no other process has one. */
async function written<T>(writer: Connection, work: (session: Session) => Promise<T>): Promise<T> {
  const result = await within(writer, 'BEGIN IMMEDIATE', work)
  // Between two transactions others get the processor, and other processes the lock.
  await nextTurn()
  return result
}

async function within<T>(
  { db, session }: Connection,
  begin: 'BEGIN' | 'BEGIN IMMEDIATE',
  work: (session: Session) => Promise<T>,
): Promise<T> {
  await begun(db, begin)
  try {
    const result = await work(session)
    committed(db)
    return result
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

async function begun(db: DatabaseSync, begin: string): Promise<void> {
  if (begin === 'BEGIN') return db.exec(begin)
  const start = performance.now()
  for (;;) {
    const waitedMs = performance.now() - start
    if (hasBegun(db, begin, waitedMs > PATIENT_MS ? SPIN_MS : 0)) return
    if (waitedMs > MAX_BUSY_MS) throw fail('transient', 'The store is busy with other writes')
    await pause(1 + Math.random() * 4)
  }
}

/** Whether the lock could be had at once, or within the time given. */
function hasBegun(db: DatabaseSync, begin: string, withinMs: number): boolean {
  const end = performance.now() + withinMs
  do {
    try {
      db.exec(begin)
      return true
    } catch (cause) {
      if (!isBusy(cause)) throw unusable(cause)
    }
  } while (performance.now() < end)
  return false
}

function committed(db: DatabaseSync): void {
  try {
    db.exec('COMMIT')
  } catch (cause) {
    throw unusable(cause)
  }
}

/** Whether a transaction may begin, or another has begun. */
function isWritable({ db }: Connection): boolean {
  if (!db.isOpen) return false
  if (db.isTransaction) return true
  try {
    db.exec('BEGIN IMMEDIATE; ROLLBACK')
    return true
  } catch (cause) {
    return isBusy(cause)
  }
}

const SQLITE_BUSY = 5

function isBusy(cause: unknown): boolean {
  return cause instanceof Error && 'errcode' in cause && (Number(cause.errcode) & 0xff) === SQLITE_BUSY
}

function unusable(cause: unknown): FhirError {
  return cause instanceof FhirError ? cause : fail('no-store', 'The store cannot be read or written', { cause })
}
