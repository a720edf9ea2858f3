/** Digests and encodings agree with their published vectors. */

import { expect, it } from 'vitest'
import { fromBase64, fromBase64url, sha256, toBase64, toBase64url, uuidV5 } from '../../src/fhir/digest.ts'

it('the UUID of a name is that of RFC 9562, appendix A.4', () => {
  expect(uuidV5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2')
})

it('the SHA-256 of "abc" is that of FIPS 180-2', () => {
  expect(Buffer.from(sha256('abc')).toString('hex')).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  )
})

it('base64 is read with white space, base64url without, and neither where it is another text', () => {
  expect(toBase64(Uint8Array.of(251, 255))).toBe('+/8=')
  expect(toBase64url(Uint8Array.of(251, 255))).toBe('-_8')
  expect([...(fromBase64('+/\n8=') ?? [])]).toEqual([251, 255])
  expect([...(fromBase64url('-_8') ?? [])]).toEqual([251, 255])
  expect(fromBase64('-_8=')).toBeUndefined()
  expect(fromBase64('abc')).toBeUndefined()
  expect(fromBase64url('-_8=')).toBeUndefined()
  expect(fromBase64url('-_9')).toBeUndefined()
})
