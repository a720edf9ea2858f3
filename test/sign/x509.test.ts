/** Certificates and revocation lists as facts. */

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { FhirError } from '../../src/fhir/error.ts'
import * as der from '../../src/fhir/der-write.ts'
import { extension } from '../../src/edge/keys/issue.ts'
import { derBlocks, toPem } from '../../src/edge/keys/pem.ts'
import { isIssuedBy, readCertificate, readCrl } from '../../src/sign/x509.ts'
import { keyFile, testAuthority } from '../signing.ts'

const authority = testAuthority('Clinic, "Ä" + Söhne')

it('the facts of a certificate are those that were put in', () => {
  const other = der.sequence(
    der.objectIdentifier('2.16.840.1.113883.4.6'),
    der.explicit(0, der.utf8String('9941339100')),
  )
  const names = der.sequence(
    der.element(0xa0, other.subarray(2)),
    der.element(0x86, Buffer.from('https://clinic.example/fhir/Practitioner/1')),
  )
  const certificate = readCertificate(
    authority.issue({
      subject: { CN: 'Ada Muster', SN: 'Muster' },
      serial: 0x80aa,
      keyUsage: ['nonRepudiation'],
      purposes: ['1.3.6.1.5.5.7.3.4'],
      extensions: [extension('2.5.29.17', names)],
    }),
  )
  expect(certificate).toMatchObject({
    subject: 'SN=Muster,CN=Ada Muster',
    attributes: { '2.5.4.3': 'Ada Muster', '2.5.4.4': 'Muster' },
    names: [
      { kind: 'other', type: '2.16.840.1.113883.4.6', value: '9941339100' },
      { kind: 'uri', value: 'https://clinic.example/fhir/Practitioner/1' },
    ],
    serial: '0080aa',
    keyUsage: ['nonRepudiation'],
    purposes: ['1.3.6.1.5.5.7.3.4'],
    isAuthority: false,
    critical: ['2.5.29.19', '2.5.29.15'],
    signatureHash: 'sha256',
    notBeforeMs: Date.parse('2026-01-01T00:00:00Z'),
    notAfterMs: Date.parse('2027-01-01T00:00:00Z'),
  })
  expect(certificate.issuer).toContain('Ä')
})

it('an authority is one with its length', () => {
  expect(readCertificate(testAuthority('A', { authority: { pathLength: 3 } }).anchor)).toMatchObject({
    isAuthority: true,
    pathLength: 3,
  })
  expect(readCertificate(authority.anchor)).toMatchObject({ isAuthority: true, pathLength: undefined })
})

it('a certificate that RSA signed with PSS has its hash and its issuer', () => {
  const [leaf, root] = derBlocks(readFileSync(keyFile('test-pss-issued.chain.pem'), 'latin1'), 'CERTIFICATE').map(
    readCertificate,
  )
  expect(leaf?.signatureHash).toBe('sha256')
  expect(leaf && root && isIssuedBy(leaf, root)).toBe(true)
})

it('a certificate is issued by the one whose key signed it', () => {
  const leaf = readCertificate(authority.issue({}))
  expect(isIssuedBy(leaf, readCertificate(authority.anchor))).toBe(true)
  expect(isIssuedBy(leaf, readCertificate(testAuthority('Clinic, "Ä" + Söhne').anchor))).toBe(false)
})

it.each([
  ['nothing', Buffer.from([])],
  ['garbage', Buffer.from('garbage')],
  ['PEM', Buffer.from(toPem('CERTIFICATE', authority.anchor))],
  ['octets after the end', Buffer.concat([authority.anchor, Buffer.from([0])])],
  ['a certificate cut short', authority.anchor.subarray(0, -1)],
  ['an extension twice', authority.issue({ uri: 'urn:a', extensions: [extension('2.5.29.17', der.sequence())] })],
])('%s is no certificate', (_, bytes) => {
  expect(() => readCertificate(bytes)).toThrow(FhirError)
})

it.each([
  ['nothing', Buffer.from([])],
  ['a certificate', authority.anchor],
  ['octets after the end', Buffer.concat([authority.list(), Buffer.from([0])])],
])('%s is no revocation list', (_, bytes) => {
  expect(() => readCrl(bytes)).toThrow(FhirError)
})
