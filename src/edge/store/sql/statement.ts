/** Queries that are compiled once and run with other values each time. */

import { builder, type Compilable, type Dialect, type Kysely, type Query, type Value } from './query.ts'
import type { Tables } from './tables.ts'

/** The values of a statement: a sample of each by its name, which says its type. */
export type Slots = Readonly<Record<string, Value>>

/** What a statement is built of. */
export interface Building<S> {
  readonly db: Kysely<Tables>
  readonly dialect: Dialect
  /** Stands where a value will be. */
  readonly slots: S
}

/** A query that is compiled once for each dialect and run with other values each time. */
export type Statement<S extends Slots, T> = (dialect: Dialect, values: S) => Query<T>

/** Samples for the slots of statements. */
export const TEXT: string = ''
export const INTEGER: number = 0
export const TEXTS: readonly string[] = []
export const BYTES: Uint8Array = new Uint8Array()
export const OPTIONAL_TEXT = null as string | null

class Slot {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** The statement that `build` makes of its slots, for queries that are too frequent to be built each time. */
export function statement<S extends Slots, T>(
  samples: S,
  build: (building: Building<S>) => Compilable<T>,
): Statement<S, T> {
  const slots = Object.fromEntries(Object.keys(samples).map((name) => [name, new Slot(name)])) as unknown as S
  const compiled = new Map<Dialect, Query>()
  const compile = (dialect: Dialect): Query => {
    const query = build({ db: builder<Tables>(dialect), dialect, slots }).compile()
    compiled.set(dialect, query)
    return query
  }
  return (dialect, values) => {
    const query = compiled.get(dialect) ?? compile(dialect)
    const parameters = query.parameters.map((each) => (each instanceof Slot ? values[each.name] : each))
    return { sql: query.sql, parameters }
  }
}
