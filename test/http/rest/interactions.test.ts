/** Many clients at once: no update is lost, and nothing fails that need not. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPostgres, type Postgres } from '../../edge/store/sql/postgres.ts'
import { bodyOf, bundleOf, requests } from './requests.ts'
import { failuresSeen, restService } from './rest-service.ts'

const CLIENTS = 100
const patient = (value: string): object => ({ resourceType: 'Patient', identifier: [{ system: 'urn:c', value }] })

/** What each client does, all at once. */
function together<T>(work: (client: number) => Promise<T>, clients = CLIENTS): Promise<T[]> {
  return Promise.all(Array.from({ length: clients }, (_, client) => work(client)))
}

let postgres: Postgres | undefined
afterAll(() => postgres?.stop())
const STORES = {
  sqlite: () => Promise.resolve('sqlite::memory:'),
  postgres: async () => (postgres = await startPostgres()).database(),
}

describe.each(['sqlite', 'postgres'] as const)('over %s', (store) => {
  let base = ''
  beforeAll(async () => {
    base = await restService(await STORES[store]())
  })
  const { send } = requests(() => base)

  it('clients that update one resource with If-Match lose no update', async () => {
    await send('PUT', 'Basic/counter', { resourceType: 'Basic', id: 'counter', code: { text: '0' } })
    const statuses = new Set<number>()
    const increase = async (): Promise<void> => {
      for (;;) {
        const { code, meta } = await bodyOf(send('GET', 'Basic/counter'))
        const text = String(Number((code as { text: string }).text) + 1)
        const headers = { 'If-Match': `W/"${meta.versionId}"` }
        const { status } = await send('PUT', 'Basic/counter', { resourceType: 'Basic', id: 'counter', code: { text } }, headers) // prettier-ignore
        statuses.add(status)
        if (status === 200) return
      }
    }
    await together(increase, 20)
    const { code, meta } = await bodyOf(send('GET', 'Basic/counter'))
    expect([code, meta.versionId]).toEqual([{ text: '20' }, '21'])
    expect([...statuses].filter((status) => status !== 200 && status !== 412)).toEqual([])
  })

  it('of clients that create the same by a condition one creates', async () => {
    const answers = await together(() => send('POST', 'Patient', patient('one'), { 'If-None-Exist': 'identifier=urn:c|one' })) // prettier-ignore
    const created = answers.filter(({ status }) => status === 201)
    expect([created.length, answers.filter(({ status }) => status === 200).length]).toEqual([1, CLIENTS - 1])
  })

  it('clients that create, update, read and do transactions at once fail in nothing', async () => {
    const subject = 'urn:uuid:5b1b9c8e-5a0e-4a54-8c4c-0c7f6d1f0001'
    const life = async (client: number): Promise<readonly number[]> => {
      const { id } = await bodyOf(send('POST', 'Patient', patient(`life-${client}`)))
      const update = await send('PUT', `Patient/${id}`, { ...patient(`life-${client}`), id }, { 'If-Match': 'W/"1"' })
      const entry = [
      { fullUrl: subject, resource: patient(`both-${client}`), request: { method: 'POST', url: 'Patient' } },
      { resource: { resourceType: 'Basic', code: { text: 'A' }, subject: { reference: subject } }, request: { method: 'POST', url: 'Basic' } },
    ] // prettier-ignore
      const both = await send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry })
      const found = await bundleOf(send('GET', `Basic?subject.identifier=urn:c|both-${client}`))
      return [update.status, both.status, found.total ?? 0]
    }
    const outcomes = await together(life)
    expect(outcomes.filter((outcome) => outcome.join() !== '200,200,1')).toEqual([])
    expect(failuresSeen()).toEqual([])
  })
})
