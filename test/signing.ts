/** What tests of signatures share: a document, keys, an authority whose certificates are made to measure. */

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { openKey } from '../src/edge/keys/open.ts'
import {
  issueCertificate,
  issueCrl,
  type Authority,
  type CertificateRequest,
  type CrlRequest,
} from '../src/edge/keys/issue.ts'
import { signingKey } from '../src/edge/keys/signing-key.ts'
import { readTrust } from '../src/edge/trust.ts'
import { toBase64url } from '../src/fhir/digest.ts'
import { parseJson, stringify } from '../src/fhir/json.ts'
import { isBundle, type Bundle, type Checked, type Json } from '../src/fhir/types.ts'
import type { SigningKey } from '../src/ports.ts'
import { signingInput, writeData } from '../src/sign/jws.ts'
import { octets } from '../src/sign/octets.ts'
import { prepare } from '../src/sign/sign.ts'
import type { VerifyRequest } from '../src/sign/verify.ts'

const keys = new URL('../fixtures/keys/', import.meta.url).pathname

export function keyFile(name: string): string {
  return keys + name
}

export const PASSWORD = 'test-only'
export const SIGNERS = ['rsa', 'p256', 'p384'] as const

/** A key of the fixtures. */
export function testKey(name: (typeof SIGNERS)[number]): Promise<SigningKey> {
  return openKey({ key: keyFile(`test-${name}.jwk`) })
}

/** What verifies the signatures of those keys, an hour after {@link WHEN}. */
export async function testTrust(): Promise<Required<Pick<VerifyRequest, 'trust' | 'crls' | 'at'>>> {
  const { anchors, crls } = await readTrust(
    ['test-trust.pem', 'test-root.crl.der', 'test-authority.crl.pem'].map(keyFile),
  )
  return { trust: anchors, crls, at: AT }
}

export const WHEN = '2026-03-01T10:00:00Z'
export const AT = '2026-03-01T11:00:00Z'

const text = `{
  "resourceType": "Bundle",
  "id": "letter",
  "meta": { "lastUpdated": "2026-03-01T09:00:00Z", "security": [{ "code": "R" }] },
  "identifier": { "system": "urn:ietf:rfc:3986", "value": "urn:uuid:7a1c3f40-91a5-4d3e-8f10-2b7c5d9e0001" },
  "type": "document",
  "timestamp": "2026-03-01T09:30:00Z",
  "entry": [
    {
      "fullUrl": "https://clinic.example/fhir/Composition/c1",
      "resource": {
        "resourceType": "Composition",
        "id": "c1",
        "status": "final",
        "type": { "coding": [{ "system": "http://loinc.org", "code": "34133-9" }] },
        "subject": { "reference": "Patient/p1" },
        "date": "2026-03-01T09:00:00Z",
        "author": [{ "reference": "Practitioner/d1" }],
        "title": "Letter",
        "section": [
          {
            "title": "Findings",
            "text": { "status": "additional", "div": "<div xmlns=\\"http://www.w3.org/1999/xhtml\\"><p>Gewicht 71,50\\u00a0kg – «stabil», 体重 🙂</p></div>" },
            "entry": [{ "reference": "Observation/o1" }]
          }
        ]
      }
    },
    {
      "fullUrl": "https://clinic.example/fhir/Patient/p1",
      "resource": { "resourceType": "Patient", "id": "p1", "active": true, "name": [{ "family": "Muster", "given": ["Ada"] }], "birthDate": "1970-01-01" }
    },
    {
      "fullUrl": "https://clinic.example/fhir/Practitioner/d1",
      "resource": { "resourceType": "Practitioner", "id": "d1", "identifier": [{ "system": "urn:ietf:rfc:3986", "value": "urn:fhirdoc-test:p256" }], "name": [{ "family": "Doktor" }] }
    },
    {
      "fullUrl": "https://clinic.example/fhir/Practitioner/d2",
      "resource": { "resourceType": "Practitioner", "id": "d2", "name": [{ "family": "Andere" }] }
    },
    {
      "fullUrl": "https://clinic.example/fhir/Organization/h1",
      "resource": { "resourceType": "Organization", "id": "h1", "name": "Clinic" }
    },
    {
      "fullUrl": "https://clinic.example/fhir/Observation/o1",
      "resource": {
        "resourceType": "Observation",
        "id": "o1",
        "status": "final",
        "code": { "text": "Body weight" },
        "subject": { "reference": "Patient/p1" },
        "valueQuantity": { "value": 71.50, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg" }
      }
    }
  ]
}`

