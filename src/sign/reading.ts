/** What a reader finds in a signature: the same words for JWS, XML and CMS, so that one judgement serves them all. */

import type { Instant } from '../fhir/types.ts'
import type { Ocsp } from './ocsp.ts'
import type { Certificate, Crl } from './x509.ts'

/** What a signature covers about itself. */
export interface Claims {
  /** The time that the signer claims; undefined where the signature covers none. */
  readonly time: Instant | undefined
  /** Identifiers of what the signature is for, such as `urn:oid:1.2.840.10065.1.12.1.1`; undefined where it does not say. */
  readonly commitments: readonly string[] | undefined
  /** The signer's first; empty where the signature has none. */
  readonly certificates: readonly Certificate[]
  /** The signature policy that the signer says to keep. */
  readonly policy?: string | undefined
}

/** Whether the mathematics of a signature hold over the document, and over what else where they do not. */
export interface IntegrityFacts {
  /** The form of the document over which the mathematics hold; where they do not, the one that is declared. */
  readonly form: string
  /** The members of the Bundle that the form leaves out; undefined where it is no form that can be made here. */
  readonly omits: readonly string[] | undefined
  readonly fitsKey: boolean
  /** Whether the mathematics hold over the declared form of the document. */
  readonly holds: boolean
  /** Whether it is only the digest of the document that is another, and not the signature over it. */
  readonly isDigestOther?: boolean
  /** What that digest is of, where it is not of the document: what the signature says of itself, or resources by name. */
  readonly otherDigestOf?: 'itself' | readonly string[]
  readonly payload: 'detached' | 'same' | 'other'
  /** Whether they hold over a payload that the signature brings along and that is not this document. */
  readonly holdsOverPayload: boolean
  /** Another form of the document over which they hold, where they do not over the declared one. */
  readonly otherForm: string | undefined
  /** The expressions of numbers that what is signed does not tell from others, where it holds. */
  readonly altered?: readonly string[]
  /** What may change without the signature being broken, where it holds. */
  readonly notCovered: readonly string[]
}

/** Something that was put beside a signature later, in the order in which it was. */
export type Addition = Stamp | Gathered

/** A time-stamp over what is signed, made before it was, over the signature, or over it and all that was added before. */
export interface Stamp {
  readonly kind: 'content' | 'signature' | 'archive'
  /** RFC 3161, DER. */
  readonly token: Uint8Array
  /** What the time-stamp is to be over. */
  readonly data: Uint8Array
}

/** What a signature brings along to be judged by. */
export interface Gathered {
  readonly kind: 'gathered'
  readonly certificates: readonly Certificate[]
  readonly crls: readonly Crl[]
  readonly ocsps: readonly Ocsp[]
}

/** What a signature is called in a report. */
export interface SignatureKind {
  readonly format:
    'JAdES' | 'JWS' | 'XAdES' | 'XML-DSig' | 'XML-DSig (HL7)' | 'PAdES' | 'CMS' | 'image' | 'PDF' | 'unknown'
  /** The baseline level, where the signature has one: `B-LTA`. */
  readonly level?: string
}

/** A signature as its reader found it. */
export interface Reading extends SignatureKind {
  readonly claims: Claims
  /** Undefined where the signature bears no certificate of its signer. */
  readonly integrity: IntegrityFacts | undefined
  readonly additions: readonly Addition[]
  /** What else stands in the signature, by name: it is not judged. */
  readonly unread?: readonly string[]
}
