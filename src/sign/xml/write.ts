/**
 * A document's XML signature: XAdES baseline B, detached over its canonical XML, in the C14N forms that every verifier has.
 * HL7's own layout is read, and never written: no other program verifies it.
 * @see https://www.etsi.org/deliver/etsi_en/319100_319199/31913201/01.03.01_60/en_31913201v010301p.pdf
 */

import { sha256, toBase64, toBase64url } from '../../fhir/digest.ts'
import type { Model } from '../../fhir/model.ts'
import { characterText } from '../../fhir/xml-names.ts'
import { algorithm } from '../algorithms.ts'
import type { Draft, DraftRequest } from '../draft.ts'
import type { Certificate } from '../x509.ts'
import { c14nOf, canonicalElement, EXCLUSIVE } from './c14n.ts'
import { methodUri, SHA256 } from './methods.ts'
import { DS, SIGNED_PROPERTIES, XADES } from './names.ts'
import { XML_DOCUMENT_FORM, XML_SIGNATURE, xmlOctets } from './octets.ts'
import { elementNamed } from './references.ts'
import { mustHave, readTree, type XmlElement } from './tree.ts'

/** What verifiers call the signed octets: the name of the file that they look for. */
const DOCUMENT_URI = 'document.xml'
const MIME_TYPE = 'application/fhir+xml'

/** The signature of a document but for its value. @throws FhirError `structure` where the document has what XML cannot say */
export function xadesDraft(request: DraftRequest, model: Model): Draft {
  const octets = xmlOctets(request.bundle, model, XML_DOCUMENT_FORM)
  const parts = partsOf(request, octets)
  const blank = readTree(signatureText(parts))
  const properties = toBase64(sha256(canonical(elementNamed(blank, parts.propertiesId))))
  const input = canonical(mustHave(readTree(signatureText({ ...parts, properties })).root, DS, 'SignedInfo'))
  return {
    sigFormat: XML_SIGNATURE,
    targetFormat: `${MIME_TYPE};canonicalization=${XML_DOCUMENT_FORM}`,
    octets,
    protected: toBase64url(input),
    input,
    data: (value) => toBase64(signatureText({ ...parts, properties, value: toBase64(value) })),
  }
}

function canonical(element: XmlElement): Uint8Array {
  return canonicalElement(element, { form: c14nOf(EXCLUSIVE) ?? { isExclusive: true, hasComments: false } })
}

/** What an XML signature is made of; what is not known yet is empty. */
interface Parts extends Pick<DraftRequest, 'when' | 'commitment'> {
  readonly id: string
  readonly propertiesId: string
  readonly method: string
  /** Digests and the value in base64. */
  readonly document: string
  readonly properties: string
  readonly value: string
  readonly leaf: Certificate
  /** The trust anchor is left out; a signer who is its own issuer has nothing else to show. */
  readonly shown: readonly Certificate[]
}

function partsOf({ alg, certificates, when, commitment }: DraftRequest, octets: Uint8Array): Parts {
  const [leaf, ...others] = certificates
  const row = algorithm(alg)
  if (leaf === undefined || row === undefined) throw new TypeError('A signature needs a certificate and an algorithm')
  const document = toBase64(sha256(octets))
  const id = `signature-${toBase64url(sha256(`${document} ${when} ${leaf.fingerprint}`)).slice(0, 22)}`
  return {
    id,
    propertiesId: `properties-of-${id}`,
    method: methodUri(row),
    document,
    properties: '',
    value: '',
    leaf,
    shown: [leaf, ...others.filter(({ subject, issuer }) => subject !== issuer)],
    when,
    commitment,
  }
}

/** The text of the signature; no white space, so that there is none to be signed. */
function signatureText(parts: Parts): string {
  const { id, value, shown } = parts
  return [
    `<ds:Signature xmlns:ds="${DS}" Id="${id}">`,
    signedInfoText(parts),
    `<ds:SignatureValue Id="value-of-${id}">${value}</ds:SignatureValue>`,
    '<ds:KeyInfo><ds:X509Data>',
    ...shown.map(({ der }) => `<ds:X509Certificate>${toBase64(der)}</ds:X509Certificate>`),
    '</ds:X509Data></ds:KeyInfo>',
    `<ds:Object><xades:QualifyingProperties xmlns:xades="${XADES}" Target="#${id}">`,
    propertiesText(parts),
    '</xades:QualifyingProperties></ds:Object></ds:Signature>',
  ].join('')
}

function signedInfoText({ id, propertiesId, method, document, properties }: Parts): string {
  return [
    '<ds:SignedInfo>',
    `<ds:CanonicalizationMethod Algorithm="${EXCLUSIVE}"/>`,
    `<ds:SignatureMethod Algorithm="${method}"/>`,
    `<ds:Reference Id="document-of-${id}" URI="${DOCUMENT_URI}">`,
    digestText(document),
    '</ds:Reference>',
    `<ds:Reference Type="${SIGNED_PROPERTIES}" URI="#${propertiesId}">`,
    `<ds:Transforms><ds:Transform Algorithm="${EXCLUSIVE}"/></ds:Transforms>`,
    digestText(properties),
    '</ds:Reference>',
    '</ds:SignedInfo>',
  ].join('')
}

function digestText(digest: string): string {
  return `<ds:DigestMethod Algorithm="${SHA256}"/><ds:DigestValue>${digest}</ds:DigestValue>`
}

function propertiesText({ id, propertiesId, when, leaf, commitment }: Parts): string {
  return [
    `<xades:SignedProperties Id="${propertiesId}">`,
    '<xades:SignedSignatureProperties>',
    `<xades:SigningTime>${characterText(when)}</xades:SigningTime>`,
    '<xades:SigningCertificateV2><xades:Cert><xades:CertDigest>',
    digestText(toBase64(sha256(leaf.der))),
    '</xades:CertDigest></xades:Cert></xades:SigningCertificateV2>',
    '</xades:SignedSignatureProperties>',
    '<xades:SignedDataObjectProperties>',
    `<xades:DataObjectFormat ObjectReference="#document-of-${id}"><xades:MimeType>${MIME_TYPE}</xades:MimeType></xades:DataObjectFormat>`,
    '<xades:CommitmentTypeIndication><xades:CommitmentTypeId>',
    `<xades:Identifier Qualifier="OIDAsURN">urn:oid:${characterText(commitment.code)}</xades:Identifier>`,
    `<xades:Description>${characterText(commitment.display)}</xades:Description>`,
    '</xades:CommitmentTypeId><xades:AllSignedDataObjects/></xades:CommitmentTypeIndication>',
    '</xades:SignedDataObjectProperties>',
    '</xades:SignedProperties>',
  ].join('')
}
