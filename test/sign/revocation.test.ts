/** What revocation lists say of a chain at a time. */

import { describe, expect, it } from 'vitest'
import { criticalExtension, type CrlRequest } from '../../src/edge/keys/issue.ts'
import * as der from '../../src/fhir/der-write.ts'
import { standing } from '../../src/sign/revocation.ts'
import { readCertificate, readCrl } from '../../src/sign/x509.ts'
import { AT, testAuthority } from '../signing.ts'

const root = testAuthority('Root')
const path = [readCertificate(root.issue({})), readCertificate(root.anchor)] as const
const revoked = [{ serial: 7, date: '2026-02-01T00:00:00Z' }]

function statusBy(requests: readonly (Partial<CrlRequest> | Uint8Array)[], at = AT): string {
  const crls = requests.map((request) => readCrl(request instanceof Uint8Array ? request : root.list(request)))
  return standing(path, [{ crls, ocsps: [] }], Date.parse(at)).status
}

describe('a certificate', () => {
  it('that a list in force does not name is good', () => {
    expect(statusBy([{}])).toBe('good')
    expect(statusBy([{ revoked: [{ serial: 8, date: '2026-02-01T00:00:00Z' }] }])).toBe('good')
  })

  it('that a list names is revoked from that day on', () => {
    expect(statusBy([{ revoked }])).toBe('revoked')
    expect(statusBy([{ revoked }], '2026-01-31T00:00:00Z')).toBe('good')
  })

  it('that one of several lists names is revoked', () => {
    expect(statusBy([{}, { revoked }])).toBe('revoked')
  })

  it('is unknown without a list', () => {
    expect(statusBy([])).toBe('unknown')
  })

  it('that is an anchor itself needs no list', () => {
    expect(standing([path[1]], [], Date.parse(AT)).status).toBe('good')
  })
})

describe('a list', () => {
  it('after its next update says nothing good any more, but what it revoked stays revoked', () => {
    expect(statusBy([{ nextUpdate: '2026-02-15T00:00:00Z' }])).toBe('unknown')
    expect(statusBy([{ nextUpdate: '2026-02-15T00:00:00Z', revoked }])).toBe('revoked')
  })

  it('of after the certificate ran out says nothing of it', () => {
    expect(statusBy([{ thisUpdate: '2027-02-01T00:00:00Z', nextUpdate: '2028-01-01T00:00:00Z' }])).toBe('unknown')
  })

  it('that another signed counts for nothing, whatever its name', () => {
    expect(statusBy([testAuthority('Root').list()])).toBe('unknown')
    expect(statusBy([testAuthority('Root').list({ revoked })])).toBe('unknown')
  })

  it('with a bit turned counts for nothing', () => {
    const list = Buffer.from(root.list({ revoked: [{ serial: 8, date: '2026-02-01T00:00:00Z' }] }))
    const at = list.indexOf(Buffer.from([0x02, 0x01, 0x08]))
    list.writeUInt8(7, at + 2)
    expect(at).toBeGreaterThan(0)
    expect(statusBy([list])).toBe('unknown')
  })

  it('of an authority that may not make lists counts for nothing', () => {
    const other = testAuthority('Other', { keyUsage: ['keyCertSign'] })
    const own = [readCertificate(other.issue({})), readCertificate(other.anchor)] as const
    expect(standing(own, [{ crls: [readCrl(other.list())], ocsps: [] }], Date.parse(AT)).status).toBe('unknown')
  })

  it.each([
    ['a critical extension that is not understood', criticalExtension('2.5.29.27', der.integer(1))],
    [
      'the scope of attribute certificates',
      criticalExtension('2.5.29.28', der.sequence(der.element(0x85, Buffer.from([0xff])))),
    ],
    ['the scope of authorities', criticalExtension('2.5.29.28', der.sequence(der.element(0x82, Buffer.from([0xff]))))],
    ['indirect entries', criticalExtension('2.5.29.28', der.sequence(der.element(0x84, Buffer.from([0xff]))))],
  ])('with %s says nothing of a signer', (_, extension) => {
    expect(statusBy([{ extensions: [extension] }])).toBe('unknown')
  })

  it('with the scope of signers speaks of signers', () => {
    expect(
      statusBy([
        { extensions: [criticalExtension('2.5.29.28', der.sequence(der.element(0x81, Buffer.from([0xff]))))] },
      ]),
    ).toBe('good')
  })
})
