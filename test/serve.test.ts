/** The service as a process, with an upstream: what it composes, counts and logs, and how it ends. */

import { spawn, type ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { request as httpRequest, type ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Resource } from '../src/fhir/types.ts'
import { fhirServer, type FhirServer } from './edge/store/fhir-server.ts'

const fixture = new URL('../fixtures/documents/discharge/', import.meta.url)
const parse = (path: string): Resource => JSON.parse(readFileSync(new URL(path, fixture), 'utf8')) as Resource
const composition = parse('composition.json')
const resources = readdirSync(new URL('resources/', fixture)).map((name) => parse(`resources/${name}`))
const FHIR = { 'Content-Type': 'application/fhir+json' }
const SECRET = 'token-that-nobody-sees'

interface Running {
  readonly url: string
  readonly child: ChildProcess
  /** All that it wrote to stderr so far. */
  readonly log: () => string
  readonly ended: Promise<number | null>
}

const started: ChildProcess[] = []
afterAll(() => {
  for (const child of started) if (child.exitCode === null) child.kill('SIGKILL')
})

async function serve(env: Record<string, string> = {}): Promise<Running> {
  const settings = { FHIRDOC_PORT: '0', FHIRDOC_STORE: 'sqlite::memory:', FHIRDOC_LOG_LEVEL: 'debug', ...env }
  const bin = new URL('../bin/fhirdoc.js', import.meta.url).pathname
  const child = spawn(process.execPath, [bin, 'serve'], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...settings },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  started.push(child)
  let text = ''
  child.stderr.on('data', (chunk) => (text += String(chunk)))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  await vi.waitFor(() => expect(text).toContain('"listening"'), { timeout: 20_000, interval: 50 })
  const [, url = ''] = /"url":"([^"]+)"/.exec(text) ?? []
  return { url, child, log: () => text, ended }
}

/** A request under a Host header of its own. */
function statusUnder(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    httpRequest(url, { headers: { host } }, (response) => resolve(response.resume().statusCode))
      .once('error', reject)
      .end()
  })
}

let upstream: FhirServer
let service: Running
beforeAll(async () => {
  upstream = await fhirServer([composition, ...resources], {
    instead: { 'Patient/refused': 403, 'Composition/gone': 410 },
  })
  service = await serve({ FHIRDOC_UPSTREAM: upstream.base, FHIRDOC_UPSTREAM_AUTH_TOKEN: SECRET })
}, 40_000)
afterAll(() => upstream.close())

