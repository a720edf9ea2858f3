/**
 * Signed data of the Cryptographic Message Syntax as CAdES baseline B has it: what is signed beside a content's digest, and
 * the whole once a key signed that.
 * @see https://www.rfc-editor.org/rfc/rfc5652#section-5
 * @see https://www.etsi.org/deliver/etsi_en/319100_319199/31912201/01.03.01_60/en_31912201v010301p.pdf
 */

import { child, readDer, TAG, tagged } from '../fhir/der.ts'
import * as der from '../fhir/der-write.ts'
import { fail } from '../fhir/error.ts'
import type { Alg } from '../ports.ts'
import { ATTRIBUTE } from './cms.ts'
import { digest, type Hash } from './schemes.ts'
import type { Certificate } from './x509.ts'

export const DATA = '1.2.840.113549.1.7.1'
const SIGNED_DATA = '1.2.840.113549.1.7.2'
const NULL = Buffer.from([0x05, 0x00])

const HASHES: Readonly<Record<Hash, Uint8Array>> = {
  sha256: der.sequence(der.objectIdentifier('2.16.840.1.101.3.4.2.1')),
  sha384: der.sequence(der.objectIdentifier('2.16.840.1.101.3.4.2.2')),
  sha512: der.sequence(der.objectIdentifier('2.16.840.1.101.3.4.2.3')),
}

interface CmsAlgorithm {
  readonly hash: Hash
  readonly identifier: Uint8Array
  /** A value in JWS form is two numbers side by side. */
  readonly isPair: boolean
}

const MASK = der.sequence(der.objectIdentifier('1.2.840.113549.1.1.8'), HASHES.sha256)
const PSS = der.sequence(
  der.explicit(0, HASHES.sha256),
  der.explicit(1, MASK),
  der.explicit(2, der.integer(digestBytes('sha256'))),
)

/** How the algorithms of the port are written. @see https://www.rfc-editor.org/rfc/rfc5754 */
const ALGORITHMS: Readonly<Record<Alg, CmsAlgorithm>> = {
  RS256: { hash: 'sha256', identifier: named('1.2.840.113549.1.1.11', NULL), isPair: false },
  PS256: { hash: 'sha256', identifier: named('1.2.840.113549.1.1.10', PSS), isPair: false },
  ES256: { hash: 'sha256', identifier: named('1.2.840.10045.4.3.2'), isPair: true },
  ES384: { hash: 'sha384', identifier: named('1.2.840.10045.4.3.3'), isPair: true },
}

function named(id: string, ...parameters: readonly Uint8Array[]): Uint8Array {
  return der.sequence(der.objectIdentifier(id), ...parameters)
}

function digestBytes(hash: Hash): number {
  return digest(hash, new Uint8Array()).byteLength
}

/** What a signature is to say. */
export interface CmsClaims {
  readonly alg: Alg
  readonly leaf: Certificate
  /** The object identifier of what the signature is for. */
  readonly commitment: string
}

/** The signed attributes over the content, the DER of their SET: what the key signs. There is no time among them, which PAdES has elsewhere. */
export function signedAttributes(content: Uint8Array, { alg, leaf, commitment }: CmsClaims): Uint8Array {
  const certificate = der.sequence(der.octetString(digest('sha256', leaf.der)))
  return sortedSet([
    attribute(ATTRIBUTE.contentType, der.objectIdentifier(DATA)),
    attribute(ATTRIBUTE.messageDigest, der.octetString(digest(ALGORITHMS[alg].hash, content))),
    attribute(ATTRIBUTE.signingCertificateV2, der.sequence(der.sequence(certificate))),
    attribute(ATTRIBUTE.commitmentType, der.sequence(der.objectIdentifier(commitment))),
  ])
}

function attribute(id: string, value: Uint8Array): Uint8Array {
  return der.sequence(der.objectIdentifier(id), der.set(value))
}

/** DER wants the members of a SET OF in the order of their octets. */
function sortedSet(members: readonly Uint8Array[]): Uint8Array {
  return der.set(...members.toSorted((one, other) => Buffer.compare(one, other)))
}

export interface CmsParts {
  readonly alg: Alg
  /** Leaf first. */
  readonly certificates: readonly [Certificate, ...Certificate[]]
  readonly attributes: Uint8Array
  /** In JWS form. */
  readonly value: Uint8Array
  /** A time-stamp over the value as CMS has it, DER. */
  readonly stamp?: Uint8Array | undefined
}

/** The signed data, its content detached. */
export function writeCms({ alg, certificates, attributes, value, stamp }: CmsParts): Uint8Array {
  const [leaf] = certificates
  const { hash, identifier } = ALGORITHMS[alg]
  const unsigned = stamp === undefined ? [] : [der.explicit(1, attribute(ATTRIBUTE.signatureTimeStamp, stamp))]
  const signer = der.sequence(
    der.integer(1),
    der.sequence(Buffer.from(leaf.issuerName, 'hex'), der.element(0x02, Buffer.from(leaf.serial, 'hex'))),
    HASHES[hash],
    asImplicit(attributes),
    identifier,
    der.octetString(cmsValue(alg, value)),
    ...unsigned,
  )
  const data = der.sequence(
    der.integer(1),
    der.set(HASHES[hash]),
    der.sequence(der.objectIdentifier(DATA)),
    der.explicit(0, ...certificates.map((certificate) => certificate.der)),
    der.set(signer),
  )
  return der.sequence(der.objectIdentifier(SIGNED_DATA), der.explicit(0, data))
}

/** Signed data of one signer with a time-stamp over the value put beside the signature. @throws FhirError `structure` */
export function withStamp(cms: Uint8Array, stamp: Uint8Array): Uint8Array {
  const data = child(child(readDer(cms), 1), 0, TAG.sequence)
  const [signer, another] = data.children.at(-1)?.children ?? []
  if (signer === undefined || another !== undefined || tagged(signer, UNSIGNED) !== undefined)
    throw fail('structure', 'The signature has not exactly one signer, with nothing beside its signature')
  const unsigned = der.element(UNSIGNED, attribute(ATTRIBUTE.signatureTimeStamp, stamp))
  const stamped = der.sequence(...signer.children.map(({ bytes }) => bytes), unsigned)
  const parts = [...data.children.slice(0, -1).map(({ bytes }) => bytes), der.set(stamped)]
  return der.sequence(der.objectIdentifier(SIGNED_DATA), der.explicit(0, der.sequence(...parts)))
}

const UNSIGNED = 0xa1

/** Inside a signer the SET has the tag `[0]`. */
function asImplicit(set: Uint8Array): Uint8Array {
  const attributes = Buffer.from(set)
  attributes[0] = 0xa0
  return attributes
}

/** A value as CMS has it: that of ECDSA is a SEQUENCE of two numbers. */
export function cmsValue(alg: Alg, value: Uint8Array): Uint8Array {
  if (!ALGORITHMS[alg].isPair) return value
  const half = value.byteLength / 2
  const numbers = [value.subarray(0, half), value.subarray(half)]
  return der.sequence(...numbers.map((bytes) => der.integer(BigInt(`0x${Buffer.from(bytes).toString('hex')}`))))
}