/** A document of our own invention: trailing zeros, Unicode spaces, an id and a meta. */
export function letter(): Checked {
  return bundleOf(parseJson(text)) as Checked
}

/** The value as a Bundle. */
export function bundleOf(value: Json): Bundle {
  if (!isBundle(value)) throw new TypeError('The value is no Bundle')
  return value
}

/** A copy that may be changed; decimals keep their text. */
export function copyOf(value: Json): { [name: string]: unknown } {
  return parseJson(stringify(value)) as { [name: string]: unknown }
}

/** The letter with members of its signature replaced, as a forger of unsigned parts would. */
export function withSignature(bundle: Bundle, members: { readonly [name: string]: Json | undefined }): Bundle {
  const { signature } = bundle
  const entries = Object.entries({ ...signature, ...members }).filter(([, value]) => value !== undefined)
  return bundleOf({ ...bundle, signature: Object.fromEntries(entries) })
}

export type HeaderMembers = Readonly<Record<string, unknown>>

/** The document signed under a header that `change` made of the usual one: a JWS that is right in all but that. */
export async function signUnder(
  bundle: Checked,
  key: SigningKey,
  change: (header: HeaderMembers) => HeaderMembers | string,
): Promise<Bundle> {
  const prepared = prepare(bundle, key, { when: WHEN })
  const usual = JSON.parse(Buffer.from(prepared.protected, 'base64url').toString()) as HeaderMembers
  const changed = change(usual)
  const header = toBase64url(typeof changed === 'string' ? changed : JSON.stringify(changed))
  const value = await key.sign(signingInput(header, octets(bundle)))
  return bundleOf({ ...bundle, signature: { ...prepared.signature, data: writeData(header, value) } })
}

/** Keys are slow to make, and these sign nothing that counts. */
const leafKey = newKey()

export function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
}

const LIFE = { from: '2026-01-01T00:00:00Z', until: '2027-01-01T00:00:00Z' }

/** A certification authority of the test's own, and what it issues. */
export interface TestAuthority extends Authority {
  readonly anchor: Uint8Array
  readonly issue: (request: Partial<CertificateRequest>) => Uint8Array
  readonly list: (request?: Partial<CrlRequest>) => Uint8Array
}

export function testAuthority(name = 'Authority', request: Partial<CertificateRequest> = {}): TestAuthority {
  const authority: Authority = { name: { O: 'fhirdoc test', CN: name }, key: newKey() }
  const issue = (own: Partial<CertificateRequest>): Uint8Array =>
    issueCertificate(authority, {
      ...LIFE,
      subject: { CN: 'Signer' },
      key: leafKey,
      serial: 7,
      keyUsage: ['digitalSignature'],
      ...own,
    })
  const anchor = issue({
    subject: authority.name,
    key: authority.key,
    serial: 1,
    authority: {},
    keyUsage: ['keyCertSign', 'cRLSign'],
    ...request,
  })
  const list = (own: Partial<CrlRequest> = {}): Uint8Array =>
    issueCrl(authority, { thisUpdate: LIFE.from, nextUpdate: LIFE.until, ...own })
  return { ...authority, anchor, issue, list }
}

/** The certificate of another authority's key. */
export function subordinate(
  issuer: TestAuthority,
  { name, key }: Authority,
  request: Partial<CertificateRequest> = {},
): Uint8Array {
  return issuer.issue({
    subject: name,
    key,
    serial: 2,
    authority: {},
    keyUsage: ['keyCertSign', 'cRLSign'],
    ...request,
  })
}

/** A key with the certificates given, the first of which {@link TestAuthority.issue} made for it. */
export function keyOf(...certificates: readonly Uint8Array[]): SigningKey {
  return signingKey({ privateKey: leafKey, certificates })
}

/** A public key as a JWK. */
export function publicKey(jwk: object): KeyObject {
  return createPublicKey({ key: jwk as never, format: 'jwk' })
}

/** A private key of a PEM file of the fixtures. */
export function privateKey(name: string): KeyObject {
  return createPrivateKey(readFileSync(keyFile(name)))
}
