/** A login holds only for the browser that began it, its session only for so long, and only a digest of its secret is kept. */

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DEFAULT_ROLES, rolesOf } from '../../../src/access/roles.ts'
import { parseScope } from '../../../src/access/scopes.ts'
import { callerFrom } from '../../../src/edge/login/caller.ts'
import { localProvider, type LocalProvider } from '../../../src/edge/login/local/provider.ts'
import { APPLICATIONS } from '../../../src/edge/login/local/people.ts'
import { openLogin } from '../../../src/edge/login/login.ts'
import { openProvider } from '../../../src/edge/login/openid.ts'
import { openNetwork } from '../../../src/edge/network/network.ts'
import { openStore } from '../../../src/edge/store/open-store.ts'
import type { KeptSession, LoggedIn, Login, Sessions } from '../../../src/ports/login.ts'
import { chosen } from '../../local-service.ts'

const REDIRECT = 'http://127.0.0.1:9/app/login/callback'
const MINUTE_MS = 60_000
const secret = APPLICATIONS.find(({ id }) => id === 'fhirdoc')?.secret

let provider: LocalProvider
let sessions: Sessions
let login: Login
let nowMs = Date.parse('2026-03-01T10:00:00Z')
const now = (): string => new Date(nowMs).toISOString()
const written: (readonly [string, KeptSession])[] = []

beforeAll(async () => {
  provider = await localProvider({ audience: () => 'http://127.0.0.1:9/fhir' })
})
afterAll(() => provider.close())

beforeEach(async () => {
  const { sessions: kept } = await openStore('sqlite::memory:')
  if (kept === undefined) throw new TypeError('The store keeps no sessions')
  sessions = {
    ...kept,
    put: (digest, session) => {
      written.push([digest, session])
      return kept.put(digest, session)
    },
  }
  login = loginAt(provider.issuer)
})

function loginAt(issuer: string, clientSecret = secret): Login {
  const network = openNetwork(['127.0.0.1'])
  const rules = {
    issuer,
    client: 'fhirdoc',
    rolesOf: (claims: Parameters<typeof rolesOf>[0]) => rolesOf(claims, DEFAULT_ROLES),
    isOverResources: (scope: string) => parseScope(scope) !== undefined,
    purpose: 'TREAT',
  }
  return openLogin({
    provider: openProvider({ issuer, clientId: 'fhirdoc', clientSecret, scope: 'openid profile fhirUser', network, timeoutMs: 5_000 }), // prettier-ignore
    sessions,
    now,
    callerOf: (identity) => callerFrom(identity, rules),
    idleMs: 30 * MINUTE_MS,
    lifeMs: 12 * 60 * MINUTE_MS,
  })
}

async function logIn(person = 'anna', before?: string): Promise<LoggedIn> {
  const { location, ticket } = await login.begin({ redirectUri: REDIRECT, back: '/app/me' })
  const url = await chosen(location, person)
  return login.complete({ url, ticket, before })
}

