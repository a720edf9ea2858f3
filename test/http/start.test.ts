/** The service with the real stages: every operation over a socket, and nothing that makes it fail. */

import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { extract } from '../../src/archive.ts'
import { demoSigner } from '../../src/edge/keys/demo.ts'
import { bundleSource } from '../../src/edge/store/bundle.ts'
import { openStore } from '../../src/edge/store/open-store.ts'
import { openSearch } from '../../src/edge/store/search/open-search.ts'
import { storeSource } from '../../src/edge/store/store-source.ts'
import type { Log } from '../../src/http/app.ts'
import { startService, type Running, type Start } from '../../src/http/start.ts'
import { designOf } from '../../src/main/design.ts'
import { readSettings } from '../../src/settings.ts'
import { printedPdf } from '../render/pdf/printed.ts'
import { issueText } from './serving.ts'

/** The text of the document in a PDF. */
function carried(pdf: Uint8Array | undefined): string {
  return Buffer.from(extract(pdf ?? new Uint8Array()).bytes).toString('utf8')
}

const fixture = new URL('../../fixtures/documents/discharge/', import.meta.url)
const parse = (url: URL): object => JSON.parse(readFileSync(url, 'utf8')) as object
const composition = parse(new URL('composition.json', fixture))
const resources = readdirSync(new URL('resources/', fixture)).map((name) =>
  parse(new URL(`resources/${name}`, fixture)),
)
const collection = {
  resourceType: 'Bundle',
  type: 'collection',
  entry: [composition, ...resources].map((resource) => ({ resource })),
}

const silence: Log = { debug: () => undefined, info: () => undefined, error: () => undefined }
const now = '2026-03-15T10:00:00Z'
const signer = demoSigner({ now })
const started: Running[] = []

async function start(env: Record<string, string> = {}, seal?: Start['service']['seal']): Promise<string> {
  const settings = readSettings({ FHIRDOC_PORT: '0', ...env })
  const design = await designOf(settings)
  const search = await openSearch(design.collect, { now: () => now })
  const service: Start['service'] = {
    design,
    edge: {
      now: () => now,
      uuid: () => crypto.randomUUID(),
      printer: { print: () => Promise.resolve(printedPdf()), close: () => Promise.resolve() },
      observe: (_, work) => work(),
    },
    store: await openStore('sqlite::memory:', search),
    storeSource,
    searchParameters: search.parameters,
    sourceOf: (bundle) => bundleSource('request', bundle),
    trust: { trust: signer.trust, crls: signer.crls },
    version: '1.2.3',
    startedAt: now,
    ...(seal !== undefined && { seal }),
  }
  const running = await startService({ settings, service, log: silence })
  started.push(running)
  return running.url
}

let base = ''
beforeAll(async () => {
  base = await start({}, { key: signer.key, seal: true })
})
afterAll(() => Promise.all(started.map(({ stop }) => stop())))

const FHIR = { 'Content-Type': 'application/fhir+json' }
function post(path: string, body: object | string, headers: Record<string, string> = {}): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return fetch(`${base}/fhir/${path}`, { method: 'POST', headers: { ...FHIR, ...headers }, body: text })
}

interface Parameter {
  readonly name: string
  readonly valueCode?: string
  readonly resource?: { readonly resourceType: string; readonly data?: string }
  readonly part?: readonly Parameter[]
}
interface Answered {
  readonly resourceType: string
  readonly type?: string
  readonly entry?: readonly unknown[]
  readonly parameter: readonly Parameter[]
  readonly signature?: { readonly type: readonly { readonly code: string }[] }
}
const read = async (answer: Response): Promise<Answered> => (await answer.json()) as Answered

