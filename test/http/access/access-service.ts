/** A service behind its door, over a store with records of several patients, and tokens of every kind for it. */

import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { afterAll } from 'vitest'
import { DEFAULT_ROLES, rolesOf } from '../../../src/access/roles.ts'
import { tokenKeysIn } from '../../../src/edge/jose.ts'
import { bundleSource } from '../../../src/edge/store/bundle.ts'
import { openStore } from '../../../src/edge/store/open-store.ts'
import { openSearch } from '../../../src/edge/store/search/open-search.ts'
import { storeSource } from '../../../src/edge/store/store-source.ts'
import { openTokens } from '../../../src/edge/tokens/tokens.ts'
import { openDoor } from '../../../src/http/access/door.ts'
import { startService, type Start } from '../../../src/http/start.ts'
import { designOf } from '../../../src/main/design.ts'
import type { Source, Store } from '../../../src/ports.ts'
import { readSettings } from '../../../src/settings.ts'
import { demoSigner } from '../../../src/edge/keys/demo.ts'

export const ISSUER = 'https://login.example'
export const AUDIENCE = 'https://records.example/fhir'
export const BASE = AUDIENCE

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256', use: 'sig' }

export type Claims = Readonly<Record<string, unknown>>

export interface TokenOptions {
  readonly alg?: string
  readonly typ?: string
  readonly kid?: string
  readonly key?: KeyObject
  readonly secret?: string
}

/** A token with the claims given over those that hold. */
export function token(claims: Claims = {}, options: TokenOptions = {}): string {
  const { alg = 'ES256', typ = 'at+jwt', kid = 'k1', key = pair.privateKey, secret } = options
  const seconds = Math.floor(Date.now() / 1000)
  const all = { iss: ISSUER, aud: AUDIENCE, sub: 'someone', iat: seconds, exp: seconds + 600, ...claims }
  const head = { alg, typ, kid }
  const input = [head, all].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  if (alg === 'none') return `${input}.`
  if (secret !== undefined) return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

const past = { exp: Math.floor(Date.now() / 1000) - 3_600 }

/** Whoever may everything, for what is to be there before. */
const LOADING = { scope: 'system/*.cruds', roles: ['compose', 'attest', 'sign', 'read', 'administer'], purpose_of_use: ['ETREAT', 'TREAT'] } // prettier-ignore

/** Tokens that are none, each for another reason. */
export const BAD_TOKENS: Readonly<Record<string, string>> = {
  expired: token({ ...LOADING, ...past }),
  'of another issuer': token({ ...LOADING, iss: 'https://elsewhere.example' }),
  'for another audience': token({ ...LOADING, aud: 'https://elsewhere.example/fhir' }),
  'of algorithm none': token(LOADING, { alg: 'none' }),
  'of a secret that is the public key': token(LOADING, { alg: 'HS256', secret: pair.publicKey.export({ format: 'pem', type: 'spki' }).toString() }),
  'of a secret that is the JWK': token(LOADING, { alg: 'HS256', secret: JSON.stringify(jwk) }),
  'signed by another key': token(LOADING, { key: stranger.privateKey }),
  'signed by a key that nobody knows': token(LOADING, { key: stranger.privateKey, kid: 'k2' }),
  'not yet valid': token({ ...LOADING, nbf: Math.floor(Date.now() / 1000) + 3_600 }),
  'without expiry': token({ ...LOADING, exp: undefined }),
  'of another type': token(LOADING, { typ: 'logout+jwt' }),
  'bound to a key': token({ ...LOADING, cnf: { jkt: 'x' } }),
  'with something changed': token(LOADING).replace(/\.[^.]+\./, `.${Buffer.from(JSON.stringify({ ...LOADING, iss: ISSUER, aud: AUDIENCE, sub: 'x', exp: 9_999_999_999 })).toString('base64url')}.`),
  malformed: 'abc.def',
} // prettier-ignore

export const ALL = token(LOADING)

export interface AccessService {
  readonly url: string
  readonly store: Store
  readonly send: (request: Sent, bearer?: string) => Promise<Answered>
}

export interface Sent {
  readonly method?: string
  /** Below the origin: `/fhir/Patient/a`. */
  readonly path: string
  readonly body?: object | string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answered {
  readonly status: number
  readonly text: string
  readonly headers: Readonly<Record<string, string>>
}

export interface AccessOptions {
  readonly store?: string
  readonly consentDefault?: 'permit' | 'deny'
  readonly withheld?: 'refuse' | 'section'
  readonly upstream?: readonly Source[]
}

/** A service that nobody enters without a token. */
export async function accessService(options: AccessOptions = {}): Promise<AccessService> {
  const settings = readSettings({ FHIRDOC_PORT: '0', FHIRDOC_BASE_URL: BASE, FHIRDOC_LIMIT_CONCURRENCY: '200', FHIRDOC_AUDIT: 'off', FHIRDOC_HOSTS: '127.0.0.1' }) // prettier-ignore
  const design = await designOf(settings)
  const clock = { now: () => new Date().toISOString() }
  const search = await openSearch({ ...design.collect, base: BASE }, clock)
  const store = await openStore(options.store ?? 'sqlite::memory:', search)
  const now = `${new Date().toISOString().slice(0, 19)}Z`
  const seal = demoSigner({ now })
  const keys = tokenKeysIn(JSON.stringify({ keys: [jwk] }))
  const tokens = openTokens({
    issuer: ISSUER,
    audience: [AUDIENCE],
    clockToleranceSeconds: 5,
    keys: { current: () => Promise.resolve(keys), renewed: () => Promise.resolve(undefined) },
    rolesOf: (claims) => rolesOf(claims, DEFAULT_ROLES),
  })
  const service: Start['service'] = {
    design,
    edge: {
      now: () => `${new Date().toISOString().slice(0, 19)}Z`,
      uuid: () => crypto.randomUUID(),
      printer: { print: () => Promise.resolve(Buffer.from('%PDF-1.7')), close: () => Promise.resolve() },
      observe: (_, work) => work(),
    },
    store,
    storeSource,
    searchParameters: search.parameters,
    sourceOf: bundleSource.bind(null, 'request'),
    seal: { key: seal.key, seal: true },
    trust: { trust: seal.trust, crls: seal.crls },
    version: '1.2.3',
    startedAt: now,
    metrics: { contentType: 'text/plain', page: () => Promise.resolve('requests 1\n') },
    door: openDoor({ bearer: tokens }),
    ...(options.consentDefault !== undefined && { consentDefault: options.consentDefault }),
    ...(options.withheld !== undefined && { withheld: options.withheld }),
    ...(options.upstream !== undefined && { upstream: options.upstream }),
  }
  const log = { debug: () => undefined, info: () => undefined, error: (fields: unknown) => failures.push(fields) }
  const running = await startService({ settings, service, log })
  afterAll(async () => {
    await running.stop()
    await store.close()
  })
  const send: AccessService['send'] = async ({ method = 'GET', path, body, headers = {} }, bearer) => {
    const answer = await fetch(`${running.url}${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'Content-Type': 'application/fhir+json' }),
        ...(bearer !== undefined && { Authorization: `Bearer ${bearer}` }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const named: Record<string, string> = {}
    answer.headers.forEach((value, name) => (named[name] = value))
    return { status: answer.status, text: await answer.text(), headers: named }
  }
  return { url: running.url, store, send }
}

const failures: unknown[] = []

/** What the service logged as its own failures. */
export function failuresSeen(): readonly unknown[] {
  return failures
}
