/** What entries of a batch ask beside the plain interactions, and what a transaction refuses to leave dangling, on each store. */

import { beforeAll, describe, expect, it } from 'vitest'
import { KINDS, stores } from '../../edge/store/sql/stores.ts'
import { bundleOf, requests, type Body, type BundleBody, type Entry } from './requests.ts'
import { restService } from './rest-service.ts'

const { url } = stores()
const ABSENT = 'urn:uuid:5b1b9c8e-5a0e-4a54-8c4c-0c7f6d1f00ff'
const LENIENT = { Prefer: 'handling=lenient' }

const get = (address: string): object => ({ request: { method: 'GET', url: address } })
const observation = (id: string, patient: string): object => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: 'A' },
  subject: { reference: `Patient/${patient}` },
})
const basic = (reference: string, more: object = {}): object => ({
  resource: { resourceType: 'Basic', code: { text: 'dangling' }, subject: { reference } },
  request: { method: 'POST', url: 'Basic' },
  ...more,
})

describe.each(KINDS)('%s', (kind) => {
  let base = ''
  beforeAll(async () => {
    base = await restService(await url(kind))
    for (const id of ['one', 'two']) await send('PUT', `Patient/${id}`, { resourceType: 'Patient', id })
    for (const [id, patient] of [['a', 'one'], ['b', 'one'], ['c', 'two']] as const) await send('PUT', `Observation/${id}`, observation(id, patient)) // prettier-ignore
  })
  const { send, refused } = requests(() => base)
  const batch = async (entry: readonly object[], headers = {}): Promise<readonly Entry[]> =>
    (await bundleOf(send('POST', '', { resourceType: 'Bundle', type: 'batch', entry }, headers))).entry ?? []
  const statuses = (entries: readonly Entry[]): readonly (string | undefined)[] =>
    entries.map(({ response }) => response?.status.slice(0, 3))
  const ids = (bundle: BundleBody): readonly (string | undefined)[] =>
    (bundle.entry ?? []).map(({ resource }) => resource?.id).toSorted()
  const inside = (entry: Entry | undefined): BundleBody => entry?.resource as unknown as BundleBody

  it('searches the compartment of a patient, by itself, by a form, and as an entry', async () => {
    const alone = await bundleOf(send('GET', 'Patient/one/Observation'))
    expect(ids(alone)).toEqual(['a', 'b'])
    expect(alone.link[0]?.url).toBe(`${base}/Patient/one/Observation`)
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
    expect(ids(await bundleOf(send('POST', 'Patient/two/Observation/_search', '_id=a,c', form)))).toEqual(['c'])
    const [all, one, nobody, ofAnother] = await batch([get('Patient/one/Observation'), get('Patient/one/Observation?_id=b'), get('Patient/nobody/Observation'), get('Encounter/one/Observation')]) // prettier-ignore
    expect(ids(inside(all))).toEqual(['a', 'b'])
    expect(ids(inside(one))).toEqual(['b'])
    expect(inside(nobody)).toMatchObject({ type: 'searchset', total: 0 })
    expect(ofAnother?.response?.status).toBe('405 Method Not Allowed')
  })

  it('leads from page to page of a compartment', async () => {
    const first = await bundleOf(send('GET', 'Patient/one/Observation?_count=1&_sort=_id'))
    const next = first.link.find(({ relation }) => relation === 'next')?.url ?? ''
    expect(next).toMatch(/\/Patient\/one\/Observation\?/)
    const second = await bundleOf(send('GET', next.slice(base.length + 1)))
    expect([...ids(first), ...ids(second)]).toEqual(['a', 'b'])
  })

  it('refuses an unknown criterion of a compartment, unless the client prefers to go on', async () => {
    expect(statuses(await batch([get('Patient/one/Observation?colour=red')]))).toEqual(['400'])
    const [found] = await batch([get('Patient/one/Observation?colour=red')], LENIENT)
    expect(found?.response?.status).toBe('200 OK')
    expect((inside(found).entry ?? []).filter(({ search }) => search?.mode === 'match')).toHaveLength(2)
  })

  it('tells what works as an entry of a batch, and never in a transaction', async () => {
    const [entry, terminology] = await batch([get('metadata'), get(`${base}/metadata?mode=nothing`)])
    expect(entry?.resource).toMatchObject({ resourceType: 'CapabilityStatement', status: 'active' })
    expect(entry?.resource).toEqual((await (await send('GET', 'metadata')).json()) as Body)
    expect(terminology?.response?.status).toBe('400 Bad Request')
    const transaction = { resourceType: 'Bundle', type: 'transaction', entry: [get('metadata')] }
    expect(await refused(send('POST', '', transaction))).toMatchObject({ status: 405, expression: 'Bundle.entry[0]' })
  })

  it.each(['Patient/one?colour=red', 'Patient/one/_history?colour=red', 'Patient/one?_summary=odd'])(
    'answers %s as an entry as it does by itself',
    async (address) => {
      for (const headers of [{}, LENIENT]) {
        const { status } = await send('GET', address, undefined, headers)
        expect(statuses(await batch([get(address)], headers))).toEqual([String(status)])
        expect(status).toBe(headers === LENIENT && address.includes('colour') ? 200 : 400)
      }
    },
  )

  it.each([
    ['that no entry bears', [basic(ABSENT)], 0],
    ['of an entry that is only read', [{ fullUrl: ABSENT, ...get('Patient/one') }, basic(ABSENT)], 1],
    ['inside what is contained', [{ ...basic('#p'), resource: { resourceType: 'Basic', code: { text: 'dangling' }, subject: { reference: '#p' }, contained: [{ resourceType: 'Patient', id: 'p', managingOrganization: { reference: ABSENT } }] } }], 0],
  ])('refuses a transaction with a placeholder %s, and stores none of it', async (_, entry, at) => {
    const sound = { resource: { resourceType: 'Basic', code: { text: 'dangling' } }, request: { method: 'POST', url: 'Basic' } }
    const answer = await refused(send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry: [...entry, sound] }))
    expect(answer).toMatchObject({ status: 422, code: 'processing', text: expect.stringContaining(ABSENT) as string })
    expect(answer.expression).toMatch(new RegExp(`^Bundle\\.entry\\[${at}\\]\\.resource\\.(?:subject|contained\\[0\\]\\.managingOrganization)\\.reference$`))
    expect((await bundleOf(send('GET', 'Basic?code:text=dangling&_summary=count'))).total).toBe(0)
  }) // prettier-ignore

  it('keeps addresses that are no placeholders, and a placeholder in what is no Reference', async () => {
    const entry = [basic('https://elsewhere.example/fhir/Patient/1'), basic('urn:oid:1.2.3'), { resource: { resourceType: 'Basic', code: { text: 'x' }, identifier: [{ system: ABSENT, value: '1' }] }, request: { method: 'POST', url: 'Basic' } }] // prettier-ignore
    const answer = await send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry })
    expect(answer.status).toBe(200)
  })
})
