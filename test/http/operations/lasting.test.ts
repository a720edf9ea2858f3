/** Signatures above level B over HTTP, and signatures of PDFs: sealed, made to last, and made elsewhere. */

import { sign as signWith, X509Certificate } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Bundle, JsonObject, Resource } from '../../../src/fhir/types.ts'
import { testTsa } from '../../stamping.ts'
import { jsonPart } from '../../part-signing.ts'
import { newKey, testAuthority, testKey } from '../../signing.ts'
import { composition, observation, patient, practitioner, put, section } from '../../storing.ts'
import { smallPdf } from '../../sign/pdf/document.ts'
import { issueText } from '../serving.ts'
import { documentService, type DocumentService } from './document-service.ts'

const period = { from: '2020-01-01T00:00:00Z', until: '2060-01-01T00:00:00Z' }
const root = testAuthority('Root', period)
const tsa = testTsa(root, '2026-03-15T10:00:00Z', period)
const crls = [root.list({ thisUpdate: '2026-03-15T00:00:00Z', nextUpdate: '2026-03-16T00:00:00Z' })]

let lasting: DocumentService
let plain: DocumentService
let letter: Bundle
beforeAll(async () => {
  const unsealing = await documentService()
  ;[lasting, plain] = await Promise.all([
    documentService({ isSealing: true, lasting: { stamper: tsa.stamper, trust: [root.anchor], crls } }),
    documentService({ isSealing: true }),
  ])
  const { store, base } = unsealing
  await put(store, patient, practitioner, observation('a'), composition([section('Findings', ['Observation/a'])]))
  letter = await resourceOf<Bundle>(await fetch(`${base}/Composition/c/$document?persist=false`))
})

const PDF = smallPdf(Buffer.from('{}'))

function post(
  service: DocumentService,
  path: string,
  body: JsonObject | Uint8Array,
  accept = '*/*',
): Promise<Response> {
  const isPdf = body instanceof Uint8Array
  const headers = { 'Content-Type': isPdf ? 'application/pdf' : 'application/fhir+json', Accept: accept }
  return fetch(`${service.base}/${path}`, {
    method: 'POST',
    headers,
    body: isPdf ? Buffer.from(body) : JSON.stringify(body),
  })
}

async function resourceOf<T extends Resource>(answer: Response): Promise<T> {
  const text = await answer.text()
  expect(answer.status, text.slice(0, 400)).toBe(200)
  return JSON.parse(text) as T
}

const parameters = (...parameter: readonly JsonObject[]): JsonObject => ({ resourceType: 'Parameters', parameter })

interface Part {
  readonly name: string
  readonly resource?: JsonObject
  readonly part?: readonly Part[]
}

function partsOf(resource: Resource): readonly Part[] {
  return (resource['parameter'] ?? []) as unknown as readonly Part[]
}

function valueIn(parts: readonly Part[], wanted: string): unknown {
  const found = parts.find(({ name }) => name === wanted) ?? { name: wanted }
  const { name: _name, resource, ...value } = found
  return resource ?? Object.values(value)[0]
}

async function levelsOf(report: Response): Promise<readonly string[]> {
  const parts = partsOf(await resourceOf(report))
  const signatures = parts.filter(({ name }) => name === 'signature').flatMap(({ part = [] }) => [part])
  return signatures.map((part) => ['where', 'level', 'indication'].map((name) => valueIn(part, name)).join(' '))
}

