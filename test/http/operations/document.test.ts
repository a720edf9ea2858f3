/** Documents of the store over HTTP: made, kept, given again, and everything that can be asked of a stored one. */

import { beforeAll, describe, expect, it } from 'vitest'
import { extract } from '../../../src/archive.ts'
import { memorySource } from '../../../src/edge/store/memory.ts'
import type { Bundle, JsonObject, Resource } from '../../../src/fhir/types.ts'
import { composition, observation, patient, practitioner, put, section } from '../../storing.ts'
import { documentService, type DocumentService } from './document-service.ts'
import { issueText } from '../serving.ts'

let service: DocumentService
beforeAll(async () => {
  service = await documentService({ isSealing: true })
})

/** A store with Composition/c and two Observations, one in a nested section. */
async function filled(): Promise<void> {
  const nested = section('Outer', ['Observation/a'], { section: [section('Inner', ['Observation/b'])] })
  await put(service.store, patient, practitioner, observation('a'), observation('b'), composition([nested]))
}

function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${service.base}/${path}`, { headers })
}
function post(path: string, body: JsonObject): Promise<Response> {
  const headers = { 'Content-Type': 'application/fhir+json' }
  return fetch(`${service.base}/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
}
async function bundleOf(answer: Response): Promise<Bundle> {
  const bundle = (await answer.json()) as Bundle
  expect([answer.status, bundle.resourceType], JSON.stringify(bundle).slice(0, 400)).toEqual([200, 'Bundle'])
  return bundle
}
const refusal = async (answer: Response): Promise<readonly [number, string]> => [answer.status, await issueText(answer)]
const parameters = (...parameter: readonly JsonObject[]): JsonObject => ({ resourceType: 'Parameters', parameter })

