/** Transactions and batches: order, links, conditions, all or nothing. */

import { beforeAll, describe, expect, it } from 'vitest'
import { bodyOf, bundleOf, requests, type Body, type Entry } from './requests.ts'
import { restService } from './rest-service.ts'

let base = ''
beforeAll(async () => {
  base = await restService()
})
const { send, refused } = requests(() => base)

const [ONE, TWO] = ['urn:uuid:5b1b9c8e-5a0e-4a54-8c4c-0c7f6d1f0001', 'urn:uuid:5b1b9c8e-5a0e-4a54-8c4c-0c7f6d1f0002'] as const // prettier-ignore
const patient = (value: string): { resourceType: string; identifier: object[] } => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:t', value }],
})
const basic = (subject: string): object => ({
  resourceType: 'Basic',
  code: { text: 'A' },
  subject: { reference: subject },
})
const post = (resource: object, more: object = {}): object => {
  const { fullUrl, ...request } = more as { fullUrl?: string }
  const { resourceType: url } = resource as { resourceType: string }
  return { ...(fullUrl !== undefined && { fullUrl }), resource, request: { method: 'POST', url, ...request } }
}
const transaction = (...entry: object[]): object => ({ resourceType: 'Bundle', type: 'transaction', entry })
const done = async (bundle: object, headers = {}): Promise<readonly Entry[]> => {
  const answer = await send('POST', '', bundle, headers)
  expect([answer.status, answer.status === 200 ? '' : await answer.clone().text()]).toEqual([200, ''])
  return (await bundleOf(answer)).entry ?? []
}
const located = async ({ response }: Entry = {}): Promise<Body> => bodyOf(send('GET', response?.location ?? ''))
const count = async (query: string): Promise<number | undefined> => (await bundleOf(send('GET', query))).total

