/** What a certificate says of who signs, and what it says of a claim. */

import { describe, expect, it } from 'vitest'
import * as der from '../../src/fhir/der-write.ts'
import { extension, type CertificateRequest } from '../../src/edge/keys/issue.ts'
import type { Reference } from '../../src/fhir/types.ts'
import { agreement, holderOf, isSeal, sealerOf, whoOf } from '../../src/sign/signer.ts'
import { readCertificate } from '../../src/sign/x509.ts'
import { letter, testAuthority } from '../signing.ts'

const authority = testAuthority()
const D1 = 'https://clinic.example/fhir/Practitioner/d1'

function certificate(request: Partial<CertificateRequest> = {}) {
  return readCertificate(authority.issue({ subject: { O: 'Clinic', CN: 'Ada, MD' }, ...request }))
}

function agreementOf(who: Reference, request: Partial<CertificateRequest> = {}): string {
  return agreement(who, holderOf(certificate(request)), letter())
}

describe('the certificate names', () => {
  it('its holder by a FHIR URL', () => {
    expect(whoOf(holderOf(certificate({ uri: D1 })))).toEqual({ reference: D1, display: 'Ada, MD' })
  })

  it('its holder by another URI', () => {
    expect(whoOf(holderOf(certificate({ uri: 'urn:uuid:1' })))).toEqual({
      identifier: { system: 'urn:ietf:rfc:3986', value: 'urn:uuid:1' },
      display: 'Ada, MD',
    })
  })

  it('its holder by its subject, where nothing else does', () => {
    expect(whoOf(holderOf(certificate()))).toEqual({
      identifier: { system: 'urn:ietf:rfc:4514', value: 'CN=Ada\\, MD,O=Clinic' },
      display: 'Ada, MD',
    })
  })

  it('a Device where a seal has no organization in its subject', () => {
    expect(sealerOf(holderOf(certificate()))).toMatchObject({ type: 'Organization' })
    expect(sealerOf(holderOf(certificate({ subject: { CN: 'Gateway' } })))).toMatchObject({ type: 'Device' })
  })
})

const npi = extension(
  '2.5.29.17',
  der.sequence(
    der.element(0xa0, der.objectIdentifier('2.16.840.1.113883.4.6'), der.explicit(0, der.utf8String('9941339100'))),
  ),
)
const subject = { identifier: { system: 'https://directory.example', value: 'O=Clinic,CN=Ada\\, MD' } }

describe('a claim', () => {
  it.each([
    ['the URL of the certificate', { reference: D1 }, { uri: D1 }],
    ['a reference to the entry with that URL', { reference: 'Practitioner/d1' }, { uri: D1 }],
    [
      'a resource with an identifier of the certificate',
      { reference: 'Practitioner/d1' },
      { uri: 'urn:fhirdoc-test:p256' },
    ],
    ['the subject, in either order and under any system', subject, {}],
    [
      'a national number of the certificate',
      { identifier: { system: 'http://hl7.org/fhir/sid/us-npi', value: '9941339100' } },
      { extensions: [npi] },
    ],
  ] satisfies [string, Reference, Partial<CertificateRequest>][])('that is %s is vouched for', (_, who, request) => {
    expect(agreementOf(who, request)).toBe('vouched')
  })

  it.each([
    ['nobody the certificate knows', { reference: 'Practitioner/d2' }, {}],
    [
      'an identifier of a system that it does not speak of',
      { identifier: { system: 'https://doctors.example', value: '1' } },
      { uri: 'urn:uuid:1' },
    ],
    [
      'a resource with another URI than the certificate has',
      { reference: 'Practitioner/d1' },
      { uri: 'urn:fhirdoc-test:rsa' },
    ],
    ['a display alone', { display: 'Ada, MD' }, {}],
    [
      'a reference that its URL may end with, to a resource that is not there',
      { reference: 'Practitioner/d9' },
      { uri: 'https://other.example/Practitioner/d9' },
    ],
    ['a resource that is not there', { reference: 'Practitioner/none' }, {}],
  ] satisfies [string, Reference, Partial<CertificateRequest>][])('that is %s stays a claim', (_, who, request) => {
    expect(agreementOf(who, request)).toBe('claim')
  })

  it.each([
    ['another URL than the certificate has', { reference: 'https://clinic.example/fhir/Practitioner/d2' }, { uri: D1 }],
    [
      'another number of the same system',
      { identifier: { system: 'http://hl7.org/fhir/sid/us-npi', value: '1' } },
      { extensions: [npi] },
    ],
    ['another URI', { identifier: { system: 'urn:ietf:rfc:3986', value: 'urn:uuid:2' } }, { uri: 'urn:uuid:1' }],
    [
      'an Organization, where the certificate is a person',
      { reference: 'Organization/h1' },
      { subject: { CN: 'Ada', SN: 'Muster' } },
    ],
    [
      'a Practitioner, where the certificate is an organization',
      { type: 'Practitioner' },
      { subject: { CN: 'Clinic', organizationIdentifier: 'X' } },
    ],
  ] satisfies [string, Reference, Partial<CertificateRequest>][])('that is %s is contradicted', (_, who, request) => {
    expect(agreementOf(who, request)).toBe('contradicted')
  })

  it('beside a row of the table of signers is measured by the row alone', () => {
    const own = certificate()
    const holder = holderOf(own, { [own.fingerprint]: 'Practitioner/d1' })
    expect(agreement({ reference: 'Practitioner/d1' }, holder, letter())).toBe('vouched')
    expect(agreement({ reference: 'Practitioner/d2' }, holder, letter())).toBe('contradicted')
  })
})

it('a claim to a resource with another number of the register that the certificate names is contradicted', () => {
  const bundle = letter()
  const identifier = [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '1' }]
  const resource = { resourceType: 'Practitioner', id: 'd3', identifier }
  const entry = [{ fullUrl: 'urn:uuid:3', resource }]
  expect(
    agreement({ reference: 'urn:uuid:3' }, holderOf(certificate({ extensions: [npi] })), { ...bundle, entry }),
  ).toBe('contradicted')
})

describe('a seal', () => {
  const verification = ['urn:oid:1.2.840.10065.1.12.1.5']
  const act = (
    who: Reference | undefined,
    commitments: readonly string[],
    request: Partial<CertificateRequest> = {},
  ): boolean => isSeal({ who, commitments, holder: holderOf(certificate(request)) }, letter())

  it('is what an Organization or Device makes', () => {
    expect(act({ reference: 'Organization/h1' }, [])).toBe(true)
    expect(act({ type: 'Device' }, [])).toBe(true)
    expect(act({ reference: 'Practitioner/d1' }, [])).toBe(false)
  })

  it('is what verifies without proof of a person, whoever is named', () => {
    expect(act({ reference: 'Practitioner/d1' }, verification)).toBe(true)
    expect(act(undefined, verification)).toBe(true)
  })

  it('is not the verification of a person whom the certificate proves', () => {
    expect(act({ reference: D1 }, verification, { uri: D1 })).toBe(false)
    expect(act(undefined, verification, { subject: { CN: 'Ada', GN: 'Ada' } })).toBe(false)
  })
})
