/** A time-stamping authority and an OCSP responder for tests: what they give may be made wrong in each part. */

import { createHash, createPublicKey, sign, type KeyObject } from 'node:crypto'
import { criticalExtension, extension, type CertificateRequest } from '../src/edge/keys/issue.ts'
import { child, readDer, bitsOf } from '../src/fhir/der.ts'
import * as der from '../src/fhir/der-write.ts'
import type { TimeStamper } from '../src/ports.ts'
import { readCertificate } from '../src/sign/x509.ts'
import { newKey, type TestAuthority } from './signing.ts'

const SHA256 = '2.16.840.1.101.3.4.2.1'
const ECDSA_SHA256 = der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2'))
export const TIME_STAMPING = '1.3.6.1.5.5.7.3.8'

/** What may be wrong in a token; each part is right where it is not given. */
export interface Wrong {
  readonly genTime?: string
  /** The hash that the imprint is said to be of. */
  readonly imprintHash?: string
  readonly version?: number
  readonly contentType?: string
  /** The digest of the content that is signed. */
  readonly messageDigest?: Uint8Array
  /** The digest by which the signer names its certificate; undefined leaves the name out. */
  readonly certificateDigest?: Uint8Array | 'none'
  readonly key?: KeyObject
  /** Certificates that come along. */
  readonly certificates?: readonly Uint8Array[]
  readonly nonce?: Uint8Array
}

export interface TestTsa {
  readonly certificate: Uint8Array
  readonly token: (digest: Uint8Array, wrong?: Wrong) => Uint8Array
  /** The token over octets. */
  readonly over: (data: Uint8Array, wrong?: Wrong) => Uint8Array
  readonly stamper: TimeStamper
}

/** The extension by which a certificate is for time-stamps alone. */
export function forStamps(isCritical = true, ...purposes: readonly string[]): Uint8Array {
  const value = der.sequence(...[TIME_STAMPING, ...purposes].map(der.objectIdentifier))
  return (isCritical ? criticalExtension : extension)('2.5.29.37', value)
}

export function testTsa(issuer: TestAuthority, genTime: string, request: Partial<CertificateRequest> = {}): TestTsa {
  const key = newKey()
  const certificate = issuer.issue({
    subject: { CN: 'Stamps' },
    key,
    serial: 20,
    extensions: [forStamps()],
    ...request,
  })
  const token = (digest: Uint8Array, wrong: Wrong = {}): Uint8Array =>
    tokenOf({ digest, genTime, certificate, key: wrong.key ?? key }, wrong)
  return {
    certificate,
    token,
    over: (data, wrong) => token(sha256(data), wrong),
    stamper: { stamp: (digest) => Promise.resolve(token(digest)) },
  }
}

interface Stamped {
  readonly digest: Uint8Array
  readonly genTime: string
  readonly certificate: Uint8Array
  readonly key: KeyObject
}

function tokenOf({ digest, genTime, certificate, key }: Stamped, wrong: Wrong): Uint8Array {
  const info = der.sequence(
    der.integer(wrong.version ?? 1),
    der.objectIdentifier('2.999.1.1'),
    der.sequence(algorithm(wrong.imprintHash ?? SHA256), der.octetString(digest)),
    der.integer(5),
    generalizedTime(wrong.genTime ?? genTime),
    der.sequence(der.integer(1)),
    ...(wrong.nonce === undefined ? [] : [wrong.nonce]),
  )
  const contentType = der.objectIdentifier('1.2.840.113549.1.9.16.1.4')
  const attributes = [
    attribute(
      '1.2.840.113549.1.9.3',
      wrong.contentType === undefined ? contentType : der.objectIdentifier(wrong.contentType),
    ),
    attribute('1.2.840.113549.1.9.4', der.octetString(wrong.messageDigest ?? sha256(info))),
    ...nameOf(certificate, wrong.certificateDigest),
  ]
  const value = sign('sha256', der.set(...attributes), key)
  const parts = child(readDer(certificate), 0).children
  const signer = der.sequence(
    der.integer(1),
    der.sequence(parts[3]?.bytes ?? Buffer.of(), parts[1]?.bytes ?? Buffer.of()),
    algorithm(SHA256),
    der.element(0xa0, ...attributes),
    ECDSA_SHA256,
    der.octetString(value),
  )
  const data = der.sequence(
    der.integer(3),
    der.set(algorithm(SHA256)),
    der.sequence(contentType, der.explicit(0, der.octetString(info))),
    der.element(0xa0, ...(wrong.certificates ?? [certificate])),
    der.set(signer),
  )
  return der.sequence(der.objectIdentifier('1.2.840.113549.1.7.2'), der.explicit(0, data))
}

