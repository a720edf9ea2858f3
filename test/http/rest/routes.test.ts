/** The RESTful API over HTTP: each interaction, its conditions and its refusals. */

import { beforeAll, describe, expect, it } from 'vitest'
import { bodyOf, bundleOf, requests, type Body } from './requests.ts'
import { restService } from './rest-service.ts'

let base = ''
beforeAll(async () => {
  base = await restService()
})
const { send, refused } = requests(() => base)

const patient = { resourceType: 'Patient', name: [{ family: 'Quill' }], gender: 'female' }
const identified = (value: string): object => ({ ...patient, identifier: [{ system: 'urn:a', value }] })
const create = async (resource: object = patient): Promise<Body> => bodyOf(send('POST', 'Patient', resource))
const PATCH = { 'Content-Type': 'application/json-patch+json' }
const PATCH_GENDER = [{ op: 'replace', path: '/gender', value: 'other' }]

describe('create', () => {
  it('gives the resource an id, a version and a time, and says where it is', async () => {
    const answer = await send('POST', 'Patient', { ...patient, id: 'mine' })
    const made = await bodyOf(answer)
    expect([answer.status, made.meta.versionId, made['name']]).toEqual([201, '1', patient.name])
    expect(made.id).not.toBe('mine')
    const headers = ['Location', 'ETag', 'Last-Modified'].map((name) => answer.headers.get(name))
    const modified = new Date(made.meta.lastUpdated).toUTCString()
    expect(headers).toEqual([`${base}/Patient/${made.id}/_history/1`, 'W/"1"', modified])
  })

  it('keeps the text of decimals', async () => {
    const text = '{"resourceType":"Observation","status":"final","code":{"text":"A"},"valueQuantity":{"value":1.50}}'
    expect(await (await send('POST', 'Observation', text)).text()).toContain('"value":1.50')
  })

  it('tells every fault of the form at once', async () => {
    const answer = await send('POST', 'Patient', { ...patient, colour: 'red', birthDate: '1.2.2000', contact: [] })
    const { issue } = (await answer.json()) as { issue: { expression: string[] }[] }
    expect(answer.status).toBe(422)
    expect(issue.map(({ expression }) => expression[0]).sort()).toEqual(['Patient.birthDate', 'Patient.colour', 'Patient.contact']) // prettier-ignore
  })

  it('does so only where none is found by If-None-Exist', async () => {
    const condition = { 'If-None-Exist': 'identifier=urn:a|once' }
    const first = await send('POST', 'Patient', identified('once'), condition)
    const second = await send('POST', 'Patient', identified('once'), condition)
    expect([first.status, second.status]).toEqual([201, 200])
    expect((await bodyOf(second)).id).toBe((await bodyOf(first)).id)
    for (const criteria of ['?identifier=urn:a|once', 'Patient?identifier=urn:a|once'])
      expect((await send('POST', 'Patient', identified('once'), { 'If-None-Exist': criteria })).status).toBe(200)
    const other = { 'If-None-Exist': 'Observation?identifier=urn:a|once' }
    expect(await refused(send('POST', 'Patient', identified('once'), other))).toMatchObject({ status: 400, code: 'value' }) // prettier-ignore
    await send('POST', 'Patient', identified('once'))
    expect(await refused(send('POST', 'Patient', identified('once'), condition))).toMatchObject({ status: 412, code: 'multiple-matches' }) // prettier-ignore
  })

  it.each([
    ['minimal', 0, undefined],
    ['representation', 1, 'Patient'],
    ['OperationOutcome', 1, 'OperationOutcome'],
  ])('answers as Prefer: return=%s says', async (wish, least, type) => {
    const answer = await send('POST', 'Patient', patient, { Prefer: `return=${wish}` })
    const text = await answer.text()
    expect([answer.status, text.length > 0 ? 1 : 0]).toEqual([201, least])
    if (type !== undefined) expect(JSON.parse(text)).toHaveProperty('resourceType', type)
  })
})

