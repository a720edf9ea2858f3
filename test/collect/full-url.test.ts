/** Entries are named the same way each time, by what their sources call them. */

import { describe, expect, it } from 'vitest'
import { NAMESPACE } from '../../src/collect/full-url.ts'
import { memorySource } from '../../src/edge/store/memory.ts'
import { uuidV5 } from '../../src/fhir/digest.ts'
import type { Collection } from '../../src/collect/collect.ts'
import { at, collecting, composition, entryOf, patient, resource, said, to } from './composing.ts'

const urls = ({ bundle }: Collection): readonly string[] => (bundle.entry ?? []).map(({ fullUrl }) => fullUrl ?? '')
const uuid = (name: string): string => `urn:uuid:${uuidV5(NAMESPACE, name)}`

describe('by UUID', () => {
  it('a name is made from the URL of the source without version, or from source, type and id', async () => {
    const held = [patient, ...at('http://h/fhir', [resource('Observation/o/3')])]
    const collection = await collecting(composition(['http://h/fhir/Observation/o/_history/3']), held)
    expect(urls(collection)).toEqual([
      uuid('composition Composition/c'),
      uuid('records Patient/1'),
      uuid('http://h/fhir/Observation/o'),
    ])
  })

  it('a name that the source gives and is no http URL is kept', async () => {
    const held = [patient, { url: 'urn:oid:1.2.3', resource: resource('Observation/o') }]
    const collection = await collecting(composition(['urn:oid:1.2.3']), held)
    expect(entryOf(collection, 'Observation/o').fullUrl).toBe('urn:oid:1.2.3')
  })

  it('a resource without id is named by its content', async () => {
    const nameless = { resourceType: 'Organization', identifier: [{ system: 'urn:s', value: 'g' }] }
    const from = composition([], { custodian: { type: 'Organization', identifier: { system: 'urn:s', value: 'g' } } })
    const [one, other] = await Promise.all([
      collecting(from, [patient, nameless]),
      collecting(from, [patient, { ...nameless, active: true }]),
    ])
    expect(urls(one)).toEqual(urls(await collecting(from, [patient, { ...nameless }])))
    expect(urls(one)[2]).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(urls(one)[2]).not.toBe(urls(other)[2])
  })
})

describe('by REST', () => {
  it('a URL of the source is kept, a resource without one lies below the base', async () => {
    const held = [
      patient,
      ...at('http://h/fhir', [resource('Observation/o')]),
      { url: 'urn:uuid:d', resource: resource('Device/d') },
    ]
    const from = composition(['http://h/fhir/Observation/o', 'urn:uuid:d'])
    const collection = await collecting(from, held, { fullUrl: 'rest', base: 'http://base/fhir' })
    expect(urls(collection)).toEqual([
      'http://base/fhir/Composition/c',
      'http://base/fhir/Patient/1',
      'http://h/fhir/Observation/o',
      'urn:uuid:d',
    ])
    expect(collection.bundle.entry?.[0]?.resource).toBe(from)
  })

  it('without a base it is a UUID, and references are rewritten to it', async () => {
    const collection = await collecting(composition([]), [patient], { fullUrl: 'rest' })
    expect(urls(collection)[1]).toBe(uuid('records Patient/1'))
    expect(collection.bundle.entry?.[0]?.resource).toMatchObject({ subject: to(uuid('records Patient/1')) })
  })

  it('a source at the base and one without are one place: what a server refers to may lie in a folder', async () => {
    const base = 'http://h/fhir'
    const server = at(base, [
      resource('Observation/o', { subject: to('Patient/1') }),
      resource('Patient/1', { active: false }),
    ])
    const collection = await collecting(composition(['Observation/o']), [], {
      fullUrl: 'rest',
      base,
      sources: [memorySource('folder', [{ resource: patient }]), memorySource('server', server)],
    })
    expect(urls(collection)).toEqual([`${base}/Composition/c`, `${base}/Patient/1`, `${base}/Observation/o`])
    expect(entryOf(collection, 'Patient/1').resource).toBe(patient)
    expect(collection.issues).toEqual([])
  })
})

it('a URL below the base finds nothing that has another URL', async () => {
  const held = at('http://elsewhere', [resource('Observation/o')])
  const collection = await collecting(composition(['http://base/Observation/o']), [patient, ...held], {
    fullUrl: 'rest',
    base: 'http://base',
  })
  expect(said(collection)).toEqual(['error missing-reference Bundle.entry[0].resource.section[0].entry[0]'])
})

describe('a version beside one that says no version', () => {
  const sources = [
    memorySource(
      'folder',
      [patient, resource('Observation/o')].map((one) => ({ resource: one })),
    ),
    memorySource('server', at('http://h', [resource('Observation/o/2')])),
  ]
  const from = composition(['Observation/o', 'http://h/Observation/o/_history/2'])

  it('is an error where both have one URL', async () => {
    const collection = await collecting(from, [], { sources, fullUrl: 'rest', base: 'http://h' })
    expect(said(collection)).toEqual(['error unversioned-among-several Bundle.entry[2].fullUrl'])
  })

  it('is another entry by UUID', async () => {
    const collection = await collecting(from, [], { sources })
    expect(collection.issues).toEqual([])
    expect(new Set(urls(collection)).size).toBe(4)
  })
})
