/**
 * Certificates and revocation lists as plain facts; the door to pkijs and asn1js.
 * @see https://www.rfc-editor.org/rfc/rfc5280
 */

import {
  BitString,
  Constructed,
  fromBER,
  ObjectIdentifier,
  OctetString,
  type BaseBlock,
  type BaseStringBlock,
} from 'asn1js'
import { X509Certificate, type KeyObject } from 'node:crypto'
import * as pkijs from 'pkijs'
import { readDer } from '../fhir/der.ts'
import { sha256 } from '../fhir/digest.ts'
import { fail } from '../fhir/error.ts'
import { isSignedBy, schemeOf, type Scheme } from './schemes.ts'

/** The names of the bits, in their order. @see https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.3 */
const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const
export type KeyUsage = (typeof KEY_USAGES)[number]

const EXTENSION = {
  keyUsage: '2.5.29.15',
  keyIdentifier: '2.5.29.14',
  alternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  distributionPoint: '2.5.29.28',
  extendedKeyUsage: '2.5.29.37',
} as const

/** A name of the subject beside its distinguished name; of an otherName `type` is its object identifier. */
export interface AlternativeName {
  readonly kind: 'other' | 'email' | 'dns' | 'uri'
  readonly type?: string
  readonly value: string
}

export interface Certificate {
  readonly der: Uint8Array
  /** SHA-256 of the DER, lower-case hex. */
  readonly fingerprint: string
  /** As RFC 4514 writes it: `CN=Ada,O=Clinic`. */
  readonly subject: string
  readonly issuer: string
  /** The DER of the names in hex: what a revocation list names its issuer by. */
  readonly subjectName: string
  readonly issuerName: string
  /** The subject key identifier; undefined where the certificate has none. */
  readonly keyIdentifier: Uint8Array | undefined
  /** Values by object identifier; the last one where an attribute repeats. */
  readonly attributes: Readonly<Record<string, string>>
  readonly names: readonly AlternativeName[]
  /** Lower-case hex. */
  readonly serial: string
  readonly notBeforeMs: number
  readonly notAfterMs: number
  readonly publicKey: KeyObject
  /** Undefined where the certificate does not restrict it. */
  readonly keyUsage: readonly KeyUsage[] | undefined
  /** Object identifiers of the extended key usage; undefined where the certificate does not restrict it. */
  readonly purposes: readonly string[] | undefined
  readonly isAuthority: boolean
  readonly pathLength: number | undefined
  /** Object identifiers of the extensions. */
  readonly extensions: readonly string[]
  /** Of those, the critical ones. */
  readonly critical: readonly string[]
  /** The hash under the issuer's signature; undefined where it is weak or unknown. */
  readonly signatureHash: string | undefined
  readonly x509: X509Certificate
}

/** The facts of a certificate in DER. @throws FhirError `structure` */
export function readCertificate(der: Uint8Array): Certificate {
  const fingerprint = toHex(sha256(der))
  const known = certificates.get(fingerprint)
  if (known !== undefined) return known
  const certificate = readOrFail(der, certificateOf)
  if (certificates.size >= MOST_REMEMBERED) certificates.clear()
  certificates.set(fingerprint, certificate)
  return certificate
}

/** The facts of a revocation list in DER. @throws FhirError `structure` */
export function readCrl(der: Uint8Array): Crl {
  const crl = crls.get(der) ?? readOrFail(der, crlOf)
  crls.set(der, crl)
  return crl
}

// Reading a certificate takes a millisecond, a long list seconds, and the same ones come again and again.
const MOST_REMEMBERED = 500
const certificates = new Map<string, Certificate>()
const crls = new WeakMap<Uint8Array, Crl>()

function readOrFail<T>(der: Uint8Array, read: (der: Uint8Array) => T): T {
  try {
    return read(der)
  } catch (cause) {
    throw fail('structure', 'The bytes are no X.509 certificate or revocation list, expected one in DER', { cause })
  }
}

