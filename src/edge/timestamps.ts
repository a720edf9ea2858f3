/**
 * A time-stamping authority at its configured address, and the protocol that it is asked by.
 * @see https://www.rfc-editor.org/rfc/rfc3161#section-2.4
 */

import { randomBytes } from 'node:crypto'
import { child, identifierOf, integerOf, octetsOf, readDer, TAG, type Element } from '../fhir/der.ts'
import * as der from '../fhir/der-write.ts'
import { fail } from '../fhir/error.ts'
import type { TimeStamper } from '../ports.ts'
import { hostOf } from './network/address.ts'
import { openNetwork, type NetworkOptions } from './network/network.ts'

const TIMEOUT_MS = 15_000
const MOST_BYTES = 1024 * 1024
const SHA256 = '2.16.840.1.101.3.4.2.1'
const NULL = Buffer.from([0x05, 0x00])

/** The authority at the address, `https://tsa.example/tsa`. @throws FhirError `value` where it is no HTTP address */
export function openTimeStamper(address: string, options: NetworkOptions = {}): TimeStamper {
  const url = URL.parse(address)
  if (url === null) throw fail('value', 'The address of the time-stamping authority is none, expected an HTTP URL')
  const network = openNetwork([hostOf(url)], { timeoutMs: TIMEOUT_MS, maxBytes: MOST_BYTES, attempts: 2, ...options })
  return {
    stamp: async (digest) => {
      const nonce = der.integer(BigInt(`0x7f${randomBytes(12).toString('hex')}`))
      const { status, body } = await network({
        method: 'POST',
        url: address,
        headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
        body: queryOf(digest, nonce),
        signal: AbortSignal.timeout(2 * TIMEOUT_MS),
      })
      if (status !== 200) throw noStamp(`it answered with HTTP ${status}`)
      return tokenIn(body, digest, nonce)
    },
  }
}

function noStamp(why: string): Error {
  return fail('no-store', `The time-stamping authority gave no time-stamp: ${why}`)
}

/** The TimeStampReq: the certificate of the authority is to come along. */
function queryOf(digest: Uint8Array, nonce: Uint8Array): Uint8Array {
  const imprint = der.sequence(der.sequence(der.objectIdentifier(SHA256), NULL), der.octetString(digest))
  return der.sequence(der.integer(1), imprint, nonce, der.yes)
}

/** The token of a TimeStampResp, where it answers this very request. @throws FhirError `no-store` */
export function tokenIn(response: Uint8Array, digest: Uint8Array, nonce: Uint8Array): Uint8Array {
  const parsed = readDer(response)
  const status = integerOf(child(child(parsed, 0, TAG.sequence), 0, TAG.integer))
  if (status > 1) throw noStamp(`its status is ${status}`)
  const token = child(parsed, 1, TAG.sequence)
  const info = infoIn(token)
  const imprint = child(info, 2, TAG.sequence)
  const isOfDigest =
    identifierOf(child(child(imprint, 0), 0)) === SHA256 &&
    Buffer.compare(octetsOf(child(imprint, 1, TAG.octetString)), digest) === 0
  if (!isOfDigest) throw noStamp('it stamped another digest')
  if (!info.children.slice(5).some(({ bytes }) => Buffer.compare(bytes, nonce) === 0))
    throw noStamp('its answer is to another request')
  return Buffer.from(token.bytes)
}

/** The TSTInfo inside the signed data of a token. */
function infoIn(token: Element): Element {
  const data = child(child(token, 1, 0xa0), 0, TAG.sequence)
  const content = child(child(data, 2, TAG.sequence), 1, 0xa0)
  return readDer(octetsOf(child(content, 0)))
}
