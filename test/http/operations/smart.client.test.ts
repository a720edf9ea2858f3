/** A public SMART client library launches against the local provider, reads what its scopes allow, and nothing else. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Resource } from '../../../src/fhir/types.ts'
import { chosen, leadsTo, localService, store, type LocalService } from '../../local-service.ts'

interface Read {
  readonly patient: string | null
  readonly user: string | null
  readonly scope: string | undefined
  readonly answers: Readonly<Record<string, unknown>>
}

/** Asked for by the application once it is launched; each answer is the resource, the ids found, or the status. */
const ASKED = ['Patient/p', 'Observation?patient=p', 'Observation/of-other', 'Patient/other', 'Condition?patient=p', 'Observation'] // prettier-ignore

/** What of fhirclient is used: its sessions are ours to keep. */
interface Smart {
  authorize(options: Readonly<Record<string, string>>): Promise<string>
  ready(): Promise<{
    readonly patient: { readonly id: string | null }
    readonly user: { readonly fhirUser: string | null }
    readonly state: { readonly tokenResponse?: { readonly scope?: string; readonly refresh_token?: string } }
    request(url: string): Promise<Record<string, unknown>>
    refresh(): Promise<unknown>
  }>
}
const kept = new Map<string, unknown>()
const storage = {
  get: (key: string): Promise<unknown> => Promise.resolve(kept.get(key)),
  set: (key: string, value: unknown): Promise<unknown> => Promise.resolve(kept.set(key, value) && value),
  unset: (key: string): Promise<boolean> => Promise.resolve(kept.delete(key)),
}
type SmartFor = (request: unknown, response: unknown, storage: unknown) => Smart
// by a name that is no literal: its types would bring those of a browser into the whole project
const { default: smartFor } = (await import(String('fhirclient'))) as { readonly default: SmartFor }

let scope = ''
async function application(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://app.invalid')
  const own = smartFor(request, response, storage)
  if (pathname === '/launch') {
    await own.authorize({ clientId: 'test-app', scope, redirectUri: '/app', pkceMode: 'required', ...Object.fromEntries(searchParams) }) // prettier-ignore
    return
  }
  const client = await own.ready()
  const answers: Record<string, unknown> = {}
  for (const url of ASKED) answers[url] = await client.request(url).then(told, refused)
  if (client.state.tokenResponse?.refresh_token !== undefined) {
    await client.refresh()
    answers['refreshed'] = await client.request('Patient/p').then(told, refused)
  }
  const read: Read = {
    patient: client.patient.id,
    user: client.user.fhirUser,
    scope: client.state.tokenResponse?.scope,
    answers,
  }
  response.end(JSON.stringify(read))
}

function told(resource: Record<string, unknown>): unknown {
  const entry = resource['entry'] as readonly { readonly resource: { readonly id: string } }[] | undefined
  return resource['resourceType'] === 'Bundle' ? (entry ?? []).map((one) => one.resource.id).sort() : resource['id']
}

function refused(error: { readonly statusCode?: number; readonly status?: number }): unknown {
  return error.statusCode ?? error.status ?? 'failed'
}

const server = createServer((request, response) => {
  application(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)))
})
let service: LocalService
let app = ''
beforeAll(async () => {
  service = await localService()
  await store(service, [
    { resourceType: 'Patient', id: 'p', name: [{ family: 'Berg' }] },
    { resourceType: 'Patient', id: 'other', name: [{ family: 'Tal' }] },
    ...['one', 'two'].map((id) => observation(id, 'p')),
    observation('of-other', 'other'),
    { resourceType: 'Condition', id: 'c', subject: { reference: 'Patient/p' }, code: { text: 'Asthma' } },
  ])
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  app = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}, 60_000)
afterAll(async () => {
  server.close()
  await service?.stop()
})

function observation(id: string, patient: string): Resource {
  return { resourceType: 'Observation', id, status: 'final', code: { text: 'Pulse' }, subject: { reference: `Patient/${patient}` } } // prettier-ignore
}

/** The whole way of a launch, as a browser goes it. */
async function launched(asked: string, query: Readonly<Record<string, string>>, more = {}): Promise<Read> {
  scope = asked
  const iss = `${service.origin}/fhir`
  const start = await fetch(`${app}/launch?${new URLSearchParams({ iss, ...query }).toString()}`, {
    redirect: 'manual',
  })
  const authorize = leadsTo(start)
  expect(authorize).toContain(`${service.provider.issuer}/authorize?`)
  const back = await chosen(authorize, 'rosa', more)
  const end = await fetch(back)
  const text = await end.text()
  expect([end.status, text]).toEqual([200, expect.stringContaining('{')])
  return JSON.parse(text) as Read
}

describe('fhirclient', () => {
  it('completes a standalone launch, and reads what its scopes allow of the patient who was chosen', async () => {
    const { patient, user, answers } = await launched(
      'openid fhirUser launch/patient offline_access patient/Patient.r patient/Observation.rs',
      {},
      { patient: 'p' },
    )
    expect([patient, user]).toEqual(['p', 'Practitioner/rosa'])
    expect(answers).toEqual({
      'Patient/p': 'p',
      'Observation?patient=p': ['one', 'two'],
      'Observation/of-other': 404,
      'Patient/other': 404,
      'Condition?patient=p': 403,
      Observation: ['one', 'two'],
      refreshed: 'p',
    })
  })

  it('completes an EHR launch in the context that the EHR gives, with scopes in the older syntax', async () => {
    const launch = service.provider.launch({ patient: 'p' })
    const { patient, answers } = await launched('openid fhirUser launch patient/Patient.read patient/Condition.read', {
      launch,
    })
    expect(patient).toBe('p')
    expect(answers).toEqual({
      'Patient/p': 'p',
      'Observation?patient=p': 403,
      'Observation/of-other': 403,
      'Patient/other': 404,
      'Condition?patient=p': ['c'],
      Observation: 403,
    })
  })

  it('is granted no more than its user may have', async () => {
    const { scope: granted } = await launched('launch/patient patient/*.cruds patient/Patient.r', {}, { patient: 'p' })
    expect(granted).toBe('launch/patient patient/Patient.r')
  })
})

describe('what applications are told', () => {
  it('is where tokens are had, at both addresses and in the CapabilityStatement', async () => {
    const json = async (path: string): Promise<Record<string, unknown>> =>
      (await (await fetch(service.origin + path)).json()) as Record<string, unknown>
    const [below, root, metadata] = await Promise.all([
      json('/fhir/.well-known/smart-configuration'),
      json('/.well-known/smart-configuration'),
      json('/fhir/metadata'),
    ])
    const { issuer } = service.provider
    expect(below).toMatchObject({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      code_challenge_methods_supported: ['S256'],
      capabilities: expect.arrayContaining([
        'launch-ehr',
        'launch-standalone',
        'client-public',
        'permission-v2',
      ]) as unknown,
    })
    expect(root).toEqual(below)
    const [rest] = metadata['rest'] as readonly { readonly security: Record<string, unknown> }[]
    expect(JSON.stringify(rest?.security)).toContain(`{"url":"token","valueUri":"${issuer}/token"}`)
    expect(JSON.stringify(rest?.security)).toContain('"SMART-on-FHIR"')
  })
})
