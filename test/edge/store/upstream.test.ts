/** A server that is read from: its state is one, its failures are no absence, and its secrets are told to nobody else. */

import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { steadily } from '../../../src/collect/steady.ts'
import { restSource, type RestOptions } from '../../../src/edge/store/rest.ts'
import { upstreamSource, type UpstreamOptions } from '../../../src/edge/store/upstream.ts'
import { FhirError } from '../../../src/fhir/error.ts'
import type { Resource } from '../../../src/fhir/types.ts'
import type { Source, Target } from '../../../src/ports.ts'
import { testServer, textOf } from '../network/server.ts'
import { fhirServer, type FhirServer, type ServerOptions } from './fhir-server.ts'

const composition: Resource = {
  resourceType: 'Composition',
  id: 'c',
  meta: { versionId: '1' },
  subject: { reference: 'Patient/p' },
  section: [{ entry: [{ reference: 'Observation/o' }] }],
}
const patient: Resource = { resourceType: 'Patient', id: 'p', meta: { versionId: '1' } }
const observation: Resource = { resourceType: 'Observation', id: 'o' }
const id = (type: string, name: string): Target => ({ by: 'id', type, id: name })

async function serve(options: ServerOptions = {}): Promise<FhirServer & { readonly resources: Resource[] }> {
  const resources = [composition, patient, observation]
  const server = await fhirServer(resources, options)
  onTestFinished(server.close)
  return { ...server, resources }
}

async function issueOf(reading: Promise<unknown>): Promise<unknown> {
  const error = await reading.catch((cause: unknown) => cause)
  return error instanceof FhirError ? error.issues[0] : error
}

describe('one reading', () => {
  const read = (source: Source, between: () => void = () => undefined): Promise<unknown> =>
    steadily([source], async ([reading = source]) => {
      const [[found] = []] = await reading.read([id('Composition', 'c')])
      between()
      const others = await reading.read([id('Patient', 'p'), id('Observation', 'o')])
      return [found, ...others.flat()].map((one) => one?.resource.meta?.versionId ?? 'none')
    })

  it('the Composition comes with what it refers to, and at the end all of it is compared', async () => {
    const { base, requests } = await serve()
    expect(await read(restSource(base))).toEqual(['1', '1', 'none'])
    expect(requests).toEqual([expect.stringMatching(/^GET Composition\?_id=c&_include=/), 'POST batch of 3'])
  })

  it('a server that does not include is asked for each wave', async () => {
    const { base, requests } = await serve({ searchesById: false })
    const source = restSource(base)
    await read(source)
    await read(source)
    const wave = ['GET Composition/c', 'POST batch of 2', 'POST batch of 3']
    expect(requests.slice(1)).toEqual([...wave, ...wave])
  })

  it.each(['with batch', 'without'])('a resource that changes meanwhile is read again: %s', async (kind) => {
    const { base, resources } = await serve(kind === 'without' ? { takesBatch: false, searchesById: false } : {})
    let count = 0
    const change = (): void => {
      if ((count += 1) === 1) resources[0] = { ...composition, meta: { versionId: '2' } }
    }
    expect(await read(restSource(base), change)).toEqual(['2', '1', 'none'])
    expect(count).toBe(2)
  })

  it('one that changes each time is a conflict', async () => {
    const { base, resources } = await serve()
    let version = 1
    const change = (): void => void (resources[0] = { ...composition, meta: { versionId: String((version += 1)) } })
    expect(await issueOf(read(restSource(base), change))).toMatchObject({ code: 'conflict' })
  })

  it('one without versions is compared as a whole, and one that is gone has changed', async () => {
    const { base, resources } = await serve({ searchesById: false })
    const source = restSource(base)
    const reading = source.begin?.()
    await reading?.read([id('Observation', 'o'), id('Patient', 'p')])
    expect(await reading?.holds()).toBe(true)
    resources[2] = { ...observation, status: 'amended' }
    expect(await reading?.holds()).toBe(false)
    resources.length = 2
    expect(await reading?.holds()).toBe(false)
  })

  it('a server that fails while it is compared is an error, not a steady state', async () => {
    const { base } = await serve({ searchesById: false, instead: { 'Patient/p': 500 } })
    const reading = restSource(base).begin?.()
    await reading?.read([id('Observation', 'o')])
    expect(await reading?.holds()).toBe(true)
    expect(await issueOf(reading?.read([id('Patient', 'p')]) ?? Promise.resolve())).toMatchObject({ code: 'no-store' })
  })

  it('what was deleted is told from what never was', async () => {
    const { base } = await serve({ instead: { 'Composition/gone': 410 } })
    const source = restSource(base)
    expect(await source.read([id('Composition', 'gone')])).toEqual([[]])
    expect(await source.wasDeleted?.(id('Composition', 'gone'))).toBe(true)
    expect(await source.begin?.().wasDeleted?.(id('Composition', 'gone'))).toBe(true)
    expect(await source.wasDeleted?.(id('Composition', 'never'))).toBe(false)
    expect(await source.wasDeleted?.({ by: 'url', url: 'http://elsewhere.invalid/Composition/gone' })).toBe(false)
  })
})

