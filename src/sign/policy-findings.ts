/** The findings of the policy that are put together from facts, as `policy-text.ts` puts together its sentences. */

import type { CertificateFacts, Certified, Facts, Syntax } from './facts.ts'
import { found, type Finding, type FindingCode } from './finding.ts'
import { instantOf } from './instant.ts'
import type { StampFacts } from './moments.ts'
import type { PartTarget } from './parts.ts'
import { isProved, partText } from './policy-text.ts'
import type { Standing } from './revocation.ts'

/** Why a signature of a syntax is not read. */
export const UNREAD_FINDINGS: Readonly<Record<Syntax, FindingCode>> = {
  JWS: 'format.undetermined',
  'XML-DSig': 'format.unread.xml',
  image: 'format.unread.image',
  PDF: 'format.unread.pdf',
  unknown: 'format.unread.unknown',
}

/** A signature that was read, and what of it was not judged. */
export function readFindings({ reading }: Facts): readonly Finding[] {
  const { claims, unread = [] } = reading ?? {}
  const unjudged = { verdict: 'not-checked' } as const
  return [
    found('format.read'),
    ...(claims?.policy === undefined ? [] : [{ ...found('format.policy', { policy: claims.policy }), ...unjudged }]),
    ...(unread.length === 0
      ? []
      : [{ ...found('format.unjudged', { names: [...new Set(unread)].join(', ') }), ...unjudged }]),
  ]
}

/** A form over which the signature holds although it declares another. */
export function elsewhereFindings(form: string | undefined): readonly Finding[] {
  return form === undefined ? [] : [found('integrity.elsewhere', { form })]
}

/** Where the signature holds and the digest in it is another. */
export function digestFindings({ form, otherForm, otherDigestOf }: Certified['integrity']): readonly Finding[] {
  if (otherForm !== undefined) return [found('integrity.form', { form }), ...elsewhereFindings(otherForm)]
  if (otherDigestOf === 'itself') return [found('integrity.itself')]
  if (otherDigestOf === undefined) return [found('integrity.other')]
  return [found('integrity.other-parts', { parts: otherDigestOf.join(', ') })]
}

/** One of two codes: of the document as a whole, or of the parts that the signature is over. */
export function partFinding(
  targets: readonly PartTarget[] | undefined,
  whole: FindingCode,
  parts: FindingCode,
): Finding {
  return targets === undefined ? found(whole) : found(parts, { parts: partText(targets) })
}

/** The period of a certificate. */
export function periodOf({ certificate }: CertificateFacts): { readonly from: string; readonly to: string } {
  const { notBeforeMs, notAfterMs } = certificate
  return { from: instantOf(notBeforeMs / 1000), to: instantOf(notAfterMs / 1000) }
}

/** What is known of the revocation of a chain, where it is not good. */
export function standingFinding(standing: Standing | undefined): Finding {
  return standing === undefined || standing.status === 'good' ? found('revocation.no-chain') : standing.finding
}

/** The time-stamps that prove nothing. */
export function faultFindings(stamps: readonly StampFacts[]): readonly Finding[] {
  return stamps
    .filter(({ fault }) => fault !== undefined)
    .map(({ genTimeMs }) =>
      genTimeMs === undefined
        ? found('timestamps.unread')
        : found('timestamps.fault', { time: instantOf(genTimeMs / 1000) }),
    )
}

/** The time-stamps, each of which holds. */
export function stampFindings(stamps: readonly StampFacts[]): readonly Finding[] {
  return stamps.map(({ kind, genTimeMs = 0, authority = '' }) =>
    found(`timestamps.${kind}`, { time: instantOf(genTimeMs / 1000), authority }),
  )
}

/** The time that a signature covers, and what proves it. */
export function timeFindings({
  reading,
  stamps,
  bestMs,
}: Facts & Pick<Certified, 'stamps' | 'bestMs'>): readonly Finding[] {
  const covered = found('time.covered', { time: reading?.claims.time ?? '' })
  const isProof = bestMs !== undefined && isProved({ stamps })
  return [covered, isProof ? found('time.proved', { time: instantOf(bestMs / 1000) }) : found('timestamps.none')]
}

/** The commitments that a signature covers, with blanks between. */
export function purposeOf({ reading }: Facts): { readonly purpose: string } {
  return { purpose: (reading?.claims.commitments ?? []).join(' ') }
}