function certificateOf(der: Uint8Array): Certificate {
  const x509 = new X509Certificate(der)
  // The reader of node:crypto also takes PEM, and octets after the end.
  if (!x509.raw.equals(der)) throw new RangeError('The DER has other octets than the certificate')
  const parsed = pkijs.Certificate.fromBER(der)
  const extensions = parsed.extensions ?? []
  const usage = extension(extensions, EXTENSION.keyUsage, BitString)
  const basic = extension(extensions, EXTENSION.basicConstraints, pkijs.BasicConstraints)
  const length = basic?.pathLenConstraint
  return {
    der,
    fingerprint: toHex(sha256(der)),
    subject: distinguishedName(x509.subject),
    issuer: distinguishedName(x509.issuer),
    subjectName: toHex(parsed.subject.valueBeforeDecode),
    issuerName: toHex(parsed.issuer.valueBeforeDecode),
    attributes: Object.fromEntries(parsed.subject.typesAndValues.map(({ type, value }) => [type, stringOf(value)])),
    keyIdentifier: extension(extensions, EXTENSION.keyIdentifier, OctetString)?.valueBlock.valueHexView,
    names: extension(extensions, EXTENSION.alternativeName, pkijs.AltName)?.altNames.flatMap(alternativeName) ?? [],
    serial: toHex(parsed.serialNumber.valueBlock.valueHexView),
    notBeforeMs: parsed.notBefore.value.getTime(),
    notAfterMs: parsed.notAfter.value.getTime(),
    publicKey: x509.publicKey,
    keyUsage: usage === undefined ? undefined : keyUsages(usage),
    purposes: extension(extensions, EXTENSION.extendedKeyUsage, pkijs.ExtKeyUsage)?.keyPurposes,
    isAuthority: basic?.cA ?? false,
    pathLength: length === undefined ? undefined : Number(typeof length === 'number' ? length : length.toBigInt()),
    extensions: extensions.map(({ extnID }) => extnID),
    critical: extensions.filter(({ critical }) => critical).map(({ extnID }) => extnID),
    signatureHash: signatureScheme(parsed.signatureAlgorithm)?.hash,
    x509,
  }
}

/** Whether the issuer's key made the certificate's signature, and the names say so too. */
export function isIssuedBy({ x509 }: Certificate, issuer: Certificate): boolean {
  return x509.checkIssued(issuer.x509) && x509.verify(issuer.publicKey)
}

/** The value of an extension; undefined where it is absent. */
function extension<T>(
  extensions: readonly pkijs.Extension[],
  id: string,
  type: abstract new (...args: never[]) => T,
): T | undefined {
  const [found, another] = extensions.filter(({ extnID }) => extnID === id)
  if (found === undefined) return undefined
  const value: unknown = found.parsedValue
  const isRead = value instanceof type && (value as { parsingError?: string }).parsingError === undefined
  if (another !== undefined || !isRead) throw new RangeError(`The extension ${id} cannot be read`)
  return value
}

function keyUsages({ valueBlock }: BitString): readonly KeyUsage[] {
  const bits = valueBlock.valueHexView
  return KEY_USAGES.filter((_, index) => (((bits[index >> 3] ?? 0) >> (7 - (index & 7))) & 1) === 1)
}

const NAME_KINDS: Readonly<Record<number, AlternativeName['kind']>> = { 0: 'other', 1: 'email', 2: 'dns', 6: 'uri' }

function alternativeName({ type, value }: pkijs.GeneralName): readonly AlternativeName[] {
  const kind = NAME_KINDS[type]
  if (kind === undefined) return []
  if (kind !== 'other') return [{ kind, value: String(value) }]
  const [id, wrapped] = value instanceof Constructed ? value.valueBlock.value : []
  const [inner] = wrapped instanceof Constructed ? wrapped.valueBlock.value : []
  return id instanceof ObjectIdentifier && inner !== undefined
    ? [{ kind, type: id.getValue(), value: stringOf(inner) }]
    : []
}

