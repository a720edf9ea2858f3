/** A Composition and its sources become a complete document, or errors say what it lacks. */

import { describe, expect, it } from 'vitest'
import { memorySource } from '../../src/edge/store/memory.ts'
import type { Composition } from '../../src/fhir/types.ts'
import {
  at,
  collecting,
  composition,
  decision,
  entryOf,
  errors,
  names,
  patient,
  resource,
  said,
  to,
} from './composing.ts'

describe('the document', () => {
  it('is a Bundle of type document with the identifier and timestamp given and the Composition first', async () => {
    const { bundle } = await collecting(composition(['Observation/o']), [patient, resource('Observation/o')])
    expect(bundle).toMatchObject({
      resourceType: 'Bundle',
      type: 'document',
      identifier: { value: 'urn:uuid:5b2c8a10-6d7e-4f00-9a11-0123456789ab' },
      timestamp: '2026-03-01T10:00:00Z',
    })
    expect(bundle.entry?.[0]?.resource?.resourceType).toBe('Composition')
    expect(bundle.entry?.every(({ fullUrl }) => fullUrl !== undefined)).toBe(true)
  })

  it('holds the target of every reference that a Composition must not lack, at any depth of sections', async () => {
    const from = composition([], {
      encounter: to('Encounter/e'),
      author: [to('Practitioner/a')],
      attester: [{ mode: 'legal', party: to('Practitioner/t') }],
      custodian: to('Organization/g'),
      event: [{ detail: [to('Procedure/p')] }],
      section: [
        {
          author: [to('Practitioner/sa')],
          focus: to('Observation/f'),
          section: [
            { section: [{ entry: [to('Observation/deep')], section: [{ entry: [to('Observation/deeper')] }] }] },
          ],
        },
      ],
    })
    const wanted = [
      'Encounter/e',
      'Practitioner/a',
      'Practitioner/t',
      'Organization/g',
      'Procedure/p',
      'Practitioner/sa',
      'Observation/f',
      'Observation/deep',
      'Observation/deeper',
    ]
    const collection = await collecting(from, [patient, ...wanted.map((name) => resource(name))], {
      secondary: 'direct',
    })
    expect(new Set(names(collection))).toEqual(new Set(['Composition/c', 'Patient/1', ...wanted]))
    expect(collection.issues).toEqual([])
  })

  it('names all missing direct targets as errors, one issue for each', async () => {
    const from = composition(['Observation/x', 'Observation/o', 'Observation/y', 'Observation/x'], {
      custodian: to('Organization/z'),
    })
    const collection = await collecting(from, [patient, resource('Observation/o')])
    expect(said(collection)).toEqual([
      'error missing-reference Bundle.entry[0].resource.section[0].entry[0]',
      'error missing-reference Bundle.entry[0].resource.section[0].entry[2]',
      'error missing-reference Bundle.entry[0].resource.custodian',
    ])
    expect(collection.issues.map(({ code }) => code)).toEqual(['incomplete', 'incomplete', 'incomplete'])
    expect(errors(collection).join()).toMatch(/Observation\/x.*Observation\/y.*Organization\/z/)
  })

  it('says of a contained resource that is missing in each holder by itself', async () => {
    const lacking = (name: string): ReturnType<typeof resource> => resource(name, { device: to('#d') })
    const held = [patient, lacking('Observation/a'), lacking('Observation/b')]
    expect(said(await collecting(composition(['Observation/a', 'Observation/b']), held))).toEqual([
      'warning missing-reference Bundle.entry[2].resource.device',
      'warning missing-reference Bundle.entry[3].resource.device',
    ])
  })

  it('says of a missing secondary target as a warning that it stays a reference', async () => {
    const observation = resource('Observation/o', { performer: [to('Practitioner/x')] })
    const collection = await collecting(composition(['Observation/o']), [patient, observation])
    expect(said(collection)).toEqual(['warning missing-reference Bundle.entry[2].resource.performer[0]'])
    expect(entryOf(collection, 'Observation/o').resource).toBe(observation)
  })

  it('follows secondary references to the end, round every cycle once, or not at all', async () => {
    const held = [
      patient,
      resource('Observation/a', { hasMember: [to('Observation/b')] }),
      resource('Observation/b', { hasMember: [to('Observation/a'), to('Observation/b')], device: to('Device/d') }),
      resource('Device/d', { owner: to('Organization/g') }),
      resource('Organization/g'),
    ]
    const whole = await collecting(composition(['Observation/a']), held)
    expect(names(whole)).toEqual([
      'Composition/c',
      'Patient/1',
      'Observation/a',
      'Observation/b',
      'Device/d',
      'Organization/g',
    ])
    const direct = await collecting(composition(['Observation/a']), held, { secondary: 'direct' })
    expect(names(direct)).toEqual(['Composition/c', 'Patient/1', 'Observation/a'])
    expect(direct.issues).toEqual([])
  })

  it('does not follow relatesTo, nor bring in another document by a secondary reference', async () => {
    const from = composition(['DocumentReference/r'], {
      relatesTo: [{ code: 'replaces', targetReference: to('Composition/old') }],
    })
    const held = [
      patient,
      resource('DocumentReference/r', {
        context: { related: [to('Composition/other'), to('Bundle/b'), to('urn:uuid:other')] },
      }),
      resource('Composition/old'),
      resource('Composition/other'),
      resource('Bundle/b'),
      { url: 'urn:uuid:other', resource: resource('Composition/other') },
    ]
    const collection = await collecting(from, held)
    expect(names(collection)).toEqual(['Composition/c', 'Patient/1', 'DocumentReference/r'])
    expect(decision(collection, 'Bundle.entry[0].resource.relatesTo[0].target')).toBe('relative kept')
    expect(collection.issues).toEqual([])
  })
})

