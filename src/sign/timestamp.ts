/**
 * Time-stamps: what an RFC 3161 token says, and whether it proves that octets were there at its time.
 * @see https://www.rfc-editor.org/rfc/rfc3161
 * @see https://www.rfc-editor.org/rfc/rfc5816
 */

import { child, identifierOf, integerOf, octetsOf, readDer, TAG, tagged, timeOf } from '../fhir/der.ts'
import { FhirError } from '../fhir/error.ts'
import { weakness } from './algorithms.ts'
import { cmsFault, namesCertificate, readCms, type Cms, type CmsSigner } from './cms.ts'
import { instantOf } from './instant.ts'
import { must } from './must.ts'
import { digest, hashOf, isSame, type Hash } from './schemes.ts'
import { period, periodText } from './signing-certificate.ts'
import { anchorsOf, trustOf, type Evidence, type TrustFacts } from './trust.ts'
import type { Certificate } from './x509.ts'

/** What a token says. */
export interface Timestamp {
  readonly genTimeMs: number
  readonly imprint: { readonly hash: Hash | undefined; readonly digest: Uint8Array }
  readonly policy: string
  /** How far the time may be off. */
  readonly accuracyMs: number
  readonly cms: Cms
  readonly signer: CmsSigner
}

const TST_INFO = '1.2.840.113549.1.9.16.1.4'

/** The content of a time-stamp token. @throws FhirError `structure` */
export function readTimestamp(token: Uint8Array): Timestamp {
  const cms = readCms(token)
  const [signer, another] = cms.signers
  must(cms.contentType === TST_INFO && cms.content !== undefined, 'The token is no time-stamp')
  must(signer !== undefined && another === undefined, 'The time-stamp has not exactly one signer')
  const info = readDer(cms.content)
  must(integerOf(child(info, 0, TAG.integer)) === 1, 'The time-stamp is of an unknown version')
  const imprint = child(info, 2, TAG.sequence)
  const accuracy = info.children.slice(5).find(({ tag }) => tag === TAG.sequence)
  const seconds = accuracy && tagged(accuracy, TAG.integer)
  const millis = accuracy && tagged(accuracy, 0x80)
  return {
    genTimeMs: timeOf(child(info, 4, TAG.generalizedTime)),
    imprint: { hash: hashOf(child(imprint, 0)), digest: octetsOf(child(imprint, 1, TAG.octetString)) },
    policy: identifierOf(child(info, 1)),
    accuracyMs:
      (seconds === undefined ? 0 : integerOf(seconds) * 1000) + (millis === undefined ? 0 : integerOf(millis)),
    cms,
    signer,
  }
}

/** Why a time-stamp proves nothing; the sub-indication is that of EN 319 102-1. */
export interface TimestampFault {
  readonly subIndication: string
  readonly text: string
}

/** What came of the judgement of a time-stamp. */
export interface TimestampFacts {
  /** Undefined where the token cannot be read. */
  readonly genTimeMs: number | undefined
  /** The subject of the authority's certificate. */
  readonly authority: string | undefined
  /** The chain of the authority; undefined where its certificate is not at hand. */
  readonly trust: TrustFacts | undefined
  /** Undefined where the time-stamp proves that the octets were there at its time. */
  readonly fault: TimestampFault | undefined
}

/** What a time-stamp is judged with. */
export interface TimestampTrust extends Evidence {
  /** The time at which the token is known to have been there: that of the verification, or of a later time-stamp over it. */
  readonly atMs: number | undefined
}

/** Whether the token is a time-stamp over the data by an authority that is trusted; no token is too bad to be judged. */
export function validateTimestamp(token: Uint8Array, data: Uint8Array, trust: TimestampTrust): TimestampFacts {
  try {
    return factsOf(readTimestamp(token), data, trust)
  } catch (error) {
    if (!(error instanceof FhirError)) throw error
    const fault = { subIndication: 'FORMAT_FAILURE', text: error.message }
    return { genTimeMs: undefined, authority: undefined, trust: undefined, fault }
  }
}

function factsOf(stamp: Timestamp, data: Uint8Array, trust: TimestampTrust): TimestampFacts {
  const candidates = [...stamp.cms.certificates, ...(trust.pool ?? []), ...anchorsOf(trust)]
  const certificate = candidates.find((candidate) => stamp.signer.isNamed(candidate))
  const own = certificate && {
    certificate,
    trust: trustOf([certificate, ...stamp.cms.certificates], trust, { purpose: 'stamp', atMs: trust.atMs }),
  }
  return {
    genTimeMs: stamp.genTimeMs,
    authority: certificate?.subject,
    trust: own?.trust,
    fault: imprintFault(stamp, data) ?? faultOf(stamp, own, trust),
  }
}

function imprintFault({ imprint }: Timestamp, data: Uint8Array): TimestampFault | undefined {
  if (imprint.hash === undefined) return { ...crypto, text: 'its imprint has a weak or unknown algorithm' }
  if (isSame(digest(imprint.hash, data), imprint.digest)) return undefined
  return { subIndication: 'HASH_FAILURE', text: 'it is over other octets than these' }
}

