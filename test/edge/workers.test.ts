/** Several processes serve at one address, and one that dies is replaced. */

import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'

const PATIENCE_MS = 90_000
const command = fileURLToPath(new URL('../../bin/fhirdoc.js', import.meta.url))
const ends: (() => void)[] = []

afterEach(() => {
  for (const end of ends.splice(0)) end()
})

interface Running {
  readonly child: ChildProcess
  readonly stderr: () => string
  readonly exit: Promise<number | null>
}

function serve(settings: Readonly<Record<string, string>>): Running {
  const folder = mkdtempSync(join(tmpdir(), 'workers-'))
  const env = {
    ...process.env,
    FHIRDOC_PORT: '0',
    FHIRDOC_WORKERS: '2',
    FHIRDOC_STORE: `sqlite:${join(folder, 'test.db')}`,
    ...settings,
  }
  const child = spawn(process.execPath, [command, 'serve'], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let told = ''
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()))
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve))
  ends.push(() => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  return { child, stderr: () => told, exit }
}

function workersOf({ child: { pid = 0 } }: Running): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
}

function listening({ stderr }: Running): readonly string[] {
  return [...stderr().matchAll(/"url":"([^"]+)"/g)].map(([, url = '']) => url)
}

/** Waits for something of a service that runs. @throws Error with what it said where it ended before */
async function until({ child, stderr }: Running, holds: () => boolean): Promise<void> {
  while (!holds()) {
    if (child.exitCode !== null) throw new Error(`The service ended with ${child.exitCode}: ${stderr()}`)
    await pause(20)
  }
}

function statusOf(url: string): Promise<number> {
  return fetch(`${url}/readyz`, { headers: { Connection: 'close' } }).then(
    ({ status }) => status,
    () => 0,
  )
}

it(
  'a worker that is killed is replaced while the other answers, and all end together',
  async () => {
    const service = serve({})
    await until(service, () => listening(service).length === 2)
    const [url = '', same] = listening(service)
    expect(same).toBe(url)
    const [victim = 0, other] = workersOf(service)
    process.kill(victim, 'SIGKILL')
    await until(service, () => !workersOf(service).includes(victim))
    const answers = await Promise.all(Array.from({ length: 8 }, () => statusOf(url)))
    expect(answers).toEqual(answers.map(() => 200))
    await until(service, () => listening(service).length === 3)
    expect(workersOf(service)).toHaveLength(2)
    expect(workersOf(service)).toContain(other)
    expect(service.stderr()).toContain('"signal":"SIGKILL"')
    expect(await statusOf(url)).toBe(200)
    const metrics = await fetch(`${url}/metrics`).then((answer) => answer.text())
    expect(metrics).toContain('fhirdoc_http_request_duration_seconds')
    service.child.kill('SIGTERM')
    expect(await service.exit).toBe(0)
  },
  PATIENCE_MS,
)

it(
  'what is wrong with the settings is said once',
  async () => {
    const service = serve({ FHIRDOC_HOST: '0.0.0.0' })
    expect(await service.exit).toBe(2)
    expect(service.stderr().match(/^error/gm)).toHaveLength(1)
  },
  PATIENCE_MS,
)

it(
  'a store that cannot be opened ends the service once, by the exit code of its surroundings',
  async () => {
    const service = serve({ FHIRDOC_STORE: 'sqlite:/dev/null/none/test.db' })
    expect(await service.exit).toBe(3)
    expect(service.stderr().match(/no-store|cannot be/g)).toHaveLength(1)
  },
  PATIENCE_MS,
)
