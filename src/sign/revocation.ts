/**
 * Whether certificates were revoked at a time, by the revocation lists and OCSP responses at hand.
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-6.3
 */

import type { Path } from './chain.ts'
import { found, type Finding } from './finding.ts'
import { instantOf } from './instant.ts'
import { isUnchecked, type Ocsp } from './ocsp.ts'
import type { Certificate, Crl } from './x509.ts'

export type Standing =
  | { readonly status: 'good' }
  | {
      readonly status: 'revoked'
      readonly text: string
      readonly finding: Finding
      readonly of: 'signer' | 'authority'
    }
  | { readonly status: 'unknown'; readonly text: string; readonly finding: Finding }

/** Revocation lists and OCSP responses, and a time at which they are known to have been there. */
export interface Material {
  readonly crls: readonly Crl[]
  readonly ocsps: readonly Ocsp[]
  /** Later than that, whoever has the key of an authority that ran out could have made them; undefined: not judged. */
  readonly knownMs?: number
}

/** The standing of a whole path: the worst of its certificates. The anchor is trusted as it is. */
export function standing(path: Path, material: readonly Material[], atMs: number): Standing {
  const standings = path.slice(0, -1).map((certificate, index) => {
    const issuer = path[index + 1]
    if (issuer === undefined) return good
    return standingOf(
      { certificate, issuer, isSigner: index === 0, isAnchor: index + 2 === path.length },
      material,
      atMs,
    )
  })
  return (
    standings.find(({ status }) => status === 'revoked') ?? standings.find(({ status }) => status === 'unknown') ?? good
  )
}

const good: Standing = { status: 'good' }

interface Subject {
  readonly certificate: Certificate
  readonly issuer: Certificate
  readonly isSigner: boolean
  /** Whether the issuer is the trust anchor, whose period nobody asks for. */
  readonly isAnchor: boolean
}

/** What one list or response says of a certificate. */
interface Word {
  readonly revokedMs: number | undefined
  /** Whether that it names no revocation means that there is none. */
  readonly isConclusive: boolean
}

function standingOf(subject: Subject, material: readonly Material[], atMs: number): Standing {
  const { certificate, isSigner } = subject
  const words = material.flatMap((one) => [
    ...wordsOfLists(subject, one, atMs),
    ...wordsOfResponses(subject, one, atMs),
  ])
  const revokedMs = words.map((word) => word.revokedMs).find((date) => date !== undefined && date <= atMs)
  if (revokedMs !== undefined) {
    const at = instantOf(revokedMs / 1000)
    const finding = found('revocation.revoked', { subject: certificate.subject, at })
    const text = `The certificate of ${certificate.subject} was revoked on ${at}`
    return { status: 'revoked', text, finding, of: isSigner ? 'signer' : 'authority' }
  }
  return words.some(({ isConclusive }) => isConclusive) ? good : unknown(certificate, words)
}

function unknown({ subject }: Certificate, words: readonly Word[]): Standing {
  const [what, code] =
    words.length === 0
      ? (['No revocation list of its issuer and no OCSP response is at hand', 'revocation.nothing'] as const)
      : (['No revocation list or OCSP response at hand is in force', 'revocation.stale'] as const)
  return { status: 'unknown', text: `${what} for the certificate of ${subject}`, finding: found(code, { subject }) }
}

function wordsOfLists(subject: Subject, { crls, knownMs }: Material, atMs: number): readonly Word[] {
  const { certificate, issuer } = subject
  return crls
    .filter((crl) => speaksOf(crl, certificate) && isOf(crl, issuer))
    .map((crl) => ({
      revokedMs: crl.revokedMs.get(certificate.serial),
      isConclusive: isInForce(crl, certificate, atMs) && isOfItsTime(subject, issuer, knownMs),
    }))
}

function speaksOf({ scope }: Crl, { isAuthority }: Certificate): boolean {
  return scope === 'all' || scope === (isAuthority ? 'authorities' : 'others')
}

function isOf({ issuerName, isSignedBy }: Crl, { subjectName, keyUsage, publicKey }: Certificate): boolean {
  return issuerName === subjectName && (keyUsage === undefined || keyUsage.includes('cRLSign')) && isSignedBy(publicKey)
}

function wordsOfResponses(subject: Subject, { ocsps, crls, knownMs }: Material, atMs: number): readonly Word[] {
  const { certificate, issuer } = subject
  return ocsps.flatMap((ocsp): readonly Word[] => {
    const answer = ocsp.answerOn(certificate, issuer)
    const responder = answer && ocsp.responderFor(issuer)
    if (answer === undefined || responder === undefined || isResponderRevoked(responder, issuer, crls)) return []
    const isConclusive =
      answer.status === 'good' && isInForce(answer, certificate, atMs) && isOfItsTime(subject, responder, knownMs)
    return [{ revokedMs: answer.revokedMs, isConclusive }]
  })
}

/** A responder that a list of its issuer names is heard no more, whenever it was. */
function isResponderRevoked(responder: Certificate, issuer: Certificate, crls: readonly Crl[]): boolean {
  if (responder.fingerprint === issuer.fingerprint || isUnchecked(responder)) return false
  return crls.some((crl) => isOf(crl, issuer) && crl.revokedMs.has(responder.serial))
}

interface Span {
  readonly thisUpdateMs: number
  readonly nextUpdateMs: number | undefined
}

/** It counts until its next update; for an earlier time than its own only if the certificate had not run out by then and left it. */
function isInForce({ thisUpdateMs, nextUpdateMs }: Span, { notAfterMs }: Certificate, atMs: number): boolean {
  return nextUpdateMs !== undefined && atMs <= nextUpdateMs && thisUpdateMs <= notAfterMs
}

/** Whether it is known from a time at which the certificate of who signed it was in force. */
function isOfItsTime({ isAnchor, issuer }: Subject, signer: Certificate, knownMs: number | undefined): boolean {
  const isTrusted = isAnchor && signer.fingerprint === issuer.fingerprint
  return isTrusted || knownMs === undefined || knownMs <= signer.notAfterMs
}