describe('a seal above level B', () => {
  it.each(['T', 'LT', 'LTA'])('of level %s is the document with its sidecar, and both verify', async (level) => {
    const made = partsOf(await resourceOf(await post(lasting, `Bundle/$sign?level=${level}`, letter)))
    const [content, sidecar] = [valueIn(made, 'return'), valueIn(made, 'sidecar')] as [JsonObject, JsonObject]
    expect(sidecar).toMatchObject({ resourceType: 'Binary', contentType: 'application/jose+json' })
    const both = parameters({ name: 'content', resource: content }, { name: 'sidecar', resource: sidecar })
    expect(await levelsOf(await post(lasting, 'Bundle/$verify', both))).toEqual([
      `Bundle.signature B-${level} TOTAL_PASSED`,
    ])
  })

  it('is made of a document that is signed already, step by step', async () => {
    const signed = await resourceOf<Bundle>(await post(lasting, 'Bundle/$sign', letter))
    const first = partsOf(await resourceOf(await post(lasting, 'Bundle/$sign?level=T', signed)))
    expect(valueIn(first, 'return')).toEqual(signed)
    const { data } = valueIn(first, 'sidecar') as { readonly data: string }
    const on = parameters(
      { name: 'content', resource: signed },
      { name: 'sidecar', valueBase64Binary: data },
      { name: 'level', valueCode: 'LTA' },
    )
    const second = partsOf(await resourceOf(await post(lasting, 'Bundle/$sign', on)))
    const both = parameters(
      { name: 'content', resource: signed },
      { name: 'sidecar', resource: valueIn(second, 'sidecar') as JsonObject },
    )
    expect(await levelsOf(await post(lasting, 'Bundle/$verify', both))).toEqual(['Bundle.signature B-LTA TOTAL_PASSED'])
  })

  it('in XML bears its time-stamp itself', async () => {
    const signed = await resourceOf<Bundle>(await post(lasting, 'Bundle/$sign?level=T&format=xml', letter))
    expect(await levelsOf(await post(lasting, 'Bundle/$verify', signed))).toEqual(['Bundle.signature B-T TOTAL_PASSED'])
    const answer = await post(lasting, 'Bundle/$sign?level=LT&format=xml', letter)
    expect([answer.status, await issueText(answer)]).toEqual([501, expect.stringContaining('supported: B, T')])
  })

  it.each([
    ['without an authority', () => plain, 'level=T', 'no time-stamping authority'],
    ['in a Provenance', () => lasting, 'level=T&as=beside', 'not for one in a Provenance'],
  ])('%s is not supported, and nothing is signed', async (_, service, query, text) => {
    const answer = await post(service(), `Bundle/$sign?${query.toString()}`, letter)
    expect([answer.status, await issueText(answer)]).toEqual([501, expect.stringContaining(text)])
  })
})

async function bytesOf(answer: Response): Promise<Buffer> {
  const bytes = Buffer.from(await answer.arrayBuffer())
  expect([answer.status, answer.headers.get('Content-Type')], bytes.toString().slice(0, 300)).toEqual([
    200,
    'application/pdf',
  ])
  return bytes
}

describe('a PDF', () => {
  it.each(['B', 'T', 'LT', 'LTA'])('is sealed at level %s and verifies', async (level) => {
    const sealed = await bytesOf(await post(lasting, `Bundle/$sign?level=${level}`, PDF))
    expect(await levelsOf(await post(lasting, 'Bundle/$verify', sealed))).toEqual([`pdf B-${level} TOTAL_PASSED`])
  })

  it('that is sealed already gets the level asked for', async () => {
    const sealed = await bytesOf(await post(lasting, 'Bundle/$sign', PDF))
    const later = await bytesOf(await post(lasting, 'Bundle/$sign?level=LTA', sealed))
    expect(later.subarray(0, PDF.byteLength)).toEqual(Buffer.from(PDF))
    expect(await levelsOf(await post(lasting, 'Bundle/$verify', later))).toEqual(['pdf B-LTA TOTAL_PASSED'])
  })

  it('may come in a Binary, and goes back in one where FHIR is wanted', async () => {
    const content = {
      resourceType: 'Binary',
      contentType: 'application/pdf',
      data: Buffer.from(PDF).toString('base64'),
    }
    const answer = await post(lasting, 'Bundle/$sign', parameters({ name: 'content', resource: content }), 'application/fhir+json') // prettier-ignore
    const sealed = await resourceOf(answer)
    const verified = await post(lasting, 'Bundle/$verify', parameters({ name: 'content', resource: sealed }))
    expect(await levelsOf(verified)).toEqual(['pdf B-B TOTAL_PASSED'])
  })

  it('is signed by a key elsewhere in two steps', async () => {
    const key = newKey()
    const certificate = new X509Certificate(root.issue({ ...period, key }))
    const query = new URLSearchParams({ step: 'prepare', certificate: certificate.toString() })
    const steps = partsOf(await resourceOf(await post(lasting, `Bundle/$sign?${query.toString()}`, PDF)))
    const input = Buffer.from(valueIn(steps, 'input') as string, 'base64')
    const value = signWith('sha256', input, key).toString('base64')
    const content = {
      resourceType: 'Binary',
      contentType: 'application/pdf',
      data: Buffer.from(PDF).toString('base64'),
    }
    const embedding = parameters(
      { name: 'content', resource: content },
      { name: 'step', valueCode: 'embed' },
      { name: 'handle', valueString: valueIn(steps, 'handle') as string },
      { name: 'value', valueString: value },
    )
    const signed = await bytesOf(await post(lasting, 'Bundle/$sign?level=T', embedding))
    expect(await levelsOf(await post(lasting, 'Bundle/$verify', signed))).toEqual(['pdf B-T TOTAL_PASSED'])
  })

  it('takes nothing that is of no use for it', async () => {
    const answer = await post(lasting, 'Bundle/$sign?as=beside', PDF)
    expect([answer.status, await issueText(answer)]).toEqual([400, 'The parameter as is of no use for a PDF'])
  })
})