describe('$compose', () => {
  it('a collection becomes a document', async () => {
    const answer = await post('$compose', collection)
    expect(answer.status).toBe(200)
    expect(await read(answer)).toMatchObject({ resourceType: 'Bundle', type: 'document' })
  })

  it('with receipt=true it is Parameters with return and receipt', async () => {
    const answer = await read(await post('$compose?receipt=true', collection))
    expect(answer.parameter.map(({ name, resource }) => [name, resource?.resourceType])).toEqual([
      ['return', 'Bundle'],
      ['receipt', 'Binary'],
    ])
    const receipt = JSON.parse(Buffer.from(answer.parameter[1]?.resource?.data ?? '', 'base64').toString()) as object
    expect(receipt).toHaveProperty('references')
  })

  it('options come in Parameters too, and the Composition by its name', async () => {
    const { id } = composition as { id: string }
    const another = { ...composition, id: 'another' }
    const content = { ...collection, entry: [...collection.entry, { resource: another }] }
    const unnamed = await post('$compose', content)
    expect([unnamed.status, await issueText(unnamed)]).toEqual([400, expect.stringContaining('Several Compositions')])
    const parameter = [{ name: 'content', resource: content }, { name: 'composition', valueString: `Composition/${id}` }] // prettier-ignore
    expect((await post('$compose', { resourceType: 'Parameters', parameter })).status).toBe(200)
  })

  it('what is missing is 422, every reference named', async () => {
    const answer = await post('$compose', { ...collection, entry: collection.entry.slice(0, 1) })
    const { issue } = (await answer.json()) as { issue: { code: string; severity: string }[] }
    expect(answer.status).toBe(422)
    const errors = issue.filter(({ code, severity }) => code === 'incomplete' && severity === 'error')
    expect(errors.length).toBeGreaterThan(10)
    expect(answer.headers.get('X-Issues')).toBe(String(issue.filter(({ severity }) => severity === 'error').length))
  })

  it.each([
    ['no Composition', { resourceType: 'Bundle', type: 'collection' }, 422, 'The Bundle has no Composition'],
    ['another resource', { resourceType: 'Patient' }, 400, 'The input is a Patient, expected a Bundle'],
    ['a resource with a vowel', { resourceType: 'Observation' }, 400, 'The input is an Observation, expected a Bundle'],
    ['no list', { resourceType: 'Bundle', entry: [null] }, 400, 'Bundle.entry is no list of objects'],
  ])('%s is refused', async (_, body, status, text) => {
    const answer = await post('$compose', body)
    expect([answer.status, await issueText(answer)]).toEqual([status, expect.stringContaining(text)])
  })

  it('includes what a graph of the Bundle says, in place of all that is referred to', async () => {
    const graph = { resourceType: 'GraphDefinition', url: 'https://graphs.example/g', name: 'G', status: 'active', start: 'Composition' } // prettier-ignore
    const body = { ...collection, entry: [...collection.entry, { resource: graph }] }
    const wide = await read(await post('$compose', body))
    const narrow = await read(await post('$compose?graph=https://graphs.example/g', body))
    expect([narrow.type, (narrow.entry ?? []).length < (wide.entry ?? []).length]).toEqual(['document', true])
  })

  it.each([
    ['$compose?fullUrl=rest', 400, 'needs a base and none is known'],
    ['$compose?composition=%ff', 400, 'The query is no text in UTF-8'],
    ['$compose?composition=50%', 400, 'The query is no text in UTF-8'],
    ['$compose?composition=Composition/x', 404, 'no Composition with the name given'],
    ['$compose?persist=true', 501, 'The parameter persist is not supported yet'],
    ['$compose?graph=x', 400, 'The graph x is not in the Bundle'],
    ['$compose?lang=tlh&_format=xhtml', 501, 'no phrases in the language tlh'],
    ['$compose?receipt=true&_format=pdf', 406, 'The receipt comes as JSON'],
  ])('%s is %i', async (path, status, text) => {
    const answer = await post(path, collection)
    expect([answer.status, await issueText(answer)]).toEqual([status, expect.stringContaining(text)])
  })

  it('Accept application/pdf or XHTML gives the page', async () => {
    const [pdf, page] = await Promise.all(
      ['application/pdf', 'application/xhtml+xml'].map((Accept) => post('$compose', collection, { Accept })),
    )
    expect([pdf?.headers.get('Content-Type'), carried(await pdf?.bytes())]).toEqual([
      'application/pdf',
      expect.stringContaining('"type":"document"'),
    ])
    expect([page?.headers.get('Content-Type'), await page?.text()]).toEqual([
      'application/xhtml+xml; charset=utf-8',
      expect.stringContaining('<html'),
    ])
  })
})

