/** An XML signature gets its time-stamp in the place where it is. */

import { describe, expect, it } from 'vitest'
import type { Bundle } from '../../../src/fhir/types.ts'
import { stampXades } from '../../../src/sign/xml/stamp.ts'
import { sign } from '../../../src/sign/sign.ts'
import { verify } from '../../../src/sign/verify.ts'
import { model } from '../../model.ts'
import { AT, keyOf, letter, testAuthority, WHEN, withSignature } from '../../signing.ts'
import { testTsa } from '../../stamping.ts'
import { found, inTemplate, withXml, xmlOf } from '../../xml-signing.ts'

const authority = testAuthority()
const tsa = testTsa(authority, '2026-03-01T10:01:00Z')
const key = keyOf(authority.issue({}))
const trust = { trust: [authority.anchor], crls: [authority.list()] }
const request = { ...trust, model, stamper: tsa.stamper, at: AT }

async function stamped(): Promise<Bundle> {
  return stampXades(await sign(letter(), key, { when: WHEN, xml: model }), request)
}

describe('a time-stamp', () => {
  it('makes the level T of a signature, which is proved to be as old as it', async () => {
    const report = await verify(await stamped(), { ...trust, model, at: AT })
    expect(report).toMatchObject({
      indication: 'TOTAL_PASSED',
      signatures: [{ format: 'XAdES', level: 'B-T', bestSignatureTime: '2026-03-01T10:01:00Z' }],
    })
  })

  it('proves a signature whose certificate has run out since', async () => {
    const later = { ...trust, model, at: '2026-12-31T23:00:00Z' }
    const short = keyOf(authority.issue({ until: '2026-04-01T00:00:00Z' }))
    const bare = await sign(letter(), short, { when: WHEN, xml: model })
    expect(await verify(bare, later)).toMatchObject({ indication: 'INDETERMINATE' })
    expect((await verify(await stampXades(bare, request), later)).indication).toBe('TOTAL_PASSED')
  })

  it('over another value proves nothing', async () => {
    const bundle = await stamped()
    const other = xmlOf(await sign(letter(), key, { when: WHEN, xml: model }))
    const value = /<ds:SignatureValue[^]*<\/ds:SignatureValue>/
    const moved = xmlOf(bundle).replace(value, value.exec(other)?.[0] ?? '')
    const report = await verify(withXml(bundle, moved), { ...trust, model, at: AT })
    expect(report).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'SIG_CONSTRAINTS_FAILURE' })
    expect(found(report, 'timestamps')).toContain('other octets')
  })

  it.each([
    ['a document without signature', () => Promise.resolve(letter()), 'no signature in XML'],
    ['a time-stamp once more', stamped, 'expected XAdES B-B'],
    ['a signature in the layout of HL7', () => inTemplate(letter(), key), 'expected XAdES B-B'],
    [
      'a document that was changed',
      async () => ({ ...(await sign(letter(), key, { when: WHEN, xml: model })), timestamp: '2001-01-01T00:00:00Z' }),
      'does not hold',
    ],
    ['a JWS', async () => withSignature(await sign(letter(), key, { when: WHEN }), {}), 'not well-formed'],
  ] as const)('is refused for %s', async (_, bundle, why) => {
    await expect(stampXades(await bundle(), request)).rejects.toThrow(why)
  })

  it('that an authority made wrong is refused', async () => {
    const stamper = { stamp: (digest: Uint8Array) => Promise.resolve(tsa.token(digest, { contentType: '1.2.3' })) }
    const bundle = await sign(letter(), key, { when: WHEN, xml: model })
    await expect(stampXades(bundle, { ...request, stamper })).rejects.toThrow('proves nothing')
  })
})
