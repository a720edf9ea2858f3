/** Time-stamps: each thing that may be wrong with one keeps it from proving anything. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTimestamp, validateTimestamp, type TimestampTrust } from '../../src/sign/timestamp.ts'
import { readCertificate, readCrl } from '../../src/sign/x509.ts'
import { AT, newKey, testAuthority } from '../signing.ts'
import { forStamps, sha256, testTsa, type Wrong } from '../stamping.ts'

const root = testAuthority('Root')
const GEN = '2026-03-01T10:30:00Z'
const tsa = testTsa(root, GEN)
const data = Buffer.from('the octets')
const trust: TimestampTrust = {
  anchors: [readCertificate(root.anchor)],
  material: [{ crls: [readCrl(root.list())], ocsps: [] }],
  atMs: Date.parse(AT),
}

function faultOf(token: Uint8Array, own: Partial<TimestampTrust> = {}): string | undefined {
  return validateTimestamp(token, data, { ...trust, ...own }).fault?.subIndication
}

it('a sound time-stamp proves its time', () => {
  expect(validateTimestamp(tsa.over(data), data, trust)).toMatchObject({
    genTimeMs: Date.parse(GEN),
    authority: 'CN=Stamps',
    fault: undefined,
  })
  expect(readTimestamp(tsa.over(data))).toMatchObject({ policy: '2.999.1.1', accuracyMs: 1000 })
})

it('one whose certificate is at hand elsewhere needs none inside', () => {
  const token = tsa.over(data, { certificates: [] })
  expect(faultOf(token)).toBe('NO_SIGNING_CERTIFICATE_FOUND')
  expect(faultOf(token, { pool: [readCertificate(tsa.certificate)] })).toBeUndefined()
})

it.each<readonly [string, Wrong, string]>([
  ['another version', { version: 2 }, 'FORMAT_FAILURE'],
  ['an imprint by SHA-1', { imprintHash: '1.3.14.3.2.26' }, 'CRYPTO_CONSTRAINTS_FAILURE'],
  ['an imprint by another hash than it says', { imprintHash: '2.16.840.1.101.3.4.2.3' }, 'HASH_FAILURE'],
  ['another type of content signed', { contentType: '1.2.840.113549.1.7.1' }, 'FORMAT_FAILURE'],
  ['another digest of the content signed', { messageDigest: sha256(Buffer.from('x')) }, 'HASH_FAILURE'],
  ['a signature by another key', { key: newKey() }, 'SIG_CRYPTO_FAILURE'],
  ['the name of another certificate', { certificateDigest: sha256(Buffer.from('x')) }, 'SIG_CONSTRAINTS_FAILURE'],
  ['no name of its certificate', { certificateDigest: 'none' }, 'SIG_CONSTRAINTS_FAILURE'],
  ['a time to come', { genTime: '2026-03-02T10:30:00Z' }, 'TIMESTAMP_ORDER_FAILURE'],
  ['a time before its certificate', { genTime: '2025-03-01T10:30:00Z' }, 'CHAIN_CONSTRAINTS_FAILURE'],
])('one with %s proves nothing', (_, wrong, expected) => {
  expect(faultOf(tsa.over(data, wrong))).toBe(expected)
})

it('one over other octets proves nothing of these', () => {
  expect(faultOf(tsa.over(Buffer.from('others')))).toBe('HASH_FAILURE')
})

it.each([
  ['no purpose', { extensions: [] }],
  ['a purpose that is not critical', { extensions: [forStamps(false)] }],
  ['another purpose besides', { extensions: [forStamps(true, '1.3.6.1.5.5.7.3.4')] }],
  ['a key that only encrypts', { keyUsage: ['keyEncipherment'] as const }],
])('an authority with %s may not stamp', (_, request) => {
  expect(faultOf(testTsa(root, GEN, request).over(data))).toBe('CHAIN_CONSTRAINTS_FAILURE')
})

describe('the authority', () => {
  it('of another root is not trusted', () => {
    expect(faultOf(testTsa(testAuthority('Other'), GEN).over(data))).toBe('NO_CERTIFICATE_CHAIN_FOUND')
  })

  it('that embeds its own root is not trusted for it', () => {
    const other = testAuthority('Other')
    const its = testTsa(other, GEN)
    expect(faultOf(its.over(data, { certificates: [its.certificate, other.anchor] }))).toBe(
      'NO_CERTIFICATE_CHAIN_FOUND',
    )
  })

  it('that was revoked is heard no more', () => {
    const crls = [readCrl(root.list({ revoked: [{ serial: 20, date: '2026-02-01T00:00:00Z' }] }))]
    expect(faultOf(tsa.over(data), { material: [{ crls, ocsps: [] }] })).toBe('REVOKED_NO_POE')
  })

  it('of which nobody says whether it was revoked may be asked after later, or not at all', () => {
    expect(faultOf(tsa.over(data), { material: [] })).toBe('TRY_LATER')
    expect(faultOf(tsa.over(data), { material: [], revocation: 'waived' })).toBeUndefined()
  })

  it('that has expired needs a later time-stamp over this one', () => {
    expect(faultOf(tsa.over(data), { atMs: Date.parse('2027-02-01T00:00:00Z') })).toBe('OUT_OF_BOUNDS_NO_POE')
  })

  it('proves nothing where the time of verification is not known', () => {
    expect(faultOf(tsa.over(data), { atMs: undefined })).toBe('NO_POE')
  })
})

it('a bit turned anywhere in a token never lets it pass, and never throws', () => {
  const token = tsa.over(data)
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.nat(7), (at, bit) => {
      const changed = Buffer.from(token)
      changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at)
      const { fault, genTimeMs } = validateTimestamp(changed, data, trust)
      // What nobody signs may change: the list of digests beside the signers, and the wrapping's own version.
      if (fault === undefined) expect(genTimeMs).toBe(Date.parse(GEN))
    }),
    { numRuns: 500 },
  )
})

it('arbitrary octets are no time-stamp', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
      expect(validateTimestamp(octets, data, trust).fault?.subIndication).toBe('FORMAT_FAILURE')
    }),
  )
})
