/** Signatures made to last: the ladder, its renewal, and that no rung of it can be tampered with. */

import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { toBase64url } from '../../src/fhir/digest.ts'
import type { Json, Signed } from '../../src/fhir/types.ts'
import type { Revocations } from '../../src/ports.ts'
import { augment, type AugmentRequest } from '../../src/sign/augment.ts'
import { octets } from '../../src/sign/octets.ts'
import { sign } from '../../src/sign/sign.ts'
import { verify, type Report, type VerifyRequest } from '../../src/sign/verify.ts'
import { AT, keyOf, letter, signUnder, subordinate, testAuthority, WHEN } from '../signing.ts'
import { testOcsp, testTsa } from '../stamping.ts'
import { tampered, tamperings } from '../tampering.ts'

const root = testAuthority('Root')
const between = testAuthority('Between')
const intermediate = subordinate(root, between)
const key = keyOf(between.issue({}), intermediate, root.anchor)
const tsa = testTsa(root, '2026-03-01T10:30:00Z')
const lists = [root.list(), between.list()]
const base = { stamper: tsa.stamper, trust: [root.anchor], at: AT } as const
const trust: VerifyRequest = { trust: [root.anchor], crls: lists, at: AT }
const LEVELS = ['T', 'LT', 'LTA'] as const

let signed: Signed
beforeAll(async () => {
  signed = await sign(letter(), key, { when: WHEN })
})

async function sidecarAt(level: AugmentRequest['level'], request: Partial<AugmentRequest> = {}): Promise<Uint8Array> {
  return Buffer.from(await augment(signed, { ...base, crls: lists, level, ...request }))
}

function judge(sidecar: Uint8Array, request: VerifyRequest = trust): Promise<Report> {
  return verify(signed, { ...request, sidecars: [sidecar] })
}

interface Written {
  readonly protected: string
  readonly header: { readonly etsiU: readonly string[] }
  readonly signature: string
}

function written(sidecar: Uint8Array): Written {
  return JSON.parse(Buffer.from(sidecar).toString()) as Written
}

function membersOf(sidecar: Uint8Array): readonly string[] {
  return written(sidecar).header.etsiU.flatMap((one) =>
    Object.keys(JSON.parse(Buffer.from(one, 'base64url').toString()) as object),
  )
}

describe('a signature made to last', () => {
  it.each(LEVELS)('has the level %s and passes, in one report with the signature of the document', async (level) => {
    const report = await judge(await sidecarAt(level))
    expect(report).toMatchObject({ indication: 'TOTAL_PASSED' })
    expect(report.signatures).toHaveLength(1)
    expect(report.signatures[0]).toMatchObject({
      where: 'Bundle.signature',
      level: `B-${level}`,
      bestSignatureTime: '2026-03-01T10:30:00Z',
    })
  })

  it('has the header and the value of the document, and leaves the document as it is', async () => {
    const before = JSON.stringify(signed)
    const { protected: header, signature } = written(await sidecarAt('LTA'))
    const data = Buffer.from(String(signed.signature?.data), 'base64').toString()
    expect(data).toBe(`${header}..${signature}`)
    expect(JSON.stringify(signed)).toBe(before)
  })

  it('climbs one rung after another, and each further LTA renews it', async () => {
    let sidecar = await sidecarAt('T')
    expect(membersOf(sidecar)).toEqual(['sigTst'])
    sidecar = await sidecarAt('LT', { sidecar })
    expect(membersOf(sidecar)).toEqual(['sigTst', 'xVals', 'rVals'])
    sidecar = await sidecarAt('LTA', { sidecar })
    sidecar = await sidecarAt('LTA', { sidecar })
    expect(membersOf(sidecar).filter((name) => name === 'arcTst')).toHaveLength(2)
    expect(await judge(sidecar)).toMatchObject({ indication: 'TOTAL_PASSED', signatures: [{ level: 'B-LTA' }] })
  })

  it('is judged by what it brings along, with nothing but the anchor', async () => {
    expect(await judge(await sidecarAt('LT'), { trust: [root.anchor], at: AT })).toMatchObject({
      indication: 'TOTAL_PASSED',
    })
    expect(await judge(await sidecarAt('T'), { trust: [root.anchor], at: AT })).toMatchObject({
      indication: 'INDETERMINATE',
      subIndication: 'TRY_LATER',
    })
  })

  it('whose additions are in clear has no level that its archive time-stamp cannot prove', async () => {
    const { header, ...members } = written(await sidecarAt('LTA'))
    const etsiU = header.etsiU.map((one) => JSON.parse(Buffer.from(one, 'base64url').toString()) as Json)
    const clear = Buffer.from(JSON.stringify({ ...members, header: { etsiU } }))
    expect((await judge(clear)).signatures[0]).toMatchObject({ indication: 'TOTAL_PASSED', level: 'B-LT' })
  })

  it('outlives the certificate of its signer', async () => {
    const shortLived = keyOf(between.issue({ until: '2026-03-01T10:45:00Z' }), intermediate)
    const document = await sign(letter(), shortLived, { when: WHEN })
    const own = { ...base, crls: lists, at: '2026-03-01T10:40:00Z' }
    const sidecar = Buffer.from(await augment(document, { ...own, level: 'LTA' }))
    const later = { trust: [root.anchor], crls: lists, at: AT }
    expect(await verify(document, later)).toMatchObject({ subIndication: 'OUT_OF_BOUNDS_NOT_REVOKED' })
    expect(await verify(document, { ...later, sidecars: [sidecar] })).toMatchObject({ indication: 'TOTAL_PASSED' })
  })

  it('outlives a revocation after its time-stamp, and none before', async () => {
    const revoking = (date: string): VerifyRequest => ({
      ...trust,
      crls: [root.list(), between.list({ revoked: [{ serial: 7, date }] })],
    })
    const sidecar = await sidecarAt('T')
    expect(await judge(sidecar, revoking('2026-03-01T10:45:00Z'))).toMatchObject({ indication: 'TOTAL_PASSED' })
    expect(await judge(sidecar, revoking('2026-03-01T10:15:00Z'))).toMatchObject({ subIndication: 'REVOKED_NO_POE' })
  })
})

