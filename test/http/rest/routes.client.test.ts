/** A public client library, unchanged, against the service. @see https://github.com/Vermonster/fhir-kit-client */

import { Client } from 'fhir-kit-client'
import { beforeAll, describe, expect, it } from 'vitest'
import { restService } from './rest-service.ts'

interface Body {
  readonly resourceType: string
  readonly id: string
  readonly type?: string
  readonly total?: number
  readonly gender?: string
  readonly link?: readonly { readonly relation: string; readonly url: string }[]
  readonly entry?: readonly { readonly resource?: Body; readonly response?: { readonly status: string } }[]
  readonly parameter?: readonly object[]
  readonly meta?: { readonly versionId: string }
}

let client: Client
beforeAll(async () => {
  client = new Client({ baseUrl: await restService() })
})
const body = (answer: unknown): Body => answer as Body
const status = (answer: unknown): number | undefined => Client.httpFor(answer as never)?.response?.status
const refused = async (asked: Promise<unknown>): Promise<number | undefined> => {
  const thrown: unknown = await asked.then(
    () => undefined,
    (error: unknown) => error,
  )
  return (thrown as { response?: { status?: number } } | undefined)?.response?.status
}
const patient = (value: string): { resourceType: string; identifier: object[]; gender: string } => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:client', value }],
  gender: 'female',
})

it('reads the capabilities', async () => {
  const statement = await client.capabilityStatement()
  expect(statement).toMatchObject({ resourceType: 'CapabilityStatement', fhirVersion: '4.0.1' })
})

it('creates, reads, updates, patches and deletes', async () => {
  const made = body(await client.create({ resourceType: 'Patient', body: patient('crud') }))
  const { id } = made
  expect(body(await client.read({ resourceType: 'Patient', id }))).toEqual(made)
  const updated = await client.update({ resourceType: 'Patient', id, body: { ...patient('crud'), id, gender: 'male' } })
  expect([status(updated), body(updated).meta?.versionId]).toEqual([200, '2'])
  const patch = [{ op: 'replace' as const, path: '/gender', value: 'other' }]
  expect(body(await client.patch({ resourceType: 'Patient', id, jsonPatch: patch })).gender).toBe('other')
  expect(body(await client.vread({ resourceType: 'Patient', id, version: '1' })).gender).toBe('female')
  const history = body(await client.history({ resourceType: 'Patient', id }))
  expect([history.type, history.total]).toEqual(['history', 3])
  await client.delete({ resourceType: 'Patient', id })
  expect(await refused(client.read({ resourceType: 'Patient', id }))).toBe(410)
})

it('updates only the version that it knows', async () => {
  const { id } = body(await client.create({ resourceType: 'Patient', body: patient('version') }))
  const update = (version: number): Promise<unknown> =>
    client.update({ resourceType: 'Patient', id, body: { ...patient('version'), id }, options: { headers: { 'If-Match': `W/"${version}"` } } }) // prettier-ignore
  expect(status(await update(1))).toBe(200)
  expect(await refused(update(1))).toBe(412)
})

describe('search', () => {
  beforeAll(async () => {
    for (let count = 0; count < 5; count += 1) {
      await client.create({ resourceType: 'Patient', body: patient('page') })
    }
  })

  it('pages forth and back', async () => {
    const searchParams = { identifier: 'urn:client|page', _count: 2 }
    const first = body(await client.search({ resourceType: 'Patient', searchParams }))
    const second = body(await client.nextPage({ bundle: first as never }))
    const third = body(await client.nextPage({ bundle: second as never }))
    const pages = [first, second, third].map(({ entry = [] }) => entry.map(({ resource }) => resource?.id))
    expect(pages.map((ids) => ids.length)).toEqual([2, 2, 1])
    expect(new Set(pages.flat()).size).toBe(5)
    expect(third.link?.map(({ relation }) => relation)).not.toContain('next')
    const back = body(await client.prevPage({ bundle: second as never }))
    expect(back.entry?.map(({ resource }) => resource?.id)).toEqual(pages[0])
  })

  it('searches by POST too', async () => {
    const searchParams = { identifier: 'urn:client|page' }
    const found = body(await client.search({ resourceType: 'Patient', searchParams, options: { postSearch: true } }))
    expect(found.entry).toHaveLength(5)
  })
})

it('does transactions and batches', async () => {
  const entry = [
    { fullUrl: 'urn:uuid:1a0e55c2-6d5b-4d0f-8a37-0e3ea4f3a3c1', resource: patient('bundle'), request: { method: 'POST', url: 'Patient' } },
    { resource: { resourceType: 'Basic', code: { text: 'a' }, subject: { reference: 'urn:uuid:1a0e55c2-6d5b-4d0f-8a37-0e3ea4f3a3c1' } }, request: { method: 'POST', url: 'Basic' } },
  ] // prettier-ignore
  const done = body(await client.transaction({ body: { resourceType: 'Bundle', type: 'transaction', entry } }))
  expect(done.entry?.map(({ response }) => response?.status)).toEqual(['201 Created', '201 Created'])
  const reading = [{ request: { method: 'GET', url: 'Patient?identifier=urn:client|bundle' } }, { request: { method: 'GET', url: 'Patient/none' } }] // prettier-ignore
  const each = body(await client.batch({ body: { resourceType: 'Bundle', type: 'batch', entry: reading } }))
  expect(each.entry?.map(({ response }) => response?.status)).toEqual(['200 OK', '404 Not Found'])
  expect(each.entry?.[0]?.resource?.total).toBe(1)
})

it('calls operations', async () => {
  const bundle = { resourceType: 'Bundle', type: 'document' }
  const told = body(await client.operation({ resourceType: 'Bundle', name: 'validate', input: bundle }))
  expect(told.resourceType).toBe('OperationOutcome')
  const { id } = body(await client.create({ resourceType: 'Patient', body: patient('everything') }))
  const all = body(await client.operation({ resourceType: 'Patient', id, name: 'everything', method: 'GET' }))
  expect(all.entry?.map(({ resource }) => resource?.id)).toEqual([id])
})