describe('a login', () => {
  it('asks with state, nonce and PKCE, and ends as a session of whoever it was, with roles and scopes', async () => {
    const { location } = await login.begin({ redirectUri: REDIRECT, back: '/app' })
    const query = new URL(location).searchParams
    expect(query.get('code_challenge_method')).toBe('S256')
    for (const name of ['state', 'nonce', 'code_challenge']) expect(query.get(name)).toMatch(/^[\w-]{43}$/)
    const { session, back } = await logIn()
    expect(back).toBe('/app/me')
    expect(await login.callerOf(session)).toEqual({
      issuer: provider.issuer,
      subject: 'anna',
      name: 'Dr. Anna Berg (physician)',
      client: 'fhirdoc',
      fhirUser: 'Practitioner/anna',
      scopes: [
        'user/*.crus',
        'user/*.rs',
        'user/Composition.cu',
        'user/Bundle.c',
        'user/Provenance.c',
        'user/Bundle.cu',
      ],
      roles: ['compose', 'attest', 'sign', 'read'],
      purposes: ['TREAT'],
    })
  })

  it('holds once, for the browser that began it, and not for ever', async () => {
    const refusal = expect.objectContaining({ issues: [expect.objectContaining({ code: 'login' })] }) as unknown
    const one = await login.begin({ redirectUri: REDIRECT, back: '/app' })
    const other = await login.begin({ redirectUri: REDIRECT, back: '/app' })
    const url = await chosen(one.location, 'anna')
    // the state is that of another browser
    await expect(login.complete({ url, ticket: other.ticket })).rejects.toEqual(refusal)
    await expect(login.complete({ url, ticket: 'none' })).rejects.toEqual(refusal)
    const { session } = await login.complete({ url, ticket: one.ticket })
    expect(await login.callerOf(session)).toBeDefined()
    await expect(login.complete({ url, ticket: one.ticket })).rejects.toEqual(refusal)
    const late = await login.begin({ redirectUri: REDIRECT, back: '/app' })
    const lateUrl = await chosen(late.location, 'anna')
    nowMs += 11 * MINUTE_MS
    await expect(login.complete({ url: lateUrl, ticket: late.ticket })).rejects.toEqual(refusal)
  })

  it('that the provider refuses is refused, and a provider that is away is told apart', async () => {
    const { ticket, location } = await login.begin({ redirectUri: REDIRECT, back: '/app' })
    const state = new URL(location).searchParams.get('state')
    await expect(login.complete({ url: `${REDIRECT}?error=access_denied&state=${state}`, ticket })).rejects.toMatchObject({ issues: [{ code: 'login' }] }) // prettier-ignore
    const wrong = loginAt(provider.issuer, 'another secret')
    const begun = await wrong.begin({ redirectUri: REDIRECT, back: '/app' })
    const url = await chosen(begun.location, 'anna')
    await expect(wrong.complete({ url, ticket: begun.ticket })).rejects.toMatchObject({ issues: [{ code: 'login' }] })
    const away = loginAt('http://127.0.0.1:1')
    await expect(away.begin({ redirectUri: REDIRECT, back: '/app' })).rejects.toMatchObject({ issues: [{ code: 'no-store' }] }) // prettier-ignore
  })

  it('whose id token is not of the provider is refused', async () => {
    const begun = await login.begin({ redirectUri: REDIRECT, back: '/app' })
    const url = await chosen(begun.location, 'anna')
    const sign = provider.signer.sign.bind(provider.signer)
    Object.assign(provider.signer, { sign: (claims: object, type: 'JWT' | 'at+jwt') => `${sign(claims, type).slice(0, -8)}AAAAAAAA` }) // prettier-ignore
    await expect(login.complete({ url, ticket: begun.ticket })).rejects.toMatchObject({ issues: [{ code: 'login' }] })
    Object.assign(provider.signer, { sign })
  })
})

describe('a session', () => {
  it('is over when it was idle for too long, when its life is over, and when it ends', async () => {
    const idle = await logIn()
    nowMs += 29 * MINUTE_MS
    expect(await login.callerOf(idle.session)).toBeDefined()
    nowMs += 29 * MINUTE_MS
    expect(await login.callerOf(idle.session)).toBeDefined()
    nowMs += 31 * MINUTE_MS
    expect(await login.callerOf(idle.session)).toBeUndefined()

    const { session } = await logIn()
    for (let minutes = 0; minutes < 12 * 60; minutes += 20) {
      expect(await login.callerOf(session)).toBeDefined()
      nowMs += 20 * MINUTE_MS
    }
    expect(await login.callerOf(session)).toBeUndefined()

    const ended = await logIn()
    const elsewhere = await login.end(ended.session, 'http://127.0.0.1:9/app')
    expect(elsewhere).toContain(`${provider.issuer}/end-session?`)
    expect(elsewhere).toContain('id_token_hint=')
    expect(await login.callerOf(ended.session)).toBeUndefined()
    expect(await login.end(ended.session, 'http://127.0.0.1:9/app')).toBeUndefined()
  })

  it('takes a new secret at each login, and the one before is worth nothing', async () => {
    const one = await logIn()
    const other = await logIn('nils', one.session)
    expect(other.session).not.toBe(one.session)
    expect(await login.callerOf(one.session)).toBeUndefined()
    expect((await login.callerOf(other.session))?.subject).toBe('nils')
  })

  it('is kept without its secret, and a ticket is no session', async () => {
    written.length = 0
    const { location, ticket } = await login.begin({ redirectUri: REDIRECT, back: '/app' })
    const { session } = await login.complete({ url: await chosen(location, 'anna'), ticket })
    const kept = JSON.stringify(written)
    expect([kept.includes(session), kept.includes(ticket)]).toEqual([false, false])
    expect(written.map(([digest]) => digest)).toEqual([expect.stringMatching(/^[\w-]{43}$/), expect.stringMatching(/^[\w-]{43}$/)]) // prettier-ignore
    const begun = await login.begin({ redirectUri: REDIRECT, back: '/app' })
    expect(await login.callerOf(begun.ticket)).toBeUndefined()
  })
})