/** Who made a time-stamp, and how far it is trusted. */
interface Authority {
  readonly certificate: Certificate
  readonly trust: TrustFacts
}

function faultOf(
  stamp: Timestamp,
  authority: Authority | undefined,
  trust: TimestampTrust,
): TimestampFault | undefined {
  if (authority === undefined)
    return { subIndication: 'NO_SIGNING_CERTIFICATE_FOUND', text: 'the certificate of its authority is not at hand' }
  const { certificate } = authority
  return (
    signatureFault(stamp, certificate) ??
    useFault(certificate) ??
    authorityFault(stamp, authority, trust) ??
    timeFault(stamp, trust)
  )
}

const crypto = { subIndication: 'CRYPTO_CONSTRAINTS_FAILURE' } as const
const chain = { subIndication: 'CHAIN_CONSTRAINTS_FAILURE' } as const

const CMS_FAULTS = {
  digest: 'HASH_FAILURE',
  signature: 'SIG_CRYPTO_FAILURE',
  form: 'FORMAT_FAILURE',
  algorithm: 'CRYPTO_CONSTRAINTS_FAILURE',
} as const

function signatureFault({ cms, signer }: Timestamp, authority: Certificate): TimestampFault | undefined {
  const fault = cmsFault(signer, authority, { contentType: TST_INFO, content: cms.content ?? new Uint8Array() })
  if (fault !== undefined) return { subIndication: CMS_FAULTS[fault.kind], text: fault.text }
  const isNamed = namesCertificate(signer, authority)
  if (isNamed === true) return undefined
  const text =
    isNamed === false ? 'it names another certificate than that of its key' : 'it does not name its certificate'
  return { subIndication: 'SIG_CONSTRAINTS_FAILURE', text }
}

const TIME_STAMPING = '1.3.6.1.5.5.7.3.8'
const EXTENDED_KEY_USAGE = '2.5.29.37'

/** @see https://www.rfc-editor.org/rfc/rfc3161#section-2.3 */
function useFault({ purposes, critical, keyUsage, publicKey }: Certificate): TimestampFault | undefined {
  const isForStamps = purposes?.length === 1 && purposes[0] === TIME_STAMPING && critical.includes(EXTENDED_KEY_USAGE)
  if (!isForStamps) return { ...chain, text: 'the certificate of its authority is not for time-stamps alone' }
  if (keyUsage !== undefined && !keyUsage.includes('digitalSignature') && !keyUsage.includes('nonRepudiation'))
    return { ...chain, text: 'the key of its authority may not sign' }
  const weak = weakness(publicKey)
  return weak === undefined ? undefined : { ...crypto, text: `the certificate of its authority is weak: ${weak}` }
}

function authorityFault(
  { genTimeMs }: Timestamp,
  { certificate: authority, trust: facts }: Authority,
  trust: TimestampTrust,
): TimestampFault | undefined {
  const { atMs } = trust
  if (atMs === undefined) return { subIndication: 'NO_POE', text: 'the time of verification is not known' }
  if (period(authority, genTimeMs) !== 'within')
    return { ...chain, text: `the certificate of its authority is valid ${periodText(authority)} only` }
  if (facts.path === undefined) {
    const text = 'no chain leads from the certificate of its authority to a trust anchor'
    return { subIndication: 'NO_CERTIFICATE_CHAIN_FOUND', text }
  }
  if (facts.fault !== undefined) return { subIndication: FAULTS[facts.fault.kind], text: facts.fault.text }
  if (period(authority, atMs) !== 'within') {
    const text = `the certificate of its authority, valid ${periodText(authority)}, has expired, and no later time-stamp proves it older`
    return { subIndication: 'OUT_OF_BOUNDS_NO_POE', text }
  }
  return standingFault(facts, trust)
}

const FAULTS = {
  constraint: 'CHAIN_CONSTRAINTS_FAILURE',
  algorithm: 'CRYPTO_CONSTRAINTS_FAILURE',
  period: 'OUT_OF_BOUNDS_NO_POE',
  service: 'NO_CERTIFICATE_CHAIN_FOUND',
} as const

function standingFault({ standing }: TrustFacts, { revocation }: TimestampTrust): TimestampFault | undefined {
  if (standing === undefined || standing.status === 'good') return undefined
  if (standing.status === 'unknown')
    return revocation === 'waived' ? undefined : { subIndication: 'TRY_LATER', text: standing.text }
  return { subIndication: standing.of === 'signer' ? 'REVOKED_NO_POE' : 'REVOKED_CA_NO_POE', text: standing.text }
}

/** How far an authority's clock may run ahead of ours. */
const CLOCK_SKEW_MS = 5 * 60_000

function timeFault({ genTimeMs }: Timestamp, { atMs = 0 }: TimestampTrust): TimestampFault | undefined {
  if (genTimeMs <= atMs + CLOCK_SKEW_MS) return undefined
  const text = `its time ${instantOf(genTimeMs / 1000)} is after ${instantOf(atMs / 1000)}, when it was there already`
  return { subIndication: 'TIMESTAMP_ORDER_FAILURE', text }
}
