/** The process: its start, its signals, its streams. */

import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = new URL('..', import.meta.url).pathname
const fixture = `${root}fixtures/documents/discharge/`
const compose = ['compose', `${fixture}composition.json`, '--source', `${fixture}resources`]
const newFolder = (): string => mkdtempSync(join(tmpdir(), 'main-'))
const store = `sqlite:${join(newFolder(), 'store.db')}`

type Env = Readonly<Record<string, string>>

function start(args: readonly string[], env: Env = {}): ChildProcessWithoutNullStreams {
  const own = { PATH: process.env['PATH'], FHIRDOC_STORE: store }
  return spawn(process.execPath, [`${root}bin/fhirdoc.js`, ...args], { env: { ...own, ...env } })
}

interface Ended {
  readonly exit: number | null
  readonly signal: string | null
  readonly out: string
  readonly err: string
}

function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let [out, err] = ['', '']
  child.stdout.on('data', (data) => (out += String(data)))
  child.stderr.on('data', (data) => (err += String(data)))
  return new Promise((resolve) => child.once('close', (exit, signal) => resolve({ exit, signal, out, err })))
}

const fhirdoc = (args: readonly string[], env?: Env): Promise<Ended> => ended(start(args, env))

/** A source with all that it loads before it runs; packages are named as they are. */
function loadedWith(path: string, loaded = new Set<string>()): ReadonlySet<string> {
  if (loaded.has(path)) return loaded
  loaded.add(path)
  const text = readFileSync(path, 'utf8')
  for (const [, name = ''] of text.matchAll(/^(?:import|export)(?! type\b)[^'"]*?from '([^']+)'/gm)) {
    if (name.startsWith('.')) loadedWith(new URL(name, `file://${path}`).pathname, loaded)
    else loaded.add(name)
  }
  return loaded
}

describe('the start', () => {
  it('of several processes loads nothing into the first that only the others need', () => {
    const loaded = [...loadedWith(`${root}src/main.ts`)]
    expect(loaded.filter((name) => !name.startsWith('/') && !name.startsWith('node:'))).toEqual([])
    expect(loaded.filter((name) => /\/src\/(?:check|collect|sign|render|http|web|pipeline)\b/.test(name))).toEqual([])
    expect(loaded).toContain(`${root}src/settings.ts`)
  })

  it('says its version', async () => {
    expect(await fhirdoc(['--version'])).toMatchObject({
      exit: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
      err: '',
    })
  })

  /** The command as a Node would run it that says it is 20. */
  const onOldNode = (bin: string): Promise<Ended> => {
    const versions = `Object.defineProperty(process.versions, 'node', { value: '20.20.0' })`
    const code = `${versions}; process.argv = ['node', ${JSON.stringify(bin)}, '--version']; await import(process.argv[1])`
    return ended(spawn(process.execPath, ['--input-type=module', '-e', code]))
  }

  it('is handed to the Node of the checkout by one that is too old', async () => {
    const { exit, out, err } = await onOldNode(`${root}bin/fhirdoc.js`)
    expect([exit, out, err]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/), ''])
  })

  it('is refused where there is no other Node, in one line', async () => {
    const folder = newFolder()
    mkdirSync(join(folder, 'bin'))
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    copyFileSync(`${root}bin/fhirdoc.js`, join(folder, 'bin/fhirdoc.js'))
    expect(await onOldNode(join(folder, 'bin/fhirdoc.js'))).toMatchObject({
      exit: 3,
      out: '',
      err: 'error: Node 20.20.0 is too old, expected 22.18 or later\n',
    })
  })

  it('is stopped by an unknown setting, whatever the command', async () => {
    const { exit, err } = await fhirdoc(['--version'], { FHIRDOC_PROT: '1' })
    expect([exit, err]).toEqual([2, 'error: The setting FHIRDOC_PROT is unknown, the nearest is FHIRDOC_PORT\n'])
  })
})

it('SOURCE_DATE_EPOCH fixes the timestamp', async () => {
  const { exit, out } = await fhirdoc(compose, { SOURCE_DATE_EPOCH: '1767225600' })
  expect([exit, (JSON.parse(out) as { timestamp: string }).timestamp]).toEqual([0, '2026-01-01T00:00:00Z'])
  expect(await fhirdoc(compose, { SOURCE_DATE_EPOCH: 'soon' })).toMatchObject({ exit: 2, out: '' })
})

it('standard output that nobody reads to its end is left without a word', async () => {
  const child = start(compose)
  child.stdout.once('data', () => child.stdout.destroy())
  const { err } = await ended(child)
  expect(err).not.toContain('EPIPE')
})

it('SIGINT leaves no file behind', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'many.ndjson'), '')
  for (const delayMs of [150, 400, 700, 900]) {
    const child = start([...compose, '--out', join(folder, 'document.json')])
    setTimeout(() => child.kill('SIGINT'), delayMs)
    const { exit, signal } = await ended(child)
    expect(exit === 0 || exit === 130 || signal === 'SIGINT').toBe(true)
    expect(readdirSync(folder).filter((name) => name !== 'many.ndjson' && name !== 'document.json')).toEqual([])
  }
})

