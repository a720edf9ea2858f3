/** The store as a source for closure. */

import { beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../../src/edge/store/open-store.ts'
import { openSearch } from '../../../src/edge/store/search/open-search.ts'
import { storeSource } from '../../../src/edge/store/store-source.ts'
import type { Resource } from '../../../src/fhir/types.ts'
import type { Found, Source, Store, Target } from '../../../src/ports.ts'
import { openDesign } from '../../design.ts'

const BASE = 'https://here.example/fhir'
const NOW = { now: () => '2026-03-01T10:00:00Z' }

let store: Store
beforeAll(async () => {
  const { collect } = await openDesign()
  const { index } = await openSearch({ ...collect, base: BASE }, NOW)
  store = await openStore('sqlite::memory:', { index })
  const resources: readonly (Resource & { readonly id: string })[] = [
    { resourceType: 'Patient', id: '1', identifier: [{ system: 'urn:a', value: 'x|y,$z' }] },
    { resourceType: 'Patient', id: '1', identifier: [{ system: 'urn:a', value: 'x|y,$z' }], active: true },
    { resourceType: 'Patient', id: '2', identifier: [{ system: 'urn:a', value: 'twice' }] },
    { resourceType: 'Practitioner', id: '2', identifier: [{ system: 'urn:a', value: 'twice' }] },
    { resourceType: 'Provenance', id: 'p1', target: [{ reference: 'Patient/1/_history/1' }] },
    { resourceType: 'Provenance', id: 'p2', target: [{ reference: 'Patient/2' }] },
    { resourceType: 'Patient', id: 'gone' },
  ]
  for (const resource of resources) {
    const { resourceType: type, id } = resource
    await store.transaction((writer) => writer.write({ type, id, method: 'PUT', resource }))
  }
  await store.transaction((writer) => writer.write({ type: 'Patient', id: 'gone', method: 'DELETE' }))
})

/** What a source finds, as `Patient/1` with the version. */
function read(...targets: readonly Target[]): Promise<readonly (readonly string[])[]> {
  return withSource(async (source) => (await source.read(targets)).map((found) => found.map(nameOf)))
}

function withSource<T>(work: (source: Source) => Promise<T>): Promise<T> {
  return store.snapshot((reader) => work(storeSource(reader, BASE)))
}

function nameOf({ resource: { resourceType, id, meta }, url }: Found): string {
  expect(url).toBe(`${BASE}/${resourceType}/${id}`)
  return `${resourceType}/${id}/${meta?.versionId}`
}

describe('a wave', () => {
  it('finds by type and id, and by a URL below the base, the current version or the one that is named', async () => {
    const found = await read(
      { by: 'id', type: 'Patient', id: '1' },
      { by: 'url', url: `${BASE}/Patient/1` },
      { by: 'id', type: 'Patient', id: '1', version: '1' },
      { by: 'url', url: `${BASE}/Patient/1`, version: '2' },
      { by: 'id', type: 'Patient', id: '1', version: '3' },
    )
    expect(found).toEqual([['Patient/1/2'], ['Patient/1/2'], ['Patient/1/1'], ['Patient/1/2'], []])
  })

  it('finds nothing elsewhere, and nothing that was never there or was deleted', async () => {
    const found = await read(
      { by: 'url', url: 'https://elsewhere.example/fhir/Patient/1' },
      { by: 'url', url: `${BASE}x/Patient/1` },
      { by: 'url', url: `${BASE}/Patient/1/name` },
      { by: 'id', type: 'Patient', id: 'never' },
      { by: 'id', type: 'Patient', id: 'gone' },
    )
    expect(found.flat()).toEqual([])
    const wasDeleted = (id: string): Promise<boolean | undefined> =>
      withSource(async (source) => source.wasDeleted?.({ by: 'id', type: 'Patient', id }))
    expect([await wasDeleted('gone'), await wasDeleted('never'), await wasDeleted('1')]).toEqual([true, false, false])
  })

  it('finds by identifier, exactly, and everyone who bears it', async () => {
    const found = await read(
      { by: 'identifier', system: 'urn:a', value: 'x|y,$z' },
      { by: 'identifier', system: 'urn:a', value: 'twice' },
      { by: 'identifier', type: 'Practitioner', system: 'urn:a', value: 'twice' },
      { by: 'identifier', system: 'urn:b', value: 'twice' },
      { by: 'identifier', system: 'urn:a', value: 'TWICE' },
    )
    expect(found).toEqual([['Patient/1/2'], ['Patient/2/1', 'Practitioner/2/1'], ['Practitioner/2/1'], [], []])
  })
})

it('finds every Provenance about a target, whatever version it names', async () => {
  const names = await withSource(async (source) => ({
    both: (await source.provenances(['Patient/1', `${BASE}/Patient/2`])).map(nameOf).toSorted(),
    none: await source.provenances(['Patient/3', 'https://elsewhere.example/Patient/1']),
  }))
  expect(names).toEqual({ both: ['Provenance/p1/1', 'Provenance/p2/1'], none: [] })
})

it('gives the very object that the store remembers', async () => {
  const [first, second] = [await withSource(one), await withSource(one)]
  expect(first).toBeDefined()
  expect(second).toBe(first)
})

async function one(source: Source): Promise<Resource | undefined> {
  return (await source.read([{ by: 'id', type: 'Patient', id: '1' }]))[0]?.[0]?.resource
}
