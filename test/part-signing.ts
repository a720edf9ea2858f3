/** What tests of signatures over single resources share: a Provenance that bears one, in JSON and in XML. */

import { createHash } from 'node:crypto'
import { canonical } from '../src/fhir/canonical.ts'
import { toBase64 } from '../src/fhir/digest.ts'
import { parseJson, stringify } from '../src/fhir/json.ts'
import type { Bundle, Json, JsonObject, Resource } from '../src/fhir/types.ts'
import { canonicalXml } from '../src/fhir/xml-write.ts'
import type { SigningKey } from '../src/ports.ts'
import { AUTHOR, commitment } from '../src/sign/commitments.ts'
import { writeHeader } from '../src/sign/header.ts'
import { signingInput, writeData } from '../src/sign/jws.ts'
import { readCertificate } from '../src/sign/x509.ts'
import { model } from './model.ts'
import { bundleOf, WHEN } from './signing.ts'

const BASE = 'https://clinic.example/fhir'
const JSON_FORM = 'http://hl7.org/fhir/canonicalization/json'
const XML_FORM = 'http://hl7.org/fhir/canonicalization/xml'

export interface PartRequest {
  readonly key: SigningKey
  /** As the Provenance names them. */
  readonly targets: readonly string[]
  /** What is signed; by default what the targets name. */
  readonly signed?: readonly Json[]
  /** The signed text of JSON itself. */
  readonly text?: string
  readonly canon?: string | undefined
}

/** What a target of the letter names: `Observation/o1`, its URL, a version of it. */
export function namedIn({ entry = [] }: Bundle, target: string): Resource {
  const name = target.replace(`${BASE}/`, '').replace(/\/_history\/.*/, '')
  const found = entry.find(({ resource }) => `${resource?.resourceType}/${resource?.id}` === name)?.resource
  if (found === undefined) throw new TypeError(`There is no ${target}`)
  return found
}

/** A Provenance with a JWS over resources of a document: one as it is, several as a list in the order of the targets. */
export async function jsonPart(bundle: Bundle, request: PartRequest): Promise<Resource> {
  const { key, targets, canon = JSON_FORM } = request
  const signed = request.signed ?? targets.map((target) => namedIn(bundle, target))
  const texts = signed.map((resource) => canonical(resource))
  const text = request.text ?? (texts.length === 1 ? texts.join('') : `[${texts.join(',')}]`)
  const header = writeHeader({
    alg: key.alg,
    certificates: key.certificates.map((der) => readCertificate(der)),
    when: WHEN,
    time: 'iat',
    canon,
    commitment: commitment(AUTHOR),
  })
  const value = await key.sign(signingInput(header, Buffer.from(text)))
  return provenance(targets, {
    targetFormat: `application/fhir+json;canonicalization=${canon}`,
    sigFormat: 'application/jose',
    data: writeData(header, value),
  })
}

/** The same with an XML signature, whose references are to what `uris` says, by default to the targets by name. */
export async function xmlPart(
  bundle: Bundle,
  { uris, ...request }: PartRequest & { readonly uris?: readonly string[] },
): Promise<Resource> {
  const { key, targets, canon = XML_FORM } = request
  const signed = (request.signed ?? targets.map((target) => namedIn(bundle, target))) as readonly Resource[]
  const octets = signed.map((resource) => canonicalXml(resource, model))
  const text = await xmlText(key, octets, uris ?? targets)
  return provenance(targets, {
    targetFormat: `application/fhir+xml;canonicalization=${canon}`,
    sigFormat: 'application/signature+xml',
    data: toBase64(text),
  })
}

const DS = 'http://www.w3.org/2000/09/xmldsig#'
const XADES = 'http://uri.etsi.org/01903/v1.3.2#'
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256'

function digestOf(content: string | Uint8Array): string {
  const digest = createHash('sha256').update(content).digest('base64')
  return `<DigestMethod Algorithm="${SHA256}"></DigestMethod><DigestValue>${digest}</DigestValue>`
}