describe('H-10: a search that is not whole is an error', () => {
  const target: Target = { by: 'identifier', type: 'Patient', system: 'urn:s', value: 'x' }
  const entry = { resource: { resourceType: 'Patient', id: '1' }, search: { mode: 'match' } }

  async function answering(page: (base: string, query: string) => object): Promise<Source> {
    const { url } = await testServer((request, response) => {
      response.end(
        JSON.stringify({ resourceType: 'Bundle', type: 'searchset', ...page(`${url}/fhir`, request.url ?? '') }),
      )
    })
    return restSource(`${url}/fhir`, { maxPages: 5 })
  }

  it.each([
    ['pages that go round', (base: string) => ({ link: [{ relation: 'next', url: `${base}?page=1` }] }), 'circle'],
    ['pages without end', (base: string, query: string) => ({ link: [{ relation: 'next', url: `${base}?page=${query.length}${'x'.repeat(query.length)}` }] }), 'more than 5 pages'],
    ['fewer than it found', () => ({ total: 2, entry: [entry] }), 'gave 1 of 2'],
    ['a failure in part', () => ({ entry: [{ resource: { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'timeout' }] }, search: { mode: 'outcome' } }] }), 'failed in part'],
    ['a next page elsewhere', () => ({ link: [{ relation: 'next', url: 'http://elsewhere.invalid/more' }] }), 'off its base'],
  ])('%s', async (_, page, text) => {
    const source = await answering(page)
    expect(await issueOf(source.read([target]))).toMatchObject({ text: expect.stringContaining(text) as string })
  }) // prettier-ignore

  it('a page link on the base itself is followed', async () => {
    const source = await answering((base, query) =>
      query.includes('_getpages') ? { entry: [] } : { link: [{ relation: 'next', url: `${base}?_getpages=1` }] },
    )
    expect(await source.read([target])).toEqual([[]])
  })

  it('a Provenance about another resource is passed over', async () => {
    const source = await answering(() => ({
      entry: [{ resource: { resourceType: 'Provenance', id: 'x', target: [{ reference: 'Patient/2' }] } }],
    }))
    expect(await source.provenances([`${source.base}/Patient/1`])).toEqual([])
  })
})

