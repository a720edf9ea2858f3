/** A terminology server is asked once for each question, and only for codes; without an answer a code stays unjudged. */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { check, compileChecks } from '../../src/check/check.ts'
import { loadDefinitions } from '../../src/edge/packages.ts'
import { terminologyServer } from '../../src/edge/terminology.ts'
import type { Bundle } from '../../src/fhir/types.ts'
import { inspect } from '../../src/pipeline.ts'
import type { TerminologyServer } from '../../src/ports.ts'
import { base as document, patched } from '../check/fixtures.ts'
import { openDesign, stillEdge } from '../design.ts'

interface Asked {
  readonly path: string
  readonly parameter: readonly { readonly name: string }[]
}

let server: Server
let url = ''
let asked: Asked[] = []
let reply: (asked: Asked) => { readonly status?: number; readonly parameter?: readonly object[] } = () => ({})

beforeEach(async () => {
  asked = []
  server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const { parameter } = JSON.parse(body.toString()) as Asked
      const one = { path: request.url ?? '', parameter }
      asked.push(one)
      const { status = 200, parameter: answer = [] } = reply(one)
      response.writeHead(status, { 'Content-Type': 'application/fhir+json' })
      response.end(JSON.stringify({ resourceType: 'Parameters', parameter: answer }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const open = (): TerminologyServer => terminologyServer({ url, attempts: 1, timeoutMs: 500 })
const result = (value: boolean): { readonly parameter: readonly object[] } => ({
  parameter: [{ name: 'result', valueBoolean: value }],
})
const snomed = { system: 'http://snomed.info/sct', code: '38341003' }

describe('a terminology server', () => {
  it('says whether one of the codings is of a value set', async () => {
    reply = ({ parameter }) => result(JSON.stringify(parameter).includes('38341003'))
    const questions = [
      { valueSet: 'urn:v|2', codings: [snomed] },
      { valueSet: 'urn:v', codings: [{ ...snomed, code: '1', display: 'A name' }] },
    ]
    expect(await open().judge(questions)).toEqual(['in', 'out'])
    expect(asked.map(({ path }) => path)).toEqual(['/fhir/ValueSet/$validate-code', '/fhir/ValueSet/$validate-code'])
    expect(asked.find(({ parameter }) => JSON.stringify(parameter).includes('38341003'))?.parameter).toEqual([
      { name: 'url', valueUri: 'urn:v' },
      { name: 'valueSetVersion', valueString: '2' },
      { name: 'codeableConcept', valueCodeableConcept: { coding: [snomed] } },
    ])
    // a display may be anybody's words
    expect(JSON.stringify(asked)).not.toContain('A name')
  })

  it('says whether a code is one of its system, and finds the system of a bare code', async () => {
    reply = () => result(true)
    expect(await open().judge([{ codings: [snomed] }, { valueSet: 'urn:v', codings: [{ code: 'a' }] }])).toEqual(['in', 'in']) // prettier-ignore
    expect(asked.map(({ path }) => path).sort()).toEqual(['/fhir/CodeSystem/$validate-code', '/fhir/ValueSet/$validate-code']) // prettier-ignore
    expect(JSON.stringify(asked)).toContain('inferSystem')
  })

  it('is asked once for what it has answered, and again for what it has not', async () => {
    const terminology = open()
    reply = () => ({ status: 500 })
    expect(await terminology.judge([{ codings: [snomed] }])).toEqual(['unknown'])
    reply = () => result(true)
    expect(await terminology.judge([{ codings: [snomed] }, { codings: [snomed] }])).toEqual(['in', 'in'])
    expect(await terminology.judge([{ codings: [{ ...snomed, display: 'Other words' }] }])).toEqual(['in'])
    expect(asked.length).toBe(2)
  })

  it.each([
    ['a value set that it does not know', { status: 404 }],
    ['no result', { parameter: [] }],
    ['a system that it does not have', { parameter: [{ name: 'result', valueBoolean: false }, { name: 'x-unknown-system', valueCanonical: 'http://snomed.info/sct' }] }],
  ])('cannot say with %s', async (_, answer) => {
    reply = () => answer
    expect(await open().judge([{ codings: [snomed] }])).toEqual(['unknown'])
  }) // prettier-ignore

  it('that is not there leaves everything open, and its failure is told', async () => {
    const failures: unknown[] = []
    const gone = terminologyServer({
      url: 'http://127.0.0.1:9/fhir',
      attempts: 1,
      onFailure: (cause) => failures.push(cause),
    })
    expect(await gone.judge([{ codings: [snomed] }])).toEqual(['unknown'])
    expect(failures.length).toBe(1)
  })
})

describe('a document whose codes are of systems that are not at hand', async () => {
  const design = await openDesign()
  const checks = compileChecks(await loadDefinitions())
  const coding = { system: 'http://snomed.info/sct', code: '0' }
  const bundle = patched(document, [
    { op: 'add', path: '/entry/5/resource/bodySite', value: [{ coding: [coding] }] },
  ]) as unknown as Bundle

  it('is judged by the server, where there is one', async () => {
    reply = ({ parameter }) => result(!JSON.stringify(parameter).includes('"valueCode":"0"'))
    const issues = await inspect(bundle, design, { ...stillEdge(), terminology: open() })
    expect(issues.map(({ rule, expression }) => [rule, expression])).toEqual([
      ['code-known', 'Bundle.entry[5].resource.bodySite[0].coding[0].code'],
    ])
    expect(check(bundle, checks)).toEqual([])
  })

  it('is told to be unjudged where the server does not answer', async () => {
    reply = () => ({ status: 500 })
    const issues = await inspect(bundle, design, { ...stillEdge(), terminology: open() })
    expect(new Set(issues.map(({ severity }) => severity))).toEqual(new Set(['information']))
    expect(issues.map(({ text }) => text)).toContainEqual(
      expect.stringContaining('the terminology server could not say'),
    )
  })
})
