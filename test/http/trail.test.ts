/** What the audit says of each act, and that nothing is done or told that it cannot say. */

import { beforeAll, describe, expect, it } from 'vitest'
import { actOf, type Act } from '../../src/audit/act.ts'
import { KINDS } from '../../src/audit/kinds.ts'
import { checkResource } from '../../src/check/resource.ts'
import { openStore } from '../../src/edge/store/open-store.ts'
import { openSearch } from '../../src/edge/store/search/open-search.ts'
import { fail } from '../../src/fhir/error.ts'
import type { Resource } from '../../src/fhir/types.ts'
import { EMERGENCY_HEADER, openDoor } from '../../src/http/access/door.ts'
import type { Route } from '../../src/http/route.ts'
import { ROUTES } from '../../src/http/routes.ts'
import { startService } from '../../src/http/start.ts'
import { actOfRoute, isInAudit } from '../../src/http/trail.ts'
import { designOf } from '../../src/main/design.ts'
import type { Caller, Store } from '../../src/ports.ts'
import { readSettings } from '../../src/settings.ts'
import { WEB_ROUTES } from '../../src/web/routes.ts'
import { atEnd } from '../ending.ts'
import { plainService } from './plain-service.ts'

const FHIR = { 'Content-Type': 'application/fhir+json' }
const CALLER: Caller = {
  issuer: 'https://id.example',
  subject: 'mira',
  name: 'Mira Muster',
  client: 'ward-app',
  fhirUser: 'Practitioner/mira',
  scopes: ['system/*.cruds'],
  roles: ['compose', 'attest', 'sign', 'read', 'administer'],
  purposes: ['TREAT'],
}
const CALLERS: Readonly<Record<string, Caller>> = {
  mira: CALLER,
  nobody: { ...CALLER, subject: 'nobody', scopes: [] },
  emergency: { ...CALLER, purposes: ['ETREAT'], emergency: { reason: 'unconscious' } },
  reckless: { ...CALLER, subject: 'reckless', roles: [] },
}

const design = await designOf(readSettings({}))
const search = await openSearch(design.collect, { now: () => new Date().toISOString() })
const lines: string[] = []
let isBroken = false
let store: Store
let base = ''

/** The store, whose audit can be broken; what it records is heard. */
function heard(inner: Store): Store {
  const { audit } = inner
  if (audit === undefined) throw new TypeError('The store keeps no audit')
  const broken = (): Promise<never> => Promise.reject(fail('no-store', 'The disk is full'))
  return {
    ...inner,
    transaction: (work) =>
      inner.transaction((writer) =>
        work({
          ...writer,
          record: (more) => {
            if (isBroken) throw fail('no-store', 'The disk is full')
            lines.push(...more)
            writer.record?.(more)
          },
        }),
      ),
    audit: {
      ...audit,
      record: (more) => {
        if (isBroken) return broken()
        lines.push(...more)
        return audit.record(more)
      },
    },
  }
}

beforeAll(async () => {
  store = heard(await openStore('sqlite::memory:', search))
  const settings = readSettings({ FHIRDOC_PORT: '0' })
  const service = {
    ...plainService(design, store, search),
    door: openDoor({
      bearer: (token) => {
        const caller = CALLERS[token]
        return caller === undefined ? Promise.reject(fail('login', 'Who asks is not known')) : Promise.resolve(caller)
      },
    }),
  }
  const log = { debug: () => undefined, info: () => undefined, error: () => undefined }
  const running = await startService({ settings, service, log })
  base = `${running.url}/fhir`
  atEnd(async () => {
    isBroken = false
    await running.stop()
    await store.close()
  })
  await ask('PUT', 'Patient/p', { resourceType: 'Patient', id: 'p', name: [{ family: 'Muster' }] })
  await ask('PUT', 'Observation/o', observation('o'))
})

function observation(id: string): object {
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { text: 'x' },
    subject: { reference: 'Patient/p' },
  }
}

interface Asked {
  readonly status: number
  readonly body: Resource
  readonly acts: readonly Act[]
}

