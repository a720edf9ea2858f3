/** What can be said of a document's signature: facts first, judgement second. @see https://hl7.org/fhir/R4/signatures.html */

import { fail } from '../fhir/error.ts'
import type { Bundle, Instant } from '../fhir/types.ts'
import { factsOf } from './facts.ts'
import { milliseconds } from './instant.ts'
import { signaturesOf } from './placement.ts'
import { reportOf, type Report } from './report.ts'
import type { Signers } from './signer.ts'
import { readCertificate, readCrl } from './x509.ts'

export type { Report } from './report.ts'

export interface VerifyRequest {
  /** Trust anchors, DER. */
  readonly trust?: readonly Uint8Array[]
  /** Certificate revocation lists, DER. */
  readonly crls?: readonly Uint8Array[]
  /** The time of verification; without it nothing can pass, as no certificate is known to be valid. */
  readonly at?: Instant
  /** Revocation need not be known; a certificate that a list names is revoked all the same. */
  readonly revocation?: 'waived'
  readonly signers?: Signers
}

/**
 * The report on every signature over the document; no document is too bad to be reported on.
 * @throws FhirError where the anchors, the lists or the time of the request cannot be read
 */
export function verify(bundle: Bundle, request: VerifyRequest = {}): Promise<Report> {
  return new Promise((resolve) => {
    resolve(judge(bundle, request))
  })
}

function judge(bundle: Bundle, { trust = [], crls = [], at, revocation, signers = {} }: VerifyRequest): Report {
  const atMs = at === undefined ? undefined : milliseconds(at)
  if (at !== undefined && atMs === undefined)
    throw fail('value', 'The time of verification is no instant, expected date and time with offset')
  const surroundings = { anchors: trust.map(readCertificate), crls: crls.map(readCrl), atMs, signers }
  const facts = signaturesOf(bundle).map((placed) => factsOf(bundle, placed, surroundings))
  return reportOf(facts, revocation)
}
