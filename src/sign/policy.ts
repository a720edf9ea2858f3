/**
 * What a fact means: the policy of verification as a table. Of each check the first row that holds decides, and
 * nothing that was not checked counts as passed.
 * @see https://www.etsi.org/deliver/etsi_en/319100_319199/31910201/01.04.01_60/en_31910201v010401p.pdf
 */

import { isCommitted } from './commitments.ts'
import type { Case, Facts } from './facts.ts'
import { INTEGRITY } from './integrity-policy.ts'
import {
  act,
  claimMs,
  during,
  expired,
  faultText,
  isContentLater,
  isProved,
  KINDS,
  proofText,
  purposeText,
  stampText,
  standingText,
  typesOf,
  unprovedText,
  UNREAD,
  policyUnread,
  unreadText,
} from './policy-text.ts'
import { fails, inconclusive, missing, passed, unchecked, type Row } from './ruling.ts'

const otherwise = (): boolean => true

/** The rows of the check `format`, the only one that needs no certificate. */
export const FORMAT: readonly Row<Facts>[] = [
  [({ missing: why }) => why !== undefined, missing('SIGNED_DATA_NOT_FOUND'), ({ missing: why = '' }) => why],
  [({ isRead }) => !isRead, missing(), ({ syntax }) => UNREAD[syntax]],
  [({ refusal }) => refusal !== undefined, fails('FORMAT_FAILURE'), ({ refusal = '' }) => refusal],
  [
    ({ certified }) => certified === undefined,
    { ...missing('NO_SIGNING_CERTIFICATE_FOUND'), verdict: 'failed' },
    'The signature bears no certificate of its signer',
  ],
  [
    otherwise,
    passed,
    ({ reading }) =>
      `The signature is ${KINDS[reading?.format ?? 'unknown'] ?? 'well-formed'}, with the certificate of its signer` +
      (reading?.claims.policy === undefined ? '' : policyUnread(reading.claims.policy)) +
      unreadText(reading?.unread),
  ],
]

export type CheckName =
  'integrity' | 'certificate' | 'trust' | 'revocation' | 'timestamps' | 'time' | 'purpose' | 'signer'

/** How far a signer's clock may run ahead of ours. */
const CLOCK_SKEW_MS = 5 * 60_000