describe('$document', () => {
  beforeAll(filled)

  it.each([
    ['GET Composition/c/$document', () => get('Composition/c/$document')],
    ['GET Composition/$document?id=c', () => get('Composition/$document?id=c')],
    [
      'GET with an absolute id',
      () => get(`Composition/$document?id=${encodeURIComponent(`${service.base}/Composition/c`)}`),
    ],
    ['POST Composition/c/$document', () => post('Composition/c/$document', parameters())],
    ['POST Composition/$document', () => post('Composition/$document', parameters({ name: 'id', valueUri: 'c' }))],
    ['POST without body', () => fetch(`${service.base}/Composition/c/$document`, { method: 'POST' })],
  ])('by %s is the bare Bundle, complete, below the base of the service', async (_, ask) => {
    const { type, entry = [] } = await bundleOf(await ask())
    const names = ['Composition/c', 'Patient/p', 'Practitioner/d', 'Observation/a', 'Observation/b']
    expect([type, entry.map(({ fullUrl }) => fullUrl)]).toEqual(['document', names.map((name) => `${service.base}/${name}`)]) // prettier-ignore
  })

  it.each([
    ['an id where the address names one', 'Composition/c/$document?id=c', 400, 'The parameter id is given where'],
    ['no id where the address names none', 'Composition/$document', 400, 'The parameter id is missing'],
    ['an id that is none', 'Composition/$document?id=a%20b', 400, 'names no Composition'],
    [
      'an id with a version',
      `Composition/$document?id=http://x.example/Composition/c/_history/1`,
      400,
      'without version',
    ],
    [
      'a Composition elsewhere',
      'Composition/$document?id=https://elsewhere.example/fhir/Composition/c',
      501,
      'on a server that this service does not read',
    ],
    ['one that is not there', 'Composition/nobody/$document', 404, 'There is no Composition/nobody'],
    ['a parameter that is none', 'Composition/c/$document?persit=true', 400, 'the nearest is persist'],
    ['a value that is none', 'Composition/c/$document?persist=yes', 400, 'expected true | false'],
    [
      'a graph that is not stored',
      'Composition/c/$document?graph=https://graphs.example/none',
      400,
      'is not stored here',
    ],
  ])('of %s is refused', async (_, path, status, text) => {
    expect(await refusal(await get(path))).toEqual([status, expect.stringContaining(text)])
  })

  it('of a deleted Composition is 410', async () => {
    await put(service.store, { ...composition([]), id: 'gone' })
    await service.store.transaction((writer) => writer.write({ type: 'Composition', id: 'gone', method: 'DELETE' }))
    expect((await get('Composition/gone/$document')).status).toBe(410)
  })

  it('that lacks something is 422 and names everything', async () => {
    await put(service.store, { ...composition([section('One', ['Observation/x', 'Observation/y'])]), id: 'lacking' })
    const answer = await get('Composition/lacking/$document')
    const text = await answer.text()
    expect([answer.status, text.includes('Observation/x is missing'), text.includes('Observation/y is missing')]).toEqual([422, true, true]) // prettier-ignore
  })

  it('takes a Composition from upstream where the store has none', async () => {
    const base = 'https://upstream.example/fhir'
    const held = [
      composition([section('One', ['Observation/a'])], { id: 'far' }),
      patient,
      practitioner,
      observation('a'),
    ]
    const source = { ...memorySource('upstream', held.map((resource) => ({ resource, url: `${base}/${resource.resourceType}/${resource.id ?? ''}` }))), base } // prettier-ignore
    const other = await documentService({ upstream: [source] })
    const byId = await fetch(`${other.base}/Composition/far/$document`)
    const byUrl = await fetch(`${other.base}/Composition/$document?id=${base}/Composition/far`)
    expect([byId.status, byUrl.status]).toEqual([200, 200])
    expect(((await byUrl.json()) as Bundle).entry?.[1]?.fullUrl).toBe(`${base}/Patient/p`)
  })

  it('follows a stored graph', async () => {
    const performer = [{ reference: 'Practitioner/d' }]
    const hasMember = [{ reference: 'Observation/b' }]
    await put(
      service.store,
      observation('m', { hasMember, performer }),
      { ...composition([section('One', ['Observation/m'])]), id: 'graphed' },
      { resourceType: 'GraphDefinition', id: 'g', url: 'https://graphs.example/g', version: '1', name: 'G', status: 'active', start: 'Composition' },
    ) // prettier-ignore
    const wide = await bundleOf(await get('Composition/graphed/$document'))
    const narrow = await bundleOf(await get('Composition/graphed/$document?graph=https://graphs.example/g|1'))
    expect([wide.entry?.length, narrow.entry?.length]).toEqual([5, 4])
  })

  it('as a page is XHTML or PDF', async () => {
    const page = await get('Composition/c/$document', { Accept: 'application/xhtml+xml' })
    expect([page.headers.get('Content-Type'), (await page.text()).includes('Berg')]).toEqual(['application/xhtml+xml; charset=utf-8', true]) // prettier-ignore
    const pdf = await get('Composition/c/$document', { Accept: 'application/pdf' })
    expect([pdf.headers.get('Content-Type'), (await pdf.text()).startsWith('%PDF')]).toEqual(['application/pdf', true])
  })
})

