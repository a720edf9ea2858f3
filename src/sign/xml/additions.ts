/**
 * What XAdES adds to a signature after signing: time-stamps, certificates, revocation data.
 * @see https://www.etsi.org/deliver/etsi_en/319100_319199/31913201/01.03.01_60/en_31913201v010301p.pdf
 */

import { must } from '../must.ts'
import { readOcsp } from '../ocsp.ts'
import type { Addition, Gathered } from '../reading.ts'
import { readCertificate, readCrl } from '../x509.ts'
import { C14N_10, c14nOf, canonicalElement, type C14n } from './c14n.ts'
import { bytesOf, readC14n, type XmlSignature } from './dsig.ts'
import { DS, XADES, XADES_141 } from './names.ts'
import { qualifyingOf } from './properties.ts'
import { childOf, childrenOf, elementsOf, isNamed, type XmlElement } from './tree.ts'

const MOST_ADDITIONS = 200

/** A signature with what archive time-stamps of it are over beside what stands in it. */
export interface Stamped {
  readonly signature: XmlSignature
  /** What its references are over, in their order; undefined where that is not known as it was. */
  readonly referenced: readonly Uint8Array[] | undefined
}

/** The additions as they are judged. @throws FhirError `structure` where one cannot be read */
export function additionsOf(properties: readonly XmlElement[], stamped: Stamped): readonly Addition[] {
  must(properties.length <= MOST_ADDITIONS, `The signature has more than ${MOST_ADDITIONS} additions`, 'too-costly')
  return properties.flatMap((property, index): readonly Addition[] => {
    if (isNamed(property, XADES, 'SignatureTimeStamp')) {
      const data = canonicalElement(stamped.signature.valueElement, { form: formOf(property) })
      return tokensOf(property).map((token) => ({ kind: 'signature', token, data }))
    }
    if (isNamed(property, XADES_141, 'ArchiveTimeStamp')) {
      const data = archiveData(property, properties.slice(0, index), stamped)
      return data === undefined ? [] : tokensOf(property).map((token) => ({ kind: 'archive', token, data }))
    }
    return isGathered(property) ? [gatheredOf(property)] : []
  })
}

/** The names of properties, signed and added later, that are not judged. */
export function unreadIn(signed: XmlElement | undefined, added: readonly XmlElement[]): readonly string[] {
  const ofSigned = signed === undefined ? [] : elementsOf(signed).flatMap(elementsOf)
  const unread = [
    ...ofSigned.filter(({ local }) => !SIGNED_READ.includes(local)),
    ...added.filter((one) => !isGathered(one) && !STAMPS.some(([uri, local]) => isNamed(one, uri, local))),
  ]
  return unread.map(({ local }) => local)
}

const SIGNED_READ: readonly string[] = [
  'SigningTime',
  'SigningCertificate',
  'SigningCertificateV2',
  'DataObjectFormat',
  'CommitmentTypeIndication',
]

const STAMPS: readonly (readonly [uri: string, local: string])[] = [
  [XADES, 'SignatureTimeStamp'],
  [XADES_141, 'ArchiveTimeStamp'],
]

/** The canonical form that a time-stamp is over. */
function formOf(property: XmlElement): C14n {
  const method = childOf(property, DS, 'CanonicalizationMethod')
  const form = method === undefined ? c14nOf(C14N_10) : readC14n(method).form
  must(form !== undefined && childOf(property, XADES, 'Include') === undefined, 'A time-stamp names what it is over')
  return form
}

function tokensOf(property: XmlElement): readonly Uint8Array[] {
  const tokens = childrenOf(property, XADES, 'EncapsulatedTimeStamp').map(bytesOf)
  must(tokens.length > 0, 'A time-stamp of the signature has no token')
  return tokens
}

/** What an archive time-stamp is over: all that is signed, the signature, every addition before it, and other objects. */
function archiveData(
  property: XmlElement,
  before: readonly XmlElement[],
  { signature, referenced }: Stamped,
): Uint8Array | undefined {
  if (referenced === undefined) return undefined
  const { signedInfo, valueElement, keyInfo, objects } = signature
  const qualifying = qualifyingOf(signature)
  const others = objects.filter((object) => qualifying === undefined || !elementsOf(object).includes(qualifying))
  const elements = [signedInfo, valueElement, ...(keyInfo === undefined ? [] : [keyInfo]), ...before, ...others]
  const apex = { form: formOf(property) }
  return Buffer.concat([...referenced, ...elements.map((element) => canonicalElement(element, apex))])
}

const GATHERED: readonly (readonly [uri: string, local: string])[] = [
  [XADES, 'CertificateValues'],
  [XADES, 'RevocationValues'],
  [XADES, 'AttrAuthoritiesCertValues'],
  [XADES, 'AttributeRevocationValues'],
  [XADES_141, 'TimeStampValidationData'],
  [XADES_141, 'AnyValidationData'],
]

function isGathered(property: XmlElement): boolean {
  return GATHERED.some(([uri, local]) => isNamed(property, uri, local))
}

/** A property that holds values, or holds elements that do. */
function gatheredOf(property: XmlElement): Gathered {
  const holders = [property, ...elementsOf(property)]
  const lists = (list: string, item: string): readonly Uint8Array[] =>
    [property, ...childrenOf(property, XADES, 'RevocationValues')]
      .flatMap((holder) => childrenOf(holder, XADES, list))
      .flatMap((holder) => childrenOf(holder, XADES, item))
      .map(bytesOf)
  return {
    kind: 'gathered',
    certificates: holders
      .flatMap((holder) => childrenOf(holder, XADES, 'EncapsulatedX509Certificate'))
      .map((element) => readCertificate(bytesOf(element))),
    crls: lists('CRLValues', 'EncapsulatedCRLValue').map(readCrl),
    ocsps: lists('OCSPValues', 'EncapsulatedOCSPValue').map(readOcsp),
  }
}

/** The level of a signature whose own part is that of baseline B, by what was added to it. */
export function laterLevel(properties: readonly XmlElement[]): 'B-B' | 'B-T' | 'B-LT' | 'B-LTA' {
  const has = (...names: readonly string[]): boolean => properties.some(({ local }) => names.includes(local))
  if (!has('SignatureTimeStamp')) return 'B-B'
  if (!has('RevocationValues', 'TimeStampValidationData', 'AnyValidationData')) return 'B-T'
  return has('ArchiveTimeStamp') ? 'B-LTA' : 'B-LT'
}
