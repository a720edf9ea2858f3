/** What can be said of a document's signature: facts first, judgement second. @see https://hl7.org/fhir/R4/signatures.html */

import { fail } from '../fhir/error.ts'
import type { Model } from '../fhir/model.ts'
import type { Bundle, Instant, Resource } from '../fhir/types.ts'
import type { Revocations, Successor } from '../ports.ts'
import { allFacts } from './beside.ts'
import { evidenceOf, type EvidenceRequest } from './evidence.ts'
import type { Facts, Surroundings } from './facts.ts'
import { inquire } from './inquiry.ts'
import { milliseconds } from './instant.ts'
import { pdfFacts } from './pdf/verify.ts'
import { reportOf, type Report } from './report.ts'
import type { Signers } from './signer.ts'

export type { Report } from './report.ts'

export interface VerifyRequest extends EvidenceRequest {
  /** Signatures that came beside the document: a JWS in JSON or compact. */
  readonly sidecars?: readonly Uint8Array[]
  /** Provenances that sign the document and are no entries of it. */
  readonly provenances?: readonly Resource[]
  /** The octets of the document as they were received: what a signature beside it may be over that names no form. */
  readonly file?: Uint8Array
  /** The PDF that carries the document, whose own signatures are judged too. */
  readonly pdf?: Uint8Array
  /** The time of verification; without it nothing can pass, as no certificate is known to be valid. */
  readonly at?: Instant
  /** Who is asked after what is not at hand. */
  readonly revocations?: Revocations
  /** Revocation need not be known; a certificate that a list names is revoked all the same. */
  readonly revocation?: 'waived'
  readonly signers?: Signers
  /** The definitions that the XML form of a document is made by. */
  readonly model?: Model
  /** What a store knows against the document, the latest first; absent where no store was asked. */
  readonly successors?: readonly Successor[]
}

/**
 * The report on every signature over the document, in it and beside it; no document is too bad to be reported on.
 * @throws FhirError where the anchors, the lists or the time of the request cannot be read
 */
export function verify(bundle: Bundle, request: VerifyRequest = {}): Promise<Report> {
  return answered(bundle, request)
}

/** The report on the signatures beside a file that is no Bundle, over its octets as they are. @throws FhirError as `verify` */
export function verifyFile(file: Uint8Array, request: VerifyRequest): Promise<Report> {
  return answered(undefined, { ...request, file })
}

/** The report on the signatures of a PDF, and of the document that it carries where it carries one. @throws FhirError as `verify` */
export function verifyPdf(pdf: Uint8Array, bundle: Bundle | undefined, request: VerifyRequest): Promise<Report> {
  return answered(bundle, { ...request, pdf })
}

/** What is not known of revocation is asked first, where somebody may be. */
async function answered(bundle: Bundle | undefined, request: VerifyRequest): Promise<Report> {
  const { revocation, successors, revocations, crls = [], ocsps = [] } = request
  const first = factsOf(bundle, request)
  const answers = revocations === undefined ? undefined : await inquire(first, revocations)
  const isMore = answers !== undefined && answers.crls.length + answers.ocsps.length > 0
  const known = isMore ? { crls: [...crls, ...answers.crls], ocsps: [...ocsps, ...answers.ocsps] } : {}
  const facts = isMore ? factsOf(bundle, { ...request, ...known }) : first
  return reportOf(facts, { revocation, successors })
}

function factsOf(bundle: Bundle | undefined, request: VerifyRequest): readonly Facts[] {
  const { at, file, pdf, sidecars = [], provenances = [] } = request
  const atMs = at === undefined ? undefined : milliseconds(at)
  if (at !== undefined && atMs === undefined)
    throw fail('value', 'The time of verification is no instant, expected date and time with offset')
  const surroundings = surroundingsOf(request, atMs)
  const ofPdf = pdf === undefined ? [] : pdfFacts(pdf, surroundings)
  return [...ofPdf, ...allFacts({ bundle, file, sidecars, provenances }, surroundings)]
}

/** What every signature is judged with. @throws FhirError where the anchors, the lists or the responses cannot be read */
function surroundingsOf(
  { revocation, signers = {}, model, ...known }: VerifyRequest,
  atMs: number | undefined,
): Surroundings {
  return { ...evidenceOf(known, atMs), revocation, atMs, signers, model }
}
