/** The algorithms verify what the official vectors say, and nothing else. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { algorithm, fits, verifies, weakness } from '../../src/sign/algorithms.ts'
import { privateKey, publicKey, testKey } from '../signing.ts'
import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto'

interface Vector {
  readonly name: string
  readonly compact: string
  readonly jwk: object
}

const { vectors } = JSON.parse(readFileSync(new URL('jws-vectors.json', import.meta.url), 'utf8')) as {
  vectors: readonly Vector[]
}

describe.each(vectors)('$name', ({ compact, jwk }) => {
  const [header = '', payload = '', value = ''] = compact.split('.')
  const { alg } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { alg: string }
  const row = algorithm(alg)
  const key = publicKey(jwk)

  it('verifies', () => {
    expect(row && verifies(row, key, Buffer.from(`${header}.${payload}`), Buffer.from(value, 'base64url'))).toBe(true)
  })

  it('does not verify over another payload, or with another value', () => {
    expect(row && verifies(row, key, Buffer.from(`${header}.${payload}A`), Buffer.from(value, 'base64url'))).toBe(false)
    const other = Buffer.from(value, 'base64url')
    other.writeUInt8(other.readUInt8(9) ^ 0x40, 9)
    expect(row && verifies(row, key, Buffer.from(`${header}.${payload}`), other)).toBe(false)
  })

  it('does not verify as another algorithm of the same key', () => {
    for (const name of ['RS384', 'PS256', 'ES384', 'ES512']) {
      const another = algorithm(name)
      expect(
        another && verifies(another, key, Buffer.from(`${header}.${payload}`), Buffer.from(value, 'base64url')),
      ).toBe(false)
    }
  })
})

it.each(['none', 'HS256', 'HS384', 'HS512', '', 'rs256', '__proto__'])('%j is no algorithm', (name) => {
  expect(algorithm(name)).toBeUndefined()
})

it('an ECDSA value in DER does not verify, only its two numbers side by side', async () => {
  const { sign } = await import('node:crypto')
  const row = algorithm('ES256')
  const key = privateKey('test-p256.pem')
  const octets = Buffer.from('octets')
  const verified = (dsaEncoding: 'der' | 'ieee-p1363'): boolean | undefined =>
    row && verifies(row, createPublicKey(key), octets, sign('sha256', octets, { key, dsaEncoding }))
  expect(verified('ieee-p1363')).toBe(true)
  expect(verified('der')).toBe(false)
})

it('an ECDSA value does not verify under the name of an RSA algorithm', async () => {
  const { sign } = await import('node:crypto')
  const row = algorithm('RS256')
  const key = privateKey('test-p256.pem')
  const octets = Buffer.from('octets')
  expect(row && verifies(row, createPublicKey(key), octets, sign('sha256', octets, key))).toBe(false)
})

it('a key fits only the algorithms of its kind and curve', async () => {
  const { publicKey: p384 } = new X509Certificate((await testKey('p384')).certificates[0] ?? '')
  const fitting = ['RS256', 'PS256', 'ES256', 'ES384', 'ES512'].filter((name) => {
    const row = algorithm(name)
    return row !== undefined && fits(row, p384)
  })
  expect(fitting).toEqual(['ES384'])
})

it('a short RSA key and an odd curve are weak', () => {
  expect(weakness(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey)).toContain('1024 bits')
  expect(weakness(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey)).toBeDefined()
  expect(weakness(generateKeyPairSync('ed25519').publicKey)).toBeDefined()
  expect(weakness(createPublicKey(privateKey('test-rsa.pem')))).toBeUndefined()
})