describe('the other operations', () => {
  let document = ''
  let signed = ''
  beforeAll(async () => {
    document = await (await post('$compose', collection)).text()
    signed = await (await post('Bundle/$sign', document)).text()
  })

  it('$validate is 200 with an OperationOutcome whatever the verdict', async () => {
    const good = await post('Bundle/$validate', document)
    const bad = await post('Bundle/$validate', { resourceType: 'Bundle', type: 'document' })
    expect([good.status, good.headers.get('X-Issues'), (await read(good)).resourceType]).toEqual([
      200,
      null,
      'OperationOutcome',
    ])
    expect([bad.status, Number(bad.headers.get('X-Issues')) > 0, (await read(bad)).resourceType]).toEqual([
      200,
      true,
      'OperationOutcome',
    ])
    const inParameters = {
      resourceType: 'Parameters',
      parameter: [{ name: 'resource', resource: JSON.parse(document) as object }],
    }
    expect((await post('Bundle/$validate', inParameters)).status).toBe(200)
  })

  it('$sign gives the document with a seal, never a signature of a person', () => {
    const { signature } = JSON.parse(signed) as Answered
    expect(signature?.type[0]?.code).toBe('1.2.840.10065.1.12.1.5')
  })

  it('$sign refuses a document with blocking errors, and one that is signed', async () => {
    const bad = await post('Bundle/$sign', { resourceType: 'Bundle', type: 'document' })
    const twice = await post('Bundle/$sign', signed)
    expect([bad.status, twice.status]).toEqual([422, 422])
  })

  it('$sign without a key is 501 but for its steps, which metadata names', async () => {
    const keyless = await start()
    const answer = await fetch(`${keyless}/fhir/Bundle/$sign`, { method: 'POST', headers: FHIR, body: document })
    expect([answer.status, await issueText(answer)]).toEqual([
      501,
      'This service has no signing key, expected the steps prepare and embed',
    ])
    expect(await (await fetch(`${keyless}/fhir/metadata`)).text()).toContain('Bundle-sign')
  })

  it('$verify answers with the report as Parameters', async () => {
    const report = await read(await post('Bundle/$verify', signed))
    expect(report.parameter[0]).toEqual({ name: 'indication', valueCode: 'TOTAL_PASSED' })
    const [signature] = report.parameter.filter(({ name }) => name === 'signature')
    expect(signature?.part?.filter(({ name }) => name === 'checks').length).toBeGreaterThan(5)
    const tampered = await read(await post('Bundle/$verify', signed.replace('"title":"', '"title":"X')))
    expect(tampered.parameter[0]).toEqual({ name: 'indication', valueCode: 'TOTAL_FAILED' })
  })

  it('$render gives the page or the PDF', async () => {
    const page = await post('Bundle/$render', document, { Accept: 'text/html' })
    const pdf = await post('Bundle/$render?_format=pdf', document)
    expect(page.headers.get('Content-Type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('Content-Security-Policy')).toContain("default-src 'none'")
    expect(carried(await pdf.bytes())).toBe(document)
    const bare = await post('Bundle/$render?_format=pdf&archive=none', document)
    expect(Buffer.from(await bare.bytes()).equals(printedPdf())).toBe(true)
  })

  it('$octets gives the octets, or a Binary where FHIR is wanted', async () => {
    const plain = await post('$octets', signed)
    const binary = (await (await post('$octets', signed, { Accept: 'application/fhir+json' })).json()) as {
      data: string
    }
    const text = await plain.text()
    expect([plain.headers.get('Content-Type'), text.slice(0, 10)]).toEqual(['application/octet-stream', '{"entry":['])
    expect(Buffer.from(binary.data, 'base64').toString()).toBe(text)
  })

  it('no body makes a 5xx or a hang', async () => {
    const path = fc.constantFrom(
      '$compose',
      '$compose?_format=xhtml',
      'Bundle/$validate',
      'Bundle/$sign',
      'Bundle/$verify',
      'Bundle/$render',
      '$octets',
    )
    const body = fc.oneof(hostileBundle(signed), mutated(fc.constantFrom(document, signed)))
    const outcome = await fc.check(
      fc.asyncProperty(path, body, async (where, text) => {
        const answer = await post(where, text)
        await answer.arrayBuffer()
        expect(answer.status === 501 || answer.status < 500).toBe(true)
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 150) },
    )
    // a whole document is no message: its start and its place are enough to find it
    expect([outcome.counterexamplePath, outcome.counterexample?.map((part) => part.slice(0, 3_000))]).toEqual([
      null,
      undefined,
    ])
  })
})

/** Bundles that are almost ones. */
function hostileBundle(signed: string): fc.Arbitrary<string> {
  const section = {
    title: 'A',
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">A</div>' },
  }
  const [first, patient, author] = [
    { resourceType: 'Composition', id: 'c', status: 'final', type: { text: 'A' }, subject: { reference: 'Patient/p' }, date: '2026-03-01', author: [{ reference: 'Practitioner/d' }], title: 'A', section: [section] },
    { resourceType: 'Patient', id: 'p' },
    { resourceType: 'Practitioner', id: 'd' },
  ] // prettier-ignore
  const odd = fc.anything({ maxDepth: 2 })
  const names = fc.constantFrom(
    'subject',
    'section',
    'author',
    'text',
    'meta',
    'id',
    'date',
    'attester',
    'contained',
    'extension',
    'event',
    'language',
  )
  const altered = fc.tuple(names, odd).map(([name, value]) => ({ ...first, [name]: value }))
  const resource = fc.oneof(fc.constantFrom(first, patient, author), altered, fc.object())
  const entry = fc.record({ fullUrl: fc.oneof(fc.webUrl(), fc.string()), resource }, { requiredKeys: ['resource'] })
  const members = {
    resourceType: fc.constant('Bundle'),
    type: fc.constantFrom('document', 'collection', 'nonsense'),
    identifier: odd,
    link: fc.oneof(odd, fc.array(fc.record({ relation: fc.constant('stylesheet'), url: odd }))),
    signature: fc.oneof(odd, fc.constant((JSON.parse(signed) as Answered).signature)),
    entry: fc.oneof({ weight: 5, arbitrary: fc.tuple(altered, fc.constantFrom(patient), fc.constantFrom(author)).map((all) => all.map((each) => ({ resource: each }))) }, fc.array(entry, { maxLength: 4 }), odd),
  } // prettier-ignore
  return fc.record(members, { requiredKeys: ['resourceType', 'entry'] }).map((value) => JSON.stringify(value))
}

/** A document with a few characters altered. */
function mutated(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const change = fc.tuple(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.constantFrom('', '"', '{', '[', ',', ':', 'x', '0', '#', '/', 'null', '\\u0000'),
  )
  return fc.tuple(text, fc.array(change, { minLength: 1, maxLength: 3 })).map(([whole, changes]) =>
    changes.reduce((altered, [place, character]) => {
      const at = Math.floor(place * altered.length)
      return altered.slice(0, at) + character + altered.slice(at + 1)
    }, whole),
  )
}

describe('what the service tells of itself', () => {
  it('metadata, definitions, OpenAPI and health', async () => {
    const answers = await Promise.all(
      ['fhir/metadata', 'fhir/OperationDefinition/compose', 'openapi.json', 'healthz', 'readyz'].map((path) =>
        fetch(`${base}/${path}`),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect((await fetch(`${base}/fhir/OperationDefinition/nonesuch`)).status).toBe(404)
    expect((await fetch(`${base}/fhir/OperationDefinition/%E0%A4%A`)).status).toBe(404)
  })

  it('every definition that metadata names is there', async () => {
    const text = await (await fetch(`${base}/fhir/metadata`)).text()
    const urls = [...text.matchAll(/"definition":"([^"]+)"/g)]
      .map(([, url = '']) => url)
      .filter((url) => url.startsWith(base))
    expect(urls.length).toBeGreaterThan(3)
    for (const url of urls) expect((await fetch(url)).status).toBe(200)
  })
})

it('a service that stops finishes what it accepted and takes nothing new', async () => {
  const url = await start()
  const running = started.at(-1)
  const accepted = fetch(`${url}/fhir/$compose`, { method: 'POST', headers: FHIR, body: JSON.stringify(collection) })
  await new Promise((resolve) => setTimeout(resolve, 200))
  await running?.stop()
  expect((await accepted).status).toBe(200)
  await expect(fetch(`${url}/healthz`)).rejects.toThrow()
})
