/** The application: rows of routes over HTTP, and an OperationOutcome for everything else. */

import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fail } from '../../src/fhir/error.ts'
import { bytesAnswer, resourceAnswer } from '../../src/http/answer.ts'
import { createApp, type Face } from '../../src/http/app.ts'
import { gate } from '../../src/http/gate.ts'
import { FORMATS } from '../../src/http/negotiation.ts'
import { operation } from '../../src/http/operation.ts'
import { reading, type Route, type Service } from '../../src/http/route.ts'
import { oneOf } from '../../src/shape.ts'
import { issueText, serving } from './serving.ts'

const logged: { level: string; fields: Readonly<Record<string, unknown>>; text: string }[] = []
const write = (level: string) => (fields: Readonly<Record<string, unknown>>, text: string) =>
  void logged.push({ level, fields, text })
let isReady = true
let release: (() => void) | undefined

const parameters = { colour: { shape: oneOf(['red'], ['blue']), type: 'code', text: 'a colour' } } as const
const json = { formats: [FORMATS.json], parameters: {}, later: [] } as const
const shared = { ...json, part: 'content', output: [] } as const
const routes: readonly Route[] = [
  reading({ ...json, path: '/fhir/thing', isUngated: true, text: 'a thing', parameters, answer: ({ values, pretty }) => resourceAnswer({ resourceType: 'Basic', colour: values.colour }, pretty) }),
  operation({ ...shared, code: 'echo', text: 'the content', parameters, later: ['shade'], answer: ({ content, values }) => resourceAnswer({ ...content, colour: values.colour }) }),
  operation({ ...shared, code: 'page', text: 'a page', formats: [FORMATS.xhtml, FORMATS.pdf], answer: ({ wanted }) => bytesAnswer(wanted.format, wanted.contentType) }),
  operation({ ...shared, code: 'fail', text: 'a failure', answer: () => { throw fail('no-store', 'The upstream is away', { cause: new Error('secret-host refused') }) } }),
  operation({ ...shared, code: 'crash', text: 'a crash', answer: () => { throw new Error('secret detail') } }),
  operation({ ...shared, code: 'wait', text: 'waits', answer: () => new Promise((resolve) => { release = () => resolve(resourceAnswer({ resourceType: 'Basic' })) }) }),
  operation({ ...shared, code: 'absent', text: 'not there', isAvailable: () => false, answer: () => resourceAnswer({ resourceType: 'Basic' }) }),
] // prettier-ignore

const service = {
  edge: { uuid: () => '00000000-0000-4000-8000-000000000000' },
  isReady: () => isReady,
} as unknown as Service
const face: Face = {
  service,
  allowed: { hosts: ['127.0.0.1', 'localhost'], origins: ['https://app.example'] },
  maxBytes: 10_000,
  gate: gate({ concurrency: 2, timeoutMs: 700 }),
  log: { debug: write('debug'), info: write('info'), error: write('error') },
}

let base = ''
beforeAll(async () => {
  base = await serving(createApp(routes, face))
})
afterEach(() => {
  isReady = true
  logged.length = 0
})

const FHIR = { 'Content-Type': 'application/fhir+json' }
function post(path: string, body: string, headers: Record<string, string> = FHIR): Promise<Response> {
  return fetch(base + path, { method: 'POST', body, headers })
}
const patient = '{"resourceType":"Patient"}'

