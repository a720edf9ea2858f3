/**
 * What a fact means: the policy of verification as a table. Of each check the first row that holds decides, and
 * nothing that was not checked counts as passed.
 * @see https://www.etsi.org/deliver/etsi_en/319100_319199/31910201/01.04.01_60/en_31910201v010401p.pdf
 */

import { isCommitted } from './commitments.ts'
import type { Case, Facts } from './facts.ts'
import { found } from './finding.ts'
import { INTEGRITY } from './integrity-policy.ts'
import {
  faultFindings,
  purposeOf,
  readFindings,
  stampFindings,
  timeFindings,
  UNREAD_FINDINGS,
} from './policy-findings.ts'
import {
  act,
  claimMs,
  faultText,
  isContentLater,
  isProved,
  KINDS,
  proofText,
  purposeText,
  stampText,
  typesOf,
  unprovedText,
  UNREAD,
  policyUnread,
  unreadText,
} from './policy-text.ts'
import { fails, inconclusive, missing, passed, unchecked, type Row } from './ruling.ts'
import { TRUST } from './trust-policy.ts'

const otherwise = (): boolean => true

/** The rows of the check `format`, the only one that needs no certificate. */
export const FORMAT: readonly Row<Facts>[] = [
  [
    ({ missing: why }) => why !== undefined,
    missing('SIGNED_DATA_NOT_FOUND'),
    ({ missing: why = '' }) => why,
    'format.undetermined',
  ],
  [({ isRead }) => !isRead, missing(), ({ syntax }) => UNREAD[syntax], ({ syntax }) => found(UNREAD_FINDINGS[syntax])],
  [({ refusal }) => refusal !== undefined, fails('FORMAT_FAILURE'), ({ refusal = '' }) => refusal, 'format.refused'],
  [
    ({ certified }) => certified === undefined,
    { ...missing('NO_SIGNING_CERTIFICATE_FOUND'), verdict: 'failed' },
    'The signature bears no certificate of its signer',
    'format.no-certificate',
  ],
  [
    otherwise,
    passed,
    ({ reading }) =>
      `The signature is ${KINDS[reading?.format ?? 'unknown'] ?? 'well-formed'}, with the certificate of its signer` +
      (reading?.claims.policy === undefined ? '' : policyUnread(reading.claims.policy)) +
      unreadText(reading?.unread),
    readFindings,
  ],
]

export type CheckName =
  'integrity' | 'certificate' | 'trust' | 'revocation' | 'timestamps' | 'time' | 'purpose' | 'signer'

/** How far a signer's clock may run ahead of ours. */
const CLOCK_SKEW_MS = 5 * 60_000

/** The checks in the order of the report. */
export const POLICY: Readonly<Record<CheckName, readonly Row<Case>[]>> = {
  integrity: INTEGRITY,
  ...TRUST,
  timestamps: [
    [
      ({ stamps }) => stamps.some(({ fault }) => fault !== undefined),
      inconclusive('SIG_CONSTRAINTS_FAILURE'),
      ({ stamps }) => stamps.flatMap(faultText).join('; '),
      ({ stamps }) => faultFindings(stamps),
    ],
    [
      (facts) => isContentLater(facts, (claimMs(facts.reading?.claims.time) ?? Infinity) + CLOCK_SKEW_MS),
      inconclusive('TIMESTAMP_ORDER_FAILURE'),
      'A time-stamp of what is signed is younger than the signature',
      'timestamps.order',
    ],
    [
      (facts) => !isProved(facts),
      unchecked,
      ({ stamps }) => unprovedText(stamps),
      ({ stamps }) => [found('timestamps.none'), ...stampFindings(stamps)],
    ],
    [otherwise, passed, ({ stamps }) => stamps.map(stampText).join('; '), ({ stamps }) => stampFindings(stamps)],
  ],
  time: [
    [
      ({ reading }) => reading?.claims.time === undefined,
      missing('SIG_CONSTRAINTS_FAILURE'),
      'The signature covers no signing time',
      'time.none',
    ],
    [
      ({ signature }) => signature !== undefined && signature.when === undefined,
      missing('SIG_CONSTRAINTS_FAILURE'),
      'The signature has no when beside the time that it covers',
      'time.no-when',
    ],
    [
      ({ reading, signature }) => signature !== undefined && claimMs(reading?.claims.time) !== claimMs(signature.when),
      fails('FORMAT_FAILURE'),
      'Signature.when is not the time that the signature covers',
      'time.other',
    ],
    [
      ({ reading, atMs }) => atMs !== undefined && (claimMs(reading?.claims.time) ?? 0) > atMs + CLOCK_SKEW_MS,
      inconclusive('SIG_CONSTRAINTS_FAILURE'),
      'The signature claims a time after that of the verification',
      'time.future',
    ],
    [
      ({ reading, bestMs }) => bestMs !== undefined && (claimMs(reading?.claims.time) ?? 0) > bestMs + CLOCK_SKEW_MS,
      inconclusive('TIMESTAMP_ORDER_FAILURE'),
      'The signature claims a time after that of its time-stamp',
      'time.after-stamp',
    ],
    [
      otherwise,
      passed,
      (facts) => `The signature covers its time, ${facts.reading?.claims.time ?? ''}, ${proofText(facts)}`,
      timeFindings,
    ],
  ],
  purpose: [
    [
      ({ reading }) => reading?.claims.commitments === undefined,
      missing('SIG_CONSTRAINTS_FAILURE'),
      'The signature covers no commitment, so that its type is a claim',
      'purpose.none',
    ],
    [
      ({ signature }) => signature !== undefined && typesOf(signature.type).length === 0,
      missing('SIG_CONSTRAINTS_FAILURE'),
      'The signature has no type beside the commitment that it covers',
      'purpose.no-type',
    ],
    [
      ({ reading, signature }) =>
        typesOf(signature?.type).some((type) => !isCommitted(type, reading?.claims.commitments)),
      fails('FORMAT_FAILURE'),
      ({ reading }) =>
        `Signature.type is not the commitment that the signature covers, ${purposeText(reading?.claims.commitments)}`,
      (facts) => found('purpose.other', purposeOf(facts)),
    ],
    [
      ({ reading }) => reading?.claims.commitments?.length === 0,
      unchecked,
      'The signature does not say what it is for',
      'purpose.silent',
    ],
    [
      otherwise,
      passed,
      ({ reading }) => `The signature covers its purpose: ${purposeText(reading?.claims.commitments)}`,
      (facts) => found('purpose.covered', purposeOf(facts)),
    ],
  ],
  signer: [
    [
      ({ signer }) => signer.agreement === 'contradicted',
      inconclusive('SIG_CONSTRAINTS_FAILURE'),
      ({ signer }) => `The signature names another than its certificate, which is that of ${signer.holder.subject}`,
      ({ signer }) => found('signer.other', { subject: signer.holder.subject }),
    ],
    [
      ({ signer }) => signer.agreement === 'vouched',
      passed,
      ({ signer }) => `${act(signer)} by ${signer.holder.name}, as the certificate says`,
      ({ signer }) => found(signer.isSeal ? 'signer.sealed' : 'signer.signed', { name: signer.holder.name }),
    ],
    [
      otherwise,
      unchecked,
      ({ signer }) =>
        `${act(signer)} with the certificate of ${signer.holder.subject}; that this is whom the signature names is a claim`,
      ({ signer }) =>
        found(signer.isSeal ? 'signer.claimed-seal' : 'signer.claimed', { subject: signer.holder.subject }),
    ],
  ],
}
