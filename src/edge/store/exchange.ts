/** One exchange with a FHIR server: bounded in time and size, and never with another address than below the base. */

import { fail, FhirError } from '../../fhir/error.ts'
import type { IssueCode } from '../../fhir/issue.ts'
import { parseJson } from '../../fhir/json.ts'
import type { Json } from '../../fhir/types.ts'

export interface ExchangeOptions {
  /** Sent with every request, such as Authorization. */
  readonly headers?: Readonly<Record<string, string>>
  /** For one request with its answer (30,000). */
  readonly timeoutMs?: number
  /** Of one answer (64 MiB). */
  readonly maxBytes?: number
  readonly fetch?: typeof fetch
}

export interface Request {
  /** Below the base, or the whole URL of a page that the server named. */
  readonly path: string
  /** A POST of this text; else a GET. */
  readonly body?: string
}

export interface Answer {
  readonly status: number
  /** Of an answer with status 2xx. */
  readonly body?: Json
}

const MEBIBYTE = 1024 * 1024
const defaults = { timeoutMs: 30_000, maxBytes: 64 * MEBIBYTE } as const
const MAX_REDIRECTS = 5
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** How the status of an answer is reported; others are `no-store`. */
const CODES: Readonly<Record<number, IssueCode>> = {
  401: 'login',
  403: 'forbidden',
  408: 'timeout',
  429: 'throttled',
  503: 'transient',
  504: 'timeout',
}

/** The error for an answer that is neither the resource nor its absence. */
export function refusal(status: number, path: string): FhirError {
  return fail(CODES[status] ?? 'no-store', `The FHIR server answered ${status} to ${path}, expected 200`)
}

/** Whether a URL is the base or below it; dots in its path are resolved first. */
function isBelow(base: string, url: string): boolean {
  const target = URL.parse(url)?.href
  const { href } = new URL(base)
  return target !== undefined && (target === href || target.startsWith(href.endsWith('/') ? href : `${href}/`))
}

/**
 * The answer to a request below a base.
 * @throws FhirError `timeout`, `too-long`, or `no-store` where there is no answer, no JSON, or a redirect off the base
 */
export async function exchange(base: string, request: Request, options: ExchangeOptions = {}): Promise<Answer> {
  const signal = AbortSignal.timeout(options.timeoutMs ?? defaults.timeoutMs)
  try {
    const response = await send(base, request, { options, signal })
    if (!response.ok) {
      await response.body?.cancel()
      return { status: response.status }
    }
    const bytes = await bytesOf(response, options.maxBytes ?? defaults.maxBytes)
    return { status: response.status, body: jsonOf(bytes, request.path) }
  } catch (cause) {
    if (cause instanceof FhirError) throw cause
    if (signal.aborted) throw fail('timeout', `The FHIR server did not answer ${request.path} in time`, { cause })
    throw fail('no-store', `The FHIR server gave no answer to ${request.path}`, { cause })
  }
}

interface Sending {
  readonly options: ExchangeOptions
  readonly signal: AbortSignal
}

async function send(base: string, { path, body }: Request, { options, signal }: Sending): Promise<Response> {
  let url = /^https?:/i.test(path) ? path : path === '' ? base : `${base}/${path}`
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    if (!isBelow(base, url))
      throw fail('no-store', 'The FHIR server points to an address off its base, which is not followed')
    const response = await (options.fetch ?? fetch)(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'application/fhir+json',
        ...(body !== undefined && { 'content-type': 'application/fhir+json' }),
        ...options.headers,
      },
      ...(body !== undefined && { body }),
      redirect: 'manual',
      signal,
    })
    if (!REDIRECTS.has(response.status)) return response
    await response.body?.cancel()
    url = new URL(response.headers.get('location') ?? '', url).href
  }
  throw fail('no-store', `The FHIR server redirects more than ${MAX_REDIRECTS} times`)
}

async function bytesOf(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > maxBytes) throw fail('too-long', `The FHIR server's answer is longer than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function jsonOf(bytes: Uint8Array, path: string): Json {
  try {
    return parseJson(bytes)
  } catch (cause) {
    throw fail('no-store', `The FHIR server's answer to ${path} is no sound JSON`, { cause })
  }
}
