/** The whole service killed amidst writing, its first process and its workers at once, holds all that was acknowledged. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import type { JsonObject } from '../src/fhir/types.ts'
import { LASTING, stores } from './edge/store/sql/stores.ts'

/** Each costs a start of the service: `KILLS=50` is the whole of it. */
const KILLS = Number(process.env['KILLS'] ?? 5)
const CLIENTS = 6
const FHIR = { 'Content-Type': 'application/fhir+json' }
const PARTS = ['a', 'b', 'c'] as const
const BIN = new URL('../bin/fhirdoc.js', import.meta.url).pathname

const { url: storeUrl } = stores()
const groups = new Set<number>()
afterAll(() => {
  for (const group of groups) process.kill(-group, 'SIGKILL')
})

interface Service {
  readonly base: string
  /** Ends all processes of the service at once. */
  readonly kill: () => Promise<void>
}

async function serve(store: string): Promise<Service> {
  const settings = { FHIRDOC_PORT: '0', FHIRDOC_STORE: store, FHIRDOC_WORKERS: '2', FHIRDOC_LOG_LEVEL: 'info' }
  const child = spawn(process.execPath, [BIN, 'serve'], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...settings },
    stdio: ['ignore', 'ignore', 'pipe'],
    // a group of its own, which is killed as one
    detached: true,
  })
  const group = child.pid ?? 0
  groups.add(group)
  const base = `${await addressOf(child)}/fhir`
  const kill = async (): Promise<void> => {
    groups.delete(group)
    process.kill(-group, 'SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  return { base, kill }
}

function addressOf({ stderr }: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let text = ''
  stderr?.on('data', (chunk) => {
    text += String(chunk)
    const [, url] = /"url":"([^"]+)"[^\n]*"listening"/.exec(text) ?? []
    if (url !== undefined) resolve(url)
  })
  stderr?.once('close', () => reject(new Error(`The service ended: ${text}`)))
  return promise
}

/** What a client was doing, all of which is there afterwards, or nothing. */
interface Work {
  /** `Basic/1` with what it says then. */
  readonly written: Readonly<Record<string, string>>
}

interface Told {
  /** By reference, the last that was acknowledged. */
  readonly acknowledged: Map<string, string>
  /** What was asked for and not acknowledged. */
  readonly unsure: Work[]
}

function basic(id: string | undefined, marker: string): JsonObject {
  const identifier = [{ system: 'urn:test:kill', value: marker }]
  return { resourceType: 'Basic', ...(id !== undefined && { id }), identifier, code: { text: marker } }
}

async function asked(url: string, method: string, body: JsonObject): Promise<Response> {
  const answer = await fetch(url, { method, headers: FHIR, body: JSON.stringify(body) })
  if (!answer.ok) throw new TypeError(`${answer.status} ${await answer.text()}`)
  await answer.clone().arrayBuffer()
  return answer
}

/** Three new resources and one that is changed each time, together. */
async function transact(base: string, name: string, client: number): Promise<Work> {
  const ids = [...PARTS.map((part) => `${name}-${part}`), `last-${client}`]
  const entry = ids.map((id) => ({ resource: basic(id, name), request: { method: 'PUT', url: `Basic/${id}` } }))
  await asked(base, 'POST', { resourceType: 'Bundle', type: 'transaction', entry })
  return work(ids, name)
}

function work(ids: readonly string[], marker: string): Work {
  return { written: Object.fromEntries(ids.map((id) => [`Basic/${id}`, marker])) }
}

