/** What the store is guarded with for one caller. */

import type { Rights } from '../access/rights.ts'
import type { Compartment } from '../fhir/compartment.ts'
import type { Instant } from '../fhir/types.ts'
import type { Role, StoreReader } from '../ports.ts'

/** What a deployment decides of access, whoever asks. */
export interface Policy {
  readonly compartment: Compartment
  /** Where the service is, without a slash at the end. */
  readonly base: string
  /** What counts where no consent of a patient says anything. */
  readonly consentDefault: 'permit' | 'deny'
  readonly now: () => Instant
  /** What becomes of a document that something is withheld from: it is refused, or its section says so. */
  readonly withheld: 'refuse' | 'section'
}

export interface Guard extends Policy {
  readonly rights: Rights
  /** The letters of scopes by which things are seen on this way: `rs`, or `s` where only what a search may find is. */
  readonly letters: string
  /** The reader of the snapshot that is open, so that nobody waits for a second one while holding the first. */
  readonly inUse: { reader?: StoreReader }
  /** The office that whoever writes on this way must have. */
  readonly writing?: Role
}

/** A reader that sees everything: what access is decided by must be seen whole. */
export type Whole = Pick<
  StoreReader,
  'read' | 'vread' | 'search' | 'history' | 'identified' | 'consents' | 'consentState'
>
