/** Every kind of source keeps one contract. */

import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reading } from '../../model.ts'
import { bundleSource } from '../../../src/edge/store/bundle.ts'
import { directorySource } from '../../../src/edge/store/directory.ts'
import { memorySource } from '../../../src/edge/store/memory.ts'
import { ndjsonSource } from '../../../src/edge/store/ndjson.ts'
import { restSource } from '../../../src/edge/store/rest.ts'
import { parseJson, stringify } from '../../../src/fhir/json.ts'
import type { Resource } from '../../../src/fhir/types.ts'
import type { Source } from '../../../src/ports.ts'
import { fhirServer, type FhirServer } from './fhir-server.ts'

const resources = parseJson(`[
  { "resourceType": "Patient", "id": "1", "identifier": [{ "system": "urn:s", "value": "a|b,c" }] },
  { "resourceType": "Observation", "id": "o", "meta": { "versionId": "1" }, "valueQuantity": { "value": 1.50 } },
  { "resourceType": "Organization", "id": "g", "identifier": [{ "system": "urn:s", "value": "a|b,c" }] },
  { "resourceType": "Provenance", "id": "p", "target": [{ "reference": "Patient/1" }] },
  { "resourceType": "Provenance", "id": "q", "target": [{ "reference": "Patient/2" }] }
]`) as unknown as readonly Resource[]

let folder: string
let server: FhirServer
let single: FhirServer
const kinds = ['memory', 'bundle', 'ndjson', 'directory', 'rest', 'rest without batch'] as const
const sources = new Map<string, Source>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fhirdoc-source-'))
  await mkdir(join(folder, 'records', 'deeper'), { recursive: true })
  for (const one of resources) {
    const path = one.resourceType === 'Patient' ? join('deeper', 'a.json') : `${one.resourceType}-${one.id}.json`
    await writeFile(join(folder, 'records', path), stringify(one, 2))
  }
  await writeFile(join(folder, 'lines.ndjson'), `${resources.map((one) => stringify(one)).join('\r\n')}\n\n`)
  server = await fhirServer(resources)
  single = await fhirServer(resources, { takesBatch: false })
  sources.set(
    'memory',
    memorySource(
      'm',
      resources.map((resource) => ({ resource })),
    ),
  )
  const entry = resources.map((resource) => ({ resource }))
  sources.set('bundle', bundleSource('b', { resourceType: 'Bundle', type: 'collection', entry }))
  sources.set('ndjson', ndjsonSource('lines.ndjson', join(folder, 'lines.ndjson')))
  sources.set('directory', directorySource(join(folder, 'records'), reading))
  sources.set('rest', restSource(server.base))
  sources.set('rest without batch', restSource(`${single.base}/`))
})

afterAll(async () => {
  await Promise.all([server.close(), single.close(), rm(folder, { recursive: true })])
})

describe.each(kinds)('a source: %s', (kind) => {
  const source = (): Source => {
    const one = sources.get(kind)
    if (one === undefined) throw new TypeError(kind)
    return one
  }

  it('answers each target in its order, with nothing for what it has not', async () => {
    const answers = await source().read([
      { by: 'id', type: 'Observation', id: 'o' },
      { by: 'id', type: 'Patient', id: 'none' },
      { by: 'id', type: 'Patient', id: '1' },
      { by: 'id', type: 'Patient', id: '1' },
    ])
    expect(answers.map((found) => found.map(({ resource }) => resource.id))).toEqual([['o'], [], ['1'], ['1']])
    expect(answers[0]?.[0]?.source).toBe(source().name)
  })

  it('answers nothing to no targets', async () => {
    expect(await source().read([])).toEqual([])
    expect(await source().provenances([])).toEqual([])
  })

  it('gives decimals with their own text', async () => {
    const [[found] = []] = await source().read([{ by: 'id', type: 'Observation', id: 'o' }])
    expect(found && stringify(found.resource)).toContain('"value":1.50')
  })

  it('gives the very version that is asked for, or none', async () => {
    const answers = await source().read([
      { by: 'id', type: 'Observation', id: 'o', version: '1' },
      { by: 'id', type: 'Observation', id: 'o', version: '2' },
    ])
    expect(answers.map(({ length }) => length)).toEqual([1, 0])
  })

  it('finds by system and value of an identifier, of the type alone', async () => {
    const answers = await source().read([
      { by: 'identifier', type: 'Organization', system: 'urn:s', value: 'a|b,c' },
      { by: 'identifier', type: 'Organization', system: 'urn:s', value: 'a' },
      { by: 'identifier', type: 'Device', system: 'urn:s', value: 'a|b,c' },
    ])
    expect(answers.map((found) => found.map(({ resource }) => resource.resourceType))).toEqual([
      ['Organization'],
      [],
      [],
    ])
  })

  it('knows no URL outside itself', async () => {
    expect(await source().read([{ by: 'url', url: 'http://elsewhere.invalid/fhir/Patient/1' }])).toEqual([[]])
  })

  it('finds the Provenance of a target and no other', async () => {
    const { base } = source()
    const found = await source().provenances([base === undefined ? 'Patient/1' : `${base}/Patient/1`, 'Patient/3'])
    expect(found.map(({ resource }) => resource.id)).toEqual(['p'])
  })
})