describe('what a level needs', () => {
  const asked: string[] = []
  const revocations: Revocations = {
    ocsp: (_, issuer) => {
      asked.push('ocsp')
      const authority = Buffer.compare(issuer, root.anchor) === 0 ? root : between
      return Promise.resolve(testOcsp(authority, { serial: asked.length === 1 ? 7 : asked.length === 2 ? 2 : 20 }))
    },
    crl: () => Promise.resolve(undefined),
  }

  it('is asked of responders where it is not at hand', async () => {
    const sidecar = await sidecarAt('LT', { crls: [], revocations })
    expect(asked).toEqual(['ocsp', 'ocsp', 'ocsp'])
    expect(await judge(sidecar, { trust: [root.anchor], at: AT })).toMatchObject({ indication: 'TOTAL_PASSED' })
  })

  it.each([
    ['no anchor', { trust: [] }, /No chain leads/],
    ['no revocation data', { crls: [] }, /Nobody at hand says/],
    [
      'the signer revoked',
      { crls: [root.list(), between.list({ revoked: [{ serial: 7, date: WHEN }] })] },
      /was revoked on/,
    ],
  ])('is refused with %s', async (_, request, text) => {
    await expect(sidecarAt('LT', request)).rejects.toThrow(text)
  })

  it('is a time-stamp over this signature', async () => {
    const other = { stamp: () => Promise.resolve(tsa.over(Buffer.from('other'))) }
    await expect(sidecarAt('T', { stamper: other })).rejects.toThrow(/it is over other octets/)
  })

  it('is a signature that holds, of this document', async () => {
    const changed = tampered(signed, 'another fullUrl')
    await expect(augment(changed, { ...base, level: 'T' })).rejects.toThrow(/does not hold/)
    await expect(augment(letter(), { ...base, level: 'T' })).rejects.toThrow(/bears no signature/)
    const again = await sign(letter(), key, { when: AT })
    await expect(augment(again, { ...base, level: 'T', sidecar: await sidecarAt('T') })).rejects.toThrow(
      /another signature/,
    )
  })

  it('is not had already', async () => {
    await expect(sidecarAt('T', { sidecar: await sidecarAt('LT') })).rejects.toThrow(/has the level B-LT already/)
  })
})