describe('what is not taken', () => {
  it.each<[string, string, object | string, number, string]>([
    ['another type', 'POST Observation', patient, 400, 'The resource is a Patient, expected Observation'],
    ['an unknown type', 'POST Nonsense', { resourceType: 'Nonsense' }, 404, 'No resources of the type Nonsense are kept'],
    ['Parameters', 'POST Parameters', { resourceType: 'Parameters' }, 404, 'No resources of the type Parameters are kept'],
    ['no resource', 'POST Patient', '7', 400, 'The body is no FHIR resource'],
    ['no JSON', 'POST Patient', '{"resourceType":', 400, 'Unexpected the end'],
    ['a member twice', 'POST Patient', '{"resourceType":"Patient","id":"a","id":"b"}', 400, 'stands twice'],
    ['an update without id', 'PUT Patient/x', patient, 400, 'The resource has no id, expected x'],
    ['an update of another id', 'PUT Patient/x', { ...patient, id: 'y' }, 400, 'The resource has the id y'],
    ['an id that is none', 'PUT Patient/a,b', { ...patient, id: 'a,b' }, 422, 'There is the text "a,b"'],
    ['a part of a resource', 'POST Patient', { ...patient, meta: { tag: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }] } }, 422, 'The resource is tagged SUBSETTED'],
  ])('%s', async (_, request, body, ...[status, text]) => {
    const [method = '', path = ''] = request.split(' ')
    expect(await refused(send(method, path, body))).toMatchObject({ status, text: expect.stringContaining(text) as string }) // prettier-ignore
  }) // prettier-ignore

  it('criteria whose percent signs make no text, wherever they stand', async () => {
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const batch = { resourceType: 'Bundle', type: 'transaction', entry: [{ request: { method: 'GET', url: 'Patient?name=%ff' } }] } // prettier-ignore
    const asked = [
      send('POST', 'Patient/_search', 'name=%ff', form),
      send('POST', 'Patient', patient, { 'If-None-Exist': 'identifier=%ff' }),
      send('POST', '', batch),
    ]
    for (const one of asked) expect(await refused(one)).toMatchObject({ status: 400, text: expect.stringContaining('no text in UTF-8') as string }) // prettier-ignore
  })

  it('what is sent otherwise', async () => {
    expect((await refused(send('POST', 'Patient', 'a=1', { 'Content-Type': 'application/x-www-form-urlencoded' }))).status).toBe(415) // prettier-ignore
    const answer = await send('PUT', 'Patient/x/_history/1', patient)
    expect([answer.status, answer.headers.get('Allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
  })
})

describe('read', () => {
  it('gives the current version, vread any', async () => {
    const { id } = await create()
    await send('PUT', `Patient/${id}`, { ...patient, id, gender: 'male' })
    expect((await bodyOf(send('GET', `Patient/${id}`)))['gender']).toBe('male')
    expect((await bodyOf(send('GET', `Patient/${id}/_history/1`)))['gender']).toBe('female')
    expect((await refused(send('GET', `Patient/${id}/_history/3`))).status).toBe(404)
    expect(await refused(send('GET', 'Patient/none'))).toMatchObject({ status: 404, code: 'not-found' })
  })

  it('is 304 for who has it already', async () => {
    const { id, meta } = await create()
    const since = new Date(meta.lastUpdated).toUTCString()
    const read = async (headers: Record<string, string>): Promise<number> => (await send('GET', `Patient/${id}`, undefined, headers)).status // prettier-ignore
    expect(await read({ 'If-None-Match': 'W/"1"' })).toBe(304)
    expect(await read({ 'If-None-Match': 'W/"2"' })).toBe(200)
    expect(await read({ 'If-Modified-Since': since })).toBe(304)
    expect(await read({ 'If-Modified-Since': 'Sat, 01 Jan 2000 00:00:00 GMT' })).toBe(200)
  })

  it('is given again where the time tells less than what changed', async () => {
    // until two versions fall into one second
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const { id, meta } = await create()
      const second = await bodyOf(send('PUT', `Patient/${id}`, { ...patient, id, gender: 'male' }))
      const [before, now] = [meta, second.meta].map(({ lastUpdated }) => new Date(lastUpdated).toUTCString())
      if (before !== now || before === undefined) continue
      const answer = await send('GET', `Patient/${id}`, undefined, { 'If-Modified-Since': before })
      expect([answer.status, (await bodyOf(answer))['gender']]).toEqual([200, 'male'])
      return
    }
    expect.unreachable('No two versions were written within one second')
  })

  it('is 410 with the version of the deletion', async () => {
    const { id } = await create()
    expect((await send('DELETE', `Patient/${id}`)).status).toBe(204)
    const answer = await send('GET', `Patient/${id}`)
    expect([answer.status, answer.headers.get('ETag')]).toEqual([410, 'W/"2"'])
    expect((await send('GET', `Patient/${id}/_history/2`)).status).toBe(410)
    expect((await send('GET', `Patient/${id}/_history/1`)).status).toBe(200)
  })

  it('leaves out what is not wanted, but never what changes the meaning, and marks it', async () => {
    const text = { status: 'additional', div: '<div xmlns="http://www.w3.org/1999/xhtml">Quill</div>' }
    const { id } = await create({ ...patient, text, active: false, photo: [{ title: 'A' }], contact: [{ gender: 'male' }] }) // prettier-ignore
    const members = async (query: string): Promise<readonly string[]> => {
      const body = await bodyOf(send('GET', `Patient/${id}?${query}`))
      expect(body.meta.tag?.map(({ code }) => code)).toEqual(['SUBSETTED'])
      return Object.keys(body).filter((name) => !['resourceType', 'id', 'meta'].includes(name))
    }
    expect(await members('_elements=gender')).toEqual(['gender', 'active'])
    expect(await members('_summary=text')).toEqual(['text', 'active'])
    expect(await members('_summary=true')).toEqual(['name', 'gender', 'active'])
    expect(await members('_summary=data')).toEqual(['name', 'gender', 'active', 'photo', 'contact'])
  })
})