describe('limits', () => {
  const chain = [
    patient,
    ...Array.from({ length: 6 }, (_, index) =>
      resource(`Observation/${index}`, index < 5 ? { hasMember: [to(`Observation/${index + 1}`)] } : {}),
    ),
  ]

  it.each([
    [{ depth: 3 }, 'limit-depth'],
    [{ entries: 4 }, 'limit-entries'],
    [{ bytes: 500 }, 'limit-bytes'],
  ])('%j that is reached is an error that names it, never a shorter document', async (limit, rule) => {
    const limits = { entries: 100, depth: 100, bytes: 100_000, ...limit }
    const collection = await collecting(composition(['Observation/0']), chain, { limits })
    expect(said(collection)).toEqual([`error ${rule} Bundle`])
    expect(errors(collection)[0]).toContain(String(Object.values(limit)[0]))
    expect(collection.receipt.references.some(({ decision: what }) => what === 'refused')).toBe(true)
  })

  it('that are just not reached say nothing', async () => {
    const limits = { entries: 8, depth: 6, bytes: 100_000 }
    const collection = await collecting(composition(['Observation/0']), chain, { limits })
    expect(collection.issues).toEqual([])
    expect(names(collection)).toHaveLength(8)
  })
})

describe('sources', () => {
  it('are asked in order: the first that has a target wins, and the receipt says which', async () => {
    const collection = await collecting(composition(['Observation/o', 'Observation/p']), [], {
      sources: [
        memorySource('first', [{ resource: resource('Observation/o', { status: 'final' }) }]),
        memorySource(
          'second',
          [patient, resource('Observation/o', { status: 'amended' }), resource('Observation/p')].map((one) => ({
            resource: one,
          })),
        ),
      ],
    })
    expect(entryOf(collection, 'Observation/o').resource).toMatchObject({ status: 'final' })
    const rows = collection.receipt.references.filter(({ decision: what }) => what === 'included')
    expect(rows.map(({ value, source }) => `${value} ${source ?? ''}`)).toEqual([
      'Patient/1 second',
      'Observation/o first',
      'Observation/p second',
    ])
  })

  it('with two contents of one version make the reference ambiguous and say so', async () => {
    const collection = await collecting(composition(['Observation/o']), [
      patient,
      resource('Observation/o', { status: 'final' }),
      resource('Observation/o', { status: 'amended' }),
    ])
    expect(said(collection)).toEqual([
      'warning contradictory-duplicate',
      'error ambiguous-reference Bundle.entry[0].resource.section[0].entry[0]',
    ])
  })

  it('that cannot be read end the work', async () => {
    const broken = { name: 'x', read: () => Promise.reject(new Error('down')), provenances: () => Promise.resolve([]) }
    await expect(collecting(composition([]), [], { sources: [broken] })).rejects.toThrow('down')
  })

  it('are asked by depth, not by reference', async () => {
    const held = Array.from({ length: 50 }, (_, index) => [
      resource(`Observation/${index}`, { subject: to('Patient/1'), device: to(`Device/${index}`) }),
      resource(`Device/${index}`, { owner: to(`Organization/${index}`) }),
      resource(`Organization/${index}`),
    ]).flat()
    const source = memorySource(
      'm',
      [patient, ...held].map((one) => ({ resource: one })),
    )
    let reads = 0
    const counting = {
      ...source,
      read: (...asked: Parameters<typeof source.read>) => ((reads += 1), source.read(...asked)),
    }
    const collection = await collecting(
      composition(Array.from({ length: 50 }, (_, index) => `Observation/${index}`)),
      [],
      { sources: [counting] },
    )
    expect(names(collection)).toHaveLength(152)
    expect(reads).toBe(4)
  })
})

