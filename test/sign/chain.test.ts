/** Chains to a trust anchor: which are found, and which do not hold. */

import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { criticalExtension, issueCertificate, type CertificateRequest } from '../../src/edge/keys/issue.ts'
import * as der from '../../src/fhir/der-write.ts'
import { pathFault, pathToAnchor } from '../../src/sign/chain.ts'
import { readCertificate, type Certificate } from '../../src/sign/x509.ts'
import { AT, newKey, subordinate, testAuthority } from '../signing.ts'

const root = testAuthority('Root')
const between = testAuthority('Between')
const anchor = readCertificate(root.anchor)
const at = Date.parse(AT)

/** A leaf under an intermediate made to measure. */
function chain(
  request: Partial<CertificateRequest> = {},
  leafRequest: Partial<CertificateRequest> = {},
): readonly [Certificate, Certificate] {
  return [readCertificate(between.issue(leafRequest)), readCertificate(subordinate(root, between, request))]
}

describe('a path', () => {
  it('leads over the intermediate to the anchor', () => {
    const [leaf, intermediate] = chain()
    expect(pathToAnchor(leaf, [intermediate], [anchor])).toEqual([leaf, intermediate, anchor])
  })

  it('is the certificate alone where it is an anchor', () => {
    const [leaf] = chain()
    expect(pathToAnchor(leaf, [], [leaf])).toEqual([leaf])
  })

  it('is not found without the intermediate', () => {
    expect(pathToAnchor(chain()[0], [], [anchor])).toBeUndefined()
  })

  it('does not lead to an authority of the same name with another key', () => {
    const impostor = testAuthority('Root')
    expect(pathToAnchor(readCertificate(impostor.issue({})), [], [anchor])).toBeUndefined()
  })

  it('ends where authorities sign each other, and costs no more than their number', () => {
    const authorities = Array.from({ length: 10 }, (_, index) => testAuthority(`A${index}`))
    const pool = authorities.flatMap((issuer) =>
      authorities.map((subject) => readCertificate(subordinate(issuer, subject))),
    )
    const [first] = authorities
    expect(pathToAnchor(readCertificate(first?.issue({}) ?? root.anchor), pool, [anchor])).toBeUndefined()
  })
})

describe('on a path', () => {
  const faultOf = (request: Partial<CertificateRequest>, leafRequest: Partial<CertificateRequest> = {}): unknown => {
    const [leaf, intermediate] = chain(request, leafRequest)
    const path = pathToAnchor(leaf, [intermediate], [anchor])
    return path && pathFault(path, at)?.kind
  }

  it('nothing is wrong where all holds', () => {
    expect(faultOf({})).toBeUndefined()
    expect(faultOf({ authority: { pathLength: 0 } })).toBeUndefined()
  })

  it('an intermediate that has expired is a fault', () => {
    expect(faultOf({ until: '2026-02-01T00:00:00Z' })).toBe('period')
  })

  it('an intermediate under another that may have none below it is a fault', () => {
    const low = testAuthority('Low')
    const leaf = readCertificate(low.issue({}))
    const pool = [subordinate(between, low), subordinate(root, between, { authority: { pathLength: 0 } })].map(
      readCertificate,
    )
    const path = pathToAnchor(leaf, pool, [anchor])
    expect(path?.length).toBe(4)
    expect(path && pathFault(path, at)).toMatchObject({ kind: 'constraint' })
  })

  it('a signer who issues certificates is no authority', () => {
    const signer = { name: { CN: 'Signer' }, key: newKey() }
    const own = readCertificate(
      root.issue({ subject: signer.name, key: signer.key, keyUsage: ['digitalSignature', 'keyCertSign'] }),
    )
    const forged = readCertificate(
      issueCertificate(signer, {
        subject: { CN: 'Forged' },
        key: newKey(),
        serial: 1,
        from: '2026-01-01T00:00:00Z',
        until: '2027-01-01T00:00:00Z',
      }),
    )
    const path = pathToAnchor(forged, [own], [anchor])
    expect(path === undefined || pathFault(path, at)?.kind === 'constraint').toBe(true)
  })

  it('an authority whose key may not sign certificates is a fault, or no issuer at all', () => {
    expect([undefined, 'constraint']).toContain(faultOf({ keyUsage: ['cRLSign'] }))
    const [leaf, intermediate] = chain({ keyUsage: ['cRLSign'] })
    const path = pathToAnchor(leaf, [intermediate], [anchor])
    expect(path === undefined || pathFault(path, at) !== undefined).toBe(true)
  })

  it('an intermediate with a weak key is a fault', () => {
    const weak = { name: between.name, key: generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey }
    const life = { from: '2026-01-01T00:00:00Z', until: '2027-01-01T00:00:00Z' }
    const leaf = readCertificate(
      issueCertificate(weak, { ...life, subject: { CN: 'Signer' }, key: newKey(), serial: 7 }),
    )
    const path = pathToAnchor(leaf, [readCertificate(subordinate(root, weak))], [anchor])
    expect(path?.length).toBe(3)
    expect(path && pathFault(path, at)).toMatchObject({ kind: 'algorithm' })
  })

  it('a critical extension that is not understood is a fault, on the signer too', () => {
    const extensions = [criticalExtension('2.5.29.30', der.sequence())]
    expect(faultOf({ extensions })).toBe('constraint')
    expect(faultOf({}, { extensions })).toBe('constraint')
  })
})
