/** One HTTP request with its whole answer: bounded in size, unpacked, and sent over connections whose addresses were checked. */

import type { Agent, IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { fail } from '../../fhir/error.ts'
import { guardedLookup, hostOf, isReachable, unreachable } from './address.ts'

// importing it by name would load the client of WebSockets as well, which takes 14 MB
const { Agent: HttpAgent, request: requestHttp } = process.getBuiltinModule('node:http')

export interface Sent {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Of the unpacked answer. */
  readonly maxBytes: number
  readonly signal: AbortSignal
}

export interface Received {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Uint8Array
}

/** What sends; its connections are kept for the next request. */
export type Send = (sent: Sent) => Promise<Received>

/**
 * A sender that connects to no special address but those named. It follows no redirect.
 * @throws FhirError `too-long`, `no-store` for an address that is not gone to; the error of the connection otherwise
 */
export function sender(named: ReadonlySet<string>, resolve?: LookupFunction): Send {
  const lookup = guardedLookup(named, resolve)
  const connections = { keepAlive: true, lookup }
  const http = new HttpAgent(connections)
  const https = new HttpsAgent(connections)
  return async (sent) => {
    const host = hostOf(sent.url)
    // an address needs no resolution, so the lookup never sees it
    if (isIP(host) !== 0 && !isReachable(host, named)) throw unreachable()
    const response = await answerTo(sent, sent.url.protocol === 'https:' ? https : http)
    const { statusCode: status = 0, headers } = response
    return { status, headers, body: await bodyOf(response, sent) }
  }
}

function answerTo({ url, method, headers, body, signal }: Sent, agent: Agent): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  request(url, { method, agent, signal, headers: { 'accept-encoding': 'gzip', ...headers, ...length } }, resolve)
    .once('error', reject)
    .end(body)
  return promise
}

async function bodyOf(response: IncomingMessage, { maxBytes, signal }: Sent): Promise<Uint8Array> {
  const encoding = response.headers['content-encoding'] ?? 'identity'
  const gather = (chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> => gathered(chunks, maxBytes)
  if (encoding === 'identity') return pipeline(response, gather, { signal })
  if (encoding === 'gzip') return pipeline(response, createGunzip(), gather, { signal })
  response.destroy()
  throw fail('no-store', 'The answer is packed in a way that was not asked for, expected gzip or nothing')
}

async function gathered(chunks: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.byteLength
    if (size > maxBytes) throw fail('too-long', `The answer is longer than the ${maxBytes} bytes that are read`)
    parts.push(chunk)
  }
  return Buffer.concat(parts)
}
