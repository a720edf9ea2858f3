/** What the store needs of the search index: its tables, its rows, and its questions. */

import type { Resource } from '../../../fhir/types.ts'
import type { BusinessIdentifier, Key, SearchRequest, SearchResult, StoreReader } from '../../../ports.ts'
import type { Database, Session } from './session.ts'

/** The current version of a resource, as the table `resource` has it. */
export interface Indexed extends Key {
  /** `resource.rid` */
  readonly rid: number
  readonly resource: Resource
}

/** A current version by its address and number. */
export interface Pointer extends Key {
  readonly version: number
}

/** What a search reads with: both see the same state. */
export interface Searching {
  readonly session: Session
  /** Versions by their keys come from here, so that they are the objects that the store remembers. */
  readonly reader: Pick<StoreReader, 'read'>
}

/** All rows of a resource, as a routine of the server takes them. */
export interface IndexContent {
  /** One for each table, which says whether its rows are those that are there. */
  readonly digests: string
  /** JSON. */
  readonly lists: string
}

export interface SearchIndex {
  /** Makes the tables of the index; a part of the first migration. */
  readonly createTables: (session: Session) => Promise<void>
  /** Makes `index_put` of a server, which writes what `content` gives; absent where rows are written by `write` alone. */
  readonly createRoutine?: (session: Session) => Promise<void>
  readonly content?: (key: Key, resource: Resource) => IndexContent
  /** Indexes all again, in batches, where the store was indexed by other definitions; done once at the start. */
  readonly renew?: (database: Database) => Promise<void>
  /** Writes the rows of a resource that has none. */
  readonly write: (indexed: Indexed, session: Session) => Promise<void>
  /** Writes what is new of the rows of a resource, and takes away what it has no more. */
  readonly replace: (indexed: Indexed, session: Session) => Promise<void>
  /** Takes all rows of a resource away. */
  readonly remove: (rid: number, session: Session) => Promise<void>
  /** For each identifier, the current resources that bear it, in the order of their names. One query. */
  readonly identified: (
    identifiers: readonly BusinessIdentifier[],
    session: Session,
  ) => Promise<readonly (readonly Key[])[]>
  /** The current Provenances about one of those named (`Patient/1`, or a URL elsewhere). One query. */
  readonly provenances: (names: readonly string[], session: Session) => Promise<readonly Pointer[]>
  /** The current Consents of the patients named, and the current PractitionerRoles of the people named. One query. */
  readonly consents?: (
    patients: readonly string[],
    people: readonly string[],
    session: Session,
  ) => Promise<readonly Pointer[]>
  readonly search: (request: SearchRequest, searching: Searching) => Promise<SearchResult>
}
