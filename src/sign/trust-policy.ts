/** What it means how far a certificate may be relied on: the rows of the checks `certificate`, `trust` and `revocation`. */

import type { Case } from './facts.ts'
import { found, type Finding } from './finding.ts'
import { periodOf, standingFinding } from './policy-findings.ts'
import { during, expired, isProved, standingText } from './policy-text.ts'
import { fails, inconclusive, missing, passed, unchecked, type Row } from './ruling.ts'

const otherwise = (): boolean => true

/** What on the chain does not hold. */
function faultFinding({ trust: { fault } }: Case): Finding {
  return fault?.finding ?? found('trust.no-chain')
}

export const TRUST: Readonly<Record<'certificate' | 'trust' | 'revocation', readonly Row<Case>[]>> = {
  certificate: [
    [
      ({ certificate }) => certificate.misuse !== undefined,
      inconclusive('CHAIN_CONSTRAINTS_FAILURE'),
      ({ certificate }) => `The certificate may not sign documents: ${certificate.misuse ?? ''}`,
      'certificate.misuse',
    ],
    [
      ({ certificate }) => certificate.weakness !== undefined,
      inconclusive('CRYPTO_CONSTRAINTS_FAILURE'),
      ({ certificate }) => `The certificate is weak: ${certificate.weakness ?? ''}`,
      'certificate.weak',
    ],
    [
      ({ certificate }) => certificate.side === undefined,
      missing('NO_POE'),
      ({ certificate }) => `The certificate is valid ${during(certificate)}, but the time of verification is not known`,
      ({ certificate }) => found('certificate.no-time', { ...periodOf(certificate) }),
    ],
    [
      ({ certificate }) => certificate.side === 'before',
      fails('NOT_YET_VALID'),
      ({ certificate }) => `The certificate is valid only ${during(certificate)}`,
      ({ certificate }) => found('certificate.early', { from: periodOf(certificate).from }),
    ],
    [
      ({ certificate, trust }) => certificate.side === 'after' && trust.standing?.status === 'good',
      inconclusive('OUT_OF_BOUNDS_NOT_REVOKED'),
      ({ certificate }) => expired(certificate),
      ({ certificate }) => found('certificate.expired', { to: periodOf(certificate).to }),
    ],
    [
      ({ certificate }) => certificate.side === 'after',
      inconclusive('OUT_OF_BOUNDS_NO_POE'),
      ({ certificate }) => expired(certificate),
      ({ certificate }) => found('certificate.expired', { to: periodOf(certificate).to }),
    ],
    [
      ({ certificate }) => certificate.claimedSide !== undefined && certificate.claimedSide !== 'within',
      inconclusive('SIG_CONSTRAINTS_FAILURE'),
      ({ certificate }) =>
        `The certificate was not valid at the time that the signature claims, but ${during(certificate)}`,
      ({ certificate }) => found('certificate.claimed', { ...periodOf(certificate) }),
    ],
    [
      otherwise,
      passed,
      ({ certificate }) => `The certificate may sign documents and is valid ${during(certificate)}`,
      ({ certificate }) => found('certificate.good', { ...periodOf(certificate) }),
    ],
  ],
  trust: [
    [
      ({ trust }) => !trust.hasAnchors,
      missing('NO_CERTIFICATE_CHAIN_FOUND'),
      'No trust anchors were given, so that whom the certificate names rests on its own word',
      'trust.no-anchors',
    ],
    [
      ({ trust }) => trust.path === undefined,
      inconclusive('NO_CERTIFICATE_CHAIN_FOUND'),
      'No chain leads from the certificate to a trust anchor',
      'trust.no-chain',
    ],
    [
      ({ trust }) => trust.fault?.kind === 'service',
      inconclusive('NO_CERTIFICATE_CHAIN_FOUND'),
      ({ trust }) => trust.fault?.text ?? '',
      faultFinding,
    ],
    [
      ({ trust }) => trust.fault?.kind === 'constraint',
      inconclusive('CHAIN_CONSTRAINTS_FAILURE'),
      ({ trust }) => trust.fault?.text ?? '',
      faultFinding,
    ],
    [
      ({ trust }) => trust.fault?.kind === 'algorithm',
      inconclusive('CRYPTO_CONSTRAINTS_FAILURE'),
      ({ trust }) => trust.fault?.text ?? '',
      faultFinding,
    ],
    [
      ({ trust }) => trust.fault?.kind === 'period',
      inconclusive('OUT_OF_BOUNDS_NO_POE'),
      ({ trust }) => trust.fault?.text ?? '',
      faultFinding,
    ],
    [
      ({ atMs }) => atMs === undefined,
      missing('NO_POE'),
      'A chain leads to a trust anchor, but the time of verification is not known',
      'trust.no-time',
    ],
    [
      otherwise,
      passed,
      ({ trust }) => `A chain leads to the trust anchor ${trust.path?.at(-1)?.subject ?? ''}`,
      ({ trust }) => found('trust.anchored', { subject: trust.path?.at(-1)?.subject ?? '' }),
    ],
  ],
  revocation: [
    [
      ({ trust: { standing } }) => standing?.status === 'revoked' && standing.of === 'signer',
      inconclusive('REVOKED_NO_POE'),
      ({ trust }) => standingText(trust.standing),
      ({ trust }) => standingFinding(trust.standing),
    ],
    [
      ({ trust }) => trust.standing?.status === 'revoked',
      inconclusive('REVOKED_CA_NO_POE'),
      ({ trust }) => standingText(trust.standing),
      ({ trust }) => standingFinding(trust.standing),
    ],
    [
      ({ trust }) => trust.standing?.status === 'good',
      passed,
      (facts) =>
        `No certificate of the chain was revoked at the time of ${isProved(facts) ? 'the first time-stamp' : 'verification'}`,
      (facts) => found(isProved(facts) ? 'revocation.good-stamped' : 'revocation.good'),
    ],
    [
      ({ revocation }) => revocation === 'waived',
      unchecked,
      'Whether the certificate was revoked was not checked, as asked for',
      'revocation.waived',
    ],
    [
      ({ trust }) => trust.standing === undefined,
      missing('TRY_LATER'),
      'Without a chain it cannot be known whether the certificate was revoked',
      'revocation.no-chain',
    ],
    [
      otherwise,
      missing('TRY_LATER'),
      ({ trust }) => standingText(trust.standing),
      ({ trust }) => standingFinding(trust.standing),
    ],
  ],
}
