/** A key at a trust service: what is sent, what is refused, and that no token gets out. */

import { createPrivateKey, sign, verify, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { openRemote, type RemoteSigner } from '../../../src/edge/keys/remote.ts'
import type { JsonObject } from '../../../src/fhir/types.ts'
import type { Alg } from '../../../src/ports.ts'
import { keyFile } from '../../signing.ts'
import { testServer, textOf, type TestServer } from '../network/server.ts'

const TOKEN = 'planted-token-of-the-service'
const OCTETS = Buffer.from('octets')

interface Asked {
  readonly method: string
  readonly members: JsonObject
}

interface Service extends TestServer {
  readonly asked: readonly Asked[]
}

/** A service after the rules of CSC, whose key is one of the tests; `answers` stand in for its own. */
async function service(
  name: 'p256' | 'rsa',
  answers: Readonly<Record<string, JsonObject | number>> = {},
): Promise<Service> {
  const pem = readFileSync(keyFile(`test-${name}.chain.pem`), 'utf8')
  const chain = pem.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? []
  const key = createPrivateKey(readFileSync(keyFile(`test-${name}.pem`)))
  const asked: Asked[] = []
  const own = (method: string, members: JsonObject): JsonObject => {
    if (method === 'credentials/list') return { credentialIDs: ['one'] }
    if (method === 'credentials/info')
      return {
        key: { status: 'enabled', algo: [] },
        cert: { certificates: chain.map((one) => new X509Certificate(one).raw.toString('base64')) },
        auth: { mode: 'implicit' },
      }
    // the digest alone comes here, so that the test signs the octets that it knows
    expect(members['hashes']).toEqual([expect.stringMatching(/^[\w+/]{43}=$/)])
    return { signatures: [sign('sha256', OCTETS, key).toString('base64')] }
  }
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const method = request.url?.replace('/csc/v2/', '') ?? ''
    const members = JSON.parse(await textOf(request)) as JsonObject
    asked.push({ method, members })
    const given = answers[method] ?? own(method, members)
    if (typeof given === 'number') response.writeHead(given).end(`{"error":"${TOKEN}"}`)
    else response.end(JSON.stringify(given))
  }
  const server = await testServer((request, response) => void answer(request, response))
  return { ...server, asked }
}

function signerAt({ url }: TestServer, credential?: string): RemoteSigner {
  return { url: `${url}/csc/v2`, token: TOKEN, credential }
}

describe('a remote signer', () => {
  it.each([
    ['p256', undefined, 'ES256', '1.2.840.10045.4.3.2'],
    ['rsa', undefined, 'RS256', '1.2.840.113549.1.1.11'],
  ] as const)('signs with the key %s by its digest alone', async (name, wish, alg: Alg, signAlgo) => {
    const server = await service(name)
    const key = await openRemote(signerAt(server), { alg: wish })
    expect([key.alg, key.certificates.length]).toEqual([alg, 2])
    const { publicKey } = new X509Certificate(key.certificates[0] ?? '')
    const value = await key.sign(OCTETS)
    expect(verify('sha256', OCTETS, { key: publicKey, dsaEncoding: 'ieee-p1363' }, value)).toBe(true)
    expect(server.asked.map(({ method }) => method)).toEqual([
      'credentials/list',
      'credentials/info',
      'signatures/signHash',
    ])
    expect(server.asked[2]?.members).toMatchObject({
      credentialID: 'one',
      signAlgo,
      hashAlgorithmOID: '2.16.840.1.101.3.4.2.1',
    })
    expect(JSON.stringify(server.asked)).not.toContain(OCTETS.toString('base64'))
    expect(server.requests.every(({ headers }) => headers.authorization === `Bearer ${TOKEN}`)).toBe(true)
  })

  it('is asked for the credential that is named', async () => {
    const server = await service('p256')
    await openRemote(signerAt(server, 'two'))
    expect(server.asked).toEqual([
      { method: 'credentials/info', members: { credentialID: 'two', certificates: 'chain' } },
    ])
  })

  it.each<[string, Readonly<Record<string, JsonObject | number>>, RegExp]>([
    ['several credentials', { 'credentials/list': { credentialIDs: ['one', 'two'] } }, /not exactly one credential/],
    ['a disabled key', { 'credentials/info': { key: { status: 'disabled' } } }, /is not enabled/],
    ['a PIN for each signature', { 'credentials/info': { key: { status: 'enabled' }, auth: { mode: 'explicit' } } }, /confirmed by its person/],
    ['no certificate', { 'credentials/info': { key: { status: 'enabled' } } }, /gives no certificate/],
    ['no right', { 'credentials/list': 401 }, /answered credentials\/list with 401/],
  ])('is refused with %s, without a word of its token', async (_, answers, text) => {
    const opening = openRemote(signerAt(await service('p256', answers)))
    const error = await opening.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ message: expect.stringMatching(text) as string, issues: [{ rule: 'signer-key' }] })
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain(TOKEN)
  }) // prettier-ignore

  it('is asked over TLS alone where it is elsewhere', async () => {
    await expect(openRemote({ url: 'http://signer.example/csc/v2' })).rejects.toThrow('is not https')
  })

  it('that does not answer in time is refused', async () => {
    const server = await testServer(() => undefined)
    await expect(openRemote(signerAt(server), { timeoutMs: 100 })).rejects.toThrow(/did not come in time/)
  })
})
