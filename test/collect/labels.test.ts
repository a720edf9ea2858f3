/** The document is labelled as its most confidential part, and an attested Composition is left alone. */

import { describe, expect, it } from 'vitest'
import { highWaterMark } from '../../src/collect/labels.ts'
import type { JsonObject } from '../../src/fhir/types.ts'
import { collecting, composition, patient, resource, said } from './composing.ts'

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
const label = (...codes: readonly string[]): JsonObject => ({
  meta: { security: codes.map((code) => ({ system: CONFIDENTIALITY, code })) },
})
const other = { system: 'urn:owner', code: 'ward-3' }

describe('the high-water mark', () => {
  it.each([
    [['N', 'R', 'L'], 'R'],
    [['U'], 'U'],
    [['V', 'N'], 'V'],
    [['M', 'L'], 'M'],
  ])('of %j is %s', (codes, expected) => {
    expect(highWaterMark(codes.map((code) => resource('Observation/o', label(code))))?.code).toBe(expected)
  })

  it('of labels of other systems, of unknown codes and of nothing is none', () => {
    expect(
      highWaterMark([
        resource('Observation/o', { meta: { security: [other] } }),
        resource('Observation/p', label('X')),
      ]),
    ).toBeUndefined()
    expect(highWaterMark([])).toBeUndefined()
  })

  it('counts the confidentiality of the Composition', () => {
    expect(highWaterMark([composition([], { confidentiality: 'R' })])?.code).toBe('R')
  })
})

describe('a document', () => {
  const held = [patient, resource('Observation/o', label('R'))]
  const mark = { system: CONFIDENTIALITY, code: 'R', display: 'restricted' }

  it('bears the mark, and so does a Composition that nobody has attested', async () => {
    const from = composition(['Observation/o'], {
      confidentiality: 'N',
      meta: { versionId: '1', security: [other, { system: CONFIDENTIALITY, code: 'N' }] },
    })
    const { bundle, issues } = await collecting(from, held, { fullUrl: 'rest', base: 'http://h' })
    expect(bundle.meta).toEqual({ security: [mark] })
    expect(bundle.entry?.[0]?.resource).toMatchObject({ confidentiality: 'R', meta: { security: [other, mark] } })
    expect(bundle.entry?.[0]?.resource?.meta?.versionId).toBeUndefined()
    expect(issues).toEqual([])
  })

  it.each([{ status: 'final' }, { status: 'amended' }, { attester: [{ mode: 'personal' }] }])(
    'with a Composition that is %j leaves it and warns',
    async (members) => {
      const from = composition(['Observation/o'], members)
      const collection = await collecting(from, held, { fullUrl: 'rest', base: 'http://h' })
      expect(collection.bundle.meta).toEqual({ security: [mark] })
      expect(collection.bundle.entry?.[0]?.resource).toBe(from)
      expect(said(collection)).toEqual(['warning high-water-mark Bundle.entry[0].resource'])
    },
  )

  it('whose Composition says as much or more has nothing to add', async () => {
    const from = composition(['Observation/o'], { status: 'final', confidentiality: 'V' })
    const collection = await collecting(from, held)
    expect(collection.bundle.meta?.security?.[0]?.code).toBe('V')
    expect(collection.issues).toEqual([])
  })

  it('without labels has none', async () => {
    expect((await collecting(composition([]), [patient])).bundle.meta).toBeUndefined()
  })
})
