/**
 * What XAdES says of a signature: signed by its author, and added later by anyone.
 * @see https://www.etsi.org/deliver/etsi_en/319100_319199/31913201/01.03.01_60/en_31913201v010301p.pdf
 */

import type { Instant } from '../../fhir/types.ts'
import { milliseconds } from '../instant.ts'
import { must } from '../must.ts'
import { digest, isSame, type Hash } from '../schemes.ts'
import type { Certificate } from '../x509.ts'
import { algorithmOf, bytesOf, type XmlSignature } from './dsig.ts'
import { digestMethod } from './methods.ts'
import { DS, SIGNED_PROPERTIES, XADES } from './names.ts'
import { elementNamed } from './references.ts'
import {
  attributeOf,
  childOf,
  childrenOf,
  elementsOf,
  mustHave,
  textOf,
  type XmlDocument,
  type XmlElement,
} from './tree.ts'

export interface Properties {
  readonly element: XmlElement
  /** The time that the signer claims. */
  readonly time: Instant | undefined
  /** Undefined where it does not say what it is for. */
  readonly commitments: readonly string[] | undefined
  /** By which digest the signature names its certificate; undefined where it does not. */
  readonly named: CertificateName | undefined
  /** The ids of references whose format is told. */
  readonly formats: readonly string[]
}

interface CertificateName {
  readonly hash: Hash
  readonly digest: Uint8Array
  readonly version: 1 | 2
}

/**
 * What the signature signs of itself; undefined where it signs nothing of the kind.
 * @throws FhirError `structure`, `security` where something is written there that is not signed
 */
export function signedProperties(signature: XmlSignature, document: XmlDocument): Properties | undefined {
  const qualifying = qualifyingOf(signature)
  const signed = qualifying && childOf(qualifying, XADES, 'SignedProperties')
  const [reference, another] = signature.references.filter(({ type }) => type === SIGNED_PROPERTIES)
  must(another === undefined, 'The signature has more than one reference to signed properties')
  if (reference === undefined) {
    must(signed === undefined, 'The signature bears properties that it does not sign', 'security')
    return undefined
  }
  const { uri = '' } = reference
  const named = uri.startsWith('#') ? elementNamed(document, uri.slice(1)) : undefined
  must(named !== undefined && named === signed, 'The signature signs other properties than its own', 'security')
  return propertiesOf(named)
}

/** The element with all that XAdES says of the signature; undefined where there is none. */
export function qualifyingOf({ objects, id }: XmlSignature): XmlElement | undefined {
  const [found, another] = objects.flatMap((object) => childrenOf(object, XADES, 'QualifyingProperties'))
  must(another === undefined, 'The signature has its properties in two places')
  const target = found && attributeOf(found, 'Target')
  // HL7's own tool names a signature that has no id.
  must(id === undefined || target === undefined || target === `#${id}`, 'The properties are of another signature')
  return found
}

function propertiesOf(element: XmlElement): Properties {
  const ofSignature = childOf(element, XADES, 'SignedSignatureProperties')
  const ofData = childOf(element, XADES, 'SignedDataObjectProperties')
  const time = ofSignature && childOf(ofSignature, XADES, 'SigningTime')
  return {
    element,
    time: time && timeOf(time),
    commitments: ofData && commitmentsOf(ofData),
    named: ofSignature && nameOf(ofSignature),
    formats: ofData === undefined ? [] : childrenOf(ofData, XADES, 'DataObjectFormat').flatMap(formatOf),
  }
}

function timeOf(element: XmlElement): Instant {
  const time = textOf(element)
  must(milliseconds(time) !== undefined, 'The signing time is no date and time with offset')
  return time
}

function commitmentsOf(ofData: XmlElement): readonly string[] | undefined {
  const all = childrenOf(ofData, XADES, 'CommitmentTypeIndication').map((indication) =>
    textOf(mustHave(mustHave(indication, XADES, 'CommitmentTypeId'), XADES, 'Identifier')),
  )
  return all.length === 0 ? undefined : all
}

/** The first certificate that is named is the signer's. */
function nameOf(ofSignature: XmlElement): CertificateName | undefined {
  const second = childOf(ofSignature, XADES, 'SigningCertificateV2')
  const list = second ?? childOf(ofSignature, XADES, 'SigningCertificate')
  const [first] = list === undefined ? [] : childrenOf(list, XADES, 'Cert')
  must(list === undefined || first !== undefined, 'The signature names no certificate')
  if (first === undefined) return undefined
  const named = mustHave(first, XADES, 'CertDigest')
  return {
    hash: digestMethod(algorithmOf(mustHave(named, DS, 'DigestMethod'))),
    digest: bytesOf(mustHave(named, DS, 'DigestValue')),
    version: second === undefined ? 1 : 2,
  }
}

function formatOf(format: XmlElement): readonly string[] {
  const reference = attributeOf(format, 'ObjectReference') ?? ''
  const isTold = childOf(format, XADES, 'MimeType') !== undefined && reference.startsWith('#')
  return isTold ? [reference.slice(1)] : []
}

/**
 * The certificates of a signature, the signer's first: the one that is named, else the first that stands there.
 * @throws FhirError `security` where the one that is named is not there
 */
export function certificatesOf({ certificates }: XmlSignature, named?: CertificateName): readonly Certificate[] {
  if (named === undefined || certificates.length === 0) return certificates
  const leaf = certificates.find(({ der }) => isSame(digest(named.hash, der), named.digest))
  must(leaf !== undefined, 'The signature names another certificate than those that it bears', 'security')
  return [leaf, ...certificates.filter((one) => one !== leaf)]
}

/** What was added to the signature later, in its order. */
export function unsignedProperties(signature: XmlSignature): readonly XmlElement[] {
  const qualifying = qualifyingOf(signature)
  const unsigned = qualifying && childOf(qualifying, XADES, 'UnsignedProperties')
  const ofSignature = unsigned && childOf(unsigned, XADES, 'UnsignedSignatureProperties')
  return ofSignature === undefined ? [] : elementsOf(ofSignature)
}