describe('redirects', () => {
  const to = (location: string, response: ServerResponse): void => void response.writeHead(307, { location }).end()

  async function pair(hosts: readonly string[]): Promise<{ source: Source; elsewhere: readonly IncomingMessage[] }> {
    const { port, requests: elsewhere } = await testServer((_, response) => void response.end(JSON.stringify(patient)))
    const { base } = await serve({ instead: { 'Patient/p': (response) => to(`http://localhost:${port}/p`, response) } })
    return { source: await upstreamSource({ url: base, hosts, auth: { token: 'secret-token' } }), elsewhere }
  }

  it('to a host that was named are followed, without the credentials', async () => {
    const { source, elsewhere } = await pair(['localhost'])
    expect((await source.read([id('Patient', 'p')])).flat()).toHaveLength(1)
    expect(elsewhere[0]?.headers.authorization).toBeUndefined()
  })

  it('to a host that was not named are an error, and it is not asked', async () => {
    const { source, elsewhere } = await pair([])
    expect(await issueOf(source.read([id('Patient', 'p')]))).toMatchObject({ code: 'no-store' })
    expect(elsewhere).toHaveLength(0)
  })
})

describe('credentials', () => {
  it('a static token goes with every request', async () => {
    const { base, headers } = await serve()
    const source = await upstreamSource({ url: base, auth: { token: 'abc' } })
    await source.read([id('Patient', 'p'), id('Observation', 'o')])
    expect(headers.map(({ authorization }) => authorization)).toEqual(['Bearer abc'])
  })

  it('a token that ended is renewed once, and no more', async () => {
    let tokens = 0
    const { url } = await testServer((request, response) => {
      void textOf(request).then(() =>
        response.end(JSON.stringify({ access_token: `t${(tokens += 1)}`, token_type: 'bearer', expires_in: 300 })),
      )
    })
    const isRefused = (request: IncomingMessage, response: ServerResponse): boolean => {
      const isEnded = request.headers.authorization !== 'Bearer t2'
      if (isEnded) response.writeHead(401).end()
      return isEnded
    }
    const { base } = await serve({ before: isRefused })
    const folder = await mkdtemp(join(tmpdir(), 'fhirdoc-upstream-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const key = join(folder, 'client.pem')
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' })
    await writeFile(key, privateKey.export({ format: 'pem', type: 'pkcs8' }))
    const auth = { clientId: 'fhirdoc', key, tokenUrl: `${url}/token` }
    const source = await upstreamSource({ url: base, auth })
    expect((await source.read([id('Patient', 'p')])).flat()).toHaveLength(1)
    expect(tokens).toBe(2)
    const { base: never, requests } = await serve({ before: (_, response) => (response.writeHead(401).end(), true) })
    const refused = await upstreamSource({ url: never, auth })
    expect(await issueOf(refused.read([id('Patient', 'p')]))).toMatchObject({ code: 'no-store' })
    expect(requests).toHaveLength(2)
  })

  it.each<[string, UpstreamOptions['auth']]>([
    ['a token and a client', { token: 'secret', clientId: 'x', key: 'y' }],
    ['a client without key', { clientId: 'x' }],
    ['a key without client', { key: 'secret.pem' }],
    ['a key that is not there', { clientId: 'x', key: '/nowhere/secret.pem' }],
  ])('%s is refused at start, without naming it', async (_, auth) => {
    const issue = await issueOf(upstreamSource({ url: 'https://ehr.example/fhir', ...(auth && { auth }) }))
    expect(issue).toMatchObject({ code: 'value' })
    expect(JSON.stringify(issue)).not.toContain('secret')
  })

  it('no error tells a token, a host or a port', async () => {
    const fail = (request: IncomingMessage, response: ServerResponse): boolean => {
      response.writeHead(Number(/\d+/.exec(request.url ?? '')?.[0])).end('secret-token of Anna Muster')
      return true
    }
    const { base } = await serve({ before: fail })
    const options: RestOptions = { attempts: 1 }
    const source = await upstreamSource({ url: base, auth: { token: 'secret-token' }, ...options })
    for (const status of [400, 401, 403, 429, 500, 502, 503, 504]) {
      const error = await source.read([id('Patient', String(status))]).catch((cause: unknown) => cause)
      const told = JSON.stringify([error, String(error), (error as Error).stack, (error as Error).cause])
      expect(told).toContain(String(status))
      expect(told).not.toMatch(new RegExp(`secret-token|Muster|${new URL(base).port}`))
    }
  })
})
