/** A signature but for its value, whatever its syntax: what the key is to sign, and what the value will complete. */

import type { Bundle, Instant } from '../fhir/types.ts'
import type { Alg } from '../ports.ts'
import type { Commitment } from './commitments.ts'
import type { TimeHeader } from './header.ts'
import type { Certificate } from './x509.ts'

export interface DraftRequest {
  /** As the signature covers it. */
  readonly bundle: Bundle
  readonly alg: Alg
  /** The signer's first. */
  readonly certificates: readonly Certificate[]
  /** In whole seconds and UTC: the text of Signature.when. */
  readonly when: Instant
  readonly commitment: Commitment
  readonly time: TimeHeader
  /** The signature policy that is kept, `urn:oid:…` or a URL; only a JWS names it. */
  readonly policy?: string | undefined
}

export interface Draft {
  readonly sigFormat: string
  readonly targetFormat: string
  /** What the signature covers: the canonical form of the document. */
  readonly octets: Uint8Array
  /** What it says of itself and signs, in base64url: the header of a JWS, or SignedInfo. */
  readonly protected: string
  /** What the key signs. */
  readonly input: Uint8Array
  /** Signature.data with the value, ECDSA as IEEE P1363. */
  readonly data: (value: Uint8Array) => string
}