describe('answers', () => {
  it('a row answers, with the standing headers and a request id', async () => {
    const answer = await fetch(`${base}/fhir/thing?colour=red&_pretty=true`)
    expect(answer.status).toBe(200)
    expect(await answer.text()).toBe('{\n  "resourceType": "Basic",\n  "colour": "red"\n}')
    const headers = Object.fromEntries(answer.headers)
    expect(headers).toMatchObject({
      'content-type': 'application/fhir+json; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'x-request-id': '00000000-0000-4000-8000-000000000000',
    })
    expect(headers['x-powered-by']).toBeUndefined()
    expect(headers['access-control-allow-origin']).toBeUndefined()
  })

  it('HEAD is GET without the body', async () => {
    const answer = await fetch(`${base}/fhir/thing`, { method: 'HEAD' })
    expect([answer.status, answer.headers.get('Content-Length'), await answer.text()]).toEqual([200, '24', ''])
  })

  it('OPTIONS tells what is allowed', async () => {
    const answer = await fetch(`${base}/fhir/$echo`, { method: 'OPTIONS' })
    expect([answer.status, answer.headers.get('Allow')]).toEqual([204, 'POST, OPTIONS'])
  })

  it('a request id of the client is kept where it is a plain word', async () => {
    const kept = await fetch(`${base}/fhir/thing`, { headers: { 'X-Request-Id': 'abc-1' } })
    const replaced = await fetch(`${base}/fhir/thing`, { headers: { 'X-Request-Id': 'a b<c>' } })
    expect([kept, replaced].map(({ headers }) => headers.get('X-Request-Id'))).toEqual([
      'abc-1',
      '00000000-0000-4000-8000-000000000000',
    ])
  })

  it('options come by query or by Parameters', async () => {
    const byQuery = await post('/fhir/$echo?colour=red', patient)
    const parts = [
      { name: 'content', resource: { resourceType: 'Patient' } },
      { name: 'colour', valueCode: 'red' },
    ]
    const byBody = await post('/fhir/$echo', JSON.stringify({ resourceType: 'Parameters', parameter: parts }))
    expect(await byQuery.json()).toEqual({ resourceType: 'Patient', colour: 'red' })
    expect(await byBody.json()).toEqual({ resourceType: 'Patient', colour: 'red' })
  })

  it('a decimal keeps its text', async () => {
    const answer = await post('/fhir/$echo', '{"resourceType":"Basic","value":1.50}')
    expect(await answer.text()).toBe('{"resourceType":"Basic","value":1.50}')
  })

  it.each([
    ['application/pdf', 'application/pdf'],
    ['text/html', 'text/html; charset=utf-8'],
    ['*/*', 'application/xhtml+xml; charset=utf-8'],
  ])('Accept %s is answered as %s', async (accept, expected) => {
    const answer = await post('/fhir/$page', patient, { ...FHIR, Accept: accept })
    expect(answer.headers.get('Content-Type')).toBe(expected)
  })
})

