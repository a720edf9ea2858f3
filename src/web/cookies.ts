/** Cookies of the pages: never readable by scripts, never sent by other sites, only over TLS where there is any. */

import type { Headers } from '../http/answer.ts'
import type { Call, Service } from '../http/route.ts'

/** How browsers reach the service decides how its cookies are called. */
interface Reached {
  readonly service: Pick<Service, 'base'>
}

type Asked = Pick<Call, 'header'> & Reached

/** What the pages keep in a browser. */
export type CookieName = 'session' | 'login' | 'visit' | 'language'

/** Whether browsers reach the service by https. */
function isSecure({ service }: Reached): boolean {
  return service.base.startsWith('https:')
}

/** A name that no other host, and no page without TLS, can set. @see https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis-20#section-4.1.3 */
function nameOf(name: CookieName, call: Reached): string {
  return isSecure(call) ? `__Host-fhirdoc-${name}` : `fhirdoc-${name}`
}

/** The value of a cookie that came with a request. */
export function cookie(name: CookieName, call: Asked): string | undefined {
  const wanted = nameOf(name, call)
  const pairs = (call.header('Cookie') ?? '').split(';').map((pair) => pair.trim().split('='))
  const value = pairs
    .find(([key]) => key === wanted)
    ?.slice(1)
    .join('=')
  return value !== undefined && /^[\w.~-]{1,256}$/.test(value) ? value : undefined
}

export interface CookieOptions {
  /** How long a browser keeps it; until it is closed where absent. */
  readonly maxAgeSeconds?: number
}

/** The header that sets a cookie; an empty value takes it away. It comes along with links from elsewhere, never with their forms. */
export function withCookie(
  [name, value]: readonly [CookieName, string],
  call: Reached,
  { maxAgeSeconds }: CookieOptions = {},
): Headers {
  const age = value === '' ? 0 : maxAgeSeconds
  const parts = [
    `${nameOf(name, call)}=${value}`,
    'Path=/',
    'HttpOnly',
    'SameSite=Lax',
    ...(isSecure(call) ? ['Secure'] : []),
    ...(age === undefined ? [] : [`Max-Age=${age}`]),
  ]
  return { 'Set-Cookie': parts.join('; ') }
}

/** Headers together: several cookies stand in lines of their own. */
export function together(...headers: readonly Headers[]): Headers {
  const cookies = headers.flatMap((each) => each['Set-Cookie'] ?? [])
  const merged: Headers = Object.assign({}, ...headers) as Headers
  return cookies.length === 0 ? merged : { ...merged, 'Set-Cookie': cookies.join('\n') }
}