describe('update', () => {
  it('creates under the id of the client, then makes versions', async () => {
    const first = await send('PUT', 'Patient/chosen', { ...patient, id: 'chosen' })
    const second = await send('PUT', 'Patient/chosen', { ...patient, id: 'chosen' })
    expect([first, second].map(({ status, headers }) => [status, headers.get('ETag')])).toEqual([[201, 'W/"1"'], [200, 'W/"2"']]) // prettier-ignore
    expect(first.headers.get('Location')).toBe(`${base}/Patient/chosen/_history/1`)
  })

  it('brings back what was deleted', async () => {
    const { id } = await create()
    await send('DELETE', `Patient/${id}`)
    const answer = await send('PUT', `Patient/${id}`, { ...patient, id })
    expect([answer.status, answer.headers.get('ETag')]).toEqual([201, 'W/"3"'])
  })

  it.each<[string, Record<string, string>, number]>([
    ['the current version', { 'If-Match': 'W/"1"' }, 200],
    ['the current version, strong', { 'If-Match': '"1"' }, 200],
    ['another version', { 'If-Match': 'W/"2"' }, 412],
    ['no version at all', { 'If-None-Match': '*' }, 412],
    ['nonsense', { 'If-Match': 'W/"1' }, 400],
  ])('where the condition is %s: %j is %i', async (_, headers, status) => {
    const { id } = await create()
    expect((await send('PUT', `Patient/${id}`, { ...patient, id }, headers)).status).toBe(status)
  })

  it('of what is not there fails where a version is expected', async () => {
    const answer = send('PUT', 'Patient/absent', { ...patient, id: 'absent' }, { 'If-Match': 'W/"1"' })
    expect(await refused(answer)).toMatchObject({ status: 412, text: expect.stringContaining('there is none') as string }) // prettier-ignore
  })

  it('by criteria: none creates, one is updated, several are refused', async () => {
    const update = (resource: object = identified('cond')): Promise<Response> => send('PUT', 'Patient?identifier=urn:a|cond', resource) // prettier-ignore
    const first = await update()
    const second = await update()
    expect([first.status, second.status]).toEqual([201, 200])
    expect((await bodyOf(second)).id).toBe((await bodyOf(first)).id)
    expect(await refused(update({ ...identified('cond'), id: 'other' }))).toMatchObject({ status: 400 })
    await create(identified('cond'))
    expect(await refused(update())).toMatchObject({ status: 412, code: 'multiple-matches' })
    expect(await refused(send('PUT', 'Patient', patient))).toMatchObject({ status: 400, code: 'required' })
  })
})