describe('a lasting signature after a change', () => {
  it.each(Object.keys(tamperings))('of the document, %s, is refused', async (name) => {
    const sidecar = await sidecarAt('LTA')
    const report = await verify(tampered(signed, name), { ...trust, sidecars: [sidecar] })
    expect(report.indication).not.toBe('TOTAL_PASSED')
  })

  it('of any value in it never passes with a level or a time that it has not', async () => {
    const sound = await sidecarAt('LTA')
    const text = Buffer.from(sound).toString()
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length - 1),
        fc.constantFrom('A', 'b', '7', '-', '"', '{'),
        async (at, character) => {
          if (text[at] === character) return
          const changed = Buffer.from(text.slice(0, at) + character + text.slice(at + 1))
          const { indication, signatures } = await judge(changed)
          const mine = signatures.find(({ where }) => where === 'Bundle.signature')
          expect([indication, mine?.level]).not.toEqual(['TOTAL_PASSED', 'B-LTA'])
        },
      ),
      { numRuns: 150 },
    )
  })

  it.each([
    ['without its last member', (own: readonly string[]) => own.slice(0, -1), 'B-LT'],
    [
      'with two members exchanged',
      (own: readonly string[]) => [...own.slice(1, 2), ...own.slice(0, 1), ...own.slice(2)],
      undefined,
    ],
    ['with a member less', (own: readonly string[]) => [...own.slice(0, 1), ...own.slice(2)], undefined],
    [
      'with a member more before the last',
      (own: readonly string[]) => [...own.slice(0, -1), member('arVals', {}), ...own.slice(-1)],
      undefined,
    ],
  ])('%s is seen', async (_, change, level) => {
    const { header, ...others } = written(await sidecarAt('LTA'))
    const changed = Buffer.from(JSON.stringify({ ...others, header: { etsiU: change(header.etsiU) } }))
    const report = await judge(changed)
    if (level === undefined) expect(report.subIndication).toBe('SIG_CONSTRAINTS_FAILURE')
    else expect(report.signatures[0]?.level).toBe(level)
  })
})

function member(name: string, value: Json): string {
  return Buffer.from(JSON.stringify({ [name]: value })).toString('base64url')
}

describe('a time-stamp of what is signed (adoTst)', () => {
  const before = testTsa(root, '2026-03-01T09:59:00Z')

  async function stamped(token: (octets: Uint8Array) => Uint8Array): Promise<Report> {
    const data = Buffer.from(toBase64url(octets(letter())), 'latin1')
    const adoTst = { tstTokens: [{ val: Buffer.from(token(data)).toString('base64') }] }
    const bundle = await signUnder(letter(), key, (header) => ({ ...header, adoTst }))
    return verify(bundle, trust)
  }

  const found = ({ signatures }: Report): string =>
    signatures[0]?.checks.find(({ name }) => name === 'timestamps')?.text ?? ''

  it('is judged, and says nothing of when the signature was made', async () => {
    const report = await stamped((data) => before.over(data))
    expect(report).toMatchObject({ indication: 'TOTAL_PASSED', signatures: [{ level: 'B-B', bestSignatureTime: AT }] })
    expect(found(report)).toContain('No time-stamp proves when the signature was made')
    expect(found(report)).toContain('The time-stamp of what is signed of 2026-03-01T09:59:00Z by CN=Stamps holds')
  })

  it('over something else, or by nobody who is trusted, keeps the signature from passing', async () => {
    const other = await stamped(() => before.over(Buffer.from('something else')))
    expect(other).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'SIG_CONSTRAINTS_FAILURE' })
    expect(found(other)).toContain('HASH_FAILURE')
    const strange = testTsa(testAuthority('Strange'), '2026-03-01T09:59:00Z')
    expect((await stamped((data) => strange.over(data))).indication).toBe('INDETERMINATE')
  })

  it('is older than the signature', async () => {
    const report = await stamped((data) => tsa.over(data))
    expect(report).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'TIMESTAMP_ORDER_FAILURE' })
  })

  it('without a token is refused', async () => {
    const bundle = await signUnder(letter(), key, (header) => ({ ...header, adoTst: {} }))
    expect(await verify(bundle, trust)).toMatchObject({ indication: 'TOTAL_FAILED', subIndication: 'FORMAT_FAILURE' })
  })
})

describe('what is not judged of a signature', () => {
  const said = ({ signatures }: Report): string => signatures[0]?.checks[0]?.text ?? ''

  it('is named: members of its header', async () => {
    const bundle = await signUnder(letter(), key, (header) => ({
      ...header,
      srAts: [{ claimed: [] }],
      jku: 'https://x.example',
    }))
    const report = await verify(bundle, trust)
    expect(report.indication).toBe('TOTAL_PASSED')
    expect(said(report)).toContain('what it says in srAts, jku was not checked')
  })

  it('is named: members of its sidecar', async () => {
    const sidecar = written(await sidecarAt('T'))
    const more = toBase64url(JSON.stringify({ cSig: 'x' }))
    const header = { etsiU: [...sidecar.header.etsiU, more] }
    const report = await judge(Buffer.from(JSON.stringify({ ...sidecar, header })))
    expect(said(report)).toContain('what it says in cSig was not checked')
    expect(said(await judge(await sidecarAt('LTA')))).not.toContain('was not checked')
  })
})
