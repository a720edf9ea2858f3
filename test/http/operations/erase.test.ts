/** Erasure, legal holds and retention over HTTP. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../../src/edge/store/open-store.ts'
import { openSearch } from '../../../src/edge/store/search/open-search.ts'
import type { Bundle, Resource } from '../../../src/fhir/types.ts'
import { keepSidecar, sidecarKeys } from '../../../src/http/operations/sidecars.ts'
import { startService } from '../../../src/http/start.ts'
import { designOf } from '../../../src/main/design.ts'
import type { Store } from '../../../src/ports.ts'
import { readSettings } from '../../../src/settings.ts'
import { plainService } from '../plain-service.ts'

/** What `$sign` stores beside a document whose signature is made to last. */
async function signed(id: string): Promise<readonly [binary: string, provenance: string]> {
  const bundle = { id, resourceType: 'Bundle', type: 'document', signature: { data: `of ${id}` } } as unknown as Bundle
  await keepSidecar(store, { id, bundle, sidecar: Buffer.from('{}'), at: '2026-03-01T10:00:00Z' })
  const [binary, provenance] = sidecarKeys(id, bundle)
  return [`Binary/${binary.id}`, `Provenance/${provenance.id}`]
}

const FHIR = { 'Content-Type': 'application/fhir+json' }
const WHY = 'reason=asked&basis=GDPR%2017'
let base = ''
let store: Store

beforeAll(async () => {
  const design = await designOf(readSettings({}))
  const now = (): string => '2026-03-01T10:00:00Z'
  const search = await openSearch(design.collect, { now })
  store = await openStore('sqlite::memory:', search)
  const plain = plainService(design, store, search)
  const retention = { 'http://loinc.org|11503-0': 'P1Y', '18842-5': 'P30Y' }
  const service = { ...plain, edge: { ...plain.edge, now }, retention }
  const log = { debug: () => undefined, info: () => undefined, error: () => undefined }
  const running = await startService({
    settings: readSettings({ FHIRDOC_PORT: '0', FHIRDOC_AUDIT: 'on' }),
    service,
    log,
  })
  base = `${running.url}/fhir`
  afterAll(async () => {
    await running.stop()
    await store.close()
  })
  await ask('PUT', 'Patient/p', { resourceType: 'Patient', id: 'p' })
  await ask('PUT', 'Bundle/young', document('young', '18842-5', '2020-01-01T00:00:00Z'))
  await ask('PUT', 'Bundle/old', document('old', '11503-0', '2020-01-01T00:00:00Z'))
  await ask('PUT', 'Bundle/held', document('held', '11503-0', '2020-01-02T00:00:00Z'))
  await ask('PUT', 'Bundle/new', document('new', '11503-0', '2025-12-01T00:00:00Z'))
})

function document(id: string, code: string, timestamp: string): object {
  const composition = {
    resourceType: 'Composition',
    id,
    status: 'final',
    type: { coding: [{ system: 'http://loinc.org', code }] },
    subject: { reference: 'Patient/p' },
    date: timestamp,
    author: [{ display: 'x' }],
    title: 'x',
  }
  const fullUrl = (name: string): string => `${base}/${name}`
  return {
    resourceType: 'Bundle',
    id,
    type: 'document',
    identifier: { system: 'urn:documents', value: id },
    timestamp,
    entry: [
      { fullUrl: fullUrl(`Composition/${id}`), resource: composition },
      { fullUrl: fullUrl('Patient/p'), resource: { resourceType: 'Patient', id: 'p' } },
    ],
  }
}

async function ask(method: string, path: string, body?: object): Promise<readonly [status: number, body: Resource]> {
  const answer = await fetch(`${base}/${path}`, { method, headers: FHIR, ...(body && { body: JSON.stringify(body) }) })
  const text = await answer.text()
  return [answer.status, text === '' ? { resourceType: '' } : (JSON.parse(text) as Resource)]
}

function has(body: Resource, text: string): boolean {
  return JSON.stringify(body).includes(text)
}

/** Of each part of the name, its reference and its text. */
function parts(body: Resource, name: string): readonly (readonly string[])[] {
  interface Parameter {
    readonly name: string
    readonly valueString?: string
    readonly part?: readonly Parameter[]
  }
  const all = (body['parameter'] ?? []) as unknown as readonly Parameter[]
  return all
    .filter((one) => one.name === name)
    .map(({ part = [] }) => part.map(({ valueString = '' }) => valueString))
    .toSorted()
}

