/** The audit as a table: lines in a chain that grows at one end alone, whoever writes. */

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
  const { gathered, came, saw } = company()
  let readers = 0
  let isAtWork = false
  const durable = async (lines: readonly string[]): Promise<void> => {
    if (database.dialect === 'postgres') await database.alone(appendingOf(lines))
    else await database.transaction((session) => append(lines, session))
  }
  const work = async (): Promise<void> => {
    while (waiting.length > 0) {
      await gathered(waiting.length, readers)
      const group = waiting.splice(0)
      const done = await durable(group.flatMap(({ lines }) => lines)).then(
        () => (each: Waiting) => each.resolve(),
        (error: unknown) => (each: Waiting) => each.reject(error),
      )
      // before they go on, and come again
      saw(group.length + waiting.length)
      group.forEach(done)
    }
    isAtWork = false
  }
  return {
    record: (lines) => {
      if (lines.length === 0) return Promise.resolve()
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      waiting.push({ lines, resolve, reject })
      came(waiting.length)
      if (!isAtWork) {
        isAtWork = true
        void work()
      }
      return promise
    },
    reading: async (work) => {
      readers += 1
      try {
        return await work()
      } finally {
        readers -= 1
      }
    },
  }
}

/** Nobody waits longer for company: about as long as it takes to record, and too short to be felt. */
const MOST_MS = 3
/** What is gone by of those who came together is forgotten by such a part each time. */
const FORGOTTEN = 1 / 8

interface Company {
  /** Nothing, once as many wait as are likely to come now, or it took too long. */
  readonly gathered: (waiting: number, readers: number) => Promise<void> | undefined
  /** So many wait now. */
  readonly came: (waiting: number) => void
  /** So many came, from when others were recorded until that was done. */
  readonly saw: (count: number) => void
}

/**
 * Whoever has to wait anyway waits for those who came beside them a moment ago: to record one takes nearly as much of the
 * disk, or of the server, as to record all of them. Whoever comes alone waits for nobody.
 */
function company(): Company {
  let lately = 1
  let awaited: { readonly count: number; readonly come: () => void } | undefined
  return {
    gathered: (waiting, readers) => {
      const count = Math.max(Math.round(lately), waiting + readers)
      if (waiting >= count) return undefined
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, MOST_MS)
      awaited = { count, come: resolve }
      return promise.finally(() => {
        clearTimeout(timer)
        awaited = undefined
      })
    },
    came: (waiting) => {
      if (awaited !== undefined && waiting >= awaited.count) awaited.come()
    },
    saw: (count) => {
      lately = count > lately ? count : lately + FORGOTTEN * (count - lately)
    },
  }
}
