/** A FHIR server is read in few round trips, and no other host is ever asked. */

import { afterEach, describe, expect, it } from 'vitest'
import { restSource, type RestOptions } from '../../../src/edge/store/rest.ts'
import { FhirError } from '../../../src/fhir/error.ts'
import type { Resource } from '../../../src/fhir/types.ts'
import type { Source, Target } from '../../../src/ports.ts'
import { fhirServer, type FhirServer, type ServerOptions } from './fhir-server.ts'

const patients: readonly Resource[] = Array.from({ length: 7 }, (_, index) => ({
  resourceType: 'Patient',
  id: String(index),
  identifier: [{ system: 'urn:s', value: 'same' }],
}))
const all: readonly Target[] = patients.map(({ id = '' }) => ({ by: 'id', type: 'Patient', id }))
const servers: FhirServer[] = []

async function setUp(
  server: ServerOptions = {},
  options: RestOptions = {},
): Promise<FhirServer & { readonly source: Source }> {
  const one = await fhirServer(patients, server)
  servers.push(one)
  return { ...one, source: restSource(one.base, options) }
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function codeOf(reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  return error instanceof FhirError ? error.issues[0].code : String(error)
}

describe('round trips', () => {
  it('many targets are one batch, one target is one read', async () => {
    const { source, requests } = await setUp()
    expect((await source.read([...all, ...all])).map(({ length }) => length)).toEqual(Array(14).fill(1))
    await source.read(all.slice(0, 1))
    expect(requests).toEqual(['POST batch of 7', 'GET Patient/0'])
  })

  it('a batch that is too large is several', async () => {
    const { source, requests } = await setUp({}, { batchSize: 3 })
    await source.read(all)
    expect([...requests].sort()).toEqual(['POST batch of 1', 'POST batch of 3', 'POST batch of 3'])
  })

  it('a server that refuses batches is searched by _id, and not asked again for a batch', async () => {
    const { source, requests } = await setUp({ takesBatch: false })
    expect((await source.read(all)).flat()).toHaveLength(7)
    await source.read(all.slice(0, 2))
    expect(requests).toEqual([
      'POST batch of 7',
      'GET Patient?_id=0,1,2,3,4,5,6&_count=7',
      'GET Patient?_id=0,1&_count=2',
    ])
  })

  it('what a search by _id does not give is read by itself', async () => {
    const { source, requests } = await setUp({ takesBatch: false, pageSize: 6 })
    expect(
      (await source.read([...all, { by: 'id', type: 'Patient', id: 'none' }])).map(({ length }) => length),
    ).toEqual([1, 1, 1, 1, 1, 1, 1, 0])
    expect(requests.slice(2)).toEqual(['GET Patient/6', 'GET Patient/none'])
  })

  it('a server that offers neither is asked for each target', async () => {
    const { source, requests } = await setUp({ takesBatch: false, searchesById: false })
    expect((await source.read(all)).flat()).toHaveLength(7)
    expect((await source.read(all.slice(0, 2))).flat()).toHaveLength(2)
    expect(requests).toHaveLength(1 + 1 + 7 + 2)
  })

  it('a server that takes _id for nothing gives nothing but what was asked for', async () => {
    const page = {
      resourceType: 'Bundle',
      type: 'searchset',
      entry: [{ resource: { resourceType: 'Patient', id: 'other' } }],
    }
    const { source } = await setUp({
      takesBatch: false,
      instead: { 'Patient?_id=0,1&_count=2': (response) => void response.end(JSON.stringify(page)) },
    })
    const found = (await source.read(all.slice(0, 2))).flat()
    expect(found.map(({ resource }) => resource.id)).toEqual(['0', '1'])
  })

  it('a search is paged to its end', async () => {
    const { source, requests } = await setUp({ pageSize: 3 })
    const [found] = await source.read([{ by: 'identifier', type: 'Patient', system: 'urn:s', value: 'same' }])
    expect(found).toHaveLength(7)
    expect(requests).toHaveLength(3)
  })

  it('a search of too many pages is an error, never a shorter answer', async () => {
    const { source } = await setUp({ pageSize: 1 }, { maxPages: 3 })
    expect(await codeOf(source.read([{ by: 'identifier', type: 'Patient', system: 'urn:s', value: 'same' }]))).toBe(
      'too-costly',
    )
  })

  it('Provenance of many targets is searched in one batch', async () => {
    const { source, requests, base } = await setUp()
    await source.provenances(Array.from({ length: 400 }, (_, index) => `${base}/Observation/${index}`))
    expect(requests).toHaveLength(1)
  })
})

describe('addresses', () => {
  it('a URL below the base is read by it, any other is not asked for', async () => {
    const { source, requests, base } = await setUp()
    const found = await source.read([
      { by: 'url', url: `${base}/Patient/1` },
      { by: 'url', url: `${base}.evil.example/Patient/1` },
      { by: 'url', url: 'http://elsewhere.invalid/Patient/1' },
      { by: 'url', url: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0' },
      { by: 'url', url: `${base}/nested/Patient/1` },
    ])
    expect(found.map(({ length }) => length)).toEqual([1, 0, 0, 0, 0])
    expect(found[0]?.[0]?.url).toBe(`${base}/Patient/1`)
    expect(requests).toEqual(['GET Patient/1'])
  })

  it.each(['..', '.', '../Patient', 'a b', '1?x=1', ''])('the id %j never becomes a path', async (id) => {
    const { source, requests } = await setUp()
    expect(await source.read([{ by: 'id', type: 'Patient', id }])).toEqual([[]])
    expect(requests).toEqual([])
  })

  it('a redirect off the base is not followed, one below it is', async () => {
    const to =
      (location: string) =>
      (response: { writeHead: (status: number, headers: Record<string, string>) => { end: () => void } }) =>
        void response.writeHead(302, { location }).end()
    const { source, requests } = await setUp({
      instead: {
        'Patient/0': to('http://elsewhere.invalid/Patient/0'),
        'Patient/1': to('/other/Patient/1'),
        'Patient/2': to('/fhir/Patient/3x'),
      },
    })
    expect(await codeOf(source.read(all.slice(0, 1)))).toBe('no-store')
    expect(await codeOf(source.read(all.slice(1, 2)))).toBe('no-store')
    expect(await source.read(all.slice(2, 3))).toEqual([[]])
    expect(requests).toEqual(['GET Patient/0', 'GET Patient/1', 'GET Patient/2', 'GET Patient/3x'])
  })

  it('a next page off the base is not followed', async () => {
    const page = {
      resourceType: 'Bundle',
      type: 'searchset',
      link: [{ relation: 'next', url: 'http://elsewhere.invalid/more' }],
    }
    const { source } = await setUp({
      instead: {
        [`Patient?identifier=${encodeURIComponent('urn:s|x')}`]: (response) => void response.end(JSON.stringify(page)),
      },
    })
    expect(await codeOf(source.read([{ by: 'identifier', type: 'Patient', system: 'urn:s', value: 'x' }]))).toBe(
      'no-store',
    )
  })

  it.each(['http://h/fhir?x=1', 'http://u:p@h/fhir', 'http://'])('the base %s is refused', (base) => {
    expect(() => restSource(base)).toThrow(FhirError)
  })
})

describe('answers', () => {
  it.each([
    [401, 'no-store'],
    [403, 'no-store'],
    [429, 'no-store'],
    [503, 'no-store'],
    [504, 'timeout'],
    [500, 'no-store'],
    [400, 'no-store'],
  ])('the status %i is the error %s, alone and in a batch, never an absence', async (status, code) => {
    const { source } = await setUp({ instead: { 'Patient/0': status } }, { pauseMs: 1 })
    expect(await codeOf(source.read(all.slice(0, 1)))).toBe(code)
    expect(await codeOf(source.read(all))).toBe(code)
  })

  it.each([404, 410])('the status %i is an absence', async (status) => {
    const { source } = await setUp({ instead: { 'Patient/0': status } })
    expect((await source.read(all)).map(({ length }) => length)).toEqual([0, 1, 1, 1, 1, 1, 1])
  })

  it('another resource than asked for, no JSON, and silence are errors', async () => {
    const { source } = await setUp(
      {
        instead: {
          'Patient/0': (response) => void response.end(JSON.stringify({ resourceType: 'Patient', id: 'other' })),
          'Patient/1': (response) => void response.end('<Patient/>'),
          'Patient/2': () => undefined,
          'Patient/3': (response) =>
            void response.end(JSON.stringify({ resourceType: 'Patient', id: '3', text: 'x'.repeat(5_000) })),
        },
      },
      { timeoutMs: 200, maxBytes: 2_000 },
    )
    expect(await codeOf(source.read(all.slice(0, 1)))).toBe('no-store')
    expect(await codeOf(source.read(all.slice(1, 2)))).toBe('no-store')
    expect(await codeOf(source.read(all.slice(2, 3)))).toBe('timeout')
    expect(await codeOf(source.read(all.slice(3, 4)))).toBe('no-store')
  })

  it('a server that is not there is an error', async () => {
    const { source, close } = await setUp()
    await close()
    expect(await codeOf(source.read(all.slice(0, 1)))).toBe('no-store')
  })

  it('a server that ignores the identifier gives nothing that lacks it', async () => {
    const stranger = { resourceType: 'Patient', id: 'x', identifier: [{ system: 'urn:s', value: 'other' }] }
    const page = { resourceType: 'Bundle', type: 'searchset', entry: [{ resource: stranger }] }
    const { source } = await setUp({
      instead: {
        [`Patient?identifier=${encodeURIComponent('urn:s|x')}`]: (response) => void response.end(JSON.stringify(page)),
      },
    })
    expect(await source.read([{ by: 'identifier', type: 'Patient', system: 'urn:s', value: 'x' }])).toEqual([[]])
  })

  it('nonsense in a search or a batch is passed over or an error of the server, never of the program', async () => {
    const page = {
      resourceType: 'Bundle',
      entry: [null, 5, { search: 'x' }, { resource: [] }],
      link: [null, { relation: 'next' }],
    }
    const { source } = await setUp({
      instead: {
        [`Patient?identifier=${encodeURIComponent('urn:s|x')}`]: (response) => void response.end(JSON.stringify(page)),
        'Patient/0': Number.NaN,
      },
    })
    expect(await source.read([{ by: 'identifier', type: 'Patient', system: 'urn:s', value: 'x' }])).toEqual([[]])
    expect(await codeOf(source.read(all))).toBe('no-store')
  })

  it('a server without search for Provenance is a warning, one that forbids it is an error', async () => {
    const { source, base } = await setUp({
      instead: { 'Provenance?target=Patient/1': 501, 'Provenance?target=Patient/2': 403 },
    })
    expect(await source.provenances([`${base}/Patient/1`])).toEqual([])
    expect(source.issues?.()).toMatchObject([{ severity: 'warning', rule: 'no-provenance-search' }])
    expect(await codeOf(source.provenances([`${base}/Patient/2`]))).toBe('no-store')
  })

  it('its messages name no host', async () => {
    const { source } = await setUp({ instead: { 'Patient/0': 500 } })
    await expect(source.read(all.slice(0, 1))).rejects.toThrow(
      /^The FHIR server answered 500 to Patient\/0, expected 200$/,
    )
  })
})
