/** What the stages need of the outside, as types only: the edge implements them, main wires them. */

import type { Issue } from './fhir/issue.ts'
import type { BundleLink, Coding, FullUrl, Instant, Json, Resource } from './fhir/types.ts'
import type { AuditLog, Hold, Tombstone } from './ports/audit.ts'
import type { Sessions } from './ports/login.ts'
import type { Access } from './ports/access.ts'

export type { Access, Grant } from './ports/access.ts'
export type { Caller, Role } from './ports/caller.ts'
export type { Clipped, Extracted, PrintOptions, Printer } from './ports/printing.ts'
export type { Alg, Revocations, SigningKey, TimeStamper } from './ports/signing.ts'

/** What a source is asked for: a literal id, a whole URL, or a business identifier. */
export type Target =
  | { readonly by: 'id'; readonly type: string; readonly id: string; readonly version?: string }
  | { readonly by: 'url'; readonly url: string; readonly version?: string }
  | { readonly by: 'identifier'; readonly type?: string; readonly system: string; readonly value: string }

/** A resource as a source holds it. */
export interface Found {
  readonly resource: Resource
  /** The version-less URL under which the source knows it, where it knows one. */
  readonly url?: FullUrl
  /** The name of the source. */
  readonly source: string
}

/** Where closure reads from. @throws FhirError `no-store`, `timeout` when it cannot be read: never an empty answer instead. */
export interface Source {
  /** A stable name for the receipt, and for ids made from it; no host or path of the machine. */
  readonly name: string
  /** The REST base, without a slash at the end, where the source has one. */
  readonly base?: string
  /** One wave: for each target, in its order, every match (none, one, or several where the target is ambiguous). */
  read(targets: readonly Target[]): Promise<readonly (readonly Found[])[]>
  /** Every Provenance whose target is one of those given (`Patient/1`, or a whole URL). */
  provenances(targets: readonly string[]): Promise<readonly Found[]>
  /**
   * Everything of a type that a query such as `patient=Patient/1` finds, to its end; absent where the source cannot search.
   * @throws FhirError `not-supported` where it cannot search so
   */
  search?(type: string, query: string): Promise<readonly Found[]>
  /**
   * The record of a patient whom it has, each question to its end (H-10); absent where it cannot tell. It may hold more:
   * what is the patient's is for the reader of it to say. The types are those that are asked for where not all can be.
   * @throws FhirError as `read`
   */
  record?(patient: Found, types: readonly string[]): Promise<PatientHoldings>
  /** The links of the Bundle that the source is; a document keeps its stylesheets. */
  readonly links?: readonly BundleLink[]
  /** All that it holds, where it is one thing at hand such as a Bundle: the receipt says what was left out. */
  all?(): Promise<readonly Found[]>
  /** What is wrong with the source itself, as far as it was read: files that are no resources, contradictory duplicates. */
  issues?(): readonly Issue[]
  /** For each target that it gave nothing for, whether it keeps something back from whoever asks; absent where it keeps nothing back. */
  withheld?(targets: readonly Target[]): Promise<readonly boolean[]>
  /** Whether a target that it has not was deleted from it, where it can tell. */
  wasDeleted?(target: Target): Promise<boolean>
  /** The source for the length of one document, where what it holds may change meanwhile (H-15). */
  begin?(): Reading
}

/** What a source has of a patient, and what it may have and does not give. */
export interface PatientHoldings {
  readonly found: readonly Found[]
  readonly gaps: readonly {
    readonly type: string
    readonly reason: 'withheld' | 'unavailable'
    /** No document that this belongs to may be made. */
    readonly isForbidding?: true
  }[]
}

/** A question about codes that the definitions at hand cannot answer. */
export interface CodeQuestion {
  /** The canonical of the value set that one of the codings is to be of; absent where it is to be one of its system. */
  readonly valueSet?: string
  readonly codings: readonly Coding[]
}

/** A terminology server, asked for all questions of a document at once. */
export interface TerminologyServer {
  /** In the order of the questions; unknown where the server could not say, or was not reached. Nothing is thrown. */
  readonly judge: (questions: readonly CodeQuestion[]) => Promise<readonly ('in' | 'out' | 'unknown')[]>
}

/** A source that remembers what it gave. */
export interface Reading extends Source {
  /** Whether all that it gave is still the current version. @throws FhirError as `read` */
  holds(): Promise<boolean>
}

