/** A service that is killed at any moment has recorded all that it answered, in a chain that is whole. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { actOf } from '../../src/audit/act.ts'
import { verifyAudit } from '../../src/edge/store/audit.ts'
import { openDatabase } from '../../src/edge/store/open-store.ts'
import { LASTING, stores } from '../edge/store/sql/stores.ts'

/** `KILLS=50` for a longer run. */
const KILLS = Number(process.env['KILLS'] ?? 4)
const SERVICES = 2
const CLIENTS = 6
const FHIR = { 'Content-Type': 'application/fhir+json' }

const { url } = stores()
const started: ChildProcess[] = []
afterAll(() => {
  for (const child of started) if (child.exitCode === null) child.kill('SIGKILL')
})

interface Running {
  readonly base: string
  readonly kill: () => Promise<void>
}

async function serve(store: string): Promise<Running> {
  const bin = new URL('../../bin/fhirdoc.js', import.meta.url).pathname
  const settings = { FHIRDOC_PORT: '0', FHIRDOC_STORE: store, FHIRDOC_AUDIT: 'on', FHIRDOC_WORKERS: '1' }
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...settings }
  const child = spawn(process.execPath, [bin, 'serve'], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  started.push(child)
  let text = ''
  child.stderr.on('data', (chunk) => (text += String(chunk)))
  await vi.waitFor(() => expect(text).toContain('"listening"'), { timeout: 60_000, interval: 50 })
  const [, base = ''] = /"url":"([^"]+)"/.exec(text) ?? []
  const kill = async (): Promise<void> => {
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
  }
  return { base: `${base}/fhir`, kill }
}

interface Turn {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** What a client does one after the other: writes, reads, searches, and asks for what is not there. */
const TURNS: readonly ((id: string) => readonly [path: string, init: Turn])[] = [
  (id) => [`/Basic/${id}`, { method: 'PUT', headers: FHIR, body: JSON.stringify({ resourceType: 'Basic', id, code: { text: 'x' } }) }],
  (id) => [`/Basic/${id}`, {}],
  (id) => [`/Basic?_id=${id}`, {}],
  () => ['/Basic/never', {}],
] // prettier-ignore

/** Asks until the service is gone; the ids of the requests that were answered. */
async function ask({ base }: Running, name: string, answered: Map<string, number>): Promise<void> {
  for (let count = 0; ; count += 1) {
    const turn = TURNS[count % TURNS.length]
    if (turn === undefined) throw new TypeError('There is no turn')
    const [path, { headers, ...init }] = turn(`${name}-${count >> 2}`)
    const request = `${name}-${count}`
    try {
      const answer = await fetch(base + path, { ...init, headers: { ...headers, 'X-Request-Id': request } })
      answered.set(request, answer.status)
      await answer.text()
    } catch {
      return
    }
  }
}

async function recorded(store: string): Promise<readonly ReturnType<typeof actOf>[]> {
  const database = await openDatabase(store)
  const query = { sql: 'select text from audit order by seq', parameters: [] }
  const rows = await database.snapshot((session) => session.rows<{ text: string }>(query))
  await database.close()
  return rows.map(({ text }) => actOf(text))
}

describe.each(LASTING)('%s', (kind) => {
  it(
    `has recorded all that was answered after each of ${KILLS} kills`,
    { timeout: 60_000 + KILLS * 60_000 },
    async () => {
      const store = await url(kind)
      const answered = new Map<string, number>()
      let head: string | undefined
      for (let kill = 0; kill < KILLS; kill += 1) {
        const services = await Promise.all(Array.from({ length: SERVICES }, () => serve(store)))
        const asking = services.flatMap((service, number) =>
          Array.from({ length: CLIENTS }, (_, client) => ask(service, `k${kill}-${number}-${client}`, answered)),
        )
        await pause(300 + Math.random() * 1_000)
        for (const service of services) await service.kill()
        await Promise.all(asking)

        const verdict = await verifyAudit(store, head)
        expect(verdict.fault).toBeUndefined()
        head = verdict.head.digest
        const byRequest = new Map((await recorded(store)).map((act) => [act.request, act]))
        const unrecorded = [...answered].filter(([request]) => !byRequest.has(request))
        expect(unrecorded).toEqual([])
      }
      expect(answered.size).toBeGreaterThan(KILLS * SERVICES * CLIENTS)
      const statuses = new Set(answered.values())
      expect([...statuses].toSorted()).toEqual([200, 201, 404])
    },
  )
})
