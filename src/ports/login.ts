/** Login of people at an identity provider, and their sessions, as types only. */

import type { Instant, JsonObject } from '../fhir/types.ts'
import type { Caller } from './caller.ts'

/** People who log in with their browsers. */
export interface Login {
  /** The name that its provider is known by, for people. */
  readonly name: string
  /** A login begun. @throws FhirError `timeout`, `no-store` where the provider is not to be reached */
  begin(request: LoginRequest): Promise<Begun>
  /** A login that the provider led back from. @throws FhirError `login` where it is none that was begun, or was refused */
  complete(request: Returned): Promise<LoggedIn>
  /** Who holds a session; undefined where it is none, or is over. Seeing it keeps it from falling idle. */
  callerOf(session: string): Promise<Caller | undefined>
  /** Ends a session. The address at which the provider ends its own, where it has one. */
  end(session: string, home: string): Promise<string | undefined>
}

export interface LoginRequest {
  /** The address that the provider leads back to. */
  readonly redirectUri: string
  /** The path of ours to go on with. */
  readonly back: string
}

export interface Begun {
  /** Where the browser is sent. */
  readonly location: string
  /** What that browser must hold when it comes back. */
  readonly ticket: string
}

export interface Returned {
  /** The address that the browser came back to, whole. */
  readonly url: string
  readonly ticket: string
  /** A session that the browser holds already: it ends, so that none is carried over a login. */
  readonly before?: string | undefined
}

export interface LoggedIn {
  /** The secret that the browser holds from now on. */
  readonly session: string
  readonly back: string
  readonly maxAgeSeconds: number
}

/** What is kept of a session or of a login that was begun, under the digest of its secret. */
export interface KeptSession {
  readonly kind: 'session' | 'login'
  /** JSON text. */
  readonly content: string
  readonly lastSeen: Instant
  /** However often it is seen. */
  readonly expires: Instant
}

/** Sessions, for every process that serves. @throws FhirError `no-store` */
export interface Sessions {
  put(digest: string, session: KeptSession): Promise<void>
  find(digest: string): Promise<KeptSession | undefined>
  /** The one that was there, which is there no longer: of several that ask at once, one gets it. */
  take(digest: string): Promise<KeptSession | undefined>
  seen(digest: string, at: Instant): Promise<void>
  /** Those that are over by then are gone. */
  sweep(at: Instant): Promise<void>
}

/** What an issuer of tokens says of itself, by the names of RFC 8414. */
export type Authority = JsonObject