describe('an upstream', () => {
  it('has the Composition and all that it refers to', async () => {
    const answer = await fetch(`${service.url}/fhir/Composition/${composition.id}/$document?persist=false`)
    const bundle = (await answer.json()) as { type?: string; entry?: readonly { fullUrl: string }[]; issue?: unknown }
    expect([answer.status, bundle.type, bundle.issue]).toEqual([200, 'document', undefined])
    expect(bundle.entry?.every(({ fullUrl }) => fullUrl.startsWith(`${upstream.base}/`))).toBe(true)
    expect(upstream.headers.every(({ authorization }) => authorization === `Bearer ${SECRET}`)).toBe(true)
  })

  it('lends its resources to a Composition of the store that names them by their URLs', async () => {
    const text = JSON.stringify({ ...composition, id: 'mixed' })
    const body = text.replace(/"reference":"(?=[A-Z])/g, `"reference":"${upstream.base}/`)
    const put = await fetch(`${service.url}/fhir/Composition/mixed`, { method: 'PUT', headers: FHIR, body })
    const answer = await fetch(`${service.url}/fhir/Composition/mixed/$document?persist=false`)
    const { entry = [], ...rest } = (await answer.json()) as { entry?: readonly { fullUrl: string }[] }
    expect([put.status, answer.status, rest]).toEqual([201, 200, expect.objectContaining({ type: 'document' })])
    const [own = '', ...lent] = entry.map(({ fullUrl }) => fullUrl)
    expect(own).toBe(`${service.url}/fhir/Composition/mixed`)
    expect(lent.length > 5 && lent.every((fullUrl) => fullUrl.startsWith(`${upstream.base}/`))).toBe(true)
  })

  it('whose Composition was deleted is 410, and one that never was is 404', async () => {
    const ask = async (id: string): Promise<number> =>
      (await fetch(`${service.url}/fhir/Composition/${id}/$document`)).status
    expect([await ask('gone'), await ask('never')]).toEqual([410, 404])
  })

  it('that is away is 502 with an OperationOutcome, never an empty document', async () => {
    const away = await fhirServer([])
    await away.close()
    const other = await serve({ FHIRDOC_UPSTREAM: away.base })
    const answer = await fetch(`${other.url}/fhir/Composition/c/$document`)
    expect([answer.status, ((await answer.json()) as Resource).resourceType]).toEqual([502, 'OperationOutcome'])
    other.child.kill('SIGTERM')
    expect(await other.ended).toBe(0)
  })
})

it('an upstream that never answers is 504 in time, and does not hold up the end', async () => {
  const silent = await fhirServer([], { before: () => true })
  const other = await serve({ FHIRDOC_UPSTREAM: silent.base, FHIRDOC_LIMIT_SECONDS: '1' })
  const answer = await fetch(`${other.url}/fhir/Composition/c/$document`)
  expect([answer.status, ((await answer.json()) as Resource).resourceType]).toEqual([504, 'OperationOutcome'])
  other.child.kill('SIGTERM')
  expect(await other.ended).toBe(0)
  await silent.close()
})

describe('probes and metrics', () => {
  it('health is told under any name, the rest is not', async () => {
    const ask = (path: string): Promise<number | undefined> => statusUnder(`${service.url}${path}`, '10.1.2.3:8080')
    const statuses = await Promise.all(['/healthz', '/readyz', '/metrics', '/fhir/metadata'].map(ask))
    expect(statuses).toEqual([200, 200, 403, 403])
    expect(await (await fetch(`${service.url}/readyz`)).json()).toEqual({ status: 'ready' })
  })

  it('metrics are the text of Prometheus, by route patterns', async () => {
    const answer = await fetch(`${service.url}/metrics`, {
      headers: { accept: 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1' },
    })
    const page = await answer.text()
    expect([answer.status, answer.headers.get('Content-Type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ])
    for (const part of [
      'stage="collect"',
      'operation="snapshot"',
      'fhirdoc_queue_in_flight 0',
      'fhirdoc_upstream_answers_total',
    ])
      expect(page).toContain(part)
    expect(page).toMatch(/route="[^"]*:id\/\$document",method="GET",status="200"/)
    expect(page).not.toContain(composition.id)
  })
})

it('the log tells no name, no id, no query, no body and no secret, whatever is asked', async () => {
  const planted = { name: 'Quastenflosser', id: 'pat-4711-xyz', identifier: 'SVNR-1234010180' }
  const patient = { resourceType: 'Patient', id: planted.id, name: [{ family: planted.name }], identifier: [{ system: 'urn:svnr', value: planted.identifier }] } // prettier-ignore
  const body = JSON.stringify(patient)
  const bundle = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: [{ resource: patient, request: { method: 'POST', url: `Patient?name=${planted.name}` } }] }) // prettier-ignore
  const ask = (path: string, method = 'GET', text?: string): Promise<Response> =>
    fetch(`${service.url}/fhir/${path}`, { method, headers: FHIR, ...(text !== undefined && { body: text }) })
  const asked = await Promise.all([
    ask(`Patient/${planted.id}`, 'PUT', body),
    ask(`Patient/${planted.id}`),
    ask(`Patient?name=${planted.name}&identifier=${planted.identifier}`),
    ask(`Patient/${planted.id}/_history/99`),
    ask(`Patient/${planted.id}`, 'PUT', `{"resourceType":"Patient","id":"${planted.id}","name":${planted.name}`),
    ask(`Patient/${planted.id}?${planted.name}`, 'PATCH', body),
    ask('', 'POST', bundle),
    ask('$compose', 'POST', body),
    ask('Bundle/$validate', 'POST', body.replace('Patient', 'Bundle')),
    ask(`Composition/${planted.id}/$document`),
    ask(`nonsense/${planted.name}/${planted.id}`),
    ask(`Patient/${planted.id}/${planted.name}/%E0%A4%A`),
    ask(`Composition/$document?id=http://127.0.0.1:9/${planted.id}`),
    fetch(`${service.url}/${planted.name}`),
  ])
  const answers = await Promise.all(asked.map((answer) => answer.text()))
  expect(answers.join()).not.toContain(SECRET)
  await expect.poll(() => service.log().match(/"request"/g)?.length ?? 0).toBeGreaterThanOrEqual(asked.length)
  const told = service.log()
  for (const secret of [...Object.values(planted), SECRET, composition.id ?? '']) expect(told).not.toContain(secret)
  const names = resources.flatMap(({ name }) => JSON.stringify(name ?? '').match(/(?<="family":")[^"]+/g) ?? [])
  expect(names.length).toBeGreaterThan(0)
  for (const name of names) expect(told).not.toContain(name)
  for (const line of told.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('time')
})

describe('the end', () => {
  it('by SIGTERM lets what was accepted finish, and is in time', async () => {
    const slow = await fhirServer([composition, ...resources], {
      before: (_, response) => {
        const end = response.end.bind(response) as (...given: readonly unknown[]) => ServerResponse
        response.end = (...given: readonly unknown[]) => {
          setTimeout(() => end(...given), 150)
          return response
        }
        return false
      },
    })
    const other = await serve({ FHIRDOC_UPSTREAM: slow.base })
    const accepted = fetch(`${other.url}/fhir/Composition/${composition.id}/$document?persist=false`)
    await expect.poll(() => slow.requests.length).toBeGreaterThan(0)
    other.child.kill('SIGTERM')
    expect((await accepted).status).toBe(200)
    expect(await other.ended).toBe(0)
    expect(other.log()).toContain('"stopped"')
    await slow.close()
  })

  it('by a second signal is at once', async () => {
    const silent = await fhirServer([], { before: () => true })
    const other = await serve({ FHIRDOC_UPSTREAM: silent.base })
    const broken = fetch(`${other.url}/fhir/Composition/c/$document`).catch(() => 'broken off')
    await expect.poll(() => silent.requests.length).toBeGreaterThan(0)
    other.child.kill('SIGTERM')
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(other.child.exitCode).toBeNull()
    other.child.kill('SIGTERM')
    expect(await other.ended).toBe(143)
    expect(await broken).toBe('broken off')
    await silent.close()
  })
})