/** The clock and the source of new ids. */
export interface Now {
  now(): Instant
  /** A random UUID, lower case. */
  uuid(): string
}

/** A resource by its address; `Patient` and `1`. */
export interface Key {
  readonly type: string
  readonly id: string
}

/** One version of a resource as the store keeps it. */
export interface Version extends Key {
  /** `1` for the first; each write takes the next. */
  readonly versionId: string
  readonly lastUpdated: Instant
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** JSON, as the REST API gives it: with id, meta.versionId and meta.lastUpdated. Absent where the version is a deletion. */
  readonly text?: string
  /**
   * The resource of `text`. The very same object each time for as long as the store remembers it, so that what was found
   * of it can be remembered by it; never changed by anyone. Absent where the version is a deletion.
   */
  readonly resource?: Resource
}

/** Bytes as they were received. */
export interface Original {
  readonly bytes: Uint8Array
  /** Such as `application/fhir+json`. */
  readonly mediaType: string
}

/** A search as it was asked. @see https://hl7.org/fhir/R4/search.html */
export interface SearchRequest {
  /** Absent: over all types. */
  readonly type?: string
  /** Only what is in the compartment of this patient, the patient too. */
  readonly compartment?: Key
  /** Only what is the data of these patients, a document too: every name of each. */
  readonly concerning?: readonly string[]
  /** What may be found, included or led through by a chain; everything where it is absent. */
  readonly access?: Access
  /** Decoded names (with their modifiers and chains) and values, in their order; result parameters such as `_sort` among them. */
  readonly parameters: readonly (readonly [name: string, value: string])[]
  /** What is done with a parameter that is not known. */
  readonly handling: 'strict' | 'lenient'
  /** A page of an earlier answer. */
  readonly page?: string
  /** How long a page is where `_count` does not say. */
  readonly defaultCount: number
  /** The longest page. */
  readonly maxCount: number
}

/** A page of what a search finds. */
export interface SearchResult {
  readonly matches: readonly Version[]
  readonly included: readonly Version[]
  /** How many match on all pages, where that was asked for and known. */
  readonly total?: number
  /** The parameters that were used, as the link `self` names them. */
  readonly used: readonly (readonly [name: string, value: string])[]
  /** What was not understood, where that is no error. */
  readonly issues: readonly Issue[]
  /** The tokens of other pages. */
  readonly pages: {
    readonly first?: string
    readonly previous?: string
    readonly next?: string
    readonly last?: string
  }
  /** The elements that were asked for, where not all were. */
  readonly shape: { readonly summary?: 'true' | 'text' | 'data' | 'count'; readonly elements?: readonly string[] }
}

export interface HistoryRequest {
  readonly type?: string
  /** With a type only. */
  readonly id?: string
  readonly since?: Instant
  readonly at?: string
  readonly count: number
  readonly page?: string
}

export interface HistoryResult {
  /** The newest first. */
  readonly versions: readonly Version[]
  /** Absent where it is not told. */
  readonly total?: number
  readonly next?: string
}

/** An identifier by its system and value, of a resource of one type or of any. */
export interface BusinessIdentifier {
  readonly type?: string
  readonly system: string
  readonly value: string
}

