/** The signer of the demonstration: what it signs passes against its own root, and against no other. */

import { expect, it } from 'vitest'
import { X509Certificate } from 'node:crypto'
import { demoSigner } from '../../../src/edge/keys/demo.ts'
import { sign } from '../../../src/sign/sign.ts'
import { verify } from '../../../src/sign/verify.ts'
import { letter, WHEN } from '../../signing.ts'

it('signs what passes in full, with the revocation list made on the spot', async () => {
  const { key, trust, crls } = demoSigner({ now: WHEN })
  const signed = await sign(letter(), key, { when: WHEN })
  expect((await verify(signed, { trust, crls, at: WHEN })).indication).toBe('TOTAL_PASSED')
  expect((await verify(signed, { ...demoSigner({ now: WHEN }), at: WHEN })).subIndication).toBe(
    'NO_CERTIFICATE_CHAIN_FOUND',
  )
})

it('is named a test key, in its root too, and lives a month', () => {
  const { key, trust, trustPem } = demoSigner({ now: WHEN })
  for (const der of [...key.certificates, ...trust]) expect(new X509Certificate(der).subject).toContain('test key')
  expect(new X509Certificate(trustPem).raw).toEqual(trust[0])
  expect(new Date(new X509Certificate(trust[0]).validTo).toISOString()).toBe('2026-03-31T10:00:00.000Z')
})

it('bears the name and the URI given', () => {
  const { key } = demoSigner({ now: WHEN, name: 'Ada (test key)', uri: 'urn:uuid:1' })
  const certificate = new X509Certificate(key.certificates[0] ?? '')
  expect(certificate.subject).toContain('CN=Ada (test key)')
  expect(certificate.subjectAltName).toBe('URI:urn:uuid:1')
})