async function xmlText(key: SigningKey, octets: readonly string[], uris: readonly string[]): Promise<string> {
  const [leaf = new Uint8Array()] = key.certificates
  const ofCertificate = digestOf(leaf)
    .replaceAll('<Digest', '<ds:Digest')
    .replaceAll('</Digest', '</ds:Digest')
    .replaceAll(/<ds:Digest(Method|Value)/g, `<ds:Digest$1 xmlns:ds="${DS}"`)
    .replaceAll(` xmlns:ds="${DS}" Algorithm="${SHA256}"`, ` xmlns:ds="${DS}" Algorithm="${SHA256}"`)
  const formats = octets
    .map(
      (_, at) =>
        `<x:DataObjectFormat ObjectReference="#r${at}"><x:MimeType>application/fhir+xml</x:MimeType></x:DataObjectFormat>`,
    )
    .join('')
  const properties =
    `<x:SignedProperties xmlns:x="${XADES}" Id="p"><x:SignedSignatureProperties><x:SigningTime>${WHEN}</x:SigningTime>` +
    `<x:SigningCertificateV2><x:Cert><x:CertDigest>${ofCertificate}</x:CertDigest></x:Cert></x:SigningCertificateV2>` +
    `</x:SignedSignatureProperties><x:SignedDataObjectProperties>${formats}<x:CommitmentTypeIndication><x:CommitmentTypeId>` +
    `<x:Identifier>urn:oid:${AUTHOR}</x:Identifier></x:CommitmentTypeId><x:AllSignedDataObjects></x:AllSignedDataObjects>` +
    '</x:CommitmentTypeIndication></x:SignedDataObjectProperties></x:SignedProperties>'
  const references = octets.map(
    (one, at) => `<Reference Id="r${at}" URI="${uris[at] ?? '#'}">${digestOf(one)}</Reference>`,
  )
  const method = `http://www.w3.org/2001/04/xmldsig-more#${key.alg.startsWith('RS') ? 'rsa' : 'ecdsa'}-sha256`
  const signedInfo =
    `<SignedInfo xmlns="${DS}"><CanonicalizationMethod Algorithm="${EXCLUSIVE}"></CanonicalizationMethod>` +
    `<SignatureMethod Algorithm="${method}"></SignatureMethod>${references.join('')}` +
    `<Reference Type="http://uri.etsi.org/01903#SignedProperties" URI="#p"><Transforms><Transform Algorithm="${EXCLUSIVE}">` +
    `</Transform></Transforms>${digestOf(properties)}</Reference></SignedInfo>`
  const value = toBase64(await key.sign(Buffer.from(signedInfo)))
  const certificates = key.certificates.map((der) => `<X509Certificate>${toBase64(der)}</X509Certificate>`).join('')
  return (
    `<Signature xmlns="${DS}" Id="s">${signedInfo}<SignatureValue>${value}</SignatureValue><KeyInfo><X509Data>${certificates}` +
    `</X509Data></KeyInfo><Object><x:QualifyingProperties xmlns:x="${XADES}" Target="#s">${properties}` +
    '</x:QualifyingProperties></Object></Signature>'
  )
}

function provenance(targets: readonly string[], signature: JsonObject): Resource {
  const type = [commitment(AUTHOR)] as unknown as Json
  const who = { display: 'Somebody' }
  return {
    resourceType: 'Provenance',
    id: 'part',
    target: targets.map((reference) => ({ reference })),
    recorded: WHEN,
    agent: [{ who }],
    signature: [{ type, when: WHEN, who, ...signature }],
  }
}

/** The document with a Provenance as its last entry. */
export function withEntry(bundle: Bundle, resource: Resource): Bundle {
  const fullUrl = `${BASE}/${resource.resourceType}/${resource.id}`
  return bundleOf({ ...bundle, entry: [...(bundle.entry ?? []), { fullUrl, resource }] })
}

/** A copy with something in its text another, which must be there. */
export function replaced(bundle: Bundle, from: string, to: string): Bundle {
  const text = stringify(bundle)
  if (!text.includes(from)) throw new TypeError(`There is no ${from}`)
  return bundleOf(parseJson(text.replace(from, to)))
}
