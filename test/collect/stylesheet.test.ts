/** A Bundle as the source of a document: its fullUrls, its stylesheets, and what nothing in it refers to. */

import { describe, expect, it } from 'vitest'
import { bundleSource } from '../../src/edge/store/bundle.ts'
import { memorySource } from '../../src/edge/store/memory.ts'
import type { Bundle, Composition, Resource } from '../../src/fhir/types.ts'
import { collecting, composition, entryOf, patient, resource, said, to } from './composing.ts'

describe('a Bundle as the source', () => {
  const css: Resource = { resourceType: 'Binary', id: 'css', contentType: 'text/css', data: '' }
  const from = composition(['urn:uuid:2'], { subject: to('urn:uuid:1') })
  const bundle: Bundle = {
    resourceType: 'Bundle',
    type: 'document',
    link: [
      { relation: 'self', url: 'http://h/Bundle/1' },
      { relation: 'stylesheet', url: 'Binary/css' },
      { relation: 'stylesheet', url: 'https://elsewhere.invalid/x.css' },
    ],
    entry: [
      { fullUrl: 'urn:uuid:0', resource: from },
      { fullUrl: 'urn:uuid:1', resource: patient },
      { fullUrl: 'urn:uuid:2', resource: resource('Observation/o', { subject: to('Patient/1') }) },
      { fullUrl: 'urn:uuid:3', resource: css },
      { fullUrl: 'urn:uuid:4', resource: resource('Device/lonely') },
    ],
  }
  const again = (source: Bundle, request: object = {}): ReturnType<typeof collecting> =>
    collecting(from, [], { sources: [bundleSource('document', source)], ...request })

  it('gives its stylesheets, its fullUrls are kept, and the receipt names what nothing refers to', async () => {
    const collection = await again(bundle)
    expect(collection.bundle.link).toEqual(bundle.link?.slice(1))
    expect(collection.bundle.entry?.map(({ fullUrl }) => fullUrl)).toEqual([
      'urn:uuid:0',
      'urn:uuid:1',
      'urn:uuid:2',
      'urn:uuid:3',
    ])
    expect(collection.receipt.resources.at(-1)).toEqual({
      source: 'urn:uuid:4',
      reason: 'nothing in the document refers to it',
    })
  })

  it('whose stylesheet is missing is an error', async () => {
    const collection = await again({
      ...bundle,
      entry: bundle.entry?.filter(({ fullUrl }) => fullUrl !== 'urn:uuid:3') ?? [],
    })
    expect(said(collection)).toContain('error missing-stylesheet Bundle.link')
  })

  it('resolves a relative reference of an entry without RESTful URL only where one resource has type and id, with a warning', async () => {
    const collection = await again(bundle)
    expect(said(collection)).toEqual(['warning relative-without-base Bundle.entry[2].resource.subject'])
    expect(entryOf(collection, 'Observation/o').resource).toMatchObject({ subject: { reference: 'urn:uuid:1' } })
    expect(
      collection.receipt.references.find(({ from: place }) => place.endsWith('[2].resource.subject'))?.reason,
    ).toContain('found by type and id alone')
    const twins = await again({
      ...bundle,
      entry: [...(bundle.entry ?? []), { fullUrl: 'urn:uuid:5', resource: patient }],
    })
    expect(said(twins)).toContain('error same-subject Bundle.entry[0].resource.section[0].entry[0]')
  })

  it('does not resolve it in another source', async () => {
    const [, ...others] = bundle.entry ?? []
    const half = {
      ...bundle,
      link: [],
      entry: [
        { fullUrl: 'urn:uuid:0', resource: composition(['Observation/o'], { subject: to('urn:uuid:1') }) },
        ...others.slice(0, 1),
      ],
    }
    const collection = await collecting(half.entry[0]?.resource as Composition, [], {
      sources: [bundleSource('half', half), memorySource('other', [{ resource: resource('Observation/o') }])],
    })
    expect(said(collection)).toEqual(['error missing-reference Bundle.entry[0].resource.section[0].entry[0]'])
  })
})