/** Writes until the service is gone; only that may end it. */
async function writeOn(base: string, run: string, client: number, told: Told): Promise<void> {
  for (let count = 0; ; count += 1) {
    const name = `${run}-${client}-${count}`
    const ways = [
      { work: work([...PARTS.map((part) => `${name}-${part}`), `last-${client}`], name), write: () => transact(base, name, client) }, // prettier-ignore
      { work: work([`own-${client}`], name), write: () => asked(`${base}/Basic/own-${client}`, 'PUT', basic(`own-${client}`, name)) }, // prettier-ignore
      { work: { written: {} }, write: () => asked(`${base}/Basic`, 'POST', basic(undefined, name)) },
    ] as const
    const way = ways[count % ways.length] ?? ways[0]
    const answer = await way.write().catch((error: unknown) => {
      if (error instanceof TypeError && error.message === 'fetch failed') return undefined
      // what was acknowledged may be lost on its way
      if (error instanceof TypeError && error.message === 'terminated') return undefined
      throw error
    })
    if (answer === undefined) return void told.unsure.push(way.work)
    const created =
      answer instanceof Response ? /Basic\/[^/]+/.exec(answer.headers.get('Location') ?? '')?.[0] : undefined
    if (created !== undefined) told.acknowledged.set(created, name)
    for (const [reference, marker] of Object.entries(way.work.written)) told.acknowledged.set(reference, marker)
  }
}

/** What each of the resources says, by reference; nothing of those that are not there. */
async function said(base: string, references: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (let start = 0; start < references.length; start += 200) {
    const some = references.slice(start, start + 200)
    const entry = some.map((url) => ({ request: { method: 'GET', url } }))
    const answer = await asked(base, 'POST', { resourceType: 'Bundle', type: 'batch', entry })
    const all = ((await answer.json()) as { entry: readonly { resource?: { code?: { text?: string } } }[] }).entry
    for (const [at, { resource }] of all.entries())
      if (resource?.code?.text !== undefined) found.set(some[at] ?? '', resource.code.text)
  }
  return found
}

/** All that was acknowledged is there, and of what was not, all or nothing. */
async function mustHold(base: string, { acknowledged, unsure }: Told): Promise<void> {
  const perhaps = unsure.flatMap(({ written }) => Object.keys(written))
  const found = await said(base, [...new Set([...acknowledged.keys(), ...perhaps])])
  const isDone = unsure.map(({ written }) => Object.entries(written).map(([reference, marker]) => found.get(reference) === marker)) // prettier-ignore
  expect(isDone.filter((parts) => new Set(parts).size > 1)).toEqual([])
  for (const [at, { written }] of unsure.entries())
    if (isDone[at]?.[0] === true) for (const [reference, marker] of Object.entries(written)) acknowledged.set(reference, marker) // prettier-ignore
  const lost = [...acknowledged].filter(([reference, marker]) => found.get(reference) !== marker)
  expect(lost).toEqual([])
  unsure.length = 0
}

/** The index finds exactly what is there. */
async function mustBeFound(base: string, { acknowledged }: Told): Promise<void> {
  const some = [...acknowledged].filter((_, at) => at % 10 === 0)
  for (const [reference, marker] of some) {
    const answer = await fetch(`${base}/Basic?identifier=urn:test:kill|${marker}&_elements=code`)
    const { entry = [] } = (await answer.json()) as { entry?: readonly { resource: { id: string } }[] }
    expect(entry.map(({ resource }) => `Basic/${resource.id}`)).toContain(reference)
  }
}

/** Kept once so many more resources were written. */
async function acknowledgements({ acknowledged }: Told, count: number): Promise<void> {
  const before = acknowledged.size
  while (acknowledged.size < before + count) await pause(5)
}

describe.each(LASTING)('%s', (kind) => {
  it(`holds what was acknowledged after each of ${KILLS} kills`, { timeout: 60_000 + KILLS * 20_000 }, async () => {
    const store = await storeUrl(kind)
    const told: Told = { acknowledged: new Map(), unsure: [] }
    for (let run = 0; run < KILLS; run += 1) {
      const service = await serve(store)
      await mustHold(service.base, told)
      const clients = Array.from({ length: CLIENTS }, (_, client) => writeOn(service.base, `r${run}`, client, told))
      await Promise.race([acknowledgements(told, CLIENTS), ...clients])
      await pause(Math.random() * 300)
      await service.kill()
      await Promise.all(clients)
    }
    const service = await serve(store)
    await mustHold(service.base, told)
    await mustBeFound(service.base, told)
    await service.kill()
    expect(told.acknowledged.size).toBeGreaterThan(KILLS)
  })
})
