/** Signing keys from files of every kind, and one clear error for each that is none. */

import { createPublicKey, verify, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { FhirError } from '../../../src/fhir/error.ts'
import { openKey, type KeyFiles, type OpenOptions } from '../../../src/edge/keys/open.ts'
import { keyFile, PASSWORD, SIGNERS } from '../../signing.ts'

const folder = mkdtempSync(join(tmpdir(), 'fhirdoc-keys-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

function blocksOf(pem: string): readonly string[] {
  return pem.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? []
}

const ALGS = { rsa: 'RS256', p256: 'ES256', p384: 'ES384' } as const
const KINDS = ['p12', 'legacy.p12', 'pem', 'encrypted.pem', 'jwk']

describe.each(SIGNERS.flatMap((name) => KINDS.map((kind) => [name, kind] as const)))('test-%s.%s', (name, kind) => {
  it('is a key with its chain, leaf first, byte for byte', async () => {
    const key = await openKey({ key: keyFile(`test-${name}.${kind}`) }, { password: PASSWORD })
    const chain = blocksOf(readFileSync(keyFile(`test-${name}.chain.pem`), 'utf8'))
    expect(key.alg).toBe(ALGS[name])
    expect(key.certificates.map((der) => Buffer.from(der))).toEqual(chain.map((pem) => new X509Certificate(pem).raw))
  })

  it('signs what its certificate verifies', async () => {
    const key = await openKey({ key: keyFile(`test-${name}.${kind}`) }, { password: PASSWORD })
    const octets = Buffer.from('octets')
    const { publicKey } = new X509Certificate(key.certificates[0] ?? '')
    const hash = key.alg === 'ES384' ? 'sha384' : 'sha256'
    expect(verify(hash, octets, { key: publicKey, dsaEncoding: 'ieee-p1363' }, await key.sign(octets))).toBe(true)
  })
})

describe('a key', () => {
  it.each(['test-p256.unicode.p12', 'test-p256.unicode-legacy.p12'])(
    '%s opens with a password beyond ASCII',
    async (name) => {
      expect((await openKey({ key: keyFile(name) }, { password: 'nur-für-Tests' })).alg).toBe('ES256')
    },
  )

  it('has its certificates byte for byte where RSA signed them, with PSS too', async () => {
    const key = await openKey({ key: keyFile('test-pss-issued.p12') }, { password: PASSWORD })
    const chain = blocksOf(readFileSync(keyFile('test-pss-issued.chain.pem'), 'utf8'))
    expect(key.certificates).toEqual(chain.map((pem) => new X509Certificate(pem).raw))
  })

  it('takes its certificates from another file', async () => {
    const files = { key: keyFile('test-p256.traditional.pem'), certificates: keyFile('test-p256.chain.pem') }
    expect((await openKey(files, { password: PASSWORD })).certificates.length).toBe(2)
  })

  it('takes one certificate in DER', async () => {
    const { raw } = new X509Certificate(readFileSync(keyFile('test-p256.chain.pem')))
    const files = { key: keyFile('test-p256.traditional.pem'), certificates: file('leaf.der', raw) }
    expect((await openKey(files, { password: PASSWORD })).certificates).toEqual([raw])
  })

  it('takes its password from the first line of a file, rather than the one given', async () => {
    const password = file('password', `${PASSWORD}\r\nand a remark\n`)
    expect((await openKey({ key: keyFile('test-p256.p12'), password }, { password: 'other' })).alg).toBe('ES256')
  })

  it('signs by another algorithm of its kind where one is asked for', async () => {
    const key = await openKey({ key: keyFile('test-rsa.pem') }, { alg: 'PS256' })
    const value = await key.sign(Buffer.from('octets'))
    const { publicKey } = new X509Certificate(key.certificates[0] ?? '')
    expect(key.alg).toBe('PS256')
    expect(verify('sha256', Buffer.from('octets'), { key: publicKey, padding: 6, saltLength: 32 }, value)).toBe(true)
  })

  it('brings its chain in order, whatever order the file has, and without strangers', async () => {
    const blocks = blocksOf(readFileSync(keyFile('test-p256.pem'), 'utf8'))
    const stranger = readFileSync(keyFile('test-rsa.chain.pem'), 'utf8')
    const key = await openKey({ key: file('turned.pem', [stranger, ...[...blocks].reverse()].join('\n')) })
    expect(key.certificates.map((der) => new X509Certificate(der).subject.split('\n').at(-1))).toEqual([
      'CN=fhirdoc test p256 (test key)',
      'CN=fhirdoc test authority (test key)',
    ])
  })
})

const jwk = JSON.parse(readFileSync(keyFile('test-p256.jwk'), 'utf8')) as Record<string, unknown>
const { d: _d, ...publicJwk } = jwk
const pem = readFileSync(keyFile('test-p256.pem'), 'utf8')
const keyBlock = pem.slice(0, pem.indexOf('-----BEGIN CERTIFICATE'))

describe('what cannot be a key is one clear error, with neither path nor secret', () => {
  it.each<[what: string, files: KeyFiles, options: OpenOptions, words: RegExp]>([
    ['a file that is not there', { key: join(folder, 'nowhere.p12') }, {}, /cannot be read/],
    [
      'a password file that is not there',
      { key: keyFile('test-p256.p12'), password: join(folder, 'nowhere') },
      {},
      /password file/,
    ],
    [
      'a wrong password of new PKCS#12',
      { key: keyFile('test-rsa.p12') },
      { password: 'Geheim-1' },
      /password is wrong/,
    ],
    [
      'a wrong password of old PKCS#12',
      { key: keyFile('test-rsa.legacy.p12') },
      { password: 'Geheim-1' },
      /password is wrong/,
    ],
    ['no password of PKCS#12', { key: keyFile('test-p256.p12') }, {}, /needs a password/],
    ['a wrong password of PEM', { key: keyFile('test-rsa.encrypted.pem') }, { password: 'Geheim-1' }, /does not open/],
    ['no password of PEM', { key: keyFile('test-rsa.encrypted.pem') }, {}, /expected its password/],
    [
      'a wrong password of traditional PEM',
      { key: keyFile('test-p256.traditional.pem') },
      { password: 'Geheim-1' },
      /does not open/,
    ],
    ['a PEM without key', { key: keyFile('test-p256.chain.pem') }, {}, /no private key/],
    ['a PEM with two keys', { key: file('two.pem', keyBlock + pem) }, {}, /2 private keys/],
    [
      'a PEM that is damaged',
      { key: file('damaged.pem', pem.replace(/M[A-Za-z0-9+/]{20}/, 'MIIGeheim1')) },
      {},
      /cannot be read/,
    ],
    ['a key without certificate', { key: file('bare.pem', keyBlock) }, {}, /no certificate/],
    [
      'the certificate of another key',
      { key: file('bare2.pem', keyBlock), certificates: keyFile('test-rsa.chain.pem') },
      {},
      /not that of the private key/,
    ],
    [
      'a certificate that is none',
      { key: file('bare3.pem', keyBlock), certificates: file('garbage.der', 'garbage') },
      {},
      /cannot be read/,
    ],
    ['an algorithm of another kind', { key: keyFile('test-p256.pem') }, { alg: 'RS256' }, /expected ES256/],
    ['a public JWK', { key: file('public.jwk', JSON.stringify(publicJwk)) }, {}, /no private part/],
    ['a JWK for encryption', { key: file('enc.jwk', JSON.stringify({ ...jwk, use: 'enc' })) }, {}, /use/],
    ['a JWK for verifying', { key: file('ops.jwk', JSON.stringify({ ...jwk, key_ops: ['verify'] })) }, {}, /key_ops/],
    ['a JWK set', { key: file('set.jwk', JSON.stringify({ keys: [jwk] })) }, {}, /set of keys/],
    [
      'a JWK with an alg of another kind',
      { key: file('alg.jwk', JSON.stringify({ ...jwk, alg: 'RS256' })) },
      {},
      /RS256/,
    ],
    [
      'a JWK with a curve of another kind',
      { key: file('crv.jwk', JSON.stringify({ ...jwk, crv: 'P-521' })) },
      {},
      /cannot be read/,
    ],
    ['JSON that is none', { key: file('broken.jwk', '{"d": "Geheim-1"') }, {}, /not JSON/],
    ['garbage', { key: file('garbage.p12', 'Geheim-1') }, {}, /neither PEM nor JWK nor PKCS#12/],
    ['nothing', { key: file('empty.p12', '') }, {}, /neither PEM nor JWK nor PKCS#12/],
    ['DER that is no PKCS#12', { key: keyFile('test-root.crl.der') }, {}, /PKCS#12/],
  ])('%s', async (_, files, options, words) => {
    const error: unknown = await openKey(files, options).catch((thrown: unknown) => thrown)
    if (!(error instanceof FhirError)) throw new TypeError('The key was opened, or the error is another')
    expect(error.issues).toMatchObject([{ severity: 'error', code: 'security', rule: 'signer-key' }])
    expect(error.message).toMatch(words)
    expect(error.message).not.toContain(folder)
    expect(error.message).not.toMatch(/fixtures|Geheim|test-only/)
  })
})

it('an RSA key that is too short, and a key of another kind, are refused', async () => {
  const { generateKeyPairSync } = await import('node:crypto')
  const { signingKey } = await import('../../../src/edge/keys/signing-key.ts')
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
  expect(() => signingKey({ privateKey: short, certificates: [] })).toThrow(/1024 bits/)
  const other = generateKeyPairSync('ed25519').privateKey
  expect(() => signingKey({ privateKey: other, certificates: [] })).toThrow(/not supported/)
  expect(createPublicKey(other).asymmetricKeyType).toBe('ed25519')
})
