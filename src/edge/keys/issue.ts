/**
 * Certificates and revocation lists made on the spot, for the demonstration and for tests; no authority to rely on.
 * @see https://www.rfc-editor.org/rfc/rfc5280
 */

import { createHash, createPublicKey, sign, type KeyObject } from 'node:crypto'
import * as der from '../../fhir/der-write.ts'
import type { Instant } from '../../fhir/types.ts'

/** An issuer: its name, and the private key that it signs with. */
export interface Authority {
  readonly name: Name
  readonly key: KeyObject
}

/** Attributes of a name, the widest first: `{ O: 'Clinic', CN: 'Ada' }`. */
export type Name = Readonly<Partial<Record<keyof typeof ATTRIBUTES, string>>>

const ATTRIBUTES = {
  C: '2.5.4.6',
  O: '2.5.4.10',
  organizationIdentifier: '2.5.4.97',
  CN: '2.5.4.3',
  SN: '2.5.4.4',
  GN: '2.5.4.42',
} as const

const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
] as const

export interface CertificateRequest {
  readonly subject: Name
  /** The subject's key, private or public. */
  readonly key: KeyObject
  readonly serial: number
  readonly from: Instant
  readonly until: Instant
  readonly authority?: { readonly pathLength?: number }
  readonly keyUsage?: readonly (typeof KEY_USAGES)[number][]
  /** Object identifiers of the extended key usage. */
  readonly purposes?: readonly string[]
  /** A URI as alternative name. */
  readonly uri?: string
  /** Further extensions, in DER. */
  readonly extensions?: readonly Uint8Array[]
}

/** An X.509 certificate, DER. */
export function issueCertificate(issuer: Authority, request: CertificateRequest): Uint8Array {
  const subjectKey = publicKeyOf(request.key)
  const spki = subjectKey.export({ format: 'der', type: 'spki' })
  const extensions = [
    ...usageExtensions(request),
    extension('2.5.29.14', der.octetString(keyIdentifier(subjectKey))),
    authorityKeyIdentifier(issuer.key),
    ...(request.extensions ?? []),
  ]
  return signed(issuer.key, [
    der.explicit(0, der.integer(2)),
    der.integer(request.serial),
    schemeOf(issuer.key).identifier,
    nameOf(issuer.name),
    der.sequence(der.time(request.from), der.time(request.until)),
    nameOf(request.subject),
    spki,
    der.explicit(3, der.sequence(...extensions)),
  ])
}

function usageExtensions({ authority, keyUsage, purposes, uri }: CertificateRequest): readonly Buffer[] {
  const length = authority?.pathLength
  const constraints = authority === undefined ? [] : [der.yes, ...(length === undefined ? [] : [der.integer(length)])]
  return [
    criticalExtension('2.5.29.19', der.sequence(...constraints)),
    ...(keyUsage === undefined ? [] : [criticalExtension('2.5.29.15', usageBits(keyUsage))]),
    ...(purposes === undefined ? [] : [extension('2.5.29.37', der.sequence(...purposes.map(der.objectIdentifier)))]),
    ...(uri === undefined ? [] : [extension('2.5.29.17', der.sequence(der.element(0x86, Buffer.from(uri, 'latin1'))))]),
  ]
}

export interface CrlRequest {
  readonly thisUpdate: Instant
  readonly nextUpdate: Instant
  readonly revoked?: readonly { readonly serial: number; readonly date: Instant }[]
  /** Further extensions, in DER. */
  readonly extensions?: readonly Uint8Array[]
}

/** A certificate revocation list, DER. */
export function issueCrl(
  issuer: Authority,
  { thisUpdate, nextUpdate, revoked = [], extensions = [] }: CrlRequest,
): Uint8Array {
  const rows = revoked.map(({ serial, date }) => der.sequence(der.integer(serial), der.time(date)))
  return signed(issuer.key, [
    der.integer(1),
    schemeOf(issuer.key).identifier,
    nameOf(issuer.name),
    der.time(thisUpdate),
    der.time(nextUpdate),
    ...(rows.length === 0 ? [] : [der.sequence(...rows)]),
    der.explicit(
      0,
      der.sequence(authorityKeyIdentifier(issuer.key), extension('2.5.29.20', der.integer(1)), ...extensions),
    ),
  ])
}

/** An extension that a reader may ignore. */
export function extension(id: string, value: Uint8Array): Buffer {
  return der.sequence(der.objectIdentifier(id), der.octetString(value))
}

/** An extension that a reader must understand. */
export function criticalExtension(id: string, value: Uint8Array): Buffer {
  return der.sequence(der.objectIdentifier(id), der.yes, der.octetString(value))
}

interface Scheme {
  readonly hash: string
  readonly identifier: Buffer
}

const NULL = Buffer.from([0x05, 0x00])
const RSA: Scheme = { hash: 'sha256', identifier: der.sequence(der.objectIdentifier('1.2.840.113549.1.1.11'), NULL) }
const P256: Scheme = { hash: 'sha256', identifier: der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2')) }

function schemeOf({ asymmetricKeyType }: KeyObject): Scheme {
  return asymmetricKeyType === 'rsa' ? RSA : P256
}

function signed(key: KeyObject, fields: readonly Uint8Array[]): Buffer {
  const content = der.sequence(...fields)
  const { hash, identifier } = schemeOf(key)
  return der.sequence(content, identifier, der.bitString(sign(hash, content, key)))
}

function nameOf(name: Name): Buffer {
  const order = Object.keys(ATTRIBUTES) as (keyof typeof ATTRIBUTES)[]
  const parts = order.flatMap((attribute) => {
    const value = name[attribute]
    return value === undefined
      ? []
      : [der.set(der.sequence(der.objectIdentifier(ATTRIBUTES[attribute]), der.utf8String(value)))]
  })
  return der.sequence(...parts)
}

function usageBits(usages: readonly (typeof KEY_USAGES)[number][]): Buffer {
  const byte = usages.reduce((bits, usage) => bits | (0x80 >> KEY_USAGES.indexOf(usage)), 0)
  const unused = Math.min(7, 31 - Math.clz32(byte & -byte))
  return der.bitString(Buffer.from([byte]), unused)
}

function publicKeyOf(key: KeyObject): KeyObject {
  return key.type === 'private' ? createPublicKey(key) : key
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha256')
    .update(publicKeyOf(key).export({ format: 'der', type: 'spki' }))
    .digest()
    .subarray(0, 20)
}

function authorityKeyIdentifier(key: KeyObject): Buffer {
  return extension('2.5.29.35', der.sequence(der.element(0x80, keyIdentifier(key))))
}
