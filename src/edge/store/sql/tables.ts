/** The tables of the store that hold resources; those of the search index are in the folder `search`. */

import type { Generated } from './query.ts'

/** A resource: where its current version is. */
export interface ResourceTable {
  /** What the search index knows it by. */
  readonly rid: Generated<number>
  /** `Patient/1` */
  readonly name: string
  readonly type: string
  readonly id: string
  /** The current version, as a number, and its row. */
  readonly version: number
  readonly seq: number
  /** Milliseconds since 1970. */
  readonly last_updated: number
  /** 1 where the current version is a deletion, else 0. */
  readonly deleted: number
}

/** Every version of every resource; rows are never changed. */
export interface VersionTable {
  /** Grows with each write. */
  readonly seq: Generated<number>
  readonly name: string
  readonly type: string
  readonly version: number
  readonly last_updated: number
  readonly method: string
  /** JSON as the REST API gives it; null where the version is a deletion. */
  readonly text: string | null
}

/** Bytes as they were received, of the version `seq`. */
export interface OriginalTable {
  readonly seq: number
  readonly media_type: string
  readonly bytes: Uint8Array
}

/** What is kept beside the version `seq`, as JSON. */
export interface ReceiptTable {
  readonly seq: number
  readonly text: string
}

/** A line of the audit; rows are never changed. */
export interface AuditTable {
  readonly seq: number
  readonly digest: string
  readonly text: string
}

/** The last line of the audit, as it was when it was written: what is cut off from the end shows by it. One row. */
export interface AuditHeadTable {
  readonly seq: number
  readonly digest: string
}

/** How far the lines of the audit are published, and what the first one that is there follows. */
export interface AuditStateTable {
  readonly published: number
  /** How those that are published were made. */
  readonly made: number
  readonly start_seq: number
  readonly start_digest: string
}

/** How often consents changed, or what says whom they name. One row. */
export interface ConsentStateTable {
  readonly changes: number
}

/** What is left of a resource that was erased, as JSON. */
export interface TombstoneTable {
  readonly name: string
  readonly text: string
}

/** A resource that must be kept. */
export interface HoldTable {
  readonly name: string
  readonly held_at: number
  readonly reason: string
}

/** A person who is logged in, or about to be. */
export interface SessionTable {
  /** SHA-256 of the secret that the browser holds, base64url. */
  readonly digest: string
  readonly kind: string
  /** JSON. */
  readonly content: string
  /** Milliseconds since 1970. */
  readonly last_seen: number
  readonly expires: number
}

export interface Tables {
  readonly resource: ResourceTable
  readonly version: VersionTable
  readonly original: OriginalTable
  readonly receipt: ReceiptTable
  readonly audit: AuditTable
  readonly audit_head: AuditHeadTable
  readonly audit_state: AuditStateTable
  readonly consent_state: ConsentStateTable
  readonly tombstone: TombstoneTable
  readonly hold: HoldTable
  readonly session: SessionTable
}
