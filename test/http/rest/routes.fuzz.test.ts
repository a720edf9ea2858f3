/** Nothing that is sent to the RESTful API makes it fail or hang. */

import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { failuresSeen, restService } from './rest-service.ts'

let base = ''
beforeAll(async () => {
  base = await restService()
})

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 400)
const word = fc.string({ maxLength: 30 }).map((value) => value.replace(/[^\x20-\x7e]/g, '').trim())
const type = fc.constantFrom('Patient', 'Observation', 'Bundle', 'Binary', 'Composition', 'Parameters', 'Nonsense')
const id = fc.oneof(fc.constantFrom('p1', 'a.b-c', '_search', '_history', '$x', '%00', '..', '1'.repeat(65)), word)
const segment = fc.oneof({ weight: 3, arbitrary: type }, { weight: 3, arbitrary: id }, word)
const path = fc.oneof(
  { weight: 4, arbitrary: type },
  { weight: 4, arbitrary: fc.tuple(type, id).map((parts) => parts.join('/')) },
  fc
    .tuple(type, id, fc.constantFrom('_history', '_history/1', '_history/x', '_history/99999999999999999999'))
    .map((parts) => parts.join('/')),
  fc.constant(''),
  fc.array(segment, { maxLength: 6 }).map((parts) => parts.join('/')),
)
const name = fc.oneof(
  fc.constantFrom(
    '_id',
    'identifier',
    'name',
    'gender',
    '_count',
    '_sort',
    '_include',
    '_revinclude',
    '_has:Observation:patient:code',
    '_summary',
    '_elements',
    '_page',
    '_format',
    '_pretty',
    '_since',
    '_at',
    'birthdate',
    'subject',
    '_lastUpdated',
    'composition.patient.identifier',
  ),
  word,
)
const value = fc.oneof(
  fc.constantFrom('1', '-1', '0', 'x|y', '|', 'a,b', 'ge2020', 'json', 'true', '2026-03-01', '%', "'", '\\', '*'),
  word,
  fc.string({ unit: 'binary', maxLength: 20 }),
)
const query = fc
  .array(fc.tuple(name, value), { maxLength: 4 })
  .map((pairs) =>
    new URLSearchParams(pairs.map(([key, text]) => [key, text.toWellFormed()] as [string, string])).toString(),
  )
const headers = fc.record(
  {
    Accept: fc.oneof(fc.constantFrom('application/fhir+json', '*/*', 'image/png'), word),
    'Content-Type': fc.oneof(
      {
        weight: 5,
        arbitrary: fc.constantFrom(
          'application/fhir+json',
          'application/json',
          'application/json-patch+json',
          'application/x-www-form-urlencoded',
          'text/plain',
        ),
      },
      word,
    ),
    'If-Match': fc.oneof(fc.constantFrom('W/"1"', '"1"', '*', 'W/1', ''), word),
    'If-None-Match': fc.oneof(fc.constantFrom('W/"1"', '*'), word),
    'If-Modified-Since': fc.oneof(fc.constantFrom('Sat, 29 Oct 2026 19:43:31 GMT'), word),
    'If-None-Exist': fc.oneof(fc.constantFrom('identifier=urn:a|1', '?', '_count=1'), word),
    Prefer: fc.oneof(fc.constantFrom('return=minimal', 'return=OperationOutcome', 'handling=lenient'), word),
    'X-Security-Context': word,
  },
  { requiredKeys: ['Content-Type'] },
)
const odd = fc.anything({ maxDepth: 3 }).map((any) => (any === undefined ? null : any))
const resource = fc
  .tuple(
    type,
    fc.dictionary(
      fc.constantFrom(
        'id',
        'meta',
        'text',
        'name',
        'identifier',
        'type',
        'entry',
        'contained',
        'status',
        'code',
        'subject',
        'data',
        'contentType',
        'extension',
        'value',
      ),
      odd,
      { maxKeys: 5 },
    ),
  )
  .map(([resourceType, members]) => ({ resourceType, ...members }))
const entry = fc.record(
  {
    fullUrl: fc.oneof(fc.constantFrom('urn:uuid:1', 'urn:uuid:2', 'http://x/Patient/1'), odd),
    resource: fc.oneof(resource, odd),
    request: fc.oneof(
      fc.record(
        {
          method: fc.oneof(fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD'), odd),
          url: fc.oneof(
            fc.tuple(path, query).map(([one, other]) => `${one}?${other}`),
            path,
            odd,
          ),
          ifNoneExist: fc.oneof(fc.constant('identifier=urn:a|1'), odd),
          ifMatch: odd,
        },
        { requiredKeys: ['method', 'url'] },
      ),
      odd,
    ),
  },
  { requiredKeys: [] },
)
const bundle = fc.record({
  resourceType: fc.constant('Bundle'),
  type: fc.oneof({ weight: 5, arbitrary: fc.constantFrom('transaction', 'batch', 'document') }, odd),
  entry: fc.oneof({ weight: 5, arbitrary: fc.array(entry, { maxLength: 5 }) }, odd),
  identifier: fc.oneof(fc.constant({ system: 'urn:a', value: '1' }), odd),
})
const operation = fc.record(
  {
    op: fc.oneof(fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'), odd),
    path: fc.oneof(
      fc.constantFrom(
        '/gender',
        '/name',
        '/name/0',
        '/name/-',
        '/name/99',
        '',
        '/__proto__/x',
        '/constructor/prototype/x',
        '/text',
      ),
      odd,
    ),
    from: fc.oneof(fc.constantFrom('/name', '/name/0', ''), odd),
    value: odd,
  },
  { requiredKeys: [] },
)
const json = fc
  .oneof(resource, bundle, fc.array(operation, { maxLength: 4 }), odd)
  .map((any) => JSON.stringify(any) ?? 'null')
const body = fc.oneof({ weight: 6, arbitrary: json }, fc.string({ unit: 'binary', maxLength: 200 }), query)
const method = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS')

it('no method, path, query, header or body makes a 5xx or a hang', async () => {
  await fetch(`${base}/Patient/p1`, { method: 'PUT', headers: { 'Content-Type': 'application/fhir+json' }, body: '{"resourceType":"Patient","id":"p1","name":[{"family":"Quill"}]}' }) // prettier-ignore
  await fc.assert(
    fc.asyncProperty(fc.record({ method, path, query, headers, body }), async (sent) => {
      const url = `${base}${sent.path === '' ? '' : `/${sent.path.split('/').map(encodeURI).join('/')}`}?${sent.query}`
      const hasBody = sent.method !== 'GET' && sent.method !== 'HEAD'
      const before = failuresSeen().length
      const answer = await fetch(url, {
        method: sent.method,
        headers: sent.headers,
        signal: AbortSignal.timeout(5_000),
        ...(hasBody && { body: sent.body }),
      })
      const text = await answer.text()
      expect([text.slice(0, 300), failuresSeen().slice(before), answer.status === 501 || answer.status < 500]).toEqual([
        text.slice(0, 300),
        [],
        true,
      ])
      if (answer.status >= 400 && sent.method !== 'HEAD')
        expect(JSON.parse(text)).toMatchObject({ resourceType: 'OperationOutcome' })
    }),
    { numRuns: RUNS },
  )
})
