/** The audit as a table: lines in a chain that grows at one end alone, whoever writes. */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { fail } from '../../../fhir/error.ts'
import { linked, type Head } from '../../../audit/chain.ts'
import type { AuditLog } from '../../../ports/audit.ts'
import type { Query } from './query.ts'
import type { Database, Session } from './session.ts'
import { INTEGER, statement, TEXT } from './statement.ts'

const HEAD = statement({}, ({ db }) => db.selectFrom('audit_head').selectAll())

const SET_HEAD = statement({ seq: INTEGER, digest: TEXT }, ({ db, slots }) => db.updateTable('audit_head').set(slots))

const INSERT = statement({ seq: INTEGER, digest: TEXT, text: TEXT }, ({ db, slots }) =>
  db.insertInto('audit').values(slots),
)

/** The lines are one text: a list of them would be written with a sign before each of their many quotes. */
const APPEND = 'select audit_append(string_to_array($1, chr(10)))'

/** The end of the chain, whether the lines before it are there or not. @throws FhirError `no-store` where nothing says it */
export async function headOf(session: Session): Promise<Head> {
  const [head] = await session.rows(HEAD(session.dialect, {}))
  if (head === undefined) throw fail('no-store', 'The store does not say any more where its audit ends')
  return head
}

/** Nothing; the chain ends there from now on. */
export async function setHead({ seq, digest }: Head, session: Session): Promise<void> {
  await session.rows(SET_HEAD(session.dialect, { seq, digest }))
}

/** Nothing; the lines are at the end of the chain. The last thing that a transaction does, so that others wait a short time. */
export async function append(lines: readonly string[], session: Session): Promise<void> {
  if (lines.length === 0) return
  const { dialect } = session
  if (dialect === 'postgres') {
    await session.rows(appendingOf(lines))
    return
  }
  const links = linked(lines, await headOf(session))
  for (const { seq, digest, text } of links) await session.rows(INSERT(dialect, { seq, digest, text }))
  const last = links.at(-1)
  if (last !== undefined) await setHead(last, session)
}

/** The query by which a server appends lines. */
export function appendingOf(lines: readonly string[]): Query {
  if (lines.some((line) => line.includes('\n'))) throw new TypeError('A line of the audit goes on in another')
  return { sql: APPEND, parameters: [lines.join('\n')] }
}

/** So many turns of the loop lines are gathered at most, so that the first of them is not kept for long. */
const MOST_TURNS = 4
/** Nor do they wait longer for those who read. */
const MOST_MS = 1

interface Waiting {
  readonly lines: readonly string[]
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

export interface Recording {
  /** Lines made durable: all that wait at one time in one transaction. */
  readonly record: AuditLog['record']
  /** The result of work that reads: what comes of it is likely to have a line soon, for which others wait a moment. */
  readonly reading: <T>(work: () => Promise<T>) => Promise<T>
}

/** How a database records. */
export function recording(database: Database): Recording {
  const waiting: Waiting[] = []
  const readers = readingNow()
  let isAtWork = false
  const durable = async (lines: readonly string[]): Promise<void> => {
    if (database.dialect === 'postgres') await database.alone(appendingOf(lines))
    else await database.transaction((session) => append(lines, session))
  }
  const work = async (): Promise<void> => {
    while (waiting.length > 0) {
      await gathered(waiting, readers.ended)
      const group = waiting.splice(0)
      await durable(group.flatMap(({ lines }) => lines)).then(
        () => group.forEach(({ resolve }) => resolve()),
        (error: unknown) => group.forEach(({ reject }) => reject(error)),
      )
    }
    isAtWork = false
  }
  const record: Recording['record'] = (lines) => {
    if (lines.length === 0) return Promise.resolve()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    waiting.push({ lines, resolve, reject })
    if (!isAtWork) {
      isAtWork = true
      void work()
    }
    return promise
  }
  return { record, reading: readers.reading }
}

/** Nothing; whatever else ends in this turn of the loop has come along, and in the next ones for as long as each brings something. */
async function gathered(waiting: readonly unknown[], ended: () => Promise<void> | undefined): Promise<void> {
  const reading = ended()
  if (reading !== undefined) await reading
  for (let turn = 0, before = 0; turn < MOST_TURNS && waiting.length > before; turn += 1) {
    before = waiting.length
    await nextTurn()
  }
}

interface ReadingNow extends Pick<Recording, 'reading'> {
  /** As many have ended as read now, or it took too long; nothing where nobody reads. */
  readonly ended: () => Promise<void> | undefined
}

/** Those who read at a time: a server takes a while to answer each, and as long again for each line by itself. */
function readingNow(): ReadingNow {
  let count = 0
  let awaited: { left: number; readonly enough: () => void } | undefined
  const end = (): void => {
    count -= 1
    if (awaited === undefined) return
    awaited.left -= 1
    if (awaited.left === 0) awaited.enough()
  }
  return {
    reading: async (work) => {
      count += 1
      try {
        return await work()
      } finally {
        end()
      }
    },
    ended: () => {
      if (count === 0) return undefined
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, MOST_MS)
      awaited = { left: count, enough: resolve }
      return promise.finally(() => {
        clearTimeout(timer)
        awaited = undefined
      })
    },
  }
}
