/**
 * Whether certificates were revoked at a time, by the revocation lists at hand.
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-6.3
 */

import type { Path } from './chain.ts'
import { instantOf } from './instant.ts'
import type { Certificate, Crl } from './x509.ts'

export type Standing =
  | { readonly status: 'good' }
  | { readonly status: 'revoked'; readonly text: string; readonly of: 'signer' | 'authority' }
  | { readonly status: 'unknown'; readonly text: string }

/** The standing of a whole path: the worst of its certificates. The anchor is trusted as it is. */
export function standing(path: Path, crls: readonly Crl[], atMs: number): Standing {
  const standings = path.slice(0, -1).map((certificate, index) => {
    const issuer = path[index + 1]
    return issuer === undefined ? good : standingOf({ certificate, issuer, isSigner: index === 0 }, crls, atMs)
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
}

function standingOf({ certificate, issuer, isSigner }: Subject, crls: readonly Crl[], atMs: number): Standing {
  const relevant = crls.filter((crl) => speaksOf(crl, certificate) && isOf(crl, issuer))
  const dates = relevant.map(({ revokedMs }) => revokedMs.get(certificate.serial)).filter((date) => date !== undefined)
  const revokedMs = dates.find((date) => date <= atMs)
  if (revokedMs !== undefined) {
    const text = `The certificate of ${certificate.subject} was revoked on ${instantOf(revokedMs / 1000)}`
    return { status: 'revoked', text, of: isSigner ? 'signer' : 'authority' }
  }
  if (relevant.some((crl) => isConclusive(crl, certificate, atMs))) return good
  const what =
    relevant.length === 0 ? 'No revocation list of its issuer is at hand' : 'No revocation list at hand is in force'
  return { status: 'unknown', text: `${what} for the certificate of ${certificate.subject}` }
}

function speaksOf({ scope }: Crl, { isAuthority }: Certificate): boolean {
  return scope === 'all' || scope === (isAuthority ? 'authorities' : 'others')
}

function isOf({ issuerName, isSignedBy }: Crl, { subjectName, keyUsage, publicKey }: Certificate): boolean {
  return issuerName === subjectName && (keyUsage === undefined || keyUsage.includes('cRLSign')) && isSignedBy(publicKey)
}

/** A list counts until its next update; an earlier time than its own only if the certificate had not run out by then and left it. */
function isConclusive({ thisUpdateMs, nextUpdateMs }: Crl, { notAfterMs }: Certificate, atMs: number): boolean {
  return nextUpdateMs !== undefined && atMs <= nextUpdateMs && thisUpdateMs <= notAfterMs
}
