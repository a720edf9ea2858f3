/** The body of a request, read as it comes and only up to a limit. */

import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gunzip as gunzipOf } from 'node:zlib'
import { refuse, type Refusal } from './answer.ts'

export interface BodyLimits {
  readonly maxBytes: number
  /** Aborted when the time for the request is over. */
  readonly signal: AbortSignal
}

/**
 * The bytes of a body, unpacked where it came packed.
 * @throws Refusal 413 as soon as the limit is known to be passed, by its Content-Length or while it is read; 408, 400
 * where it does not come to its end
 */
export async function readBody(request: IncomingMessage, { maxBytes, signal }: BodyLimits): Promise<Uint8Array> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLong(maxBytes)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const stop = (error: Error): void => {
      // what still comes is let through to nowhere, so that the client lives to read the answer
      request.removeListener('data', take).resume()
      reject(error)
    }
    const take = (chunk: Buffer): void => {
      size += chunk.length
      if (size > maxBytes) stop(tooLong(maxBytes))
      else chunks.push(chunk)
    }
    signal.addEventListener('abort', () => stop(refuse(408, 'timeout', 'The body did not come in time')), {
      once: true,
    })
    request.on('data', take)
    request.once('end', () => resolve(unpacked(Buffer.concat(chunks), request.headers['content-encoding'], maxBytes)))
    request.once('close', () => request.complete || reject(refuse(400, 'invalid', 'The body broke off before its end')))
    request.once('error', () => reject(refuse(400, 'invalid', 'The body could not be read to its end')))
  })
}

const gunzip = promisify(gunzipOf)

/** The limit is on what the bytes become. */
async function unpacked(bytes: Uint8Array, encoding: string | undefined, maxBytes: number): Promise<Uint8Array> {
  if (encoding?.toLowerCase() !== 'gzip') return bytes
  try {
    return await gunzip(bytes, { maxOutputLength: maxBytes })
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLong(maxBytes)
    throw refuse(400, 'invalid', 'The body is no gzip, as its Content-Encoding says')
  }
}

function tooLong(maxBytes: number): Refusal {
  return refuse(413, 'too-long', `The body is longer than the ${maxBytes} bytes that are allowed`)
}
