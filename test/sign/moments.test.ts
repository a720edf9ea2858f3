/** Since when a signature is known to have been there, by time-stamps upon time-stamps. */

import { expect, it } from 'vitest'
import { momentsOf, type Moments } from '../../src/sign/moments.ts'
import type { Addition, Gathered } from '../../src/sign/reading.ts'
import { readCertificate, readCrl } from '../../src/sign/x509.ts'
import { testAuthority, type TestAuthority } from '../signing.ts'
import { testTsa } from '../stamping.ts'

const value = Buffer.from('value')
const all = Buffer.from('value and all')
const root = testAuthority('Root', { until: '2060-01-01T00:00:00Z' })
const early = testTsa(root, '2026-03-01T10:00:00Z', { until: '2028-01-01T00:00:00Z', serial: 20 })
const late = testTsa(root, '2027-12-01T00:00:00Z', { until: '2035-01-01T00:00:00Z', serial: 21 })
const signature: Addition = { kind: 'signature', token: early.over(value), data: value }
const archive: Addition = { kind: 'archive', token: late.over(all), data: all }

function gathered(of: TestAuthority, thisUpdate: string, nextUpdate: string): Gathered {
  return { kind: 'gathered', certificates: [], crls: [readCrl(of.list({ thisUpdate, nextUpdate }))], ocsps: [] }
}

const before = gathered(root, '2027-11-30T00:00:00Z', '2027-12-31T00:00:00Z')
const now = gathered(root, '2030-01-01T00:00:00Z', '2030-02-01T00:00:00Z')
const AT_MS = Date.parse('2030-01-02T00:00:00Z')

function moments(additions: readonly Addition[], atMs: number | undefined = AT_MS): Moments {
  const { crls, ocsps } = now
  return momentsOf(additions, { anchors: [readCertificate(root.anchor)], material: [{ crls, ocsps }] }, atMs)
}

it('without time-stamps it is known from the verification on', () => {
  expect(moments([])).toMatchObject({ stamps: [], bestMs: AT_MS })
})

it('a time-stamp whose authority has expired proves nothing by itself', () => {
  const { bestMs, stamps } = moments([signature, before])
  expect(bestMs).toBe(AT_MS)
  expect(stamps[0]?.fault?.subIndication).toBe('OUT_OF_BOUNDS_NO_POE')
})

it('one that an archive time-stamp keeps proves its time for decades', () => {
  const { bestMs, stamps } = moments([signature, before, archive])
  expect(stamps.map(({ fault }) => fault)).toEqual([undefined, undefined])
  expect(bestMs).toBe(Date.parse('2026-03-01T10:00:00Z'))
})

it('what is added after the archive time-stamp is not kept by it', () => {
  const { stamps } = moments([archive, signature, before])
  expect(stamps[1]?.fault?.subIndication).toBe('OUT_OF_BOUNDS_NO_POE')
})

it('an archive time-stamp over other octets keeps nothing', () => {
  const { stamps, bestMs } = moments([signature, before, { ...archive, data: value }])
  expect(stamps.map(({ fault }) => fault?.subIndication)).toEqual(['OUT_OF_BOUNDS_NO_POE', 'HASH_FAILURE'])
  expect(bestMs).toBe(AT_MS)
})

it('a time-stamp is not younger than the one that keeps it', () => {
  const younger = testTsa(root, '2027-12-15T00:00:00Z', { until: '2035-01-01T00:00:00Z', serial: 22 })
  const { stamps } = moments([{ kind: 'signature', token: younger.over(value), data: value }, before, archive])
  expect(stamps[0]?.fault?.subIndication).toBe('TIMESTAMP_ORDER_FAILURE')
})

it('what was gathered is known since the archive time-stamp over it', () => {
  const { evidence } = moments([signature, before, archive])
  expect(evidence.material.map(({ knownMs }) => knownMs)).toEqual([undefined, Date.parse('2027-12-01T00:00:00Z')])
})

it('nothing is proved where the time of verification is not known', () => {
  const { stamps, bestMs } = momentsOf(
    [signature],
    { anchors: [readCertificate(root.anchor)], material: [] },
    undefined,
  )
  expect(bestMs).toBeUndefined()
  expect(stamps[0]?.fault?.subIndication).toBe('NO_POE')
})