describe('the Composition', () => {
  const held = [patient, resource('Observation/o'), composition(['Observation/o'])]

  it('may be named by a reference that a source knows', async () => {
    const collection = await collecting({ reference: 'Composition/c' }, held)
    expect(names(collection)).toEqual(['Composition/c', 'Patient/1', 'Observation/o'])
    expect(collection.receipt.composition).toBe('Composition/c of records')
  })

  it.each([
    ['Composition/none', 'not-found'],
    ['Patient/1', 'invalid'],
    ['nonsense', 'value'],
  ])('named as %s is refused: %s', async (reference, code) => {
    await expect(collecting({ reference }, held)).rejects.toMatchObject({
      issues: [{ code }],
    })
  })

  it('given as a resource of another type is refused', async () => {
    await expect(collecting(patient as unknown as Composition, held)).rejects.toMatchObject({
      issues: [{ code: 'invalid' }],
    })
  })

  it('given as a whole lies where a source holds the very same, so that its references have a base', async () => {
    const from = composition(['Observation/o'])
    const collection = await collecting(from, at('http://h/fhir', [from, patient, resource('Observation/o')]), {
      fullUrl: 'rest',
    })
    expect(collection.bundle.entry?.map(({ fullUrl }) => fullUrl)).toEqual([
      'http://h/fhir/Composition/c',
      'http://h/fhir/Patient/1',
      'http://h/fhir/Observation/o',
    ])
    expect(collection.bundle.entry?.[0]?.resource).toBe(from)
  })

  it('given as a whole does not lie where a source holds another content of it', async () => {
    const held2 = at('http://h/fhir', [composition([], { title: 'older' }), patient])
    const collection = await collecting(composition([], { title: 'newer' }), held2, { fullUrl: 'rest' })
    expect(collection.receipt.composition).toBe('Composition/c of composition')
    expect(collection.bundle.entry?.[0]?.fullUrl).toMatch(/^urn:uuid:/)
  })

  it('comes in once, though others refer to it', async () => {
    const held2 = [
      patient,
      resource('Observation/o', { extension: [{ url: 'u', valueReference: to('Composition/c') }] }),
    ]
    const collection = await collecting(composition(['Observation/o']), held2)
    expect(names(collection)).toEqual(['Composition/c', 'Patient/1', 'Observation/o'])
    expect(decision(collection, 'Bundle.entry[2].resource.extension[0].value')).toBe('relative included')
  })
})