describe('patch', () => {
  it('changes what it names', async () => {
    const { id } = await create()
    const answer = await send('PATCH', `Patient/${id}`, PATCH_GENDER, PATCH)
    expect([answer.status, (await bodyOf(answer))['gender']]).toEqual([200, 'other'])
    expect((await send('PATCH', `Patient/${id}`, PATCH_GENDER, { ...PATCH, 'If-Match': 'W/"1"' })).status).toBe(412)
    expect((await send('PATCH', 'Patient/none', PATCH_GENDER, PATCH)).status).toBe(404)
  })

  it('by criteria', async () => {
    await create(identified('patch'))
    expect((await send('PATCH', 'Patient?identifier=urn:a|patch', PATCH_GENDER, PATCH)).status).toBe(200)
    expect((await send('PATCH', 'Patient?identifier=urn:a|nobody', PATCH_GENDER, PATCH)).status).toBe(404)
  })

  it('is JSON Patch alone', async () => {
    const { id } = await create()
    const answer = await refused(send('PATCH', `Patient/${id}`, { resourceType: 'Parameters' }))
    expect([answer.status, answer.text]).toEqual([415, expect.stringContaining('application/json-patch+json')])
  })

  it('what comes of it must have the form of the type', async () => {
    const { id } = await create()
    const wrong = await refused(send('PATCH', `Patient/${id}`, [{ op: 'add', path: '/colour', value: 'red' }], PATCH))
    expect([wrong.status, wrong.expression]).toEqual([422, 'Patient.colour'])
    const renamed = await refused(send('PATCH', `Patient/${id}`, [{ op: 'replace', path: '/id', value: 'x' }], PATCH))
    expect(renamed).toMatchObject({ status: 400, text: expect.stringContaining('resourceType or id') as string })
  })

  describe('and the narrative', () => {
    const div = (text: string): string => `<div xmlns="http://www.w3.org/1999/xhtml">${text}</div>`

    it('that was generated is made anew', async () => {
      const { id } = await create({ ...patient, text: { status: 'generated', div: div('female') } })
      const { text } = (await bodyOf(send('PATCH', `Patient/${id}`, PATCH_GENDER, PATCH))) as unknown as { text: { status: string; div: string } } // prettier-ignore
      expect(text.status).toBe('generated')
      expect(text.div).toContain('Quill')
      expect(text.div.toLowerCase()).toContain('other')
      expect(text.div).not.toContain('female')
    })

    it('that a person wrote stops the patch, but where it is changed too, or nothing that it tells', async () => {
      const { id } = await create({ ...patient, text: { status: 'additional', div: div('a woman') } })
      const patch = (operations: object): Promise<Response> => send('PATCH', `Patient/${id}`, operations, PATCH)
      expect(await refused(patch(PATCH_GENDER))).toMatchObject({ status: 422, code: 'business-rule', expression: 'Patient.text' }) // prettier-ignore
      const both = [...PATCH_GENDER, { op: 'replace', path: '/text/div', value: div('a person') }]
      expect((await patch(both)).status).toBe(200)
      expect((await patch([{ op: 'add', path: '/meta/tag', value: [{ code: 'a' }] }])).status).toBe(200)
    })
  })
})

describe('delete', () => {
  it('is 204 as often as it is asked, and makes one version', async () => {
    const { id } = await create()
    const statuses = [await send('DELETE', `Patient/${id}`), await send('DELETE', `Patient/${id}`), await send('DELETE', 'Patient/never')] // prettier-ignore
    expect(statuses.map(({ status }) => status)).toEqual([204, 204, 204])
    expect((await bundleOf(send('GET', `Patient/${id}/_history`))).total).toBe(2)
  })

  it('heeds If-Match', async () => {
    const { id } = await create()
    expect((await send('DELETE', `Patient/${id}`, undefined, { 'If-Match': 'W/"9"' })).status).toBe(412)
    expect((await send('GET', `Patient/${id}`)).status).toBe(200)
  })

  it('by criteria is for one, and never for all', async () => {
    const { id } = await create(identified('gone'))
    expect((await send('DELETE', 'Patient?identifier=urn:a|gone')).status).toBe(204)
    expect((await send('GET', `Patient/${id}`)).status).toBe(410)
    expect((await send('DELETE', 'Patient?identifier=urn:a|gone')).status).toBe(204)
    expect(await refused(send('DELETE', 'Patient'))).toMatchObject({ status: 400, code: 'required' })
    expect((await refused(send('DELETE', 'Patient?_count=1'))).status).toBe(400)
  })
})

