/** Signatures over HTTP: in a Provenance of a stored document, beside a sealed one, and in two steps with a key elsewhere. */

import { generateKeyPairSync, sign as signWith, X509Certificate } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Bundle, JsonObject, Resource } from '../../../src/fhir/types.ts'
import { composition, observation, patient, practitioner, put, section } from '../../storing.ts'
import { newKey, testAuthority } from '../../signing.ts'
import { issueText } from '../serving.ts'
import { documentService, type DocumentService } from './document-service.ts'

let sealing: DocumentService
let plain: DocumentService
beforeAll(async () => {
  ;[sealing, plain] = await Promise.all([documentService({ isSealing: true }), documentService()])
  for (const { store } of [sealing, plain]) {
    await put(store, patient, practitioner, observation('a'), composition([section('Findings', ['Observation/a'])]))
  }
})

function post({ base }: DocumentService, path: string, body?: JsonObject): Promise<Response> {
  const headers = { 'Content-Type': 'application/fhir+json' }
  return fetch(`${base}/${path}`, {
    method: 'POST',
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

async function resourceOf<T extends Resource>(answer: Response): Promise<T> {
  const text = await answer.text()
  expect(answer.status, text.slice(0, 400)).toBe(200)
  return JSON.parse(text) as T
}

async function stored(service: DocumentService): Promise<Bundle> {
  return resourceOf<Bundle>(await fetch(`${service.base}/Composition/c/$document?persist=true`))
}

const parameters = (...parameter: readonly JsonObject[]): JsonObject => ({ resourceType: 'Parameters', parameter })

function valuesOf({ parameter }: Resource): Readonly<Record<string, string>> {
  const rows = parameter as readonly JsonObject[]
  return Object.fromEntries(rows.map(({ name, ...value }) => [name, Object.values(value)[0]])) as Record<string, string>
}

function valueOf(part: readonly JsonObject[], wanted: string): string {
  const { name: _name, ...value } = part.find(({ name }) => name === wanted) ?? {}
  return Object.values(value)[0] as string
}

function outcomesOf(report: Resource): readonly string[] {
  const rows = (report['parameter'] as readonly (JsonObject & { readonly part?: readonly JsonObject[] })[]) ?? []
  const signatures = rows.filter(({ name }) => name === 'signature')
  return signatures.map(({ part = [] }) => ['where', 'indication'].map((name) => valueOf(part, name)).join(' '))
}

async function octetsOf({ base }: DocumentService, id: string | undefined): Promise<string> {
  const original = await (await fetch(`${base}/Bundle/${id}/$original`)).json()
  const headers = { 'Content-Type': 'application/fhir+json', Accept: 'application/octet-stream' }
  return (await fetch(`${base}/$octets`, { method: 'POST', headers, body: JSON.stringify(original) })).text()
}

describe('a seal of a stored document that bears one already', () => {
  it('is not put inside, which would break the first (H-6)', async () => {
    const { id } = await stored(sealing)
    const answer = await post(sealing, `Bundle/${id}/$sign?as=provenance`)
    expect([answer.status, await issueText(answer)]).toEqual([422, expect.stringContaining('in Bundle.signature')])
  })

  it('stands beside it in the store, over the same octets, and both are verified', async () => {
    const { id } = await stored(sealing)
    const before = await (await fetch(`${sealing.base}/Bundle/${id}/$original`)).text()
    const provenance = await resourceOf(await post(sealing, `Bundle/${id}/$sign?as=beside`))
    expect(provenance).toMatchObject({ resourceType: 'Provenance', target: [{ reference: `Bundle/${id}` }] })
    expect(await (await fetch(`${sealing.base}/Bundle/${id}/$original`)).text()).toBe(before)
    const report = await resourceOf(await fetch(`${sealing.base}/Bundle/${id}/$verify`))
    expect(outcomesOf(report)).toEqual(['Bundle.signature TOTAL_PASSED', `Provenance/${provenance.id} TOTAL_PASSED`])
  })
})

describe('a signature in two steps', () => {
  const key = newKey()
  const authority = testAuthority()
  const leaf = authority.issue({ key })
  const certificate = new X509Certificate(leaf).toString()

  async function prepared(id: string | undefined, as = 'provenance'): Promise<Readonly<Record<string, string>>> {
    const body = parameters({ name: 'certificate', valueString: certificate })
    return valuesOf(await resourceOf(await post(plain, `Bundle/${id}/$sign?step=prepare&as=${as}`, body)))
  }

  function embedding(handle: string | undefined, value: Uint8Array): JsonObject {
    return parameters(
      { name: 'handle', valueString: handle },
      { name: 'value', valueBase64Binary: Buffer.from(value).toString('base64') },
    )
  }

  it('makes a version of the stored document with the same identifier, timestamp and signed octets', async () => {
    const document = await stored(plain)
    const { id, identifier, timestamp } = document
    const octets = await octetsOf(plain, id)
    const { handle, input = '', alg } = await prepared(id)
    const value = signWith('sha256', Buffer.from(input, 'base64'), key)
    const answer = await post(plain, `Bundle/${id}/$sign?step=embed`, embedding(handle, value))
    expect(answer.headers.get('Location')).toBe(`${plain.base}/Bundle/${id}/_history/2`)
    expect(await resourceOf(answer)).toMatchObject({ id, identifier, timestamp })
    expect(alg).toBe('ES256')
    expect(await octetsOf(plain, id)).toBe(octets)
    const report = await resourceOf(await fetch(`${plain.base}/Bundle/${id}/$verify`))
    expect(outcomesOf(report)).toEqual([expect.stringMatching(/^Provenance\/[0-9a-f-]{36} INDETERMINATE$/)])
    expect(JSON.stringify(report)).toContain('Nothing that the signature covers was changed')
  })

  it('leaves the document the same one to $document, which gives the signed version', async () => {
    const again = await stored(plain)
    expect(again.entry?.at(-1)?.resource?.resourceType).toBe('Provenance')
  })

  it('embeds no value of another key, and none over another document', async () => {
    const { id } = await stored(plain)
    const { handle, input = '' } = await prepared(id)
    const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const wrong = signWith('sha256', Buffer.from(input, 'base64'), foreign)
    const refused = await post(plain, `Bundle/${id}/$sign?step=embed`, embedding(handle, wrong))
    expect([refused.status, await issueText(refused)]).toEqual([
      422,
      expect.stringContaining('no signature by the key'),
    ])
    const { entry = [], ...document } = await stored(plain)
    const changed = { ...document, timestamp: '2026-03-15T11:11:11Z', entry }
    const body = parameters({ name: 'content', resource: changed }, ...(embedding(handle, wrong)['parameter'] as []))
    const other = await post(plain, 'Bundle/$sign?step=embed', body)
    expect([other.status, await issueText(other)]).toEqual([409, expect.stringContaining('was changed since')])
  })

  it.each([
    ['prepare without certificate', 'step=prepare', [], /certificate is missing/],
    ['prepare with what is no certificate', 'step=prepare', [{ name: 'certificate', valueString: '%' }], /holds no certificate/],
    ['embed without handle', 'step=embed', [], /handle is missing/],
    ['embed without value', 'step=embed', [{ name: 'handle', valueString: 'e30' }], /value is missing/],
    ['embed with what is no handle', 'step=embed', [{ name: 'handle', valueString: 'e30' }, { name: 'value', valueString: 'AAAA' }], /not one that the first step gave/],
    ['no step, as the service has no key', 'as=bundle', [], /no signing key/],
  ] as const)('is refused: %s', async (_, query, rows, text) => {
    const { id } = await stored(plain)
    const answer = await post(plain, `Bundle/${id}/$sign?${query}`, parameters(...rows))
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(await issueText(answer)).toMatch(text)
  }) // prettier-ignore

  it('is never made by a GET', async () => {
    const { id } = await stored(plain)
    expect((await fetch(`${plain.base}/Bundle/${id}/$sign?as=provenance`)).status).toBe(405)
  })
})

it('$verify is a page in plain words where one is asked for, which runs nothing', async () => {
  const { id } = await stored(sealing)
  const answer = await fetch(`${sealing.base}/Bundle/${id}/$verify?_format=xhtml&lang=en`)
  const page = await answer.text()
  expect([answer.status, answer.headers.get('Content-Type')]).toEqual([200, 'application/xhtml+xml; charset=utf-8'])
  expect(page).toMatch(/Sealed, not signed, by (?!CN=)[^<]+<\/h2>/)
  expect(answer.headers.get('Content-Security-Policy')).toMatch(/default-src 'none'/)
})

it('a signature in XML is made and verified, over the octets that are given for it', async () => {
  const { signature: _signature, ...bare } = await stored(sealing)
  const signed = await resourceOf<Bundle>(await post(sealing, 'Bundle/$sign?format=xml', bare))
  expect(signed.signature).toMatchObject({ sigFormat: 'application/signature+xml' })
  const report = valuesOf(await resourceOf(await post(sealing, 'Bundle/$verify', signed)))
  expect(report['indication']).toBe('TOTAL_PASSED')
  const headers = { 'Content-Type': 'application/fhir+json', Accept: 'application/octet-stream' }
  const octets = async (path: string, body: JsonObject): Promise<string> =>
    (await fetch(`${plain.base}/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).text()
  const own = await octets('$octets', signed)
  expect(own).toMatch(/^<Bundle xmlns="http:\/\/hl7.org\/fhir"><identifier>/)
  expect(await octets('$octets?format=xml', bare)).toBe(own)
})
