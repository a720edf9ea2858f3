/** The service as a process with the local login provider beside it, for suites of login and of applications. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect, vi } from 'vitest'
import { localProvider, type LocalProvider } from '../src/edge/login/local/provider.ts'
import { APPLICATIONS } from '../src/edge/login/local/people.ts'
import type { JsonObject, Resource } from '../src/fhir/types.ts'

export interface LocalService {
  /** Without a path. */
  readonly origin: string
  readonly provider: LocalProvider
  /** A token of the provider with these claims, for requests of the suite itself. */
  readonly token: (claims: JsonObject) => string
  /** All that it wrote to stderr so far. */
  readonly log: () => string
  readonly stop: () => Promise<void>
}

const CLIENT = { id: 'fhirdoc', secret: APPLICATIONS.find(({ id }) => id === 'fhirdoc')?.secret ?? '' }

/** A port that was free a moment ago: tokens name the service by its address before it has one. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** A service whose tokens and logins are of the local provider; both run until they are stopped. */
export async function localService(env: Readonly<Record<string, string>> = {}): Promise<LocalService> {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const provider = await localProvider({ audience: () => `${origin}/fhir` })
  const bin = new URL('../bin/fhirdoc.js', import.meta.url).pathname
  const child = spawn(process.execPath, [bin, 'serve'], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      FHIRDOC_PORT: String(port),
      FHIRDOC_STORE: 'sqlite::memory:',
      FHIRDOC_AUTH_ISSUER: provider.issuer,
      FHIRDOC_LOGIN_CLIENT_ID: CLIENT.id,
      FHIRDOC_LOGIN_CLIENT_SECRET: CLIENT.secret,
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let text = ''
  child.stderr.on('data', (chunk) => (text += String(chunk)))
  const stop = async (): Promise<void> => {
    // told to end, not killed: where another Node runs it in a process below, that ends too
    if (child.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit')
    await provider.close()
  }
  await vi.waitFor(() => expect(text).toContain('"listening"'), { timeout: 30_000, interval: 50 })
  const token = (claims: JsonObject): string => {
    const iat = Math.floor(Date.now() / 1000)
    const about = { iss: provider.issuer, aud: `${origin}/fhir`, sub: 'suite', client_id: 'suite', iat, exp: iat + 300 }
    return provider.signer.sign({ ...about, ...claims }, 'at+jwt')
  }
  return { origin, provider, token, log: () => text, stop }
}

/** Writes resources by a token that may. */
export async function store({ origin, token }: LocalService, resources: readonly Resource[]): Promise<void> {
  const entry = resources.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }))
  const claims = { scope: 'system/*.cruds', roles: ['read', 'compose', 'attest', 'sign'] }
  const answer = await fetch(`${origin}/fhir`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/fhir+json', Authorization: `Bearer ${token(claims)}` },
    body: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }),
  })
  expect([answer.status, answer.ok ? '' : await answer.text()]).toEqual([200, ''])
}

/** A browser as far as it keeps cookies and follows no redirect by itself. */
export interface Visitor {
  readonly get: (url: string) => Promise<Response>
  readonly post: (url: string, fields: Readonly<Record<string, string>>) => Promise<Response>
  readonly cookies: Map<string, string>
}

export function visitor(origin: string): Visitor {
  const cookies = new Map<string, string>()
  const send = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const own = new URL(url, origin)
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = {
      Accept: 'text/html',
      ...(own.origin === origin && cookie !== '' && { Cookie: cookie }),
      ...init.headers,
    }
    const answer = await fetch(own, { ...init, redirect: 'manual', headers })
    for (const line of own.origin === origin ? answer.headers.getSetCookie() : []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }
  return {
    get: (url) => send(url),
    post: (url, fields) =>
      send(url, { method: 'POST', body: new URLSearchParams(fields), headers: { Origin: origin } }),
    cookies,
  }
}

/** The address that an answer leads to. */
export function leadsTo(answer: Response): string {
  return answer.headers.get('Location') ?? ''
}

/** Where the provider leads back to, once somebody said who they are. */
export async function chosen(
  authorize: string,
  person: string,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const choice = `${authorize.replace('/authorize?', '/choose?')}&${new URLSearchParams({ person, ...more }).toString()}`
  return leadsTo(await fetch(choice, { redirect: 'manual' }))
}

/** A visitor who is logged in. */
export async function loggedIn(origin: string, person: string): Promise<Visitor> {
  const browser = visitor(origin)
  const begun = await browser.get('/app/login?back=/app')
  const back = await chosen(leadsTo(begun), person)
  expect((await browser.get(back)).status).toBe(303)
  return browser
}

/** The token that the forms of a page carry. */
export async function formToken(browser: Visitor, path = '/app'): Promise<string> {
  const [, token = ''] = /name="token" value="([^"]+)"/.exec(await (await browser.get(path)).text()) ?? []
  return token
}