describe('serve', () => {
  it('listens, logs without what was posted, and ends on SIGTERM with what it accepted done', async () => {
    const child = start(['serve'], { FHIRDOC_PORT: '0' })
    const whole = ended(child)
    const url = await new Promise<string>((resolve) =>
      child.stderr.on('data', (data) => {
        const [, found] = /"url":"([^"]+)"/.exec(String(data)) ?? []
        if (found !== undefined) resolve(found)
      }),
    )
    const body = JSON.stringify({
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ resource: { resourceType: 'Patient', name: [{ family: 'Verborgen' }] } }],
    })
    const accepted = fetch(`${url}/fhir/Bundle/$validate`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/fhir+json', 'X-Request-Id': 'trace-1' },
      body,
    })
    expect((await accepted).status).toBe(200)
    child.kill('SIGTERM')
    const { exit, out, err } = await whole
    expect([exit, out]).toEqual([0, ''])
    expect(err).toContain('"requestId":"trace-1"')
    expect(err).toContain('"msg":"stopped"')
    expect(err).not.toContain('Verborgen')
  })

  it.each([
    [{ FHIRDOC_HOST: '0.0.0.0' }, 2, 'set FHIRDOC_HOST to 127.0.0.1'],
    [{ FHIRDOC_SIGNING_KEY: '/nowhere.p12' }, 3, 'key'],
    [{ FHIRDOC_TRUST: '/nowhere' }, 3, 'trust'],
    [{ FHIRDOC_TEMPLATES: '/nowhere' }, 3, 'template'],
    [{ FHIRDOC_LOGIN: 'local', FHIRDOC_AUTH_ISSUER: 'https://id.example' }, 2, 'FHIRDOC_LOGIN is local'],
    [
      {
        FHIRDOC_UPSTREAM: 'https://ehr.example/fhir',
        FHIRDOC_UPSTREAM_AUTH_KEY: '/nowhere.pem',
        FHIRDOC_UPSTREAM_AUTH_CLIENT_ID: 'x',
      },
      3,
      'key of the upstream client',
    ],
    [{ FHIRDOC_STORE: 'sqlite:/dev/null/store.db' }, 3, 'The folder of the store cannot be made'],
    [{ FHIRDOC_STORE: 'postgres://user:secret@127.0.0.1:1/none' }, 3, 'The store cannot be reached'],
    [{ FHIRDOC_STORE: '', FHIRDOC_STORE_FILE: '/nowhere' }, 2, 'FHIRDOC_STORE_FILE names no file that can be read'],
  ])('%j stops the start with exit %i', async (env, expected, text) => {
    const { exit, err } = await fhirdoc(['serve'], { FHIRDOC_PORT: '0', ...env })
    expect([exit, err]).toEqual([expected, expect.stringContaining(text)])
    expect(err.trimEnd().split('\n')).toHaveLength(1)
  })

  it('an address that is taken is exit 3', async () => {
    const { createServer } = await import('node:net')
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const { exit, err } = await fhirdoc(['serve'], { FHIRDOC_PORT: String(port) })
    server.close()
    expect([exit, err]).toEqual([3, `error: The address 127.0.0.1 port ${port} cannot be listened on\n`])
  })
})

it('the build is there', () => {
  expect(existsSync(`${root}build/templates.js`)).toBe(true)
})
