/** Tokens, their keys and what their issuer says of them, against an issuer that listens here. */

import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DEFAULT_ROLES, rolesOf } from '../../../src/access/roles.ts'
import { introspection } from '../../../src/edge/tokens/introspection.ts'
import { issuerKeys } from '../../../src/edge/tokens/issuer-keys.ts'
import { openTokens, type Tokens, type TokensOptions } from '../../../src/edge/tokens/tokens.ts'

const AUDIENCE = 'https://records.example/fhir'
const pairs = { one: generateKeyPairSync('ec', { namedCurve: 'P-256' }), two: generateKeyPairSync('ec', { namedCurve: 'P-256' }), rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }) } // prettier-ignore
type Name = keyof typeof pairs

let issuer = ''
let published: readonly Name[] = ['one']
let asked = 0
let isDown = false
let said: object = { active: false }
let authorization = ''

const server = createServer((request, response) => {
  asked += 1
  authorization = request.headers.authorization ?? ''
  response.setHeader('Content-Type', 'application/json')
  if (isDown) return void response.writeHead(503).end('{}')
  if (request.url === '/.well-known/openid-configuration') return void response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` })) // prettier-ignore
  if (request.url === '/introspect') return void request.resume().on('end', () => response.end(JSON.stringify(said)))
  response.end(JSON.stringify({ keys: published.map((name) => ({ ...pairs[name].publicKey.export({ format: 'jwk' }), kid: name })) })) // prettier-ignore
})
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())
beforeEach(() => {
  published = ['one']
  asked = 0
  isDown = false
})

function token(by: Name, claims: object = {}, head: object = {}): string {
  const pair = pairs[by]
  const seconds = Math.floor(Date.now() / 1000)
  const all = { iss: issuer, aud: AUDIENCE, sub: 's', exp: seconds + 600, scope: 'user/*.rs', ...claims }
  const alg = by === 'rsa' ? 'RS256' : 'ES256'
  const input = [{ alg, kid: by, ...head }, all].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') // prettier-ignore
  return `${input}.${sign('sha256', Buffer.from(input), { key: pair.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

let ms = 0
function opened(members: Partial<TokensOptions> = {}): Tokens {
  return openTokens({
    issuer,
    audience: [AUDIENCE],
    clockToleranceSeconds: 10,
    keys: issuerKeys({ issuer, clock: () => ms }),
    rolesOf: (claims) => rolesOf(claims, DEFAULT_ROLES),
    ...members,
  })
}

describe('the keys of an issuer', () => {
  it('are found out from it, and read once', async () => {
    const tokens = opened()
    expect(await tokens(token('one'))).toMatchObject({ issuer, subject: 's', scopes: ['user/*.rs'] })
    await tokens(token('one', { sub: 't' }))
    expect(asked).toBe(2)
  })

  it('are read again where a token names another, and not over and over', async () => {
    const tokens = opened()
    await tokens(token('one'))
    await expect(tokens(token('two'))).rejects.toThrow('no key of the issuer')
    published = ['one', 'two']
    await expect(tokens(token('two'))).rejects.toThrow('no key of the issuer')
    const before = asked
    ms += 31_000
    expect(await tokens(token('two'))).toMatchObject({ subject: 's' })
    for (let count = 0; count < 20; count += 1) await tokens(token('rsa')).catch(() => undefined)
    expect(asked - before).toBeLessThanOrEqual(4)
  })

  it('that were taken away are not trusted for ever', async () => {
    const tokens = opened()
    await tokens(token('one'))
    published = ['two']
    ms += 11 * 60_000
    await expect(tokens(token('one', { sub: 'later' }))).rejects.toThrow('no key of the issuer')
  })

  it('that cannot be had let nobody in, and say so', async () => {
    isDown = true
    await expect(opened()(token('one'))).rejects.toMatchObject({ status: 503 })
  })

  it('on another host than the issuer are never asked for', async () => {
    const keys = issuerKeys({ issuer, network: (hosts) => ({ url }) => { expect(hosts).toEqual(['127.0.0.1']); return Promise.resolve({ status: 200, headers: {}, body: Buffer.from(url.includes('well-known') ? JSON.stringify({ issuer: 'https://other.example', jwks_uri: 'https://other.example/keys' }) : '{}') }) } }) // prettier-ignore
    await expect(keys.current()).rejects.toMatchObject({ status: 503 })
  })
})

describe('a token', () => {
  it.each([
    ['an audience among several', { aud: ['x', AUDIENCE] }],
    ['a list of scopes', { scope: undefined, scp: ['user/*.rs'] }],
  ])('with %s is taken', async (_, claims) => {
    expect((await opened()(token('one', claims))).scopes).toEqual(['user/*.rs'])
  })

  it('says who somebody is and why they ask', async () => {
    const claims = { azp: 'app', fhirUser: 'Practitioner/1', patient: 'p', name: 'N', roles: ['sign'], extensions: { ihe_iua: { purpose_of_use: [{ system: 'x', code: 'TREAT' }] } } } // prettier-ignore
    expect(await opened()(token('one', claims))).toEqual({ issuer, subject: 's', name: 'N', client: 'app', fhirUser: 'Practitioner/1', patient: 'p', scopes: ['user/*.rs'], roles: ['sign'], purposes: ['TREAT'] }) // prettier-ignore
  })

  it('is remembered until it expires, and not longer', async () => {
    let nowMs = Date.now()
    const tokens = opened({ nowMs: () => nowMs })
    const short = token('one', { exp: Math.floor(nowMs / 1000) + 60 })
    const first = await tokens(short)
    expect(await tokens(short)).toBe(first)
    nowMs += 71_000
    await expect(tokens(short)).rejects.toMatchObject({ status: 401 })
  })

  it('is never taken by a secret that is a public key, whatever its form', async () => {
    published = ['one', 'rsa']
    const { publicKey } = pairs.rsa
    const secrets = [
      publicKey.export({ format: 'pem', type: 'spki' }).toString(),
      publicKey.export({ format: 'pem', type: 'pkcs1' }).toString(),
      JSON.stringify(publicKey.export({ format: 'jwk' })),
    ]
    const [, claims = ''] = token('rsa').split('.')
    for (const alg of ['HS256', 'none'])
      for (const secret of secrets) {
        const input = `${Buffer.from(JSON.stringify({ alg, kid: 'rsa' })).toString('base64url')}.${claims}`
        const signature = alg === 'none' ? '' : createHmac('sha256', secret).update(input).digest('base64url')
        await expect(opened()(`${input}.${signature}`)).rejects.toMatchObject({ status: 401 })
      }
    expect((await opened()(token('rsa'))).subject).toBe('s')
  })

  it('holds as long as the clocks may differ, and no longer', async () => {
    const seconds = Math.floor(Date.now() / 1000)
    for (const claims of [{ exp: seconds - 8 }, { nbf: seconds + 8 }, { iat: seconds + 8 }])
      expect((await opened()(token('one', claims))).subject).toBe('s')
    for (const claims of [
      { exp: seconds - 13 },
      { nbf: seconds + 13 },
      { iat: seconds + 13 },
      { aud: ['x', 'y'] },
      { aud: [] },
    ])
      await expect(opened()(token('one', claims)), JSON.stringify(claims)).rejects.toMatchObject({ status: 401 })
  })

  it('that names its user in no text is not taken', async () => {
    for (const fhirUser of [['Patient/a'], { reference: 'Patient/a' }, 1, null])
      await expect(opened()(token('one', { fhirUser }))).rejects.toMatchObject({ issues: [{ code: 'login' }] })
  })

  it('with a key in its head is judged by the keys of the issuer alone', async () => {
    const jwk = pairs.two.publicKey.export({ format: 'jwk' })
    await expect(opened()(token('two', {}, { jwk, kid: 'one' }))).rejects.toThrow('does not verify')
    await expect(opened()(token('one', {}, { crit: ['x'], x: 1 }))).rejects.toMatchObject({ status: 401 })
  })
})

describe('an issuer that is asked', () => {
  const by = (): Partial<TokensOptions> => ({
    introspection: introspection({ url: `${issuer}/introspect`, clientId: 'me', clientSecret: 'se:cret' }),
  })

  it('decides of tokens that say nothing themselves', async () => {
    said = { active: true, aud: AUDIENCE, exp: Date.now() / 1000 + 60, sub: 'o', scope: 'user/*.r' }
    expect(await opened(by())('opaque')).toMatchObject({ subject: 'o', scopes: ['user/*.r'] })
    expect(authorization).toBe(`Basic ${Buffer.from('me:se%3Acret').toString('base64')}`)
  })

  it.each([
    ['is not active', { active: false }],
    ['is for another', { active: true, aud: 'x', exp: 9_999_999_999 }],
    ['is for nobody in particular', { active: true, exp: 9_999_999_999 }],
    ['is over', { active: true, aud: AUDIENCE, exp: 1 }],
    ['never expires', { active: true, aud: AUDIENCE }],
  ])('and says that it %s lets nobody in', async (_, answer) => {
    said = answer
    await expect(opened(by())('opaque')).rejects.toMatchObject({ status: 401 })
  })

  it('may take back a token that still verifies', async () => {
    said = { active: false }
    await expect(opened(by())(token('one'))).rejects.toThrow('not active')
  })

  it('and does not answer lets nobody in', async () => {
    isDown = true
    await expect(opened(by())('opaque')).rejects.toMatchObject({ status: 503 })
  })
})
