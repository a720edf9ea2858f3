/** A database and its sessions, as the store uses them: what SQLite and PostgreSQL have in common. */

import type { Extent } from '../../../ports.ts'
import type { Compilable, Dialect, Query } from './query.ts'

/** One connection within one transaction. */
export interface Session {
  readonly dialect: Dialect
  /** The rows that a query gives. The statement is remembered by its text, so the text must not hold values. */
  rows<T>(query: Compilable<T> | Query<T>): Promise<readonly T[]>
  /**
   * Once it is done, no other transaction changes these resources, there or not, until this one ends. A query that is
   * asked after it, without waiting, sees them so. Nothing happens where the transaction sees one state anyway.
   */
  hold(names: readonly string[]): Promise<void>
  /** The same of everything, so that what a search gives stays true. */
  holdAll(): Promise<void>
}

/** Of a session that sees one state, or is alone. */
export const holdsAlready: Pick<Session, 'hold' | 'holdAll'> = {
  hold: () => Promise.resolve(),
  holdAll: () => Promise.resolve(),
}

export interface Database {
  readonly dialect: Dialect
  /** The result of work that reads one state of the database; within a smaller extent each query may see its own. */
  snapshot<T>(work: (session: Session) => Promise<T>, extent?: Extent): Promise<T>
  /** The result of work whose writes are durable when it is given; the work may be done more than once. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>
  /** The rows of a query that is a transaction by itself: it is durable, or was not done. */
  alone<T>(query: Query<T>): Promise<readonly T[]>
  /**
   * Nothing; the queries are done one after the other as one transaction, which is durable, or was not done; absent where
   * asking one by one costs no more. They end it where they do not find what they assume, so that it is never done twice.
   * @throws Overtaken where that is so
   */
  readonly together?: (queries: readonly Query[]) => Promise<void>
  /** The result of work that no other process writes beside, and that is done once: for what is not everyday. */
  exclusively<T>(work: (session: Session) => Promise<T>): Promise<T>
  isReady(): Promise<boolean>
  /** Nothing; what rows held that are gone is nowhere in the files. */
  compact(): Promise<void>
  close(): Promise<void>
}

/** Thrown where another transaction came before one that assumed what is not so any more: nothing of it was done. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken'
}

/** A query as its text and values. */
export function compiled(query: Compilable | Query): Query {
  return 'compile' in query ? query.compile() : query
}
