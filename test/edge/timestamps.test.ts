/** A time-stamping authority as it is asked, and the answers that are no time-stamp. */

import { describe, expect, it } from 'vitest'
import { openTimeStamper } from '../../src/edge/timestamps.ts'
import { child, readDer, TAG, octetsOf, tagged } from '../../src/fhir/der.ts'
import * as der from '../../src/fhir/der-write.ts'
import { FhirError } from '../../src/fhir/error.ts'
import { validateTimestamp } from '../../src/sign/timestamp.ts'
import { readCertificate, readCrl } from '../../src/sign/x509.ts'
import { testAuthority } from '../signing.ts'
import { sha256, testTsa } from '../stamping.ts'
import { testServer } from './network/server.ts'

const root = testAuthority('Root')
const GEN = '2026-03-01T10:30:00Z'
const tsa = testTsa(root, GEN)
const data = Buffer.from('the octets')
const digest = sha256(data)

interface Query {
  readonly digest: Uint8Array
  readonly nonce: Uint8Array
}

/** An authority that answers a query as the test wants. */
async function authority(answer: (query: Query) => Uint8Array, status = 200): Promise<{ readonly url: string }> {
  return testServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const query = readDer(Buffer.concat(chunks))
      const imprint = octetsOf(child(child(query, 1), 1))
      const nonce = query.children.slice(1).find(({ tag }) => tag === TAG.integer)?.bytes ?? Buffer.of()
      response.writeHead(status, { 'content-type': 'application/timestamp-reply' })
      response.end(answer({ digest: imprint, nonce }))
    })
  })
}

function reply(status: number, token?: Uint8Array): Uint8Array {
  return der.sequence(der.sequence(der.integer(status)), ...(token === undefined ? [] : [token]))
}

it('gives a token that proves its time', async () => {
  const { url } = await authority(({ digest: asked, nonce }) => reply(0, tsa.token(asked, { nonce })))
  const token = await openTimeStamper(url).stamp(digest)
  const trust = {
    anchors: [readCertificate(root.anchor)],
    material: [{ crls: [readCrl(root.list())], ocsps: [] }],
    atMs: Date.parse('2026-03-01T11:00:00Z'),
  }
  expect(validateTimestamp(token, data, trust)).toMatchObject({ fault: undefined, genTimeMs: Date.parse(GEN) })
  expect(tagged(readDer(token), 0xa0)).toBeDefined()
})

describe('is refused where the answer', () => {
  it.each<readonly [string, (query: Query) => Uint8Array, RegExp]>([
    ['has another status', ({ digest: asked, nonce }) => reply(2, tsa.token(asked, { nonce })), /status is 2/],
    ['has no token', () => reply(0), /DER/],
    [
      'stamps another digest',
      ({ nonce }) => reply(0, tsa.token(sha256(Buffer.from('x')), { nonce })),
      /another digest/,
    ],
    ['has no nonce', ({ digest: asked }) => reply(0, tsa.token(asked)), /another request/],
    [
      'has another nonce',
      ({ digest: asked }) => reply(0, tsa.token(asked, { nonce: der.integer(7) })),
      /another request/,
    ],
    ['is no DER', () => Buffer.from('sorry'), /DER/],
  ])('%s', async (_, answer, text) => {
    const { url } = await authority(answer)
    await expect(openTimeStamper(url, { attempts: 1 }).stamp(digest)).rejects.toThrow(text)
  })

  it('is an error of HTTP', async () => {
    const { url } = await authority(() => Buffer.of(), 500)
    await expect(openTimeStamper(url).stamp(digest)).rejects.toThrow(/HTTP 500/)
  })

  it('does not come in time', async () => {
    const { url } = await testServer(() => undefined)
    await expect(openTimeStamper(url, { timeoutMs: 50, attempts: 1 }).stamp(digest)).rejects.toThrow(/in time/)
  })
})

it('is at an address', () => {
  expect(() => openTimeStamper('not an address')).toThrow(FhirError)
})