/** One snapshot of the store: what is written meanwhile is not seen (H-15). @throws FhirError `no-store` where it cannot be read */
export interface StoreReader {
  /** The current version of each, deletions too, in their order; undefined where there never was one. One round trip. */
  read(keys: readonly Key[]): Promise<readonly (Version | undefined)[]>
  /** The versions that `read` would give, without their content: what closure compares. One round trip. */
  versions(keys: readonly Key[]): Promise<readonly (string | undefined)[]>
  vread(key: Key, versionId: string): Promise<Version | undefined>
  /**
   * Whether what is at each of the addresses is kept back from whoever asks; absent where nothing is.
   * @throws FhirError `forbidden` where it is, and no document may be made without it
   */
  withheld?(keys: readonly Key[]): Promise<readonly boolean[]>
  /** The types of which something in the record of a patient is kept back, and whether a document may be made without it. */
  withheldOf?(patient: Key): Promise<PatientHoldings['gaps']>
  history(request: HistoryRequest): Promise<HistoryResult>
  /** The current Provenances about one of those named: `Patient/1`, or a URL elsewhere. */
  provenances(names: readonly string[]): Promise<readonly Version[]>
  /**
   * The current Consents of the patients named (`Patient/1`, or a URL elsewhere), and the current PractitionerRoles of the
   * people named, where they are found faster than by a search. One round trip.
   */
  consents?(patients: readonly string[], people: readonly string[]): Promise<readonly Version[]>
  /** A name of the state of all consents, and of what says whom they name: the same for as long as none changes. */
  consentState?(): Promise<string>
  /** @throws FhirError for a parameter or value that cannot be, `not-supported` for one that is not known where handling is strict */
  search(request: SearchRequest): Promise<SearchResult>
  /** For each identifier, the current resources that bear exactly it. One round trip. */
  identified(identifiers: readonly BusinessIdentifier[]): Promise<readonly (readonly Key[])[]>
  /** The bytes of a document or Binary as received; of the current version where none is named. */
  original(key: Key, versionId?: string): Promise<Original | undefined>
  /** What was kept beside a version: its receipt. */
  receipt(key: Key, versionId?: string): Promise<Json | undefined>
  /** What is left of a resource that was erased. */
  tombstone?(key: Key): Promise<Tombstone | undefined>
  /** Why a resource must be kept, where it must. */
  holdOf?(key: Key): Promise<Hold | undefined>
}

/** One change of a resource. */
export interface Change extends Key {
  readonly method: Version['method']
  /** Absent for a deletion; its id and meta are made the store's in a copy. */
  readonly resource?: Resource
  /** Kept byte for byte beside the resource. */
  readonly original?: Original
  readonly receipt?: Json
  /** The version that must be current, or none: else the change is refused. */
  readonly expected?: { readonly versionId: string | undefined }
}

/** A transaction: it reads what it wrote, and all of it is durable at its end, or none. */
export interface StoreWriter extends StoreReader {
  /** The version that came to be. @throws FhirError `conflict` where another version than the expected is current */
  write(change: Change): Promise<Version>
  /** The lines are added to the audit in this transaction. */
  record?(lines: readonly string[]): void
  /**
   * The content of every version is gone, and with it the bytes as received, the receipts and all that a search finds.
   * @throws FhirError `not-found`, `business-rule` where it must be kept
   */
  erase?(key: Key, why: Pick<Tombstone, 'reason' | 'basis'>): Promise<Tombstone>
  /** Everything, for those who may erase what they may not read; absent where this reader sees everything. */
  readonly whole?: Pick<StoreReader, 'history' | 'provenances'>
  /** A resource must be kept from now on for the reason given, or need not any more. */
  hold?(key: Key, reason: string | undefined): Promise<void>
}

/** How much work reads: of one resource no two questions need to see the same state. */
export type Extent = 'resource'

/** Resources with every version. */
export interface Store {
  /** The result of work that reads one snapshot, perhaps more than once; of one resource alone, each question may be of its own. */
  snapshot<T>(work: (reader: StoreReader) => Promise<T>, extent?: Extent): Promise<T>
  /**
   * The result of work whose writes are durable when it is given; on a conflict with another transaction the work is done
   * once more from its beginning, so it has no other effects. @throws FhirError `conflict` where that does not help
   */
  transaction<T>(work: (writer: StoreWriter) => Promise<T>): Promise<T>
  /** Whether it can be read and written now. */
  isReady(): Promise<boolean>
  close(): Promise<void>
  /** The record of acts, where the store keeps one. */
  readonly audit?: AuditLog
  /** The sessions of people, where the store keeps them too. */
  readonly sessions?: Sessions
  /** Nothing; the space of what was erased is given back, so that its bytes are nowhere in the files of the store. */
  readonly compact?: () => Promise<void>
}

/** A later document, or a Composition, that says something of an earlier document. */
export interface Successor {
  /**
   * What it does to the earlier one: it says so itself (`replaces`, `appends`, `transforms`), it is of the same series and
   * in error, or it is of the same series and later.
   */
  readonly relation: 'replaces' | 'appends' | 'transforms' | 'entered-in-error' | 'later'
  /** Where the store has it: `Bundle/1`, `Composition/1`. */
  readonly reference: string
  /** The value of its own identifier; its reference where it has none. */
  readonly identifier: string
  /** When the document was assembled, else when the Composition was edited; empty where neither says it. */
  readonly date: string
}
