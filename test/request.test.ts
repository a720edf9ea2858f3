/** What the faces ask of the pipeline. */

import { describe, expect, it } from 'vitest'
import type { Json } from '../src/fhir/types.ts'
import type { Source } from '../src/ports.ts'
import { bundleFrom, composeRequest, compositionOf } from '../src/request.ts'

const composition = (
  id: string,
  versionId?: string,
): { resourceType: 'Composition'; id: string; meta?: { versionId: string } } => ({
  resourceType: 'Composition',
  id,
  ...(versionId !== undefined && { meta: { versionId } }),
})

describe('the Composition of a Bundle', () => {
  const bundle = {
    resourceType: 'Bundle' as const,
    type: 'collection',
    entry: [
      { fullUrl: 'https://a.example/fhir/Composition/1', resource: composition('1', '7') },
      { fullUrl: 'https://a.example/fhir/Composition/1', resource: composition('1', '8') },
      { resource: composition('2') },
    ],
  }

  it.each([
    ['Composition/2', '2'],
    ['Composition/1/_history/8', '1'],
    ['https://a.example/fhir/Composition/1/_history/7', '1'],
  ])('%s names one', (name, id) => {
    expect(compositionOf(bundle, name).composition.id).toBe(id)
  })

  it('is the first entry of a document, or the only one', () => {
    expect(compositionOf({ ...bundle, type: 'document' })).toMatchObject({
      url: 'https://a.example/fhir/Composition/1',
      composition: { meta: { versionId: '7' } },
    })
    expect(compositionOf({ ...bundle, entry: bundle.entry.slice(2) }).composition.id).toBe('2')
  })

  it.each([
    [undefined, 'required', 'Composition/2'],
    ['Composition/1', 'required', '_history/7'],
    ['Composition/3', 'not-found', 'Composition/2'],
  ])('%s is refused, and those there are are named', (name, code, text) => {
    expect(() => compositionOf(bundle, name)).toThrow(
      expect.objectContaining({
        issues: [expect.objectContaining({ code, text: expect.stringContaining(text) as string })],
      }),
    )
  })

  it('is missing in a Bundle without one', () => {
    expect(() => compositionOf({ resourceType: 'Bundle' })).toThrow('The Bundle has no Composition, expected one')
  })
})

describe('the form of fullUrl', () => {
  const source = (base?: string): Source => ({
    name: 'a',
    ...(base !== undefined && { base }),
    read: () => Promise.resolve([]),
    provenances: () => Promise.resolve([]),
  })
  const of = (sources: readonly Source[], url?: string): object =>
    composeRequest(
      { composition: composition('1'), sources, ...(url !== undefined && { origin: { source: 'a', url } }) },
      {},
    )

  it('is rest where a source is a server, or the Composition has an address on one', () => {
    expect(of([source(), source('https://a.example/fhir')])).toMatchObject({
      fullUrl: 'rest',
      base: 'https://a.example/fhir',
    })
    expect(of([source()], 'https://b.example/fhir/Composition/1')).toMatchObject({
      fullUrl: 'rest',
      base: 'https://b.example/fhir',
    })
  })

  it('is uuid where no base is known, and rest is refused then', () => {
    expect(of([source()], 'urn:uuid:4f2d1f0e-4f5e-4d2c-9b73-4ee2a6b1a111')).toMatchObject({
      fullUrl: 'uuid',
      secondary: 'include',
    })
    expect(() => composeRequest({ composition: composition('1'), sources: [source()] }, { fullUrl: 'rest' })).toThrow(
      'expected uuid',
    )
  })
})

describe('a Bundle is one whose own members can be read', () => {
  it.each<[Json, string | undefined]>([
    [[], undefined],
    [{ resourceType: 'Patient' }, undefined],
    [{ resourceType: 'Bundle', entry: {} }, 'Bundle.entry'],
    [{ resourceType: 'Bundle', entry: [null] }, 'Bundle.entry'],
    [{ resourceType: 'Bundle', entry: [{}, { resource: 1 }] }, 'Bundle.entry[1].resource'],
    [{ resourceType: 'Bundle', entry: [{ fullUrl: 1 }] }, 'Bundle.entry[0].fullUrl'],
    [{ resourceType: 'Bundle', link: false }, 'Bundle.link'],
    [{ resourceType: 'Bundle', signature: null }, 'Bundle.signature'],
  ])('%j is none', (value, expression) => {
    const issue = expect.objectContaining({
      code: 'structure',
      ...(expression !== undefined && { expression }),
    }) as object
    expect(() => bundleFrom(value)).toThrow(expect.objectContaining({ issues: [issue] }))
  })

  it('whatever its resources are', () => {
    const value = { resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Nonsense', a: [1] } }] }
    expect(bundleFrom(value)).toBe(value)
  })
})

it('a list that is null is refused with its place', () => {
  for (const name of ['entry', 'link']) {
    expect(() => bundleFrom({ resourceType: 'Bundle', [name]: null })).toThrow(`Bundle.${name} is no list of objects`)
  }
})