describe('a Provenance over single resources beside a document', () => {
  it('is judged as what it is, given as it is or in a Binary', async () => {
    const named = letter.entry?.find(({ resource }) => resource?.resourceType === 'Observation')
    const target = named?.fullUrl ?? expect.fail()
    const key = await testKey('p256')
    const provenance = await jsonPart(letter, { key, targets: [target], signed: [named?.resource as never] })
    const data = Buffer.from(JSON.stringify(provenance)).toString('base64')
    for (const resource of [provenance, { resourceType: 'Binary', contentType: 'application/fhir+json', data }]) {
      const body = parameters({ name: 'content', resource: letter }, { name: 'sidecar', resource })
      const report = partsOf(await resourceOf(await post(plain, 'Bundle/$verify', body)))
      const { part = [] } = report.find(({ name }) => name === 'signature') ?? {}
      expect(valueIn(part, 'where')).toBe('Provenance/part')
      expect(valueIn(part, 'covers')).toMatch(/^Bundle\.entry\[\d+\]\.resource$/)
      expect(valueIn(report, 'indication')).toBe('INDETERMINATE')
    }
  })
})

describe('the sidecar of a stored document', () => {
  const at = async (path: string): Promise<Response> => fetch(`${lasting.base}/${path}`)
  const levelOf = async (id: string): Promise<unknown> => {
    const report = partsOf(await resourceOf(await at(`Bundle/${id}/$verify`)))
    expect(report.filter(({ name }) => name === 'signature')).toHaveLength(1)
    return valueIn(report.find(({ name }) => name === 'signature')?.part ?? [], 'level')
  }

  it('is stored with it, found by its verification, carried on, and leaves its octets as they are', async () => {
    const { store } = lasting
    await put(store, patient, practitioner, observation('a'), composition([section('Findings', ['Observation/a'])]))
    const { id = '' } = await resourceOf<Bundle>(await at('Composition/c/$document?persist=true'))
    const before = await at(`Bundle/${id}/$original`)
    const octets = await before.text()
    expect(before.headers.get('Link')).toBeNull()
    expect(await levelOf(id)).toBe('B-B')
    for (const level of ['T', 'LTA'] as const) {
      const sign = await fetch(`${lasting.base}/Bundle/${id}/$sign?level=${level}`, { method: 'POST' })
      const sidecar = valueIn(partsOf(await resourceOf(sign)), 'sidecar') as { readonly data: string }
      expect(await levelOf(id)).toBe(`B-${level}`)
      const after = await at(`Bundle/${id}/$original`)
      expect([await after.text(), after.headers.get('ETag')]).toEqual([octets, before.headers.get('ETag')])
      const [, address = ''] = /<([^>]*\/Binary\/[^>]*)>; rel="describedby"/.exec(after.headers.get('Link') ?? '') ?? []
      const stored = await fetch(address, { headers: { Accept: 'application/jose+json' } })
      expect(Buffer.from(await stored.arrayBuffer()).toString('base64')).toBe(sidecar.data)
    }
    const { total } = await resourceOf<Bundle>(await at(`Provenance?target=Bundle/${id}`))
    expect(total).toBe(1)
  })
})
