/** What tests of XML signatures share: the letter signed, its signature taken apart, and one in HL7's own layout. */

import { createHash } from 'node:crypto'
import { fromBase64, toBase64 } from '../src/fhir/digest.ts'
import type { Bundle, Checked } from '../src/fhir/types.ts'
import { canonicalXml } from '../src/fhir/xml-write.ts'
import type { SigningKey } from '../src/ports.ts'
import { sign } from '../src/sign/sign.ts'
import { verify, type Report, type VerifyRequest } from '../src/sign/verify.ts'
import { model } from './model.ts'
import { bundleOf, letter, testKey, testTrust, WHEN, withSignature } from './signing.ts'

/** The letter with an XML signature of a key of the fixtures. */
export async function xmlLetter(name: Parameters<typeof testKey>[0] = 'p256'): Promise<Bundle> {
  return sign(letter(), await testKey(name), { when: WHEN, xml: model })
}

/** The text of the signature. */
export function xmlOf({ signature }: Bundle): string {
  return Buffer.from(fromBase64(String(signature?.data)) ?? []).toString('utf8')
}

/** The Bundle with another text as its signature. */
export function withXml(bundle: Bundle, text: string): Bundle {
  return withSignature(bundle, { data: toBase64(text) })
}

/** The report on a document by the trust of the fixtures. */
export async function judged(bundle: Bundle, request: VerifyRequest = {}): Promise<Report> {
  return verify(bundle, { ...(await testTrust()), model, ...request })
}

/** What a check of the only signature found. */
export function found({ signatures }: Report, name: string): string {
  return signatures[0]?.checks.find((one) => one.name === name)?.text ?? ''
}

const DS = 'http://www.w3.org/2000/09/xmldsig#'
const C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256'
const FORM = 'http://hl7.org/fhir/canonicalization/xml#document'

function digestOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('base64')
}

/** The Bundle signed in the layout that HL7's own tool writes, whose SignedInfo is received in another one where that is asked for. */
export async function inTemplate(
  bundle: Checked,
  key: SigningKey,
  layout = (text: string): string => text,
): Promise<Bundle> {
  const properties =
    '<x:SignedProperties xmlns:x="http://uri.etsi.org/01903/v1.3.2#" Id="SignedProperties"><x:SignedSignatureProperties>' +
    `<x:SigningTime>${WHEN}</x:SigningTime></x:SignedSignatureProperties><x:SignedDataObjectProperties><x:CommitmentTypeIndication>` +
    '<x:CommitmentTypeId><x:Identifier>urn:oid:1.2.840.10065.1.12.1.1</x:Identifier></x:CommitmentTypeId>' +
    '</x:CommitmentTypeIndication></x:SignedDataObjectProperties></x:SignedProperties>'
  const document = canonicalXml(bundle, model, ['id', 'meta', 'signature'])
  const method = `http://www.w3.org/2001/04/xmldsig-more#${key.alg.startsWith('RS') ? 'rsa' : 'ecdsa'}-sha256`
  const signedInfo = `<SignedInfo xmlns="${DS}">
    <CanonicalizationMethod Algorithm="${C14N}"></CanonicalizationMethod>
    <SignatureMethod Algorithm="${method}"></SignatureMethod>
    <Reference URI="#">
      <Transforms>
        <Transform Algorithm="${FORM}"></Transform>
      </Transforms>
      <DigestMethod Algorithm="${SHA256}"></DigestMethod>
      <DigestValue>${digestOf(document)}</DigestValue>
    </Reference>
    <Reference Type="http://uri.etsi.org/01903#SignedProperties" URI="#SignedProperties">
      <DigestMethod Algorithm="${SHA256}"></DigestMethod>
      <DigestValue>${digestOf(properties)}</DigestValue>
    </Reference>
  </SignedInfo>`
  const value = toBase64(await key.sign(Buffer.from(signedInfo)))
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<Signature xmlns="${DS}">
  ${layout(signedInfo)}
  <SignatureValue>${value}</SignatureValue>
  <SignedBytes>${toBase64('anything')}</SignedBytes>
  <KeyInfo>
    <X509Data>
      ${key.certificates.map((der) => `<X509Certificate>${toBase64(der)}</X509Certificate>`).join('\n      ')}
    </X509Data>
  </KeyInfo>
  <Object>
    <x:QualifyingProperties xmlns:x="http://uri.etsi.org/01903/v1.3.2#" Target="#signature">
      ${properties.replace(' xmlns:x="http://uri.etsi.org/01903/v1.3.2#"', '')}
    </x:QualifyingProperties>
  </Object>
</Signature>
`
  const signature = {
    type: [{ system: 'urn:iso-astm:E1762-95:2013', code: '1.2.840.10065.1.12.1.1' }],
    when: WHEN,
    who: { display: 'Somebody' },
    targetFormat: `application/fhir+xml;canonicalization=${FORM}`,
    sigFormat: 'application/pkcs7-signature',
    data: toBase64(text),
  }
  return bundleOf({ ...bundle, signature })
}