/** The text of an ASN.1 string; empty where the value is none. */
function stringOf(block: BaseBlock): string {
  const { value } = (block as BaseStringBlock).valueBlock as { value?: unknown }
  return typeof value === 'string' ? value : ''
}

/** node:crypto writes one attribute a line, from the root of the name down; RFC 4514 begins with the most specific. */
function distinguishedName(lines: string | undefined): string {
  return (lines ?? '').split('\n').reverse().join(',')
}

/** How a certificate or list is signed; undefined where the hash is weaker than SHA-256, or the scheme unknown. */
function signatureScheme(identifier: pkijs.AlgorithmIdentifier): Scheme | undefined {
  return schemeOf(readDer(new Uint8Array(identifier.toSchema().toBER())))
}

/** A certificate revocation list. @see https://www.rfc-editor.org/rfc/rfc5280#section-5 */
export interface Crl {
  readonly der: Uint8Array
  /** The DER of the issuer's name in hex. */
  readonly issuerName: string
  readonly thisUpdateMs: number
  /** Undefined where the list does not say when the next one comes. */
  readonly nextUpdateMs: number | undefined
  /** When each certificate was revoked, in milliseconds since 1970, by its serial in lower-case hex. */
  readonly revokedMs: ReadonlyMap<string, number>
  /** Which certificates of the issuer the list speaks of; undefined where it is of a kind that is not understood. */
  readonly scope: 'all' | 'authorities' | 'others' | undefined
  readonly isSignedBy: (issuer: KeyObject) => boolean
}

function crlOf(der: Uint8Array): Crl {
  const { offset, result } = fromBER(der)
  if (offset !== der.byteLength) throw new RangeError('The DER is malformed or has octets after its end')
  const list = new pkijs.CertificateRevocationList({ schema: result })
  if (list.signature.algorithmId !== list.signatureAlgorithm.algorithmId)
    throw new RangeError('The list names two algorithms')
  const scheme = signatureScheme(list.signatureAlgorithm)
  const signed = Buffer.from(list.tbsView)
  const value = Buffer.from(list.signatureValue.valueBlock.valueHexView)
  return {
    issuerName: toHex(list.issuer.valueBeforeDecode),
    thisUpdateMs: list.thisUpdate.value.getTime(),
    nextUpdateMs: list.nextUpdate?.value.getTime(),
    revokedMs: new Map(
      list.revokedCertificates?.map(({ userCertificate, revocationDate }) => [
        toHex(userCertificate.valueBlock.valueHexView),
        revocationDate.value.getTime(),
      ]),
    ),
    scope: scopeOf(list),
    isSignedBy: (key) => isSignedBy(key, scheme, signed, value),
    der,
  }
}

const KNOWN_LIST_EXTENSIONS: readonly string[] = [EXTENSION.distributionPoint]

function scopeOf({ crlExtensions, revokedCertificates }: pkijs.CertificateRevocationList): Crl['scope'] {
  const extensions = crlExtensions?.extensions ?? []
  const ofEntries = revokedCertificates?.flatMap(({ crlEntryExtensions }) => crlEntryExtensions?.extensions ?? []) ?? []
  const unknown = extensions.some(({ critical, extnID }) => critical && !KNOWN_LIST_EXTENSIONS.includes(extnID))
  if (unknown || ofEntries.some(({ critical }) => critical)) return undefined
  const point = extension(extensions, EXTENSION.distributionPoint, pkijs.IssuingDistributionPoint)
  if (point === undefined) return 'all'
  const { onlyContainsUserCerts, onlyContainsCACerts, onlyContainsAttributeCerts, onlySomeReasons, indirectCRL } = point
  if (indirectCRL || onlyContainsAttributeCerts || onlySomeReasons !== undefined) return undefined
  if (onlyContainsCACerts) return onlyContainsUserCerts ? undefined : 'authorities'
  return onlyContainsUserCerts ? 'others' : 'all'
}

function toHex(bytes: Uint8Array | ArrayBuffer): string {
  return Buffer.from(bytes as Uint8Array).toString('hex')
}
