/**
 * An XML signature as plain facts: what is signed, how, and by which certificate. Whatever has no one meaning is refused.
 * @see https://www.w3.org/TR/xmldsig-core1/
 */

import { fromExactBase64 } from '../../fhir/digest.ts'
import { must } from '../must.ts'
import type { Hash } from '../schemes.ts'
import { readCertificate, type Certificate } from '../x509.ts'
import { c14nOf, EXCLUSIVE, type C14n } from './c14n.ts'
import { digestMethod, signatureMethod, type SignatureMethod } from './methods.ts'
import { DS } from './names.ts'
import { attributeOf, childOf, childrenOf, elementsOf, isNamed, mustHave, textOf, type XmlElement } from './tree.ts'

/** A step from what a reference names to the octets that are digested. */
export type Transform =
  | { readonly kind: 'c14n'; readonly uri: string; readonly form: C14n }
  | { readonly kind: 'enveloped' }
  /** A canonical form of FHIR, which is no algorithm but a name for what is signed. */
  | { readonly kind: 'fhir'; readonly uri: string }

export interface Reference {
  readonly id: string | undefined
  /** Undefined where the signature does not say what it is over. */
  readonly uri: string | undefined
  readonly type: string | undefined
  readonly transforms: readonly Transform[]
  readonly hash: Hash
  readonly digest: Uint8Array
  readonly element: XmlElement
}

export interface XmlSignature {
  readonly element: XmlElement
  readonly id: string | undefined
  readonly signedInfo: XmlElement
  readonly c14n: { readonly uri: string; readonly form: C14n }
  readonly method: SignatureMethod
  readonly references: readonly [Reference, ...Reference[]]
  readonly value: Uint8Array
  readonly valueElement: XmlElement
  readonly keyInfo: XmlElement | undefined
  /** As they stand in KeyInfo, each once. */
  readonly certificates: readonly Certificate[]
  readonly objects: readonly XmlElement[]
}

const MOST_REFERENCES = 600
const MOST_CERTIFICATES = 20

/** The facts of a ds:Signature. @throws FhirError with the first reason to refuse it */
export function readSignature(element: XmlElement): XmlSignature {
  must(isNamed(element, DS, 'Signature'), `The element ${element.local} is no Signature of XML signatures`)
  mustBeInOrder(element)
  const signedInfo = mustHave(element, DS, 'SignedInfo')
  must(
    elementsOf(signedInfo).every(({ uri, local }) => uri === DS && INFO_PARTS.includes(local)),
    'SignedInfo has other parts than its methods and references',
  )
  const valueElement = mustHave(element, DS, 'SignatureValue')
  const keyInfo = childOf(element, DS, 'KeyInfo')
  const [first, ...others] = childrenOf(signedInfo, DS, 'Reference').map(readReference)
  must(first !== undefined, 'The signature signs nothing')
  must(others.length < MOST_REFERENCES, `The signature has more than ${MOST_REFERENCES} references`, 'too-costly')
  return {
    element,
    id: attributeOf(element, 'Id'),
    signedInfo,
    c14n: readC14n(mustHave(signedInfo, DS, 'CanonicalizationMethod')),
    method: signatureMethod(algorithmOf(mustHave(signedInfo, DS, 'SignatureMethod'))),
    references: [first, ...others],
    value: bytesOf(valueElement),
    valueElement,
    keyInfo,
    certificates: keyInfo === undefined ? [] : certificatesIn(keyInfo),
    objects: childrenOf(element, DS, 'Object'),
  }
}

/** SignedBytes is an element that HL7's own tool writes, and nobody reads. */
const PARTS: readonly string[] = ['SignedInfo', 'SignatureValue', 'SignedBytes', 'KeyInfo', 'Object']

function mustBeInOrder(signature: XmlElement): void {
  const places = elementsOf(signature).map(({ uri, local }) => (uri === DS ? PARTS.indexOf(local) : -1))
  must(
    places.every((place, index) => place >= 0 && place >= (places[index - 1] ?? 0)),
    'The signature has other parts than SignedInfo, SignatureValue, KeyInfo and Object in this order',
  )
}

const INFO_PARTS: readonly string[] = ['CanonicalizationMethod', 'SignatureMethod', 'Reference']

function readReference(element: XmlElement): Reference {
  const transforms = childOf(element, DS, 'Transforms')
  return {
    id: attributeOf(element, 'Id'),
    uri: attributeOf(element, 'URI'),
    type: attributeOf(element, 'Type'),
    transforms: transforms === undefined ? [] : childrenOf(transforms, DS, 'Transform').map(readTransform),
    hash: digestMethod(algorithmOf(mustHave(element, DS, 'DigestMethod'))),
    digest: bytesOf(mustHave(element, DS, 'DigestValue')),
    element,
  }
}

const FHIR_FORMS = 'http://hl7.org/fhir/canonicalization/'

/** XSLT, XPath and all else that could make anything of anything is no transform here. */
function readTransform(element: XmlElement): Transform {
  const uri = algorithmOf(element)
  if (uri === `${DS}enveloped-signature`) return { kind: 'enveloped' }
  if (uri.startsWith(FHIR_FORMS)) return { kind: 'fhir', uri }
  must(c14nOf(uri) !== undefined, `The transform ${uri} is not taken, expected a canonical form`, 'not-supported')
  return { kind: 'c14n', ...readC14n(element) }
}

/** A canonical form with the parameters that it may have. @throws FhirError `not-supported` for any other */
export function readC14n(element: XmlElement): { readonly uri: string; readonly form: C14n } {
  const uri = algorithmOf(element)
  const form = c14nOf(uri)
  must(form !== undefined, `The canonical form ${uri} is not taken, expected one of C14N`, 'not-supported')
  const [parameter, another] = elementsOf(element)
  if (parameter === undefined) return { uri, form }
  const isKnown = form.isExclusive && another === undefined && isNamed(parameter, EXCLUSIVE, 'InclusiveNamespaces')
  must(isKnown, 'A canonical form has parameters that it cannot have')
  const list = (attributeOf(parameter, 'PrefixList') ?? '').split(/\s+/).filter((prefix) => prefix !== '')
  return { uri, form: { ...form, inclusivePrefixes: list.map((prefix) => (prefix === '#default' ? '' : prefix)) } }
}

export function algorithmOf(element: XmlElement): string {
  const uri = attributeOf(element, 'Algorithm')
  must(uri !== undefined, `The element ${element.local} names no algorithm`)
  return uri
}

/** The octets of an element with base64. @throws FhirError `structure` */
export function bytesOf(element: XmlElement): Uint8Array {
  const bytes = fromExactBase64(textOf(element))
  must(bytes !== undefined && bytes.byteLength > 0, `The element ${element.local} holds no base64`)
  return bytes
}

/** A bare key in KeyInfo proves nobody: only certificates are taken. */
function certificatesIn(keyInfo: XmlElement): readonly Certificate[] {
  const elements = childrenOf(keyInfo, DS, 'X509Data').flatMap((data) => childrenOf(data, DS, 'X509Certificate'))
  must(elements.length <= MOST_CERTIFICATES, `More than ${MOST_CERTIFICATES} certificates`, 'too-costly')
  const all = elements.map((element) => readCertificate(bytesOf(element)))
  return all.filter(({ fingerprint }, index) => all.findIndex((one) => one.fingerprint === fingerprint) === index)
}
