/**
 * Signed data of the Cryptographic Message Syntax, which time-stamps and the signatures in PDFs are: its parts, and
 * whether a signer's mathematics hold.
 * @see https://www.rfc-editor.org/rfc/rfc5652#section-5
 */

import { child, identifierOf, octetsOf, readDer, TAG, tagged, type Element } from '../fhir/der.ts'
import { fail, FhirError } from '../fhir/error.ts'
import { must } from './must.ts'
import { digest, hashOf, isSame, isSignedBy, schemeOf, type Hash, type Scheme } from './schemes.ts'
import { readCertificate, type Certificate } from './x509.ts'

export interface Cms {
  /** The object identifier of what is signed. */
  readonly contentType: string
  /** Undefined where the content is detached. */
  readonly content: Uint8Array | undefined
  readonly certificates: readonly Certificate[]
  /** Revocation lists, DER. */
  readonly crls: readonly Uint8Array[]
  readonly signers: readonly CmsSigner[]
}

/** One signer of signed data. */
export interface CmsSigner {
  readonly hash: Hash | undefined
  readonly scheme: Scheme | undefined
  /** What the key signs where there are signed attributes: the DER of their SET. */
  readonly signed: Uint8Array | undefined
  readonly attributes: ReadonlyMap<string, Attribute>
  readonly unsigned: ReadonlyMap<string, Attribute>
  readonly value: Uint8Array
  /** Whether the signer is named by the certificate's issuer and serial number, or by its key identifier. */
  readonly isNamed: (certificate: Certificate) => boolean
}

/** The values of an attribute. */
export type Attribute = readonly Element[]

export const ATTRIBUTE = {
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signatureTimeStamp: '1.2.840.113549.1.9.16.2.14',
  commitmentType: '1.2.840.113549.1.9.16.2.16',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
} as const

const SIGNED_DATA = '1.2.840.113549.1.7.2'
const MOST_CERTIFICATES = 30

/** The parts of signed data, in a ContentInfo. @throws FhirError `structure` */
export function readCms(der: Uint8Array): Cms {
  const info = readDer(der)
  must(identifierOf(child(info, 0)) === SIGNED_DATA, 'The octets are no signed data of CMS')
  const data = child(child(info, 1, 0xa0), 0, TAG.sequence)
  const encapsulated = child(data, 2, TAG.sequence)
  const wrapped = tagged(encapsulated, 0xa0)
  const certificates = tagged(data, 0xa0)?.children ?? []
  must(certificates.length <= MOST_CERTIFICATES, `More than ${MOST_CERTIFICATES} certificates`, 'too-costly')
  const last = data.children.length - 1
  return {
    contentType: identifierOf(child(encapsulated, 0)),
    content: wrapped === undefined ? undefined : octetsOf(child(wrapped, 0)),
    certificates: certificates.flatMap(certificateIn),
    crls: (tagged(data, 0xa1)?.children ?? []).filter(({ tag }) => tag === TAG.sequence).map(({ bytes }) => bytes),
    signers: child(data, last, TAG.set).children.map(signerIn),
  }
}

/** A certificate that cannot be read is none that a chain can go over. */
function certificateIn({ bytes }: Element): readonly Certificate[] {
  try {
    return [readCertificate(bytes)]
  } catch (error) {
    if (error instanceof FhirError) return []
    throw error
  }
}

function signerIn(info: Element): CmsSigner {
  const [, identifier, digestAlgorithm, ...rest] = info.children
  if (identifier === undefined || digestAlgorithm === undefined) throw fail('structure', 'A signer of CMS has no name')
  const attributes = rest[0]?.tag === 0xa0 ? rest[0] : undefined
  const [algorithm, value, unsigned] = attributes === undefined ? rest : rest.slice(1)
  if (algorithm === undefined || value === undefined) throw fail('structure', 'A signer of CMS has no signature')
  const hash = hashOf(digestAlgorithm)
  return {
    hash,
    scheme: schemeOf(algorithm, hash),
    signed: attributes && asSet(attributes),
    attributes: attributesOf(attributes),
    unsigned: attributesOf(unsigned),
    value: octetsOf(value),
    isNamed: (certificate) => isNamedBy(identifier, certificate),
  }
}

/** What is signed is the SET, whose tag gives way to `[0]` inside the signer. */
function asSet({ bytes }: Element): Uint8Array {
  const set = Buffer.from(bytes)
  set[0] = TAG.set
  return set
}

function attributesOf(set: Element | undefined): ReadonlyMap<string, Attribute> {
  const rows = (set?.children ?? []).map(
    (row) => [identifierOf(child(row, 0)), child(row, 1, TAG.set).children] as const,
  )
  const attributes = new Map(rows)
  must(attributes.size === rows.length, 'A signer of CMS has an attribute twice')
  return attributes
}

const KEY_IDENTIFIER = 0x80

function isNamedBy(identifier: Element, certificate: Certificate): boolean {
  if (identifier.tag === KEY_IDENTIFIER)
    return isSame(identifier.content, certificate.keyIdentifier ?? new Uint8Array())
  const [issuer, serial] = identifier.children
  return (
    issuer !== undefined &&
    serial !== undefined &&
    hex(issuer.bytes) === certificate.issuerName &&
    hex(serial.content) === certificate.serial
  )
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** What a signer is said to have signed. */
export interface Signed {
  readonly contentType: string
  readonly content: Uint8Array
}

export type CmsFault = { readonly kind: 'digest' | 'signature' | 'form' | 'algorithm'; readonly text: string }

/** Why the signer's signature is none over the content; undefined where it is. */
export function cmsFault(signer: CmsSigner, { publicKey }: Certificate, signed: Signed): CmsFault | undefined {
  const { hash, scheme, attributes } = signer
  if (hash === undefined || scheme === undefined)
    return { kind: 'algorithm', text: 'it is signed with a weak or unknown algorithm' }
  if (signer.signed === undefined)
    return isSignedBy(publicKey, scheme, signed.content, signer.value) ? undefined : notSigned
  const [type] = attributes.get(ATTRIBUTE.contentType) ?? []
  const [expected] = attributes.get(ATTRIBUTE.messageDigest) ?? []
  if (type === undefined || identifierOf(type) !== signed.contentType)
    return { kind: 'form', text: 'its signed attributes name another type of content' }
  if (expected === undefined || !isSame(octetsOf(expected), digest(hash, signed.content)))
    return { kind: 'digest', text: 'its content is not what was signed' }
  return isSignedBy(publicKey, scheme, signer.signed, signer.value) ? undefined : notSigned
}

const notSigned: CmsFault = { kind: 'signature', text: 'its signature is not that of the certificate' }

/**
 * Whether the signed attributes name the certificate by its digest; undefined where they name none.
 * @see https://www.rfc-editor.org/rfc/rfc5035
 */
export function namesCertificate({ attributes }: CmsSigner, certificate: Certificate): boolean | undefined {
  const second = attributes.get(ATTRIBUTE.signingCertificateV2)?.[0]
  const named = second ?? attributes.get(ATTRIBUTE.signingCertificate)?.[0]
  if (named === undefined) return undefined
  const id = child(child(named, 0, TAG.sequence), 0, TAG.sequence)
  const [first] = id.children
  const explicit = first?.tag === TAG.sequence ? hashOf(first) : undefined
  if (first?.tag === TAG.sequence && explicit === undefined) return false
  const value = id.children.find(({ tag }) => tag === TAG.octetString)
  const hash = second === undefined ? 'sha1' : (explicit ?? 'sha256')
  return value !== undefined && isSame(value.content, digest(hash, certificate.der))
}
