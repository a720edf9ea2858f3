/** The sentences of the policy that are put together from facts. */

import { isObject, type Coding, type Json } from '../fhir/types.ts'
import { commitmentText } from './commitments.ts'
import type { CertificateFacts, Certified, Syntax } from './facts.ts'
import { instantOf, milliseconds } from './instant.ts'
import type { StampFacts } from './moments.ts'
import type { PartTarget } from './parts.ts'
import { periodText } from './signing-certificate.ts'

/** Why a signature of a syntax is not read. */
export const UNREAD: Readonly<Record<Syntax, string>> = {
  JWS: 'What the signature is over is not known',
  'XML-DSig': 'The signature is over the XML form of the document, which cannot be made without definitions',
  image: 'The signature is the image of one, in which there is nothing to verify',
  PDF: 'The signature is a PDF, which is not verified yet',
  unknown: 'The format of the signature is not known',
}

/** What a signature of a format is. */
export const KINDS: Readonly<Record<string, string>> = {
  JAdES: 'a JWS',
  JWS: 'a JWS',
  XAdES: 'an XML signature',
  'XML-DSig': 'an XML signature',
  'XML-DSig (HL7)': 'an XML signature in the layout of HL7',
  PAdES: 'one of the PDF',
  CMS: 'one of the PDF',
}

/** What is said where the signature holds and the digest in it is another. */
export function digestText({ form, otherForm, otherDigestOf }: Certified['integrity']): string {
  return otherForm === undefined
    ? `${digestName(otherDigestOf)} was changed after signing, or another was signed`
    : `The signature is not over the form ${form}, which it declares${elsewhere(otherForm)}`
}

function digestName(of: Certified['integrity']['otherDigestOf']): string {
  if (of === undefined) return 'The document'
  return of === 'itself' ? 'What the signature says of itself' : `Of what is signed, ${of.join(', ')}`
}

export function elsewhere(otherForm: string | undefined): string {
  return otherForm === undefined ? '' : `; it holds over the form ${otherForm}`
}

export function during({ certificate }: CertificateFacts): string {
  return periodText(certificate)
}

export function expired(facts: CertificateFacts): string {
  return `The certificate has expired, it was valid ${during(facts)}, and no time-stamp proves that the signature is older`
}

export function standingText(standing: Certified['trust']['standing']): string {
  return standing === undefined || standing.status === 'good' ? '' : standing.text
}

export function claimMs(time: unknown): number | undefined {
  return typeof time === 'string' ? milliseconds(time) : undefined
}

/** Signature.type as a list of Codings; what is none counts as one without code, which agrees with nothing. */
export function typesOf(type: Json | undefined): readonly Coding[] {
  const codings = Array.isArray(type) ? (type as readonly Json[]) : []
  return codings.map((coding) => (isObject(coding) ? coding : {}))
}

export function purposeText(commitments: readonly string[] = []): string {
  return commitments.map(commitmentText).join(', ')
}

export function faultText({ kind, genTimeMs, fault }: StampFacts): readonly string[] {
  const of = genTimeMs === undefined ? '' : ` of ${instantOf(genTimeMs / 1000)}`
  return fault === undefined ? [] : [`The ${STAMPS[kind]}${of} proves nothing: ${fault.text} (${fault.subIndication})`]
}

const STAMPS: Readonly<Record<StampFacts['kind'], string>> = {
  content: 'time-stamp of what is signed',
  signature: 'time-stamp',
  archive: 'archive time-stamp',
}

export function stampText({ kind, genTimeMs, authority }: StampFacts): string {
  return `The ${STAMPS[kind]} of ${instantOf((genTimeMs ?? 0) / 1000)} by ${authority ?? ''} holds`
}

/** What is said where no time-stamp is over the signature itself. */
export function unprovedText(stamps: readonly StampFacts[]): string {
  return ['No time-stamp proves when the signature was made', ...stamps.map(stampText)].join('; ')
}

/** Whether what is signed has a time-stamp that is younger than the signature is known, or claims, to be. */
export function isContentLater({ stamps, bestMs }: Pick<Certified, 'stamps' | 'bestMs'>, claimedMs: number): boolean {
  const latest = Math.min(claimedMs, bestMs ?? Infinity)
  return stamps.some(({ kind, genTimeMs = 0 }) => kind === 'content' && genTimeMs > latest)
}

/** Whether a time-stamp proves since when the signature is there. */
export function isProved({ stamps }: Pick<Certified, 'stamps'>): boolean {
  return stamps.some(({ kind, fault }) => kind !== 'content' && fault === undefined)
}

export function proofText({ stamps, bestMs }: Pick<Certified, 'stamps' | 'bestMs'>): string {
  return bestMs === undefined || !isProved({ stamps })
    ? 'which no time-stamp proves'
    : `and is proved to be no younger than ${instantOf(bestMs / 1000)}`
}

export function act({ isSeal }: Certified['signer']): string {
  return isSeal ? 'Sealed' : 'Signed'
}

const MOST_SHOWN = 200

/** What is said of parts of a signature that are not judged. */
export function unreadText(names: readonly string[] = []): string {
  const shown = [...new Set(names)].join(', ').slice(0, MOST_SHOWN)
  return names.length === 0 ? '' : `; what it says in ${shown} was not checked`
}

/** What is said of a signature policy that a signature names. */
export function policyUnread(policy: string): string {
  return `; it says to keep the signature policy ${policy.slice(0, MOST_SHOWN)}, whose rules were not checked`
}

const MOST_NAMED = 6

/** The resources of a signature that is not over the document. */
export function partText(targets: readonly PartTarget[] = []): string {
  const names = targets.slice(0, MOST_NAMED).map(({ name }) => name)
  const more = targets.length - names.length
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ')
}

/** Whether the version that was signed is not known to be the one at hand. */
export function isVersionUnknown(targets: readonly PartTarget[] = []): boolean {
  return targets.some(({ isOfUnknownVersion }) => isOfUnknownVersion === true)
}