function nameOf(certificate: Uint8Array, digest: Wrong['certificateDigest']): readonly Uint8Array[] {
  if (digest === 'none') return []
  const id = der.sequence(der.octetString(digest ?? sha256(certificate)))
  return [attribute('1.2.840.113549.1.9.16.2.47', der.sequence(der.sequence(id)))]
}

function attribute(id: string, value: Uint8Array): Buffer {
  return der.sequence(der.objectIdentifier(id), der.set(value))
}

function algorithm(id: string): Buffer {
  return der.sequence(der.objectIdentifier(id))
}

function generalizedTime(instant: string): Buffer {
  const digits = new Date(instant).toISOString().slice(0, 19).replace(/[-:T]/g, '')
  return der.element(0x18, Buffer.from(`${digits}Z`, 'latin1'))
}

export interface OcspRequest {
  readonly serial?: number
  readonly status?: 'good' | 'unknown' | { readonly revoked: string }
  readonly thisUpdate?: string
  readonly nextUpdate?: string
  readonly producedAt?: string
  /** Who answers in the place of the issuer: its certificate, and its key. */
  readonly delegate?: { readonly certificate: Uint8Array; readonly key: KeyObject }
  readonly responseStatus?: number
  readonly key?: KeyObject
}

/** An OCSP response of the authority about a certificate that it issued. */
export function testOcsp(issuer: TestAuthority, request: OcspRequest = {}): Uint8Array {
  const {
    serial = 7,
    status = 'good',
    thisUpdate = '2026-02-28T00:00:00Z',
    nextUpdate = '2026-03-31T00:00:00Z',
  } = request
  const { delegate, producedAt = thisUpdate } = request
  const answer = der.sequence(
    certificateId(issuer, serial),
    statusOf(status),
    generalizedTime(thisUpdate),
    ...(nextUpdate === 'none' ? [] : [der.explicit(0, generalizedTime(nextUpdate))]),
  )
  const key = request.key ?? delegate?.key ?? issuer.key
  const keyHash = sha1(keyBits(delegate?.key ?? issuer.key))
  const data = der.sequence(
    der.explicit(2, der.octetString(keyHash)),
    generalizedTime(producedAt),
    der.sequence(answer),
  )
  const basic = der.sequence(
    data,
    ECDSA_SHA256,
    der.bitString(sign('sha256', data, key)),
    ...(delegate === undefined ? [] : [der.explicit(0, der.sequence(delegate.certificate))]),
  )
  const wrapped = der.sequence(der.objectIdentifier('1.3.6.1.5.5.7.48.1.1'), der.octetString(basic))
  return der.sequence(der.element(0x0a, Buffer.of(request.responseStatus ?? 0)), der.explicit(0, wrapped))
}

function certificateId(issuer: TestAuthority, serial: number): Buffer {
  const name = Buffer.from(readCertificate(issuer.anchor).subjectName, 'hex')
  const hash = der.sequence(der.objectIdentifier('1.3.14.3.2.26'))
  return der.sequence(
    hash,
    der.octetString(sha1(name)),
    der.octetString(sha1(keyBits(issuer.key))),
    der.integer(serial),
  )
}

function statusOf(status: NonNullable<OcspRequest['status']>): Buffer {
  if (status === 'good') return der.element(0x80)
  return status === 'unknown' ? der.element(0x82) : der.element(0xa1, generalizedTime(status.revoked))
}

function keyBits(key: KeyObject): Uint8Array {
  return bitsOf(child(readDer(createPublicKey(key).export({ format: 'der', type: 'spki' })), 1))
}

function sha1(bytes: Uint8Array): Uint8Array {
  return createHash('sha1').update(bytes).digest()
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}