describe('history', () => {
  it('of a resource has its versions, the newest first, with what made them', async () => {
    const { id } = await create()
    await send('PUT', `Patient/${id}`, { ...patient, id })
    await send('PATCH', `Patient/${id}`, PATCH_GENDER, PATCH)
    await send('DELETE', `Patient/${id}`)
    const { type, total, entry = [] } = await bundleOf(send('GET', `Patient/${id}/_history`))
    expect([type, total]).toEqual(['history', 4])
    expect(entry.map(({ request, response, resource }) => [request?.method, request?.url, response?.status, resource?.meta.versionId])).toEqual([
      ['DELETE', `Patient/${id}`, '204 No Content', undefined],
      ['PATCH', `Patient/${id}`, '200 OK', '3'],
      ['PUT', `Patient/${id}`, '200 OK', '2'],
      ['POST', 'Patient', '201 Created', '1'],
    ]) // prettier-ignore
  })

  it('comes in pages, and from a time on', async () => {
    const { id } = await create()
    for (let count = 0; count < 3; count += 1) await send('PUT', `Patient/${id}`, { ...patient, id })
    const first = await bundleOf(send('GET', `Patient/${id}/_history?_count=3`))
    const next = first.link.find(({ relation }) => relation === 'next')?.url ?? ''
    const second = await bundleOf(await fetch(next))
    const versions = [first, second].map(({ entry = [] }) => entry.map(({ resource }) => resource?.meta.versionId))
    expect(versions).toEqual([['4', '3', '2'], ['1']])
    const since = first.entry?.[1]?.resource?.meta.lastUpdated ?? ''
    expect((await bundleOf(send('GET', `Patient/${id}/_history?_since=${since}`))).entry).toHaveLength(2)
    expect((await refused(send('GET', `Patient/${id}/_history?_since=yesterday`))).status).toBe(400)
    expect((await refused(send('GET', 'Patient/none/_history'))).status).toBe(404)
  })

  it('of a type and of all', async () => {
    const { id } = await create()
    const newest = async (path: string): Promise<string | undefined> => (await bundleOf(send('GET', path))).entry?.[0]?.resource?.id // prettier-ignore
    expect([await newest('Patient/_history'), await newest('_history')]).toEqual([id, id])
  })
})

describe('search', () => {
  it('finds by criteria, with the links and no member that does not belong', async () => {
    const { id } = await create(identified('find'))
    const answer = await send('GET', 'Patient?identifier=urn:a|find')
    const bundle = await bundleOf(answer)
    expect(Object.keys(bundle)).toEqual(['resourceType', 'type', 'total', 'link', 'entry'])
    expect(bundle.link[0]).toEqual({ relation: 'self', url: `${base}/Patient?identifier=urn%3Aa%7Cfind` })
    expect(bundle.link.map(({ relation }) => relation)).not.toContain('next')
    expect(bundle.entry?.map(({ fullUrl, search }) => [fullUrl, search])).toEqual([[`${base}/Patient/${id}`, { mode: 'match' }]]) // prettier-ignore
    const none = await bundleOf(send('GET', 'Patient?identifier=urn:a|nobody'))
    expect([none.total, none.entry]).toEqual([0, undefined])
  })

  it('by POST is the same', async () => {
    await create(identified('form'))
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const found = await bundleOf(send('POST', 'Patient/_search', 'identifier=urn%3Aa%7Cform', form))
    expect(found.entry).toHaveLength(1)
    const among = await bundleOf(send('POST', '_search?_type=Patient', 'identifier=urn%3Aa%7Cform', form))
    expect(among.entry).toHaveLength(1)
    const bare = await bundleOf(send('POST', 'Patient/_search?identifier=urn%3Aa%7Cform'))
    expect(bare.entry).toHaveLength(1)
  })

  it('refuses a parameter that it does not know, unless the client is lenient', async () => {
    expect(await refused(send('GET', 'Patient?favourite=red'))).toMatchObject({ status: 400, code: 'not-supported' })
    await create(identified('lenient'))
    const found = await bundleOf(send('GET', 'Patient?identifier=urn:a|lenient&favourite=red', undefined, { Prefer: 'handling=lenient' })) // prettier-ignore
    expect(found.entry?.map(({ search }) => search?.mode).sort()).toEqual(['match', 'outcome'])
    expect(found.link[0]?.url).not.toContain('favourite')
  })
})

it('metadata names what works for each type', async () => {
  const { rest } = (await bodyOf(send('GET', 'metadata'))) as unknown as {
    rest: { interaction: { code: string }[]; resource: { type: string; interaction: { code: string }[]; versioning: string; conditionalDelete: string }[] }[]
  } // prettier-ignore
  const [server] = rest
  const row = server?.resource.find(({ type }) => type === 'Patient')
  expect(row).toMatchObject({ versioning: 'versioned', conditionalCreate: true, conditionalUpdate: true, conditionalDelete: 'single', updateCreate: true }) // prettier-ignore
  expect(row?.interaction.map(({ code }) => code).sort()).toEqual(['create', 'delete', 'history-instance', 'history-type', 'patch', 'read', 'search-type', 'update', 'vread']) // prettier-ignore
  expect(server?.interaction.map(({ code }) => code).sort()).toEqual(['batch', 'history-system', 'search-system', 'transaction']) // prettier-ignore
  expect(server?.resource.map(({ type }) => type)).not.toContain('Parameters')
})