/** What is answered, and what was recorded meanwhile. */
async function ask(method: string, path: string, body?: object, token = 'mira'): Promise<Asked> {
  const before = lines.length
  const reason = token === 'reckless' ? { [EMERGENCY_HEADER]: 'curious' } : {}
  const headers = { ...FHIR, ...reason, Authorization: `Bearer ${token}`, 'X-Request-Id': 'r-1' }
  const answer = await fetch(`${base}/${path}`.replace(/\/$/, ''), {
    method,
    headers: method === 'PATCH' ? { ...headers, 'Content-Type': 'application/json-patch+json' } : headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  const parsed = text.startsWith('{') ? (JSON.parse(text) as Resource) : { resourceType: '' }
  return { status: answer.status, body: parsed, acts: lines.slice(before).map(actOf) }
}

describe('The table of acts', () => {
  const missing = (routes: readonly Route[]): readonly string[] =>
    routes.flatMap((route) => (isInAudit(route) ? [] : [`${route.method} ${route.path} (${actOfRoute(route)})`]))

  it('has a row for every route', () => {
    expect(missing([...ROUTES, ...WEB_ROUTES])).toEqual([])
  })

  it('takes no row of the FHIR interface for a page', () => {
    const taken = ROUTES.filter((route) => ['page', 'form'].includes(actOfRoute(route) ?? ''))
    expect(taken.map(({ path }) => path)).toEqual([])
  })

  it('is missed by a route without a row', () => {
    const [route] = ROUTES.filter(({ operation }) => operation !== undefined)
    if (route?.operation === undefined) throw new TypeError('There is no operation')
    expect(missing([{ ...route, operation: { ...route.operation, code: 'new' } }])).toHaveLength(1)
  })
})

describe('An act', () => {
  it.each([
    ['GET', 'Observation/o', undefined, 'read', ['Observation/o/_history/1']],
    ['GET', 'Observation/o/_history/1', undefined, 'vread', ['Observation/o/_history/1']],
    ['GET', 'Observation/o/_history', undefined, 'history-instance', ['Observation/o/_history/1']],
    ['GET', 'Observation?patient=Patient/p', undefined, 'search-type', ['Observation/o/_history/1']],
    ['PUT', 'Observation/w', observation('w'), 'update', ['Observation/w/_history/1']],
    ['PATCH', 'Observation/w', [{ op: 'replace', path: '/status', value: 'amended' }], 'patch', ['Observation/w/_history/2']],
    ['DELETE', 'Observation/w', undefined, 'delete', ['Observation/w/_history/3']],
  ])('%s %s tells who, whose, which version, why and from where', async (method, path, body, ...told) => {
    const [kind, what] = told
    const { acts } = await ask(method, path, body)
    expect(acts).toHaveLength(1)
    const { issuer, subject, name, client, fhirUser, roles, purposes } = CALLER
    expect(acts[0]).toMatchObject({
      kind,
      what,
      outcome: '0',
      patients: ['Patient/p'],
      who: { issuer, subject, name, client, fhirUser, roles },
      purposes,
      request: 'r-1',
      address: '127.0.0.1',
      server: base,
    })
  }) // prettier-ignore

  it('of creating bears the id that came of it, and one that wrote nothing is told too', async () => {
    const { acts, body } = await ask('POST', 'Observation', { ...observation('x'), id: undefined })
    expect(acts).toMatchObject([{ kind: 'create', what: [`Observation/${body.id}/_history/1`] }])
    const nothing = await ask('DELETE', 'Observation/never')
    expect(nothing.acts).toMatchObject([{ kind: 'delete', outcome: '0', asked: 'Observation/never' }])
  })

  it('of searching keeps the query as it came, and whom it asked about even where nothing is found', async () => {
    const { acts } = await ask('GET', 'Condition?patient=nobody&code=x%7Cy')
    expect(acts).toMatchObject([{ query: 'patient=nobody&code=x%7Cy', patients: ['Patient/nobody'] }])
    const counted = await ask('GET', 'Observation?_summary=count')
    expect(counted.acts[0]?.what).toBeUndefined()
  })

  it('stands for each entry of a batch, also one that failed', async () => {
    const request = (method: string, url: string): object => ({ request: { method, url } })
    const entry = [
      request('GET', 'Patient/p'),
      request('GET', 'Patient/never'),
      { ...request('PUT', 'Observation/b'), resource: observation('b') },
    ]
    const { acts } = await ask('POST', '', { resourceType: 'Bundle', type: 'batch', entry })
    const told = acts.map(({ kind, outcome, asked, what }) => [kind, outcome, asked ?? what?.[0]])
    expect(told).toContainEqual(['read', '0', 'Patient/p'])
    expect(told).toContainEqual(['read', '4', 'Patient/never'])
    expect(told).toContainEqual(['update', '0', 'Observation/b/_history/1'])
    expect(told.at(-1)?.[0]).toBe('batch')
  })

  it('stands for an operation in a batch as for one alone, and who may not ask it may not ask it there', async () => {
    const entry = [{ request: { method: 'GET', url: 'Patient/p/$everything?_count=5' } }]
    const bundle = { resourceType: 'Bundle', type: 'batch', entry }
    const alone = await ask('GET', 'Patient/p/$everything?_count=5')
    const { acts } = await ask('POST', '', bundle)
    const timeless = ({ at, ...act }: Act): object => ({ ...act, isTimed: at !== '' })
    expect(acts.map(({ kind }) => kind)).toEqual(['$everything', 'batch'])
    expect(acts.slice(0, 1).map(timeless)).toEqual(alone.acts.map(timeless))
    const refused = await ask('GET', 'Patient/p/$everything?_count=5', undefined, 'nobody')
    const denied = await ask('POST', '', bundle, 'nobody')
    const [response] = denied.body['entry'] as { response: { status: string } }[]
    expect(response?.response.status).toBe('403 Forbidden')
    expect(denied.acts.slice(0, 1).map(timeless)).toEqual(refused.acts.map(timeless))
  })

  it('stands for each entry of a transaction that writes, and for the transaction', async () => {
    const entry = ['t1', 't2'].map((id) => ({
      request: { method: 'PUT', url: `Observation/${id}` },
      resource: observation(id),
    }))
    const { acts } = await ask('POST', '', { resourceType: 'Bundle', type: 'transaction', entry })
    expect(acts.map(({ kind }) => kind)).toEqual(['update', 'update', 'transaction'])
    const broken = { request: { method: 'PUT', url: 'Observation/t3' }, resource: { ...observation('t4') } }
    const failed = await ask('POST', '', { resourceType: 'Bundle', type: 'transaction', entry: [...entry, broken] })
    expect(failed.acts).toMatchObject([{ kind: 'transaction', outcome: '4', status: 400 }])
  })

  it('of composing names every version in the document, and the document', async () => {
    const composition = {
      resourceType: 'Composition',
      id: 'c',
      status: 'final',
      type: { text: 'x' },
      subject: { reference: 'Patient/p' },
      date: '2026-03-01T10:00:00Z',
      author: [{ display: 'x' }],
      title: 'x',
      section: [{ title: 'x', text: { status: 'additional', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' }, entry: [{ reference: 'Observation/o' }] }],
    } // prettier-ignore
    await ask('PUT', 'Composition/c', composition)
    const { acts, body } = await ask('GET', 'Composition/c/$document?persist=false')
    expect(body['type']).toBe('document')
    expect(acts).toMatchObject([{ kind: '$document', outcome: '0', patients: ['Patient/p'] }])
    const { value } = body['identifier'] as unknown as { readonly value: string }
    for (const name of ['Composition/c/_history/1', 'Observation/o/_history/1', 'Patient/p/_history/1'])
      expect(acts[0]?.what).toContain(name)
    expect(acts[0]?.what?.some((name) => name.endsWith(`|${value}`))).toBe(true)
    const stored = await ask('POST', 'Composition/c/$document?persist=true')
    expect(stored.acts.at(0)?.what?.some((name) => name.startsWith('Bundle/'))).toBe(true)
  })

  it('on what was posted names its patient', async () => {
    const { acts } = await ask('POST', 'Observation/$validate', observation('o'))
    expect(acts).toMatchObject([{ kind: '$validate', patients: ['Patient/p'] }])
  })

  it('in an emergency says so, and why', async () => {
    const { acts } = await ask('GET', 'Patient/p', undefined, 'emergency')
    expect(acts).toMatchObject([{ emergency: 'unconscious', purposes: ['ETREAT'] }])
  })
})

describe('A refusal', () => {
  it('of somebody unknown is recorded', async () => {
    const { status, acts } = await ask('GET', 'Patient/p', undefined, 'wrong')
    expect([status, acts.length]).toEqual([401, 1])
    expect(acts[0]).toMatchObject({ kind: 'read', outcome: '8', status: 401, issue: 'login', asked: 'Patient/p' })
    expect(acts[0]).not.toHaveProperty('who')
  })

  it('of somebody who must not break the glass names them', async () => {
    const { status, acts } = await ask('GET', 'Patient/p', undefined, 'reckless')
    expect(status).toBe(403)
    expect(acts).toMatchObject([{ outcome: '8', status: 403, asked: 'Patient/p', who: { subject: 'reckless' } }])
  })

  it('of somebody who may not names them', async () => {
    const { status, acts } = await ask('GET', 'Patient/p', undefined, 'nobody')
    expect(status).toBe(403)
    expect(acts).toMatchObject([{ outcome: '8', status: 403, asked: 'Patient/p', who: { subject: 'nobody' } }])
    expect(acts[0]).not.toHaveProperty('what')
  })

  it('of what is not there, or cannot be, tells the status', async () => {
    expect((await ask('GET', 'Patient/never')).acts).toMatchObject([{ outcome: '4', status: 404, issue: 'not-found' }])
    expect((await ask('PUT', 'Patient/p', { resourceType: 'Patient', id: 'q' })).acts).toMatchObject([{ status: 400 }])
  })

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('is what %s of an AuditEvent meets, and is recorded', async (method) => {
    const path = method === 'POST' ? 'AuditEvent' : 'AuditEvent/1'
    const { status, body, acts } = await ask(
      method,
      path,
      method === 'PATCH' ? [] : { resourceType: 'AuditEvent', id: '1' },
    )
    expect([status, JSON.stringify(body)]).toEqual([405, expect.stringContaining('written by the service alone')])
    expect(acts).toMatchObject([{ status: 405 }])
    const entry = [{ request: { method, url: path }, resource: { resourceType: 'AuditEvent', id: '1' } }]
    const inside = await ask('POST', '', { resourceType: 'Bundle', type: 'transaction', entry })
    expect(inside.status).toBeGreaterThanOrEqual(400)
  })
})

describe('An act that cannot be recorded', () => {
  it('is not told: a read is 503', async () => {
    isBroken = true
    const { status, body } = await ask('GET', 'Patient/p')
    isBroken = false
    expect([status, body.resourceType, JSON.stringify(body).includes('Muster')]).toEqual([
      503,
      'OperationOutcome',
      false,
    ])
  })

  it('is not done: what was to be written is not there', async () => {
    isBroken = true
    const { status } = await ask('PUT', 'Observation/lost', observation('lost'))
    isBroken = false
    expect(status).toBeGreaterThanOrEqual(500)
    expect((await ask('GET', 'Observation/lost')).status).toBe(404)
  })
})

describe('The AuditEvents', () => {
  it('are found by who, whose, what, which kind and outcome, as soon as the act is answered', async () => {
    const of = async (query: string): Promise<number> => Number((await ask('GET', `AuditEvent?_summary=count&${query}`)).body['total'])
    expect(await of('outcome=8')).toBeGreaterThanOrEqual(2)
    for (const query of ['agent=Practitioner/mira', 'agent-name=mira', 'patient=Patient/p', 'entity=Observation/o', 'action=C', 'subtype=vread', 'type=rest', 'address=127.0.0.1', 'date=gt2020'])
      expect([query, await of(query)]).toEqual([query, expect.any(Number)])
    const before = await of('entity=Observation/o&subtype=read')
    await ask('GET', 'Observation/o')
    expect(await of('entity=Observation/o&subtype=read')).toBe(before + 1)
  }) // prettier-ignore

  it('keep the rules of their type', async () => {
    const { body } = await ask('GET', 'AuditEvent?_count=1000')
    const entries = body['entry'] as unknown as readonly { readonly resource: Resource }[]
    expect(entries.length).toBeGreaterThan(30)
    const faults = entries.flatMap(({ resource }) =>
      checkResource(resource, design.checks).filter(({ severity }) => severity === 'error' || severity === 'fatal'),
    )
    expect([...new Set(faults.map(({ rule, expression, text }) => `${rule} ${expression}: ${text}`))]).toEqual([])
  })

  it('are of rows of the table alone', () => {
    for (const { kind } of lines.map(actOf)) expect(Object.keys(KINDS)).toContain(kind)
  })
})
