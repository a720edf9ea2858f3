/** The rows of the index: what the search parameters find in a resource. */

/** The code system is '' where there is none; a parameter with a value that has no code has a row without a code. */
export interface TokenRow {
  readonly param: number
  /** Which occurrence, where a parameter has parts; inside a document the place of the entry. */
  readonly part: number
  readonly system: string
  /** A code, an identifier's value, or a URI. */
  readonly code: string
}

export interface StringRow {
  readonly param: number
  readonly part: number
  /** The beginning of the normalised string. */
  readonly start: string
  /** The normalised string where it is longer than that. */
  readonly value: string | null
  readonly exact: string
}

export interface ReferenceRow {
  readonly param: number
  readonly part: number
  /** The type where the reference tells it, else ''. */
  readonly type: string
  /** The id of a resource of the store, else the whole URL. */
  readonly id: string
  readonly version: string | null
  /** In a document the place of the entry that the reference resolves to. */
  readonly inner: number | null
}

/** Milliseconds since 1970. */
export interface DateRow {
  readonly param: number
  readonly part: number
  readonly low: number
  readonly high: number
}

export interface NumberRow {
  readonly param: number
  readonly part: number
  readonly low: number
  readonly high: number
  readonly system: string
  readonly code: string
  readonly unit: string
}

export interface IndexRows {
  readonly token: readonly TokenRow[]
  readonly string: readonly StringRow[]
  readonly reference: readonly ReferenceRow[]
  readonly date: readonly DateRow[]
  readonly number: readonly NumberRow[]
}

export type Table = keyof IndexRows

/** What a value gives before it is known for which parameter. */
export type Found =
  | ({ readonly table: 'token' } & Omit<TokenRow, 'param' | 'part'>)
  /** A string beside the tokens of the parameter: displays and texts, for `:text`. */
  | { readonly table: 'text'; readonly text: string }
  /** An identifier by its type, for `:of-type`. */
  | { readonly table: 'of-type'; readonly system: string; readonly code: string }
  | { readonly table: 'string'; readonly text: string }
  /** A later word of a family name, which is found by itself and decides no order. */
  | { readonly table: 'word'; readonly text: string }
  | ({ readonly table: 'reference' } & Omit<ReferenceRow, 'param' | 'part'>)
  /** The identifier of a reference, for `:identifier`. */
  | { readonly table: 'identifier'; readonly system: string; readonly code: string }
  | ({ readonly table: 'date' } & Omit<DateRow, 'param' | 'part'>)
  | ({ readonly table: 'number' } & Omit<NumberRow, 'param' | 'part'>)

/** What stands after the name of a parameter whose rows are beside the others. */
export const BESIDE = { text: ':text', word: ':word', 'of-type': ':of-type', identifier: ':identifier' } as const
