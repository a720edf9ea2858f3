/** What is asked of revocation services before a document is judged. */

import { beforeAll, expect, it } from 'vitest'
import { fail } from '../../src/fhir/error.ts'
import type { Signed } from '../../src/fhir/types.ts'
import type { Revocations } from '../../src/ports.ts'
import { augment } from '../../src/sign/augment.ts'
import { sign } from '../../src/sign/sign.ts'
import { verify, type VerifyRequest } from '../../src/sign/verify.ts'
import { AT, keyOf, letter, subordinate, testAuthority, WHEN } from '../signing.ts'
import { testOcsp, testTsa } from '../stamping.ts'

const root = testAuthority('Root')
const between = testAuthority('Between')
const tsa = testTsa(root, '2026-03-01T10:30:00Z')
const trust: VerifyRequest = { trust: [root.anchor], at: AT }

let signed: Signed
let asked: string[]
beforeAll(async () => {
  signed = await sign(letter(), keyOf(between.issue({}), subordinate(root, between)), { when: WHEN })
})

/** A service that answers as it is told, and remembers what it was asked. */
function service(own: Partial<Revocations> = {}): Revocations {
  asked = []
  return {
    ocsp: (certificate, issuer) => {
      asked.push('ocsp')
      return own.ocsp?.(certificate, issuer) ?? Promise.resolve(undefined)
    },
    crl: (certificate) => {
      asked.push('crl')
      return own.crl?.(certificate) ?? Promise.resolve(undefined)
    },
  }
}

const lists = [root.list(), between.list()]
const inTurn = (): Partial<Revocations> => {
  const rest = [between.list(), root.list()]
  return { crl: () => Promise.resolve(rest.shift()) }
}

it('what is at hand is not asked for', async () => {
  const report = await verify(signed, { ...trust, crls: lists, revocations: service(inTurn()) })
  expect([report.indication, asked]).toEqual(['TOTAL_PASSED', []])
})

it('what is not is asked for, of every certificate of the chain', async () => {
  const report = await verify(signed, { ...trust, revocations: service(inTurn()) })
  expect(report.indication).toBe('TOTAL_PASSED')
  expect(asked.toSorted()).toEqual(['crl', 'crl', 'ocsp', 'ocsp'])
})

it('of a time-stamping authority too', async () => {
  const sidecar = Buffer.from(await augment(signed, { stamper: tsa.stamper, trust: [root.anchor], at: AT, level: 'T' }))
  const revocations = service({ ocsp: () => Promise.resolve(testOcsp(root, { serial: 20 })) })
  const own = { ...trust, crls: [between.list()], sidecars: [sidecar] }
  const report = await verify(signed, { ...own, revocations })
  expect(asked).toEqual(['ocsp', 'ocsp', 'ocsp'])
  expect(report.signatures[0]?.checks.find(({ name }) => name === 'timestamps')?.verdict).toBe('passed')
})

it('a revocation that is told counts', async () => {
  const revoked = between.list({ revoked: [{ serial: 7, date: '2026-02-01T00:00:00Z' }] })
  const rest = [revoked, root.list()]
  const report = await verify(signed, { ...trust, revocations: service({ crl: () => Promise.resolve(rest.shift()) }) })
  expect(report).toMatchObject({ subIndication: 'REVOKED_NO_POE' })
})

it.each<readonly [string, Partial<Revocations>]>([
  [
    'fails',
    { ocsp: () => Promise.reject(fail('timeout', 'late')), crl: () => Promise.reject(fail('no-store', 'gone')) },
  ],
  ['answers anything', { ocsp: () => Promise.resolve(Buffer.from('x')), crl: () => Promise.resolve(Buffer.from('y')) }],
  ['knows nothing', {}],
])('a service that %s leaves it open', async (_, own) => {
  const report = await verify(signed, { ...trust, revocations: service(own) })
  expect(report).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'TRY_LATER' })
})
