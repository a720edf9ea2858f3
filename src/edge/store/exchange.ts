/** Exchanges with one FHIR server: JSON in both directions, redirects only to named hosts, credentials only to the server itself. */

import { fail, FhirError } from '../../fhir/error.ts'
import { parseJson } from '../../fhir/json.ts'
import type { Json } from '../../fhir/types.ts'
import { hostOf } from '../network/address.ts'
import type { Authorization } from '../network/authorization.ts'
import { openNetwork, type Network, type NetworkOptions } from '../network/network.ts'
import type { Received } from '../network/send.ts'

export interface ExchangeOptions extends NetworkOptions {
  /** Names and addresses that may be asked besides the server's own. */
  readonly hosts?: readonly string[]
  /** Those that are asked for tokens alone. */
  readonly tokenHosts?: readonly string[]
  /** How the server is told who asks. */
  readonly authorization?: (network: Network) => Authorization
}

export interface Request {
  /** Below the base, or the whole URL of a page that the server named. */
  readonly path: string
  /** What an error calls it; the path where absent. */
  readonly name?: string
  /** A POST of this text; else a GET. */
  readonly body?: string
  /** The version that need not be sent again. */
  readonly ifNoneMatch?: string
}

export interface Answer {
  readonly status: number
  /** Of an answer with status 2xx. */
  readonly body?: Json
}

/**
 * The answer to a request, in the time of the signal. What is neither an answer of the server nor sound JSON is an error.
 * @throws FhirError `timeout`, or `no-store`, also for an address off the base that is not on the list
 */
export type Exchange = (request: Request, signal: AbortSignal) => Promise<Answer>

const MAX_REDIRECTS = 5
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
/** Redirects after which a POST stays one. */
const KEEPS_METHOD: ReadonlySet<number> = new Set([307, 308])
const LATE: ReadonlySet<number> = new Set([408, 504])

/** The error for an answer that is neither the resource nor its absence: the service could not read, whoever asks it. */
export function refusal(status: number, name: string): FhirError {
  const code = LATE.has(status) ? 'timeout' : 'no-store'
  return fail(code, `The FHIR server answered ${status} to ${name}, expected 200`)
}

/** Whether a URL is the base or below it; dots in its path are resolved first. */
export function isBelow(base: string, url: string): boolean {
  const [target, { origin, pathname }] = [URL.parse(url), new URL(base)]
  const root = pathname.endsWith('/') ? pathname : `${pathname}/`
  return target?.origin === origin && (target.pathname === pathname || target.pathname.startsWith(root))
}

/** Exchanges with the server at a base. */
export function exchangeWith(base: string, options: ExchangeOptions = {}): Exchange {
  const further = new Set((options.hosts ?? []).map((host) => host.toLowerCase()))
  const network = openNetwork([hostOf(new URL(base)), ...further, ...(options.tokenHosts ?? [])], options)
  const client: Client = { base, further, network, authorization: options.authorization?.(network) }
  return async (request, signal) => {
    const name = request.name ?? request.path
    try {
      const { status, body } = await authorized(client, request, signal)
      return status < 200 || status > 299 ? { status } : { status, body: jsonOf(body) }
    } catch (cause) {
      throw named(cause, name)
    }
  }
}

interface Client {
  readonly base: string
  /** Hosts besides that of the base. */
  readonly further: ReadonlySet<string>
  readonly network: Network
  readonly authorization: Authorization | undefined
}

/** The message with the request that it is about; what lies below it stays for the log. */
function named(cause: unknown, name: string): unknown {
  if (!(cause instanceof FhirError)) return cause
  const [{ code, text }] = cause.issues
  // whoever asks here sent nothing that is too long
  const own = code === 'too-long' ? 'no-store' : code
  return fail(own, `The FHIR server could not be asked for ${name}: ${text}`, { cause: cause.cause })
}

/** Once more with new credentials where those at hand are no longer taken. */
async function authorized(client: Client, request: Request, signal: AbortSignal): Promise<Received> {
  const { authorization } = client
  const credentials = await authorization?.header(signal)
  const received = await followed(client, request, { credentials, signal })
  if (received.status !== 401 || credentials === undefined) return received
  const renewed = await authorization?.renewed?.(credentials, signal)
  return renewed === undefined ? received : followed(client, request, { credentials: renewed, signal })
}

interface Passage {
  readonly credentials: string | undefined
  readonly signal: AbortSignal
}

async function followed(client: Client, request: Request, { credentials, signal }: Passage): Promise<Received> {
  const { base, network } = client
  const { path, body } = request
  const method = body === undefined ? 'GET' : 'POST'
  let url = /^https?:/i.test(path) ? path : path === '' ? base : `${base}/${path}`
  if (!isBelow(base, url)) throw fail('no-store', 'It points to an address off its base, which is not followed')
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    const authorization = isBelow(base, url) ? credentials : undefined
    const received = await network({ method, url, signal, ...content(request, authorization) })
    const { location } = received.headers
    const isFollowed = method === 'GET' ? REDIRECTS.has(received.status) : KEEPS_METHOD.has(received.status)
    if (!isFollowed || location === undefined) return received
    url = redirected(client, url, location)
  }
  throw fail('no-store', `It redirects more than ${MAX_REDIRECTS} times`)
}

function content(
  { body, ifNoneMatch }: Request,
  authorization: string | undefined,
): Pick<Parameters<Network>[0], 'headers' | 'body'> {
  const headers = {
    accept: 'application/fhir+json',
    ...(ifNoneMatch !== undefined && { 'if-none-match': ifNoneMatch }),
    ...(authorization !== undefined && { authorization }),
    ...(body !== undefined && { 'content-type': 'application/fhir+json' }),
  }
  return body === undefined ? { headers } : { headers, body }
}

/**
 * The address that a redirect leads to.
 * @throws FhirError `no-store` where it leads off the base to a host that is not on the list, or from https to http
 */
export function redirected(
  { base, further }: Pick<Client, 'base' | 'further'>,
  from: string,
  location: string,
): string {
  const target = URL.parse(location, from)
  const isAllowed = target !== null && (isBelow(base, target.href) || further.has(hostOf(target)))
  if (!isAllowed) throw fail('no-store', 'It points to an address off its base, which is not followed')
  if (from.startsWith('https:') && target.protocol !== 'https:')
    throw fail('no-store', 'It redirects from https to http, which is not followed')
  return target.href
}

function jsonOf(bytes: Uint8Array): Json {
  try {
    return parseJson(bytes)
  } catch (cause) {
    throw fail('no-store', 'The answer is no sound JSON', { cause })
  }
}
