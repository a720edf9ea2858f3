/** Signatures beside a document: over the Bundle in a form, over a file as it is, or no signature at all. */

import { beforeAll, describe, expect, it } from 'vitest'
import { toBase64url } from '../../src/fhir/digest.ts'
import type { Bundle, Signed } from '../../src/fhir/types.ts'
import type { SigningKey } from '../../src/ports.ts'
import { signingInput } from '../../src/sign/jws.ts'
import { sign } from '../../src/sign/sign.ts'
import { verify, verifyFile, type VerifyRequest } from '../../src/sign/verify.ts'
import { letter, testKey, testTrust, WHEN, type HeaderMembers } from '../signing.ts'

let key: SigningKey
let trust: VerifyRequest
let signed: Signed
let header: HeaderMembers
beforeAll(async () => {
  key = await testKey('p256')
  trust = await testTrust()
  signed = await sign(letter(), key, { when: WHEN })
  header = JSON.parse(Buffer.from(compactOf(signed).split('.')[0] ?? '', 'base64url').toString()) as HeaderMembers
})

function compactOf({ signature }: Bundle): string {
  return Buffer.from(String(signature?.data), 'base64').toString()
}

/** A detached JWS over octets, in JSON. */
async function over(octets: Uint8Array, change: (header: HeaderMembers) => HeaderMembers): Promise<Uint8Array> {
  const protectedPart = toBase64url(JSON.stringify(change(header)))
  const value = await key.sign(signingInput(protectedPart, octets))
  return Buffer.from(JSON.stringify({ protected: protectedPart, signature: toBase64url(value) }))
}

const undeclared = ({ canon: _canon, ...others }: HeaderMembers): HeaderMembers => others
const file = Buffer.from('any file, "1.50"\r\n')

describe('a file that is no Bundle', () => {
  it('passes with a signature over its octets', async () => {
    const report = await verifyFile(file, { ...trust, sidecars: [await over(file, undeclared)] })
    expect(report).toMatchObject({ indication: 'TOTAL_PASSED', signatures: [{ where: 'sidecar', notCovered: [] }] })
  })

  it('does not after any change', async () => {
    const sidecar = await over(file, undeclared)
    for (let at = 0; at < file.length; at++) {
      const changed = Buffer.from(file)
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
      expect(await verifyFile(changed, { ...trust, sidecars: [sidecar] })).toMatchObject({
        subIndication: 'SIG_CRYPTO_FAILURE',
      })
    }
  })

  it('does not with a payload of the signature own', async () => {
    const sidecar = JSON.parse(Buffer.from(await over(file, undeclared)).toString()) as object
    const wrapping = Buffer.from(JSON.stringify({ ...sidecar, payload: toBase64url(file) }))
    expect(await verifyFile(Buffer.from('other'), { ...trust, sidecars: [wrapping] })).toMatchObject({
      indication: 'TOTAL_FAILED',
      subIndication: 'HASH_FAILURE',
    })
  })

  it('without any signature is nothing that passes', async () => {
    expect(await verifyFile(file, trust)).toMatchObject({ indication: 'INDETERMINATE', signatures: [] })
  })
})

describe('a Bundle', () => {
  it('has the same signature beside it in one report', async () => {
    const [protectedPart = '', , signature = ''] = compactOf(signed).split('.')
    const sidecar = Buffer.from(JSON.stringify({ protected: protectedPart, signature }))
    const report = await verify(signed, { ...trust, sidecars: [sidecar] })
    expect(report).toMatchObject({
      indication: 'TOTAL_PASSED',
      signatures: [{ where: 'Bundle.signature', level: 'B-B' }],
    })
  })

  it('has a further signature in a report of its own', async () => {
    const sidecar = Buffer.from(compactOf(await sign(letter(), await testKey('rsa'), { when: WHEN })))
    const { indication, signatures } = await verify(signed, { ...trust, sidecars: [sidecar] })
    expect([indication, signatures.map(({ where }) => where)]).toEqual([
      'TOTAL_PASSED',
      ['Bundle.signature', 'sidecar'],
    ])
  })

  it('is as good as the worst of its signatures', async () => {
    const sidecar = await over(file, (usual) => usual)
    const { indication, signatures } = await verify(signed, { ...trust, sidecars: [sidecar] })
    expect([indication, signatures.map((one) => one.indication)]).toEqual([
      'TOTAL_FAILED',
      ['TOTAL_PASSED', 'TOTAL_FAILED'],
    ])
  })

  it('may be signed as its file is, where the signature names no form', async () => {
    const text = Buffer.from(JSON.stringify(letter(), null, 3))
    const request = { ...trust, file: text }
    const report = await verify(letter(), { ...request, sidecars: [await over(text, undeclared)] })
    expect(report).toMatchObject({ indication: 'TOTAL_PASSED', signatures: [{ notCovered: [] }] })
    const declaring = await verify(letter(), { ...request, sidecars: [await over(text, (usual) => usual)] })
    expect(declaring).toMatchObject({ indication: 'TOTAL_FAILED' })
  })

  it.each([
    ['alg none', (usual: HeaderMembers) => ({ ...usual, alg: 'none' })],
    ['HMAC', (usual: HeaderMembers) => ({ ...usual, alg: 'HS256' })],
    ['an unknown crit', (usual: HeaderMembers) => ({ ...usual, crit: ['unknown'], unknown: 1 })],
    ['sigD', (usual: HeaderMembers) => ({ ...usual, sigD: {} })],
    ['b64', (usual: HeaderMembers) => ({ ...usual, b64: false })],
  ])('with %s beside it is refused', async (_, change) => {
    const report = await verify(letter(), { ...trust, sidecars: [await over(file, change)] })
    expect(report).toMatchObject({ indication: 'TOTAL_FAILED', subIndication: 'FORMAT_FAILURE' })
  })

  it('is not trusted by the key that its signature brings along', async () => {
    const jwk = { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' }
    const sidecar = await over(file, ({ x5c: _x5c, 'x5t#S256': _x5t, ...others }) => ({ ...others, jwk }))
    const report = await verify(letter(), { ...trust, sidecars: [sidecar] })
    expect(report).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'NO_SIGNING_CERTIFICATE_FOUND' })
  })

  it.each(['', '%PDF-1.7', '!!', '{}', '[]'])('with %j beside it does not pass', async (content) => {
    const report = await verify(signed, { ...trust, sidecars: [Buffer.from(content)] })
    expect(report.indication).not.toBe('TOTAL_PASSED')
    expect(report.signatures).toHaveLength(2)
  })
})
