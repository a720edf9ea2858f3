/** Headers that are refused, each for its own reason. */

import { beforeAll, describe, expect, it } from 'vitest'
import { FhirError } from '../../src/fhir/error.ts'
import { toBase64, toBase64url } from '../../src/fhir/digest.ts'
import type { SigningKey } from '../../src/ports.ts'
import { readHeader } from '../../src/sign/header.ts'
import { verify } from '../../src/sign/verify.ts'
import { letter, signUnder, testKey, testTrust, type HeaderMembers } from '../signing.ts'

let key: SigningKey
beforeAll(async () => {
  key = await testKey('p256')
})

const stranger = toBase64('no certificate')

/** What is changed, how, and what the refusal speaks of. */
const refusals: readonly (readonly [
  what: string,
  change: (header: HeaderMembers) => HeaderMembers | string,
  words: RegExp,
])[] = [
  ['the algorithm none', (header) => ({ ...header, alg: 'none' }), /none proves no signer/],
  ['HMAC with the public key', (header) => ({ ...header, alg: 'HS256' }), /HS256 proves no signer/],
  ['no algorithm', ({ alg: _, ...header }) => header, /proves no signer/],
  ['an unknown critical name', (header) => ({ ...header, crit: ['exp'], exp: 1 }), /exp as critical/],
  ['a critical name that is not there', (header) => ({ ...header, crit: ['sigT'] }), /sigT as critical/],
  ['an empty crit', (header) => ({ ...header, crit: [] }), /crit/],
  ['a crit with a name twice', (header) => ({ ...header, crit: ['iat', 'iat'] }), /crit/],
  ['a crit that is no list', (header) => ({ ...header, crit: 'iat' }), /crit/],
  ['an unencoded payload', (header) => ({ ...header, b64: false, crit: ['b64'] }), /b64/],
  ['detached objects of its own', (header) => ({ ...header, sigD: {} }), /sigD/],
  ['both iat and sigT', (header) => ({ ...header, sigT: '2026-03-01T10:00:00Z' }), /both iat and sigT/],
  ['iat as text', (header) => ({ ...header, iat: '1772359200' }), /iat/],
  ['iat with a fraction', (header) => ({ ...header, iat: 1772359200.5 }), /iat/],
  ['iat beyond the calendar', (header) => ({ ...header, iat: 1e15 }), /iat/],
  ['sigT that is no instant', ({ iat: _, ...header }) => ({ ...header, sigT: '2026-03-01' }), /sigT/],
  ['the digest of another certificate', (header) => ({ ...header, 'x5t#S256': 'A'.repeat(43) }), /another certificate/],
  ['a certificate that is none', ({ 'x5t#S256': _, ...header }) => ({ ...header, x5c: [stranger] }), /no X.509/],
  ['a certificate in base64url', (header) => ({ ...header, x5c: ['_-_-'] }), /not base64/],
  ['an empty x5c', (header) => ({ ...header, x5c: [] }), /x5c/],
  ['hundreds of certificates', (header) => ({ ...header, x5c: Array(300).fill(stranger) }), /more than 10/],
  ['srCms of another shape', (header) => ({ ...header, srCms: [{ commId: 'author' }] }), /srCms/],
  ['a policy without a name', (header) => ({ ...header, sigPId: { id: {} } }), /sigPId/],
  ['canon that is no text', (header) => ({ ...header, canon: 5 }), /canon/],
  ['a member twice', (header) => JSON.stringify(header).replace('{', '{"alg":"none",'), /each member once/],
  [
    'a member twice, once escaped',
    (header) => JSON.stringify(header).replace('{', '{"al\\u0067":"none",'),
    /each member once/,
  ],
  ['a header that is no object', () => '[]', /no.* object/],
  ['a header that is no JSON', () => '{', /not JSON/],
]

describe.each(refusals)('%s', (_, change, words) => {
  it('is refused, though the mathematics hold', async () => {
    const document = await signUnder(letter(), key, change)
    const report = await verify(document, await testTrust())
    expect(report).toMatchObject({ indication: 'TOTAL_FAILED', subIndication: 'FORMAT_FAILURE' })
    expect(report.signatures[0]?.checks[0]).toMatchObject({
      name: 'format',
      verdict: 'failed',
      text: expect.stringMatching(words) as string,
    })
  })
})

it('the same header unchanged passes, with crit for what is understood too', async () => {
  const trust = await testTrust()
  for (const change of [
    (header: HeaderMembers) => header,
    (header: HeaderMembers) => ({ ...header, crit: ['iat', 'srCms'], kid: 'x', typ: 'JOSE' }),
  ]) {
    expect((await verify(await signUnder(letter(), key, change), trust)).indication).toBe('TOTAL_PASSED')
  }
})

it('a canonical form other than that of targetFormat is refused', async () => {
  const document = await signUnder(letter(), key, (header) => ({
    ...header,
    canon: 'http://hl7.org/fhir/canonicalization/json',
  }))
  expect(await verify(document, await testTrust())).toMatchObject({
    indication: 'TOTAL_FAILED',
    subIndication: 'FORMAT_FAILURE',
  })
})

it('without a certificate there is no signer to speak of', async () => {
  const document = await signUnder(letter(), key, ({ x5c: _, ...header }) => header)
  expect(await verify(document, await testTrust())).toMatchObject({
    indication: 'INDETERMINATE',
    subIndication: 'NO_SIGNING_CERTIFICATE_FOUND',
  })
})

it('a key in the header counts for nothing', async () => {
  const document = await signUnder(letter(), key, ({ x5c: _, ...header }) => ({
    ...header,
    jwk: { kty: 'EC' },
    jku: 'https://evil.example/',
  }))
  expect((await verify(document, await testTrust())).indication).toBe('INDETERMINATE')
})

it('a header in another than the one base64url of its bytes is refused', () => {
  const text = toBase64url('{"alg":"ES256"}')
  expect(() => readHeader(`${text}=`)).toThrow(FhirError)
  expect(readHeader(text).algorithm.name).toBe('ES256')
})
