/** Documents are kept whole: the bytes as they came, never changed, none twice. */

import { beforeAll, describe, expect, it } from 'vitest'
import { bodyOf, bundleOf, requests } from './requests.ts'
import { restService } from './rest-service.ts'

let base = ''
beforeAll(async () => {
  base = await restService()
})
const { send, refused } = requests(() => base)

const text = (value: string, title = 'A'): string => `{
  "resourceType": "Bundle", "id": "theirs", "meta": {"profile": ["urn:profile"]}, "type": "document",
  "identifier": {"system": "urn:d", "value": "${value}"}, "timestamp": "2026-03-01T10:00:00+01:00",
  "entry": [{"fullUrl": "urn:uuid:5b1b9c8e-5a0e-4a54-8c4c-0c7f6d1f0001", "resource": {"resourceType": "Composition",
    "status": "final", "title": "${title}", "date": "2026-03-01", "section": [{"title": "A", "x": 1.50}]}}]
}`
const post = (body: string): Promise<Response> => send('POST', 'Bundle', body)
const original = async (id: string): Promise<string> => (await send('GET', `Bundle/${id}/$original`)).text()

describe('a document that is posted', () => {
  it('is kept byte for byte; what is read has the id and meta of the service', async () => {
    const answer = await post(text('kept'))
    const made = await bodyOf(answer)
    expect([answer.status, made['type'], made.meta.versionId]).toEqual([201, 'document', '1'])
    expect(made.id).not.toBe('theirs')
    expect(await original(made.id)).toBe(text('kept'))
    expect(await (await send('GET', `Bundle/${made.id}`)).text()).toContain('"x":1.50')
  })

  it('is found by its identifier, its time and its Composition', async () => {
    const { id } = await bodyOf(post(text('found', 'Found')))
    const find = async (query: string): Promise<readonly (string | undefined)[]> => ((await bundleOf(send('GET', `Bundle?${query}`))).entry ?? []).map(({ resource }) => resource?.id) // prettier-ignore
    expect(await find('identifier=urn:d|found')).toEqual([id])
    expect(await find('composition.title=Found')).toEqual([id])
    expect(await find('timestamp=2026-03-01')).toContain(id)
    expect(await find('timestamp=2027')).toEqual([])
  })

  it('again is the one that is there; another with its identifier is refused', async () => {
    const first = await bodyOf(post(text('again')))
    const second = await post(text('again'))
    expect([second.status, (await bodyOf(second)).id]).toEqual([200, first.id])
    expect(await refused(post(text('again', 'B')))).toMatchObject({ status: 409, code: 'conflict', expression: 'Bundle.identifier' }) // prettier-ignore
  })

  it('without an identifier is refused', async () => {
    const answer = await refused(post('{"resourceType":"Bundle","type":"document"}'))
    expect(answer).toMatchObject({ status: 422, code: 'business-rule', expression: 'Bundle.identifier' })
  })
})

describe('a stored document', () => {
  it('is never changed', async () => {
    const { id } = await bodyOf(post(text('fixed')))
    const put = text('fixed', 'B').replace('theirs', id)
    expect(await refused(send('PUT', `Bundle/${id}`, put))).toMatchObject({ status: 422, code: 'business-rule' })
    expect(await refused(send('PUT', `Bundle/${id}`, { resourceType: 'Bundle', id, type: 'collection' }))).toMatchObject({ status: 422 }) // prettier-ignore
    const patch = [{ op: 'replace', path: '/timestamp', value: '2027-01-01T00:00:00Z' }]
    expect(await refused(send('PATCH', `Bundle/${id}`, patch, { 'Content-Type': 'application/json-patch+json' }))).toMatchObject({ status: 422, code: 'business-rule' }) // prettier-ignore
    expect((await bodyOf(send('GET', `Bundle/${id}`))).meta.versionId).toBe('1')
  })

  it('comes under an id of the client once', async () => {
    const put = text('client').replace('theirs', 'client')
    const statuses = [await send('PUT', 'Bundle/client', put), await send('PUT', 'Bundle/client', put)]
    expect(statuses.map(({ status }) => status)).toEqual([201, 422])
    expect(await original('client')).toBe(put)
    const elsewhere = await refused(send('PUT', 'Bundle/other', text('client').replace('theirs', 'other')))
    expect(elsewhere).toMatchObject({ status: 409, text: expect.stringContaining('Bundle/client') as string })
  })

  it('can be deleted, and then comes again only as it was', async () => {
    const put = (title?: string): Promise<Response> => send('PUT', 'Bundle/gone', text('gone', title).replace('theirs', 'gone')) // prettier-ignore
    await put()
    expect((await send('DELETE', 'Bundle/gone')).status).toBe(204)
    expect((await send('GET', 'Bundle/gone')).status).toBe(410)
    expect((await put('B')).status).toBe(422)
    expect((await put()).status).toBe(201)
  })
})

it('Bundles that are no documents are resources as any other', async () => {
  const bundle = { resourceType: 'Bundle', id: 'c', type: 'collection' }
  expect((await send('PUT', 'Bundle/c', bundle)).status).toBe(201)
  expect((await send('PUT', 'Bundle/c', bundle)).status).toBe(200)
  expect((await refused(send('POST', 'Bundle', { resourceType: 'Bundle', colour: 'red' }))).status).toBe(422)
})
