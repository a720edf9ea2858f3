/** Who may speak to the service: a page elsewhere must not use it through its visitor's browser (H-18). */

import { LOOPBACK } from '../settings.ts'
import { excerpt } from '../shape.ts'
import { refuse, type Headers } from './answer.ts'

/** Names in lower case without port; origins as browsers send them. */
export interface Allowed {
  readonly hosts: readonly string[]
  readonly origins: readonly string[]
}

/** Loopback names, those of the settings, and that of the public address. */
export function allowedHosts(hosts: readonly string[] = [], baseUrl?: string): readonly string[] {
  return [...LOOPBACK, ...hosts, ...(baseUrl === undefined ? [] : [new URL(baseUrl).hostname.toLowerCase()])]
}

/** Addresses that say no more than whether the service is well. */
const PROBES: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

/** Whether a request asks only that: whoever watches the service knows it by its address, so it may come under any name. */
export function isProbe({ method, path }: { readonly method: string; readonly path: string }): boolean {
  return PROBES.has(path) && (method === 'GET' || method === 'HEAD')
}

/** The headers that decide whether a request is let in. */
export interface Caller {
  readonly host: string | undefined
  readonly origin: string | undefined
}

/**
 * The CORS headers of the answer: none but for an origin that the settings name.
 * @throws Refusal 400 where there is no Host header, 403 where it is not one of ours, or the Origin is a foreign one
 */
export function admit({ host, origin }: Caller, { hosts, origins }: Allowed): Headers {
  if (host === undefined || host === '')
    throw refuse(400, 'required', 'A Host header is missing, expected a name of this service')
  if (!hosts.includes(nameOf(host)))
    throw refuse(403, 'forbidden', `The Host header ${excerpt(host)} is not a name of this service`)
  if (origin === undefined || isOwn(origin, host)) return {}
  if (origins.includes(origin)) return crossOrigin(origin)
  throw refuse(403, 'forbidden', `Pages of the origin ${excerpt(origin)} may not call this service`)
}

/** A Host header without its port. */
function nameOf(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '')
}

/** Whether the origin is the service itself, behind whatever scheme a proxy gives it. */
function isOwn(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase()
}

const EXPOSED =
  'Content-Location, ETag, Last-Modified, Link, Location, Retry-After, WWW-Authenticate, X-Issues, X-Request-Id'
const ASKED = 'Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Exist, If-None-Match, Prefer, X-Emergency-Reason, X-Request-Id, X-Security-Context' // prettier-ignore

function crossOrigin(origin: string): Headers {
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': EXPOSED,
    Vary: 'Origin',
  }
}

/** What a preflight is answered with besides, where its origin is allowed. */
export function preflight(methods: string): Headers {
  return {
    'Access-Control-Allow-Methods': methods,
    'Access-Control-Allow-Headers': ASKED,
    'Access-Control-Max-Age': '600',
  }
}

/** On every answer: nothing is sniffed, framed, cached or told to others; a page shows its own styles and images alone. */
export const SECURITY_HEADERS: Headers = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}
