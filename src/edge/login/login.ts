/** Login of people: begun, led back from the provider, and kept as a session of which only a digest is stored. */

import { randomBytes } from 'node:crypto'
import { sha256, toBase64url } from '../../fhir/digest.ts'
import { fail, type FhirError } from '../../fhir/error.ts'
import type { Instant } from '../../fhir/types.ts'
import type { Caller } from '../../ports.ts'
import type { KeptSession, Login, Sessions } from '../../ports/login.ts'
import type { Binding, Identity, Provider } from './openid.ts'

export interface LoginOptions {
  readonly provider: Provider
  readonly sessions: Sessions
  readonly now: () => Instant
  /** Who somebody is to us by what the provider says of them. */
  readonly callerOf: (identity: Identity) => Caller
  /** A session that is not seen for so long is over. */
  readonly idleMs: number
  /** However often it is seen, it is over then. */
  readonly lifeMs: number
}

/** What is kept of a login that was begun. */
interface Pending extends Binding {
  readonly back: string
}

/** What is kept of a session. */
interface Held {
  readonly caller: Caller
  readonly idToken: string
}

/** How long somebody may take at the provider. */
const PATIENCE_MS = 10 * 60_000
/** How old what is known of the last sight of a session may get: not each request is a write. */
const SIGHT_MS = 60_000

/** The login of a provider, with its sessions. */
export function openLogin(options: LoginOptions): Login {
  const { provider, sessions, now, callerOf, lifeMs } = options
  const keep = async (kind: KeptSession['kind'], content: Pending | Held, ms: number): Promise<string> => {
    const secret = newSecret()
    const at = now()
    await sessions.put(digestOf(secret), {
      kind,
      content: JSON.stringify(content),
      lastSeen: at,
      expires: after(at, ms),
    })
    return secret
  }
  return {
    name: new URL(provider.issuer).hostname,
    async begin({ back, redirectUri }) {
      const binding = { state: newSecret(), nonce: newSecret(), codeVerifier: newSecret(), redirectUri }
      const location = await provider.authorization(binding)
      await sessions.sweep(now())
      return { location, ticket: await keep('login', { ...binding, back }, PATIENCE_MS) }
    },
    async complete({ url, ticket, before }) {
      const begun = await sessions.take(digestOf(ticket))
      if (begun?.kind !== 'login' || isOver(begun, now())) throw notBegun()
      const { back, ...binding } = JSON.parse(begun.content) as Pending
      const identity = await provider.identity(atRedirect(url, binding), binding)
      const caller = callerOf(identity)
      if (before !== undefined) await sessions.take(digestOf(before))
      const session = await keep('session', { caller, idToken: identity.idToken }, lifeMs)
      return { session, back, maxAgeSeconds: Math.floor(lifeMs / 1000) }
    },
    callerOf: async (session) => (await heldIn(session, options))?.caller,
    async end(session, home) {
      const ended = await sessions.take(digestOf(session))
      if (ended?.kind !== 'session') return undefined
      const { idToken } = JSON.parse(ended.content) as Held
      // whoever logs out is logged out here, wherever the provider is
      return provider.ending(idToken, home).catch(() => undefined)
    },
  }
}

async function heldIn(session: string, { sessions, now, idleMs }: LoginOptions): Promise<Held | undefined> {
  const digest = digestOf(session)
  const kept = await sessions.find(digest)
  if (kept?.kind !== 'session') return undefined
  const at = now()
  if (isOver(kept, at) || isOver({ expires: after(kept.lastSeen, idleMs) }, at)) {
    await sessions.take(digest)
    return undefined
  }
  if (isOver({ expires: after(kept.lastSeen, Math.min(SIGHT_MS, idleMs / 2)) }, at)) await sessions.seen(digest, at)
  return JSON.parse(kept.content) as Held
}

/** The address as the provider was told it, behind whatever proxy it came in: only its query is the provider's. */
function atRedirect(url: string, { redirectUri }: Binding): string {
  return `${redirectUri}?${url.split('?').slice(1).join('?')}`
}

function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

function digestOf(secret: string): string {
  return toBase64url(sha256(secret))
}

function after(at: Instant, ms: number): Instant {
  return new Date(Date.parse(at) + ms).toISOString()
}

function isOver({ expires }: Pick<KeptSession, 'expires'>, at: Instant): boolean {
  return Date.parse(expires) <= Date.parse(at)
}

function notBegun(): FhirError {
  return fail('login', 'No login was begun here, or it took too long, expected it to be begun anew')
}