describe('refusals are OperationOutcomes with their status', () => {
  it.each([
    ['GET', '/nothing', {}, 404, 'There is nothing at this path'],
    ['GET', '/fhir/%E0%A4%A', {}, 404, 'There is nothing at this path'],
    ['DELETE', '/fhir/thing', {}, 405, 'The method DELETE is not allowed here, allowed: GET, HEAD, OPTIONS'],
    ['GET', '/fhir/thing', { Accept: 'text/turtle' }, 406, 'The Accept header text/turtle asks for a format'],
    ['GET', '/fhir/thing?_format=ttl', {}, 406, 'The _format ttl asks for a format'],
    [
      'GET',
      '/fhir/thing',
      { Accept: 'application/fhir+json; fhirVersion=5.0' },
      406,
      'supported: application/fhir+json',
    ],
    ['GET', '/fhir/thing?colour=green', {}, 400, 'The parameter colour has the value "green", expected red'],
    ['GET', '/fhir/thing?colour=blue', {}, 501, 'The parameter colour blue is not supported yet, supported: red'],
    [
      'GET',
      '/fhir/thing?color=red',
      {},
      400,
      'The parameter color is unknown, the nearest is colour, allowed: colour, _format, _pretty',
    ],
    ['GET', '/fhir/thing?colour=red&colour=red', {}, 400, 'The parameter colour is given twice'],
    ['GET', '/fhir/thing?_pretty=perhaps', {}, 400, 'The parameter _pretty has the value "perhaps"'],
    ['GET', '/fhir/thing?__proto__=1', {}, 400, 'The parameter __proto__ is unknown'],
    ['POST', '/fhir/$echo', {}, 415, 'A Content-Type is missing, supported: application/fhir+json, application/json'],
    [
      'POST',
      '/fhir/$echo?shade=1',
      FHIR,
      501,
      'The parameter shade is not supported yet, allowed: colour, _format, _pretty',
    ],
    ['POST', '/fhir/$echo', { 'Content-Type': 'text/plain' }, 415, 'The Content-Type text/plain is not supported'],
    ['POST', '/fhir/$echo', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415, 'is not supported'],
    ['POST', '/fhir/$echo', { 'Content-Type': 'multipart/form-data; boundary=x' }, 415, 'is not supported'],
    ['POST', '/fhir/$echo', { 'Content-Type': 'application/json; charset=utf-16' }, 415, 'is not supported'],
    ['POST', '/fhir/$echo', { 'Content-Type': 'application/fhir+json; fhirVersion=4.3' }, 415, 'is not supported'],
    ['POST', '/fhir/$echo', { ...FHIR, 'Content-Encoding': 'br' }, 415, 'The Content-Encoding br is not supported'],
    ['POST', '/fhir/$absent', FHIR, 501, 'This service was started without what $absent needs'],
    ['POST', '/fhir/$fail', FHIR, 502, 'The upstream is away'],
    ['POST', '/fhir/$crash', FHIR, 500, 'The service failed'],
  ])('%s %s %j is %i', async (...[method, path, headers, status, text]) => {
    const answer = await fetch(base + path, {
      method,
      headers,
      ...(method === 'POST' && { body: Buffer.from(patient) }),
    })
    expect([answer.status, answer.headers.get('Content-Type')]).toEqual([
      status,
      'application/fhir+json; charset=utf-8',
    ])
    expect(await issueText(answer)).toContain(text)
  })

  it.each([
    ['{"resourceType":', 'line 1'],
    ['', 'line 1'],
    ['{"resourceType":"Patient","a":1,"a":2}', 'stands twice'],
    ['[]', 'The body is no FHIR resource'],
    ['{"resourceType":"Parameters"}', 'The Parameters have no part content with a resource'],
    [
      '{"resourceType":"Parameters","parameter":[{"name":"content","resource":{"resourceType":"Patient"}},{"name":"tint","valueCode":"red"}]}',
      'The parameter tint is unknown',
    ],
    ['{"resourceType":"Parameters","parameter":[{"name":"content"}]}', 'The part content has no resource'],
    ['{"resourceType":"Parameters","parameter":[7]}', 'A parameter has no name'],
  ])('the body %s is 400', async (body, text) => {
    const answer = await post('/fhir/$echo', body)
    expect(answer.status).toBe(400)
    expect(await issueText(answer)).toContain(text)
  })

  it('405 names what is allowed in the header Allow', async () => {
    expect((await fetch(`${base}/fhir/$echo`)).headers.get('Allow')).toBe('POST, OPTIONS')
  })

  it('what is no HTTP is told so too', async () => {
    const text = await raw('NONSENSE\r\n\r\n')
    expect(text).toMatch(/^HTTP\/1.1 400 Bad Request/)
    expect(text).toContain('OperationOutcome')
    expect(await raw(`GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431/)
  })
})

describe('bodies over the limit', () => {
  it('by Content-Length: refused before they are sent', async () => {
    const answer = await post('/fhir/$echo', `"${'x'.repeat(20_000)}"`)
    expect(answer.status).toBe(413)
    expect(await issueText(answer)).toBe('The body is longer than the 10000 bytes that are allowed')
  })

  it('packed: measured unpacked', async () => {
    const packed = { ...FHIR, 'Content-Encoding': 'gzip' }
    const send = (body: Uint8Array<ArrayBuffer>): Promise<Response> =>
      fetch(`${base}/fhir/$echo`, { method: 'POST', body, headers: packed })
    const answer = await send(new Uint8Array(gzipSync(patient)))
    expect([answer.status, await answer.json()]).toEqual([200, JSON.parse(patient)])
    const bomb = await send(new Uint8Array(gzipSync(Buffer.alloc(5_000_000))))
    expect([bomb.status, await issueText(bomb)]).toEqual([413, 'The body is longer than the 10000 bytes that are allowed']) // prettier-ignore
    for (const bytes of [Buffer.from(patient), gzipSync(patient).subarray(0, 20)]) {
      const broken = await send(new Uint8Array(bytes))
      expect([broken.status, await issueText(broken)]).toEqual([400, 'The body is no gzip, as its Content-Encoding says']) // prettier-ignore
    }
  })

  it('in chunks without an end: refused when the limit is passed', async () => {
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest(`${base}/fhir/$echo`, { method: 'POST', headers: FHIR })
      const feeding = setInterval(() => request.write('x'.repeat(1_000)), 2)
      request.on('response', (answer) => {
        clearInterval(feeding)
        resolve(answer.statusCode)
        request.destroy()
      })
      request.on('error', reject)
    })
    expect(status).toBe(413)
  })

  it('a body that does not come is 408, one that breaks off ends its work', async () => {
    const late = await raw(
      `POST /fhir/$echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
    )
    expect(late).toMatch(/^HTTP\/1.1 408/)
  })
})

/** What comes back for raw bytes until the first answer is there. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(base).port), '127.0.0.1', () => socket.write(bytes))
    socket.once('data', (data) => {
      resolve(String(data))
      socket.destroy()
    })
    socket.once('error', reject)
  })
}

describe('H-18: a page elsewhere cannot use the service', () => {
  it.each([
    ['Host: evil.example', 403],
    ['Host: 127.0.0.1.evil.example', 403],
    ['Host: localhost:99', 200],
    ['Host:', 400],
    ['X-Host: localhost', 400],
    ['Host: 127.0.0.1\r\nOrigin: https://evil.example', 403],
    ['Host: 127.0.0.1\r\nOrigin: null', 403],
    ['Host: 127.0.0.1:1\r\nOrigin: http://127.0.0.1:2', 403],
    ['Host: 127.0.0.1:1\r\nOrigin: http://127.0.0.1:1', 200],
    ['Host: 127.0.0.1\r\nOrigin: https://app.example', 200],
  ])('%j is %i', async (headers, status) => {
    expect(await raw(`GET /fhir/thing HTTP/1.1\r\n${headers}\r\n\r\n`)).toMatch(new RegExp(`^HTTP/1.1 ${status}`))
  })

  it('who names no host is told so', async () => {
    const answer = await raw('GET /fhir/thing HTTP/1.1\r\nConnection: close\r\n\r\n')
    expect(answer).toContain('A Host header is missing, expected a name of this service')
  })

  it('an origin of the settings gets CORS headers, also in a preflight', async () => {
    const headers = { Origin: 'https://app.example', 'Access-Control-Request-Method': 'POST' }
    const answer = await fetch(`${base}/fhir/$echo`, { method: 'OPTIONS', headers })
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
      'access-control-allow-methods': 'POST, OPTIONS',
      vary: 'Origin',
    })
  })
})

describe('load', () => {
  it('as much as the limit says is worked on at once; more is 503 with Retry-After', async () => {
    const first = post('/fhir/$wait', patient)
    const second = post('/fhir/$wait', patient)
    await expect.poll(() => release).toBeDefined()
    await new Promise((resolve) => setTimeout(resolve, 50))
    const third = await post('/fhir/$echo', patient)
    expect([third.status, third.headers.get('Retry-After')]).toEqual([503, '1'])
    expect((await fetch(`${base}/fhir/thing`)).status).toBe(200)
    release?.()
    const late = (await Promise.all([first, second])).map(({ status }) => status).sort()
    expect(late).toEqual([200, 504])
  })

  it('when it is about to stop, connections are not kept', async () => {
    isReady = false
    expect((await fetch(`${base}/fhir/thing`)).headers.get('Connection')).toBe('close')
  })
})

describe('the log', () => {
  it('has a line for each request with the row, not the address', async () => {
    await fetch(`${base}/fhir/thing?colour=red`)
    await expect.poll(() => logged).toHaveLength(1)
    expect(logged[0]).toMatchObject({
      level: 'info',
      text: 'request',
      fields: { method: 'GET', route: '/fhir/thing', status: 200 },
    })
    expect(JSON.stringify(logged)).not.toContain('colour')
  })

  it('has the cause of a failure, which the client never sees', async () => {
    const answer = await post('/fhir/$fail', patient)
    expect(await answer.text()).not.toContain('secret')
    expect(logged.find(({ level }) => level === 'error')).toMatchObject({
      fields: { issues: ['no-store'], cause: 'Error', stack: expect.any(Array) as unknown },
    })
    expect(JSON.stringify(logged)).not.toContain('refused')
  })

  it('never has the text of an issue, which may quote a document', async () => {
    await post('/fhir/$echo?colour=Jane+Doe', patient)
    await expect.poll(() => logged.filter(({ text }) => text === 'request')).toHaveLength(1)
    expect(logged.some(({ level }) => level === 'debug')).toBe(true)
    expect(JSON.stringify(logged)).not.toContain('Jane')
  })
})

it('no body, header or query makes a 5xx or a hang', async () => {
  const word = fc.string({ maxLength: 60 }).map((value) => value.replace(/[^\x20-\x7e]/g, '').trim())
  const parameters = fc.json().map((value) => `{"resourceType":"Parameters","parameter":${value}}`)
  const request = fc.record({
    path: fc.constantFrom('/fhir/$echo', '/fhir/$page', '/fhir/thing'),
    query: fc.webQueryParameters(),
    accept: fc.oneof(fc.constant('*/*'), word),
    type: fc.oneof({ weight: 3, arbitrary: fc.constant('application/json') }, word),
    body: fc.oneof(fc.string({ unit: 'binary', maxLength: 500 }), fc.json({ maxDepth: 4 }), parameters),
  })
  await fc.assert(
    fc.asyncProperty(request, async ({ path, query, accept, type, body }) => {
      const headers = { Accept: accept, 'Content-Type': type }
      const how = path.includes('$') ? { method: 'POST', headers, body } : { headers }
      const answer = await fetch(`${base}${path}?${query}`, how)
      expect(answer.status).toBeLessThan(500)
      await answer.arrayBuffer()
    }),
    { numRuns: 300 },
  )
})