describe('persist=true', () => {
  beforeAll(filled)

  it('answers with the address, under which the document is found, whole and searchable', async () => {
    const answer = await get('Composition/c/$document?persist=true')
    const bundle = await bundleOf(answer)
    const location = answer.headers.get('Location') ?? ''
    expect(location).toBe(`${service.base}/Bundle/${bundle.id ?? ''}`)
    const read = (await (await fetch(location)).json()) as Bundle
    expect([read.identifier, read.entry]).toEqual([bundle.identifier, bundle.entry])
    const found = await bundleOf(await get(`Bundle?identifier=${encodeURIComponent(bundle.identifier?.value ?? '')}`))
    expect(found.entry?.map(({ resource }) => resource?.id)).toEqual([bundle.id])
  })

  it('gives the same bytes again, and without persist too, until something changes', async () => {
    const first = await get('Composition/c/$document?persist=true')
    const bytes = await first.text()
    const again = await get('Composition/c/$document')
    expect([await again.text(), again.headers.get('Location')]).toEqual([bytes, first.headers.get('Location')])
    await put(service.store, observation('a', { status: 'amended' }))
    const changed = await get('Composition/c/$document?persist=true')
    expect(changed.headers.get('Location')).not.toBe(first.headers.get('Location'))
  })

  it('is not done for a page elsewhere, which makes a browser GET what it likes (H-18)', async () => {
    const headers = { 'Sec-Fetch-Site': 'cross-site' }
    expect((await get('Composition/c/$document?persist=true', headers)).status).toBe(403)
    expect((await get('Composition/c/$document', headers)).status).toBe(200)
  })

  it('is immutable', async () => {
    const { id = '', ...bundle } = await bundleOf(await get('Composition/c/$document?persist=true'))
    const headers = { 'Content-Type': 'application/fhir+json' }
    const body = JSON.stringify({ ...bundle, id, timestamp: '2030-01-01T00:00:00Z' })
    expect((await fetch(`${service.base}/Bundle/${id}`, { method: 'PUT', headers, body })).status).toBe(422)
  })
})

describe('of a stored document', () => {
  let id = ''
  let bytes = ''
  beforeAll(async () => {
    await filled()
    const answer = await get('Composition/c/$document?persist=true')
    bytes = await answer.text()
    id = (JSON.parse(bytes) as Bundle).id ?? ''
  })

  it('$original is the very bytes under their media type, to be saved as a file', async () => {
    const answer = await get(`Bundle/${id}/$original`)
    expect(await answer.text()).toBe(bytes)
    expect([answer.headers.get('Content-Type'), answer.headers.get('Content-Disposition')]).toEqual(['application/fhir+json', `attachment; filename="${id}.json"`]) // prettier-ignore
  })
  it('$original of one that was posted is what was posted, to the last blank', async () => {
    const { identifier, id: _id, signature: _signature, ...rest } = JSON.parse(bytes) as Bundle
    const body = ` ${JSON.stringify({ ...rest, identifier: { ...identifier, value: 'urn:uuid:posted' } }, undefined, 3)}\n`
    const created = await fetch(`${service.base}/Bundle`, { method: 'POST', headers: { 'Content-Type': 'application/fhir+json' }, body }) // prettier-ignore
    const [, posted = ''] = /Bundle\/([^/]+)/.exec(created.headers.get('Location') ?? '') ?? []
    expect([created.status, await (await get(`Bundle/${posted}/$original`)).text()]).toEqual([201, body])
    expect(await refusal(await get(`Bundle/${posted}/$receipt`))).toEqual([
      404,
      expect.stringContaining('has no receipt'),
    ])
  })
  it('$receipt says what was done with every reference', async () => {
    const receipt = (await (await get(`Bundle/${id}/$receipt`)).json()) as {
      composition: string
      references: JsonObject[]
    }
    expect(receipt.composition).toContain(`${service.base}/Composition/c/_history/`)
    expect(receipt.references).toContainEqual(expect.objectContaining({ value: 'Observation/b', decision: 'included' }))
  })
  it('$verify is the report on its original bytes', async () => {
    const report = (await (await get(`Bundle/${id}/$verify`)).json()) as { parameter: JsonObject[] }
    expect(report.parameter[0]).toEqual({ name: 'indication', valueCode: 'TOTAL_PASSED' })
  })
  it('$render is its page in the format asked for', async () => {
    const page = await get(`Bundle/${id}/$render?_format=xhtml`)
    expect([page.status, (await page.text()).includes('Text of the section')]).toEqual([200, true])
    const pdf = await (await get(`Bundle/${id}/$render?_format=pdf`)).bytes()
    const original = await (await get(`Bundle/${id}/$original`)).bytes()
    expect(Buffer.from(extract(pdf).bytes)).toEqual(Buffer.from(original))
  })
  it.each(['GET', 'POST'])('$validate by %s is its issues', async (method) => {
    const answer = await fetch(`${service.base}/Bundle/${id}/$validate`, { method })
    expect([answer.status, ((await answer.json()) as Resource).resourceType]).toEqual([200, 'OperationOutcome'])
  })
  it('$sign refuses one that is signed, and is not done by GET (H-18)', async () => {
    expect((await fetch(`${service.base}/Bundle/${id}/$sign`, { method: 'POST' })).status).toBe(422)
    expect((await get(`Bundle/${id}/$sign`)).status).toBe(405)
  })
  it('$sign gives one that is not signed with a seal, and leaves the stored one as it is', async () => {
    const { signature: _signature, id: _id, identifier, ...unsigned } = JSON.parse(bytes) as Bundle
    const created = await post('Bundle', { ...unsigned, identifier: { ...identifier, value: 'urn:uuid:unsigned' } })
    const [, posted = ''] = /Bundle\/([^/]+)/.exec(created.headers.get('Location') ?? '') ?? []
    const signed = await bundleOf(await fetch(`${service.base}/Bundle/${posted}/$sign`, { method: 'POST' }))
    const kept = await bundleOf(await get(`Bundle/${posted}`))
    expect([signed.signature?.sigFormat, kept.signature, kept.meta?.versionId]).toEqual([
      'application/jose',
      undefined,
      '1',
    ])
  })
  it.each(['$original', '$receipt', '$verify', '$render', '$validate'])(
    '%s of what is not there is 404, and of what was deleted 410',
    async (operation) => {
      expect((await get(`Bundle/nobody/${operation}`)).status).toBe(404)
      await put(service.store, { resourceType: 'Bundle', id: `gone-${operation.slice(1)}`, type: 'collection' })
      const key = { type: 'Bundle', id: `gone-${operation.slice(1)}` }
      await service.store.transaction((writer) => writer.write({ ...key, method: 'DELETE' }))
      expect((await get(`Bundle/${key.id}/${operation}`)).status).toBe(410)
    },
  )
})

