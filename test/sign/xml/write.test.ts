/** A document's XML signature is XAdES baseline B in the forms that every verifier has, over octets that anyone can make. */

import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseJson } from '../../../src/fhir/json.ts'
import type { Checked } from '../../../src/fhir/types.ts'
import { coveredOctets } from '../../../src/sign/placement.ts'
import { embedValue, prepareFor } from '../../../src/sign/prepare.ts'
import { sign } from '../../../src/sign/sign.ts'
import { xmlOctets } from '../../../src/sign/xml/octets.ts'
import { model } from '../../model.ts'
import { bundleOf, letter, testKey, WHEN } from '../../signing.ts'
import { judged, xmlLetter, xmlOf } from '../../xml-signing.ts'

function digestOf(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('base64')
}

describe('the signature', () => {
  it('says in Signature what it is, at the time that it covers', async () => {
    const { signature } = await xmlLetter()
    expect(signature).toMatchObject({
      when: WHEN,
      type: [{ code: '1.2.840.10065.1.12.1.1' }],
      sigFormat: 'application/signature+xml',
      targetFormat: 'application/fhir+xml;canonicalization=http://hl7.org/fhir/canonicalization/xml#document',
    })
  })

  it('has what XAdES baseline B asks for, and no transform of the document', async () => {
    const text = xmlOf(await xmlLetter())
    for (const part of [
      'SigningTime',
      'SigningCertificateV2',
      'DataObjectFormat',
      'MimeType',
      'CommitmentTypeIndication',
    ])
      expect(text).toContain(`<xades:${part}`)
    expect(text).toContain(`<xades:SigningTime>${WHEN}<`)
    expect(text).toContain('urn:oid:1.2.840.10065.1.12.1.1')
    const document = /<ds:Reference Id=[^]*?<\/ds:Reference>/.exec(text)?.[0] ?? ''
    expect(document).not.toContain('Transform')
    expect(document).toContain(`<ds:DigestValue>${digestOf(xmlOctets(letter(), model))}<`)
  })

  it('is over the digits of decimals, so that it may sign those that JSON cannot', async () => {
    const bundle = bundleOf(parseJson(JSON.stringify(letter()).replace('71.50', '0.1234567890123456789012'))) as Checked
    await expect(sign(bundle, await testKey('p256'), { when: WHEN })).rejects.toThrow('would not cover the value')
    const signed = await sign(bundle, await testKey('p256'), { when: WHEN, xml: model })
    expect((await judged(signed)).indication).toBe('TOTAL_PASSED')
  })

  it('in a Provenance leaves the others out', async () => {
    const first = await sign(letter(), await testKey('p256'), { when: WHEN, xml: model, as: 'provenance' })
    const second = await sign(first, await testKey('p384'), { when: WHEN, xml: model, as: 'provenance' })
    const report = await judged(second)
    expect(report.signatures.map(({ indication, format }) => [indication, format])).toEqual([
      ['TOTAL_PASSED', 'XAdES'],
      ['TOTAL_PASSED', 'XAdES'],
    ])
  })

  it('stands beside one in JSON, each over its own form', async () => {
    const first = await sign(letter(), await testKey('p256'), { when: WHEN, as: 'provenance' })
    const second = await sign(first, await testKey('p384'), { when: WHEN, xml: model, as: 'provenance' })
    expect((await judged(second)).signatures.map(({ indication, format }) => [indication, format])).toEqual([
      ['TOTAL_PASSED', 'JAdES'],
      ['TOTAL_PASSED', 'XAdES'],
    ])
  })

  it('is made in two steps where the key is elsewhere', async () => {
    const key = await testKey('p384')
    const { certificates } = key
    const { handle, input } = prepareFor(letter(), { certificates }, { when: WHEN, xml: model })
    const value = await key.sign(input)
    const signed = embedValue(letter(), { handle, value, settings: { xml: model } })
    expect((await judged(bundleOf(signed))).indication).toBe('TOTAL_PASSED')
    expect(() => embedValue(letter(), { handle, value })).toThrow(TypeError)
    const other = { ...letter(), timestamp: '2026-03-01T09:31:00Z' }
    expect(() => embedValue(other, { handle, value, settings: { xml: model } })).toThrow('was changed since')
  })
})

describe('the octets', () => {
  it('are those of the form that the signature has, or of the one that is asked for', async () => {
    const signed = await xmlLetter()
    const text = (octets: Uint8Array): string => Buffer.from(octets).toString()
    const own = text(xmlOctets(letter(), model))
    expect(text(coveredOctets(signed, { model }))).toBe(own)
    expect(text(coveredOctets(letter(), { model, format: 'xml' }))).toBe(own)
    expect(text(coveredOctets(signed, { format: 'jose' }))).toBe(text(coveredOctets(letter())))
    expect(own).toMatch(/^<Bundle xmlns="http:\/\/hl7.org\/fhir"><identifier>/)
    expect(own).not.toContain('<meta>')
  })

  it('of a form that is not known are refused', () => {
    expect(() => xmlOctets(letter(), model, 'http://hl7.org/fhir/canonicalization/xml#data')).toThrow('not supported')
    expect(() => coveredOctets(letter(), { format: 'xml' })).toThrow(TypeError)
  })
})
