/** OCSP responses: who may answer, about which certificate, and for how long. */

import { describe, expect, it } from 'vitest'
import { extension } from '../../src/edge/keys/issue.ts'
import { readOcsp } from '../../src/sign/ocsp.ts'
import { standing, type Material } from '../../src/sign/revocation.ts'
import { readCertificate, readCrl } from '../../src/sign/x509.ts'
import { AT, newKey, subordinate, testAuthority } from '../signing.ts'
import { testOcsp, type OcspRequest } from '../stamping.ts'

const root = testAuthority('Root')
const path = [readCertificate(root.issue({})), readCertificate(root.anchor)] as const
const SIGNS_OCSP = { purposes: ['1.3.6.1.5.5.7.3.9'], subject: { CN: 'Responder' }, serial: 30 }

function statusBy(request: OcspRequest, at = AT, own: Partial<Material> = {}): string {
  const ocsps = [readOcsp(testOcsp(root, request))]
  return standing(path, [{ crls: [], ocsps, ...own }], Date.parse(at)).status
}

function delegate(request: object, issuer = root): NonNullable<OcspRequest['delegate']> {
  const key = newKey()
  return { key, certificate: issuer.issue({ ...SIGNS_OCSP, key, ...request }) }
}

describe('an answer of the issuer', () => {
  it('says what it says', () => {
    expect(statusBy({})).toBe('good')
    expect(statusBy({ status: 'unknown' })).toBe('unknown')
    expect(statusBy({ status: { revoked: '2026-02-01T00:00:00Z' } })).toBe('revoked')
  })

  it('that it was revoked says nothing of the time before', () => {
    expect(statusBy({ status: { revoked: '2026-02-01T00:00:00Z' } }, '2026-01-15T00:00:00Z')).toBe('unknown')
  })

  it('about another certificate says nothing of this one', () => {
    expect(statusBy({ serial: 8 })).toBe('unknown')
  })

  it('counts until its next update, and a day where it names none', () => {
    expect(statusBy({ nextUpdate: '2026-02-28T12:00:00Z' })).toBe('unknown')
    expect(statusBy({ nextUpdate: 'none', thisUpdate: '2026-03-01T00:00:00Z' })).toBe('good')
    expect(statusBy({ nextUpdate: 'none', thisUpdate: '2026-02-27T00:00:00Z' })).toBe('unknown')
  })

  it('signed by another key counts for nothing', () => {
    expect(statusBy({ key: newKey() })).toBe('unknown')
    expect(statusBy({ key: newKey(), status: { revoked: '2026-02-01T00:00:00Z' } })).toBe('unknown')
  })
})

describe('an answer of another', () => {
  it('counts where the issuer delegated it', () => {
    expect(statusBy({ delegate: delegate({}) })).toBe('good')
  })

  it.each([
    ['is for no OCSP', { purposes: ['1.3.6.1.5.5.7.3.4'] }],
    ['has no purpose', { purposes: undefined }],
    ['had expired', { until: '2026-02-01T00:00:00Z' }],
  ])('counts for nothing where its certificate %s', (_, request) => {
    expect(statusBy({ delegate: delegate(request) })).toBe('unknown')
  })

  it('counts for nothing where another authority delegated it, whatever its name', () => {
    expect(statusBy({ delegate: delegate({}, testAuthority('Root')) })).toBe('unknown')
  })

  it('counts for nothing where a list revoked it, unless its certificate need not be asked about', () => {
    const crls = [readCrl(root.list({ revoked: [{ serial: 30, date: '2026-02-01T00:00:00Z' }] }))]
    const unchecked = { extensions: [extension('1.3.6.1.5.5.7.48.1.5', Buffer.from([5, 0]))] }
    const good = { delegate: delegate({}), status: { revoked: '2026-02-01T00:00:00Z' } } as const
    expect(statusBy(good, AT, { crls })).toBe('good')
    expect(statusBy({ ...good, delegate: delegate(unchecked) }, AT, { crls })).toBe('revoked')
  })
})

it('an answer by an authority that has expired counts only where it is known from before', () => {
  const old = testAuthority('Old', { until: '2026-02-15T00:00:00Z' })
  const certified = subordinate(root, old, { until: '2026-02-15T00:00:00Z' })
  const three = [readCertificate(old.issue({})), readCertificate(certified), readCertificate(root.anchor)] as const
  const material = { crls: [readCrl(root.list())], ocsps: [readOcsp(testOcsp(old))] }
  const statusIf = (known: string): string =>
    standing(three, [{ ...material, knownMs: Date.parse(known) }], Date.parse('2026-02-10T00:00:00Z')).status
  expect(statusIf('2026-02-14T00:00:00Z')).toBe('good')
  expect(statusIf('2026-02-16T00:00:00Z')).toBe('unknown')
})

it.each([1, 2, 3, 5, 6])('a response of the status %s is no answer', (responseStatus) => {
  expect(() => readOcsp(testOcsp(root, { responseStatus }))).toThrow(/no answer/)
})