describe('H-7: a document that a later one replaces', () => {
  let old = ''
  let replacement = ''
  beforeAll(async () => {
    service = await documentService({ isSealing: true })
    await filled()
    const first = await bundleOf(await get('Composition/c/$document?persist=true'))
    const relatesTo = [{ code: 'replaces', targetIdentifier: first.identifier }]
    await put(service.store, composition([section('New', ['Observation/a'])], { id: 'n', relatesTo, identifier: { system: 'https://records.example/series', value: 'n' } })) // prettier-ignore
    const second = await bundleOf(await get('Composition/n/$document?persist=true'))
    ;[old, replacement] = [first.id ?? '', second.id ?? '']
  })
  const link = (): string => `<${service.base}/Bundle/${replacement}>; rel="successor-version"`

  it.each(['', '/_history/1', '/$original', '/$verify', '/$render'])(
    'has a link to it on Bundle/{id}%s',
    async (path) => {
      expect((await get(`Bundle/${old}${path}`)).headers.get('Link')).toBe(link())
      expect((await get(`Bundle/${replacement}${path}`)).headers.get('Link')).toBeNull()
    },
  )
  it('has a banner on its page', async () => {
    expect(await (await get(`Bundle/${old}/$render`)).text()).toContain('Replaced: a later document takes the place')
    expect(await (await get(`Bundle/${replacement}/$render`)).text()).not.toContain('Replaced')
  })
  it('fails the check superseded, and the report names the successor', async () => {
    const report = JSON.stringify(await (await get(`Bundle/${old}/$verify`)).json())
    expect(report).toContain('This document was replaced by a later one')
    expect(report).toContain(`"valueString":"Bundle/${replacement}"`)
  })
  it('is told of when it is posted too', async () => {
    const bundle = (await (await get(`Bundle/${old}/$original`)).json()) as Bundle
    expect((await post('Bundle/$render', bundle)).headers.get('Link')).toBe(link())
    expect((await post('Bundle/$verify', bundle)).headers.get('Link')).toBe(link())
  })
  it('is told of when it is given again', async () => {
    expect((await get('Composition/c/$document')).headers.get('Link')).toBe(link())
  })
})
