/** Tokens are asked for with a signed assertion, used until shortly before they end, and told to nobody. */

import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { assertionBy, readAssertionKey } from '../../../src/edge/jose.ts'
import { backendServices, bearer, type Authorization } from '../../../src/edge/network/authorization.ts'
import { openNetwork } from '../../../src/edge/network/network.ts'
import { FhirError } from '../../../src/fhir/error.ts'
import { testServer, textOf, type TestServer } from './server.ts'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' })
const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string
const signal = AbortSignal.timeout(20_000)

interface Endpoint extends TestServer {
  readonly forms: URLSearchParams[]
}

/** A server with discovery and a token endpoint that counts its tokens. */
async function endpoint(answer: (count: number) => { status?: number; body: unknown }): Promise<Endpoint> {
  const forms: URLSearchParams[] = []
  const server = await testServer((request, response) => {
    if (request.url === '/fhir/.well-known/smart-configuration')
      return void response.end(JSON.stringify({ token_endpoint: `http://${request.headers.host}/token` }))
    void textOf(request).then((text) => {
      forms.push(new URLSearchParams(text))
      const { status = 200, body } = answer(forms.length)
      response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  })
  return { ...server, forms }
}

async function authorizationAt({ url }: TestServer, tokenUrl?: string): Promise<Authorization> {
  const key = await readAssertionKey(pem)
  const claims = { clientId: 'fhirdoc', id: crypto.randomUUID(), issuedAt: 1_770_000_000 }
  return backendServices(
    {
      base: `${url}/fhir`,
      scope: 'system/*.rs',
      assertion: (audience) => assertionBy(key, { ...claims, audience }),
      ...(tokenUrl !== undefined && { tokenUrl }),
    },
    openNetwork(['127.0.0.1'], { pauseMs: 1 }),
  )
}

const token = (count: number): { body: unknown } => ({
  body: { access_token: `secret-${count}`, token_type: 'bearer', expires_in: 300 },
})

describe('backend services', () => {
  it('the assertion says who asks whom, signed with the key', async () => {
    const server = await endpoint(token)
    expect(await (await authorizationAt(server)).header(signal)).toBe('Bearer secret-1')
    const [form] = server.forms
    const [head = '', body = '', signature = ''] = (form?.get('client_assertion') ?? '').split('.')
    const read = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString())
    expect(read(head)).toMatchObject({ alg: 'ES384', typ: 'JWT', kid: (await readAssertionKey(pem)).kid })
    expect(read(body)).toMatchObject({ iss: 'fhirdoc', sub: 'fhirdoc', aud: `${server.url}/token`, iat: 1_770_000_000, exp: 1_770_000_240 }) // prettier-ignore
    const isGood = verify(
      'sha384',
      Buffer.from(`${head}.${body}`),
      { key: createPublicKey(publicKey.export({ format: 'pem', type: 'spki' })), dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    )
    expect(isGood).toBe(true)
    expect(form?.get('grant_type')).toBe('client_credentials')
    expect(form?.get('scope')).toBe('system/*.rs')
  })

  it('one token serves many, and the token endpoint may be named', async () => {
    const server = await endpoint(token)
    const authorization = await authorizationAt(server, `${server.url}/token`)
    await Promise.all(Array.from({ length: 10 }, () => authorization.header(signal)))
    expect([server.forms.length, server.requests.length]).toEqual([1, 1])
  })

  it('a token is used until shortly before it ends', async () => {
    const server = await endpoint(token)
    const authorization = await authorizationAt(server)
    const clock = vi.spyOn(performance, 'now')
    try {
      clock.mockReturnValue(0)
      await authorization.header(signal)
      clock.mockReturnValue(269_000)
      expect(await authorization.header(signal)).toBe('Bearer secret-1')
      clock.mockReturnValue(271_000)
      expect(await authorization.header(signal)).toBe('Bearer secret-2')
    } finally {
      clock.mockRestore()
    }
  })

  it('a token that was refused is renewed once for all who had it', async () => {
    const server = await endpoint(token)
    const authorization = await authorizationAt(server)
    const first = await authorization.header(signal)
    const renewed = await Promise.all([1, 2, 3].map(async () => authorization.renewed?.(first, signal)))
    expect(renewed).toEqual(Array(3).fill('Bearer secret-2'))
    expect(server.forms).toHaveLength(2)
  })

  it.each([
    ['a refusal', { status: 400, body: { error: 'invalid_client', token: 'secret-x' } }],
    ['no JSON', { body: 'secret-x' }],
    ['no token', { body: { token_type: 'bearer' } }],
    ['another kind of token', { body: { access_token: 'secret-x', token_type: 'mac' } }],
    ['a token with a line break', { body: { access_token: 'secret-x\r\nHost: x', token_type: 'bearer' } }],
  ])('%s is an error that tells no secret', async (_, answer) => {
    const server = await endpoint(() => answer)
    const error = await (await authorizationAt(server)).header(signal).catch((cause: unknown) => cause)
    expect(error instanceof FhirError && error.issues[0].code).toBe('no-store')
    expect(JSON.stringify([String(error), (error as Error).stack, (error as Error).cause])).not.toContain('secret-x')
  })

  it('a token endpoint on a host that nobody named is not asked', async () => {
    const server = await testServer((_, response) => {
      response.end(JSON.stringify({ token_endpoint: 'http://elsewhere.invalid/token' }))
    })
    await expect((await authorizationAt(server)).header(signal)).rejects.toThrow('do not name')
    expect(server.requests).toHaveLength(1)
  })
})

describe('keys', () => {
  it('RSA signs as RS384, and a JWK brings its own name', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const jwk = { ...rsa.export({ format: 'jwk' }), kid: 'key-1' }
    expect(await readAssertionKey(JSON.stringify(jwk))).toMatchObject({ alg: 'RS384', kid: 'key-1' })
  })

  it.each([
    ['P-256', generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey],
    ['Ed25519', generateKeyPairSync('ed25519').privateKey],
    ['RSA of 1024 bits', generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey],
  ])('%s is refused', async (_, key) => {
    await expect(readAssertionKey(key.export({ format: 'pem', type: 'pkcs8' }) as string)).rejects.toThrow('P-384')
  })

  it.each(['', 'nonsense', '{', '{"kty":"EC"}', pem.slice(0, 80)])('what is no key is refused', async (text) => {
    await expect(readAssertionKey(text)).rejects.toThrow('cannot be read')
  })
})

it('a bearer token is sent as given, and one that would break the header is refused', async () => {
  expect(await bearer('abc').header(signal)).toBe('Bearer abc')
  expect(() => bearer('abc\r\nHost: x')).toThrow('no token has')
})
