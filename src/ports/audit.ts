/** The record of acts, and what keeps or removes what is stored for good, as types only. */

import type { Instant } from '../fhir/types.ts'

/** The record of who did what: lines are added, and never changed. */
export interface AuditLog {
  /** Nothing; the lines are durable. Those that come together share a transaction. @throws FhirError `no-store` */
  record(lines: readonly string[]): Promise<void>
  /** Nothing; every line that is there is found as an AuditEvent, but for those left when it is enough. @throws FhirError `no-store` */
  publish(isEnough?: () => boolean): Promise<void>
  /** The end of the chain: the number of the last line, and its digest. Who keeps it elsewhere can prove that nothing was cut off. */
  head(): Promise<{ readonly seq: number; readonly digest: string }>
}

/** What of a version is known after it was erased: SHA-256 in hexadecimal, of its JSON, its bytes as received, its receipt. */
export interface ErasedVersion {
  readonly versionId: string
  readonly resource?: string
  readonly original?: string
  readonly receipt?: string
}

/** What is left of a resource that was erased. */
export interface Tombstone {
  readonly erasedAt: Instant
  readonly reason: string
  /** The law or contract that asks for it. */
  readonly basis: string
  readonly versions: readonly ErasedVersion[]
}

/** Why a resource must not be erased. */
export interface Hold {
  readonly heldAt: Instant
  readonly reason: string
}