/** The checks in the order of the report. */
export const POLICY: Readonly<Record<CheckName, readonly Row<Case>[]>> = {
  integrity: INTEGRITY,
  certificate: [
    [
      ({ certificate }) => certificate.misuse !== undefined,
      inconclusive('CHAIN_CONSTRAINTS_FAILURE'),
      ({ certificate }) => `The certificate may not sign documents: ${certificate.misuse ?? ''}`,
    ],
    [
      ({ certificate }) => certificate.weakness !== undefined,
      inconclusive('CRYPTO_CONSTRAINTS_FAILURE'),
      ({ certificate }) => `The certificate is weak: ${certificate.weakness ?? ''}`,
    ],
    [
      ({ certificate }) => certificate.side === undefined,
      missing('NO_POE'),
      ({ certificate }) => `The certificate is valid ${during(certificate)}, but the time of verification is not known`,
    ],
    [
      ({ certificate }) => certificate.side === 'before',
      fails('NOT_YET_VALID'),
      ({ certificate }) => `The certificate is valid only ${during(certificate)}`,
    ],
    [
      ({ certificate, trust }) => certificate.side === 'after' && trust.standing?.status === 'good',
      inconclusive('OUT_OF_BOUNDS_NOT_REVOKED'),
      ({ certificate }) => expired(certificate),
    ],
    [
      ({ certificate }) => certificate.side === 'after',
      inconclusive('OUT_OF_BOUNDS_NO_POE'),
      ({ certificate }) => expired(certificate),
    ],
    [
      ({ certificate }) => certificate.claimedSide !== undefined && certificate.claimedSide !== 'within',
      inconclusive('SIG_CONSTRAINTS_FAILURE'),
      ({ certificate }) =>
        `The certificate was not valid at the time that the signature claims, but ${during(certificate)}`,
    ],
    [otherwise, passed, ({ certificate }) => `The certificate may sign documents and is valid ${during(certificate)}`],
  ],
  trust: [
    [
      ({ trust }) => !trust.hasAnchors,
      missing('NO_CERTIFICATE_CHAIN_FOUND'),
      'No trust anchors were given, so that whom the certificate names rests on its own word',
    ],
    [
      ({ trust }) => trust.path === undefined,
      inconclusive('NO_CERTIFICATE_CHAIN_FOUND'),
      'No chain leads from the certificate to a trust anchor',
    ],
    [
      ({ trust }) => trust.fault?.kind === 'service',
      inconclusive('NO_CERTIFICATE_CHAIN_FOUND'),
      ({ trust }) => trust.fault?.text ?? '',
    ],
    [
      ({ trust }) => trust.fault?.kind === 'constraint',
      inconclusive('CHAIN_CONSTRAINTS_FAILURE'),
      ({ trust }) => trust.fault?.text ?? '',
    ],
    [
      ({ trust }) => trust.fault?.kind === 'algorithm',
      inconclusive('CRYPTO_CONSTRAINTS_FAILURE'),
      ({ trust }) => trust.fault?.text ?? '',
    ],
    [
      ({ trust }) => trust.fault?.kind === 'period',
      inconclusive('OUT_OF_BOUNDS_NO_POE'),
      ({ trust }) => trust.fault?.text ?? '',
    ],
    [
      ({ atMs }) => atMs === undefined,
      missing('NO_POE'),
      'A chain leads to a trust anchor, but the time of verification is not known',
    ],
    [otherwise, passed, ({ trust }) => `A chain leads to the trust anchor ${trust.path?.at(-1)?.subject ?? ''}`],
  ],
  revocation: [
    [
      ({ trust: { standing } }) => standing?.status === 'revoked' && standing.of === 'signer',
      inconclusive('REVOKED_NO_POE'),
      ({ trust }) => standingText(trust.standing),
    ],
    [
      ({ trust }) => trust.standing?.status === 'revoked',
      inconclusive('REVOKED_CA_NO_POE'),
      ({ trust }) => standingText(trust.standing),
    ],
    [
      ({ trust }) => trust.standing?.status === 'good',
      passed,
      (facts) =>
        `No certificate of the chain was revoked at the time of ${isProved(facts) ? 'the first time-stamp' : 'verification'}`,
    ],
    [
      ({ revocation }) => revocation === 'waived',
      unchecked,
      'Whether the certificate was revoked was not checked, as asked for',
    ],
    [
      ({ trust }) => trust.standing === undefined,
      missing('TRY_LATER'),
      'Without a chain it cannot be known whether the certificate was revoked',
    ],
    [otherwise, missing('TRY_LATER'), ({ trust }) => standingText(trust.standing)],
  ],
  timestamps: [
    [
      ({ stamps }) => stamps.some(({ fault }) => fault !== undefined),
      inconclusive('SIG_CONSTRAINTS_FAILURE'),
      ({ stamps }) => stamps.flatMap(faultText).join('; '),
    ],
    [
      (facts) => isContentLater(facts, (claimMs(facts.reading?.claims.time) ?? Infinity) + CLOCK_SKEW_MS),
      inconclusive('TIMESTAMP_ORDER_FAILURE'),
      'A time-stamp of what is signed is younger than the signature',
    ],
    [(facts) => !isProved(facts), unchecked, ({ stamps }) => unprovedText(stamps)],
    [otherwise, passed, ({ stamps }) => stamps.map(stampText).join('; ')],
  ],
  time: [
    [
      ({ reading }) => reading?.claims.time === undefined,
      missing('SIG_CONSTRAINTS_FAILURE'),
      'The signature covers no signing time',
    ],
    [
      ({ signature }) => signature !== undefined && signature.when === undefined,
      missing('SIG_CONSTRAINTS_FAILURE'),
      'The signature has no when beside the time that it covers',
    ],
    [
      ({ reading, signature }) => signature !== undefined && claimMs(reading?.claims.time) !== claimMs(signature.when),
      fails('FORMAT_FAILURE'),
      'Signature.when is not the time that the signature covers',
    ],
    [
      ({ reading, atMs }) => atMs !== undefined && (claimMs(reading?.claims.time) ?? 0) > atMs + CLOCK_SKEW_MS,
      inconclusive('SIG_CONSTRAINTS_FAILURE'),
      'The signature claims a time after that of the verification',
    ],
    [
      ({ reading, bestMs }) => bestMs !== undefined && (claimMs(reading?.claims.time) ?? 0) > bestMs + CLOCK_SKEW_MS,
      inconclusive('TIMESTAMP_ORDER_FAILURE'),
      'The signature claims a time after that of its time-stamp',
    ],
    [
      otherwise,
      passed,
      (facts) => `The signature covers its time, ${facts.reading?.claims.time ?? ''}, ${proofText(facts)}`,
    ],
  ],
  purpose: [
    [
      ({ reading }) => reading?.claims.commitments === undefined,
      missing('SIG_CONSTRAINTS_FAILURE'),
      'The signature covers no commitment, so that its type is a claim',
    ],
    [
      ({ signature }) => signature !== undefined && typesOf(signature.type).length === 0,
      missing('SIG_CONSTRAINTS_FAILURE'),
      'The signature has no type beside the commitment that it covers',
    ],
    [
      ({ reading, signature }) =>
        typesOf(signature?.type).some((type) => !isCommitted(type, reading?.claims.commitments)),
      fails('FORMAT_FAILURE'),
      ({ reading }) =>
        `Signature.type is not the commitment that the signature covers, ${purposeText(reading?.claims.commitments)}`,
    ],
    [
      ({ reading }) => reading?.claims.commitments?.length === 0,
      unchecked,
      'The signature does not say what it is for',
    ],
    [
      otherwise,
      passed,
      ({ reading }) => `The signature covers its purpose: ${purposeText(reading?.claims.commitments)}`,
    ],
  ],
  signer: [
    [
      ({ signer }) => signer.agreement === 'contradicted',
      inconclusive('SIG_CONSTRAINTS_FAILURE'),
      ({ signer }) => `The signature names another than its certificate, which is that of ${signer.holder.subject}`,
    ],
    [
      ({ signer }) => signer.agreement === 'vouched',
      passed,
      ({ signer }) => `${act(signer)} by ${signer.holder.name}, as the certificate says`,
    ],
    [
      otherwise,
      unchecked,
      ({ signer }) =>
        `${act(signer)} with the certificate of ${signer.holder.subject}; that this is whom the signature names is a claim`,
    ],
  ],
}
