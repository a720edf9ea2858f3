/** What the stages need of the outside, as types only: the edge implements them, main wires them. */

import type { Issue } from './fhir/issue.ts'
import type { BundleLink, FullUrl, Instant, Resource } from './fhir/types.ts'

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
  /** The links of the Bundle that the source is; a document keeps its stylesheets. */
  readonly links?: readonly BundleLink[]
  /** All that it holds, where it is one thing at hand such as a Bundle: the receipt says what was left out. */
  all?(): Promise<readonly Found[]>
  /** What is wrong with the source itself, as far as it was read: files that are no resources, contradictory duplicates. */
  issues?(): readonly Issue[]
}

/** The JWS algorithms that documents are signed with. @see https://www.rfc-editor.org/rfc/rfc7518#section-3.1 */
export type Alg = 'RS256' | 'PS256' | 'ES256' | 'ES384'

/** A private key behind its certificate: a file, a card and a remote signer look alike. */
export interface SigningKey {
  readonly alg: Alg
  /** DER, leaf first; empty where a key came without certificates. */
  readonly certificates: readonly Uint8Array[]
  /** The signature in JWS form (ECDSA as IEEE P1363). */
  sign(octets: Uint8Array): Promise<Uint8Array>
}

export interface PrintOptions {
  readonly signal?: AbortSignal
}

/** A page to PDF. @throws FhirError `timeout`, `throttled`, `transient`, `too-costly` */
export interface Printer {
  print(xhtml: string, options?: PrintOptions): Promise<Uint8Array>
  close(): Promise<void>
}

/** The clock and the source of new ids. */
export interface Now {
  now(): Instant
  /** A random UUID, lower case. */
  uuid(): string
}