describe('Erasure', () => {
  it('asks for a reason and a legal basis, and is never a GET', async () => {
    expect((await ask('POST', 'Patient/p/$erase?reason=asked'))[0]).toBe(400)
    expect((await ask('GET', `Patient/p/$erase?${WHY}`))[0]).toBe(405)
    expect((await ask('POST', `Patient/never/$erase?${WHY}`))[0]).toBe(404)
    expect((await ask('POST', `AuditEvent/1/$erase?${WHY}`))[0]).toBe(422)
  })

  it('of a document before its time is 422, also once it was deleted', async () => {
    const [status, body] = await ask('POST', `Bundle/young/$erase?${WHY}`)
    expect([status, has(body, 'must be kept until 2050-01-01')]).toEqual([422, true])
    await ask('DELETE', 'Bundle/young')
    expect((await ask('POST', `Bundle/young/$erase?${WHY}`))[0]).toBe(422)
  })

  it('under a legal hold is 422 business-rule until that is over', async () => {
    expect((await ask('POST', 'Bundle/held/$hold?reason=court'))[0]).toBe(200)
    const [status, body] = await ask('POST', `Bundle/held/$erase?${WHY}`)
    expect([status, has(body, 'business-rule'), has(body, 'legal hold')]).toEqual([422, true, true])
    const [deleted, refusal] = await ask('DELETE', 'Bundle/held')
    expect([deleted, has(refusal, 'legal hold'), (await ask('GET', 'Bundle/held'))[0]]).toEqual([422, true, 200])
    const [, due] = await ask('GET', 'Bundle/$due')
    expect([has(due, 'Bundle/old'), has(due, 'Bundle/held'), has(due, 'Bundle/new')]).toEqual([true, false, false])
    expect((await ask('POST', 'Bundle/held/$release?reason=over'))[0]).toBe(200)
    expect(has((await ask('GET', 'Bundle/$due'))[1], 'Bundle/held')).toBe(true)
  })

  it('leaves a tombstone, 410 with what may be told, and names the documents that hold a copy', async () => {
    const [status, body] = await ask('POST', `Patient/p/$erase?${WHY}`)
    expect([status, has(body, 'GDPR 17'), has(body, 'Bundle/old')]).toEqual([200, true, true])
    for (const path of ['Patient/p', 'Patient/p/_history/1']) {
      const [gone, told] = await ask('GET', path)
      expect([gone, has(told, 'was erased on'), has(told, 'asked')]).toEqual([410, true, false])
    }
    expect((await ask('PUT', 'Patient/p', { resourceType: 'Patient', id: 'p' }))[0]).toBe(422)
    expect((await ask('GET', 'Bundle/old'))[0]).toBe(200)
  })

  it('of a document takes the signatures and sidecars about it alone, but for those under a legal hold', async () => {
    for (const id of ['signed', 'beside']) await ask('PUT', `Bundle/${id}`, document(id, '1-8', '2020-01-01T00:00:00Z'))
    const [binary, provenance] = await signed('signed')
    const [other] = await signed('beside')
    const about = (id: string, ...targets: readonly string[]): object => ({
      resourceType: 'Provenance',
      id,
      target: targets.map((reference) => ({ reference })),
      recorded: '2026-03-01T10:00:00Z',
      agent: [{ who: { display: 'x' } }],
    })
    await ask('PUT', 'Provenance/both', about('both', 'Bundle/signed', 'Bundle/beside'))
    await ask('PUT', 'Provenance/held', about('held', `${base}/Bundle/signed`))
    await ask('PUT', 'Provenance/own', about('own', 'Bundle/signed/_history/1'))
    await ask('POST', 'Provenance/held/$hold?reason=court')
    const [status, body] = await ask('POST', `Bundle/signed/$erase?${WHY}`)
    const told = parts(body, 'beside')
    expect([status, told]).toEqual([
      200,
      [
        [binary, 'was erased too'],
        ['Provenance/both', 'stays: it is about other resources too'],
        ['Provenance/held', 'stays: it is under a legal hold'],
        ['Provenance/own', 'was erased too'],
        [provenance, 'was erased too'],
      ].toSorted(),
    ])
    for (const path of [binary, `${binary}/_history/1`, provenance, 'Provenance/own'])
      expect((await ask('GET', path))[0]).toBe(410)
    for (const path of [other, 'Provenance/both', 'Provenance/held', 'Bundle/beside'])
      expect((await ask('GET', path))[0]).toBe(200)
    const [, events] = await ask('GET', `AuditEvent?entity=${binary}&action=D`)
    expect([has(events, 'GDPR 17'), has(events, provenance), has(events, 'Bundle/signed')]).toEqual([true, true, true])
  })

  it('of a document finds its sidecar where that was deleted, and leaves all where the document is held', async () => {
    await ask('PUT', 'Bundle/late', document('late', '1-8', '2020-01-01T00:00:00Z'))
    const [binary, provenance] = await signed('late')
    await ask('DELETE', binary)
    await ask('POST', 'Bundle/late/$hold?reason=court')
    expect((await ask('POST', `Bundle/late/$erase?${WHY}`))[0]).toBe(422)
    expect((await ask('GET', provenance))[0]).toBe(200)
    expect((await ask('GET', `${binary}/_history/1`))[0]).toBe(200)
    await ask('POST', 'Bundle/late/$release?reason=over')
    const [, body] = await ask('POST', `Bundle/late/$erase?${WHY}`)
    expect(parts(body, 'beside').map(([reference]) => reference)).toEqual([binary, provenance].toSorted())
    for (const path of [provenance, `${binary}/_history/1`]) expect((await ask('GET', path))[0]).toBe(410)
  })

  it('of all that is due takes these alone, and each is in the audit with its reason', async () => {
    const [status, body] = await ask('POST', `Bundle/$erase-due?${WHY}`)
    expect([status, has(body, 'Bundle/old'), has(body, 'Bundle/held'), has(body, 'Bundle/new')]).toEqual([
      200,
      true,
      true,
      false,
    ])
    const statuses = ['old', 'held', 'new'].map(async (id) => (await ask('GET', `Bundle/${id}`))[0])
    expect(await Promise.all(statuses)).toEqual([410, 410, 200])
    expect((await ask('GET', 'Bundle/old/$original'))[0]).toBe(410)
    const [, events] = await ask('GET', 'AuditEvent?entity=Bundle/old&action=D')
    expect([has(events, 'GDPR 17'), has(events, 'Bundle/old')]).toEqual([true, true])
    expect(has((await ask('GET', 'Bundle/$due'))[1], 'Bundle/')).toBe(false)
  })

  it('of a part is told by the document that needs it, which is never shorter for that, and an erased one is not given again (H-10, H-15)', async () => {
    const observation = { resourceType: 'Observation', id: 'part', status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/one' } } // prettier-ignore
    const composition = {
      resourceType: 'Composition',
      id: 'needing',
      status: 'preliminary',
      type: { text: 'x' },
      subject: { reference: 'Patient/one' },
      date: '2026-03-01',
      author: [{ display: 'x' }],
      title: 'x',
      section: [{ title: 'x', entry: [{ reference: 'Observation/part' }] }],
    }
    await ask('PUT', 'Patient/one', { resourceType: 'Patient', id: 'one' })
    await ask('PUT', 'Observation/part', observation)
    await ask('PUT', 'Composition/needing', composition)
    const make = 'Composition/needing/$document?persist=true'
    const [made, document] = await ask('POST', make)
    expect([made, has(document, 'Observation/part')]).toEqual([200, true])
    expect((await ask('POST', make))[1]['id']).toBe(document['id'])
    expect((await ask('POST', `Bundle/${String(document['id'])}/$erase?${WHY}`))[0]).toBe(200)
    const [again, another] = await ask('POST', make)
    expect([again, another['id'] === document['id'], has(another, 'Observation/part')]).toEqual([200, false, true])
    expect((await ask('POST', `Observation/part/$erase?${WHY}`))[0]).toBe(200)
    const [status, told] = await ask('POST', make)
    expect([status, told.resourceType, has(told, 'Observation/part is missing')]).toEqual([
      422,
      'OperationOutcome',
      true,
    ])
  })

  it('of a document leaves nothing of it to any operation (H-7)', async () => {
    const id = 'old'
    const deeds = [`GET Bundle/${id}`, ...['$render', '$verify', '$receipt', '$validate'].map((name) => `GET Bundle/${id}/${name}`), `POST Bundle/${id}/$sign`] // prettier-ignore
    for (const deed of deeds) {
      const [method = '', path = ''] = deed.split(' ')
      const [status, told] = await ask(method, path)
      expect([deed, status, told.resourceType]).toEqual([deed, 410, 'OperationOutcome'])
    }
  })
})