describe('a transaction', () => {
  it('answers each entry in its place, with status, location, ETag and time', async () => {
    const entries = await done(transaction(
      { request: { method: 'GET', url: 'Patient?identifier=urn:t|places' } },
      post(patient('places')),
      { resource: { ...patient('places-put'), id: 'places' }, request: { method: 'PUT', url: 'Patient/places' } },
      { request: { method: 'DELETE', url: 'Patient/never' } },
    )) // prettier-ignore
    expect(entries.map(({ response }) => response?.status)).toEqual(['200 OK', '201 Created', '201 Created', '204 No Content']) // prettier-ignore
    expect(entries[2]?.response).toMatchObject({ location: 'Patient/places/_history/1', etag: 'W/"1"' })
    // what is read is read last, and so finds what the transaction itself made
    expect((entries[0]?.resource as unknown as { total: number }).total).toBe(1)
    expect(entries[1]?.resource).toBeUndefined()
  })

  it('sends back what it wrote where that is preferred', async () => {
    const [first] = await done(transaction(post(patient('preferred'))), { Prefer: 'return=representation' })
    expect(first?.resource).toMatchObject(patient('preferred'))
  })

  it('gives links to its entries their new addresses, wherever they stand', async () => {
    const div = `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${ONE}">A</a> <img src='${TWO}' alt=""/> <a href="#x">B</a></div>` // prettier-ignore
    const composition = {
      resourceType: 'Composition', status: 'final', type: { text: 'A' }, date: '2026-03-01', title: 'A',
      author: [{ reference: 'Practitioner/elsewhere' }], subject: { reference: ONE },
      text: { status: 'generated', div },
      extension: [{ url: 'urn:x', valueUri: TWO }, { url: 'urn:y', valueCanonical: TWO }, { url: 'urn:z', valueString: ONE }],
      contained: [{ resourceType: 'Basic', id: 'x', code: { text: 'A' }, subject: { reference: ONE } }],
      section: [{ title: 'A', section: [{ title: 'B', entry: [{ reference: TWO }] }] }],
    } // prettier-ignore
    const entries = await done(transaction(post(composition), post(patient('links'), { fullUrl: ONE }), post(basic(ONE), { fullUrl: TWO }))) // prettier-ignore
    const [made, ...others] = await Promise.all(entries.map(located))
    const [one, two] = others.map(({ resourceType, id }) => `${resourceType}/${id}`)
    expect(made).toMatchObject({
      subject: { reference: one },
      author: [{ reference: 'Practitioner/elsewhere' }],
      text: { div: `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${one}">A</a> <img src='${two}' alt=""/> <a href="#x">B</a></div>` },
      extension: [{ valueUri: two }, { valueCanonical: TWO }, { valueString: ONE }],
      contained: [{ subject: { reference: one } }],
      section: [{ section: [{ entry: [{ reference: two }] }] }],
    }) // prettier-ignore
  })

  it('reads relative references by the base of the fullUrl', async () => {
    const entries = await done(transaction(
      post(basic('Patient/7'), { fullUrl: 'http://old.example/fhir/Basic/8' }),
      post({ ...patient('relative'), id: '7' }, { fullUrl: 'http://old.example/fhir/Patient/7' }),
    )) // prettier-ignore
    const [made, target] = await Promise.all(entries.map(located))
    expect(made).toMatchObject({ subject: { reference: `Patient/${target?.id}` } })
  })

  it('leaves a document in it as it was attested', async () => {
    const document = { resourceType: 'Bundle', type: 'document', identifier: { system: 'urn:t', value: 'inner' }, timestamp: '2026-03-01T10:00:00Z', entry: [{ fullUrl: 'urn:uuid:5b1b9c8e-5a0e-4a54-8c4c-0c7f6d1f0009', resource: basic(ONE) }] } // prettier-ignore
    const [first] = await done(transaction(post(document), post(patient('inner'), { fullUrl: ONE })))
    expect(await located(first)).toMatchObject({ entry: [{ resource: { subject: { reference: ONE } } }] })
  })

  it('finds what references by criteria mean, also among what it makes itself', async () => {
    const entries = await done(transaction(post(basic('Patient?identifier=urn:t|criteria')), post(patient('criteria'))))
    const [made, target] = await Promise.all(entries.map(located))
    expect(made).toMatchObject({ subject: { reference: `Patient/${target?.id}` } })
  })

  it('creates only what is not there, and links to what is', async () => {
    const { id } = await bodyOf(send('POST', 'Patient', patient('held')))
    const entries = await done(transaction(
      post(patient('held'), { fullUrl: ONE, ifNoneExist: 'identifier=urn:t|held' }),
      post(basic(ONE)),
    )) // prettier-ignore
    expect(entries.map(({ response }) => response?.status)).toEqual(['200 OK', '201 Created'])
    expect(await located(entries[1])).toMatchObject({ subject: { reference: `Patient/${id}` } })
    expect(await count('Patient?identifier=urn:t|held')).toBe(1)
  })

  it('updates and deletes by criteria', async () => {
    await send('POST', 'Patient', patient('conditional-delete'))
    const update = { fullUrl: ONE, resource: patient('conditional-put'), request: { method: 'PUT', url: 'Patient?identifier=urn:t|conditional-put' } } // prettier-ignore
    const remove = { request: { method: 'DELETE', url: 'Patient?identifier=urn:t|conditional-delete' } }
    const first = await done(transaction(update, remove, post(basic(ONE))))
    const second = await done(transaction(update))
    expect(first.map(({ response }) => response?.status)).toEqual(['201 Created', '204 No Content', '201 Created'])
    expect(second.map(({ response }) => [response?.status, response?.etag])).toEqual([['200 OK', 'W/"2"']])
    const [place] = (first[0]?.response?.location ?? '').split('/_history')
    expect(await located(first[2])).toMatchObject({ subject: { reference: place } })
    expect(await count('Patient?identifier=urn:t|conditional-delete')).toBe(0)
  })

  it('patches by a Binary', async () => {
    await send('PUT', 'Patient/patched', { ...patient('patched'), id: 'patched' })
    const data = Buffer.from('[{"op":"add","path":"/gender","value":"other"}]').toString('base64')
    const binary = { resourceType: 'Binary', contentType: 'application/json-patch+json', data }
    await done(
      transaction({ resource: binary, request: { method: 'PATCH', url: 'Patient/patched', ifMatch: 'W/"1"' } }),
    )
    expect(await bodyOf(send('GET', 'Patient/patched'))).toMatchObject({ gender: 'other' })
  })
})

describe('a transaction that cannot be done is not done at all, and says which entry', () => {
  const put = (id: string, more: object = {}): object => ({ resource: { ...patient('whole'), id }, request: { method: 'PUT', url: `Patient/${id}`, ...more } }) // prettier-ignore

  it.each<[string, object[], number, string, string | undefined]>([
    ['a resource without form', [post({ resourceType: 'Patient', colour: 'red' })], 422, 'The element colour', 'Bundle.entry[1].resource.colour'],
    ['another version', [put('whole-put', { ifMatch: 'W/"4"' })], 412, 'If-Match asks for', 'Bundle.entry[1]'],
    ['a reference that finds none', [post(basic('Patient?identifier=urn:t|nobody'))], 422, 'finds no Patient', 'Bundle.entry[1].resource.subject.reference'],
    ['a condition that finds several', [post(patient('x'), { ifNoneExist: 'identifier=urn:t|twice' })], 412, 'Several resources', 'Bundle.entry[1]'],
    ['a resource twice', [put('whole-twice'), put('whole-twice')], 422, 'as the entry 1 is', 'Bundle.entry[2]'],
    ['a fullUrl twice', [post(patient('x'), { fullUrl: ONE }), post(patient('y'), { fullUrl: ONE })], 422, 'as the entry 1 is', 'Bundle.entry[2]'],
    ['criteria twice', [post(patient('x'), { ifNoneExist: 'identifier=urn:t|new' }), post(patient('x'), { ifNoneExist: 'identifier=urn:t|new' })], 422, 'as the entry 1 is', 'Bundle.entry[2]'],
    ['a resource deleted and written', [{ request: { method: 'DELETE', url: 'Patient/whole-both' } }, put('whole-both')], 422, 'as the entry 1 is', 'Bundle.entry[2]'],
    ['what is not there', [{ request: { method: 'GET', url: 'Patient/none' } }], 404, 'Patient/none is not known', 'Bundle.entry[1]'],
    ['no request', [{ resource: patient('x') }], 400, 'The entry has no request', 'Bundle.entry[1]'],
    ['an operation', [{ request: { method: 'GET', url: 'Patient/1/$everything' } }], 405, 'is not supported in a Bundle', 'Bundle.entry[1]'],
    ['no resource', [{ request: { method: 'POST', url: 'Patient' } }], 400, 'The entry has no resource', 'Bundle.entry[1]'],
  ])('%s', async (name, entries, ...[status, text, expression]) => {
    await send('PUT', 'Patient/twice-1', { ...patient('twice'), id: 'twice-1' })
    await send('PUT', 'Patient/twice-2', { ...patient('twice'), id: 'twice-2' })
    const before = await count('Patient?_summary=count')
    const answer = await refused(send('POST', '', transaction(post(patient(`whole-${name}`)), ...entries)))
    expect(answer).toMatchObject({ status, text: expect.stringContaining(text) as string, expression })
    expect(await count('Patient?_summary=count')).toBe(before)
  }) // prettier-ignore

  it('a Bundle of another type', async () => {
    expect(await refused(send('POST', '', { resourceType: 'Bundle', type: 'collection' }))).toMatchObject({ status: 400, expression: 'Bundle.type' }) // prettier-ignore
    expect((await refused(send('POST', '', patient('x')))).status).toBe(400)
  })
})

describe('a batch', () => {
  it('does each entry by itself', async () => {
    const entry = [post(patient('batch')), post({ resourceType: 'Patient', colour: 'red' }), { request: { method: 'GET', url: 'Patient/none' } }, { request: {} }, { request: { method: 'GET', url: `${base}/Patient?identifier=urn:t|batch` } }] // prettier-ignore
    const entries = await done({ resourceType: 'Bundle', type: 'batch', entry })
    expect(entries.map(({ response }) => response?.status)).toEqual(['201 Created', '422 Unprocessable Entity', '404 Not Found', '400 Bad Request', '200 OK']) // prettier-ignore
    expect(entries[1]?.response?.outcome?.issue[0]?.expression).toEqual(['Bundle.entry[1].resource.colour'])
    expect(entries[4]?.resource).toMatchObject({ total: 1 })
  })

  it('answers operations as by themselves', async () => {
    await send('PUT', 'Patient/operated', { ...patient('operated'), id: 'operated' })
    await send('PUT', 'Observation/operated', { resourceType: 'Observation', id: 'operated', status: 'final', code: { text: 'A' }, subject: { reference: 'Patient/operated' }, valueQuantity: { value: 1 } }) // prettier-ignore
    const get = (url: string): object => ({ request: { method: 'GET', url } })
    const faulty = { resourceType: 'Observation', status: 'odd' }
    const parameters = { resourceType: 'Parameters', parameter: [{ name: 'resource', resource: faulty }] }
    const entry = [get('Patient/operated/$everything?_count=10'), get(`${base}/Patient/none/$everything`), { resource: parameters, request: { method: 'POST', url: 'Observation/$validate' } }, { resource: faulty, request: { method: 'POST', url: 'Observation/$validate' } }, get('Patient/operated/$nothing'), get('Patient/operated/$everything?nonsense=1'), { request: { method: 'DELETE', url: 'Patient/operated/$everything' } }] // prettier-ignore
    const entries = await done({ resourceType: 'Bundle', type: 'batch', entry })
    expect(entries.map(({ response }) => response?.status)).toEqual(['200 OK', '404 Not Found', '200 OK', '200 OK', '405 Method Not Allowed', '400 Bad Request', '405 Method Not Allowed']) // prettier-ignore
    const alone = await bundleOf(send('GET', 'Patient/operated/$everything?_count=10'))
    expect((entries[0]?.resource as unknown as typeof alone).entry).toEqual(alone.entry)
    expect(alone.entry).toHaveLength(2)
    for (const at of [2, 3]) expect(JSON.stringify(entries[at]?.resource)).toContain('Observation.status')
  })

  it('without entries has none', async () => {
    expect(await bodyOf(send('POST', '', { resourceType: 'Bundle', type: 'batch' }))).toEqual({ resourceType: 'Bundle', type: 'batch-response' }) // prettier-ignore
  })
})
