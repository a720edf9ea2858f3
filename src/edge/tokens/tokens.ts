/** Bearer tokens: whom they are for, verified once for as long as they hold. @see https://www.rfc-editor.org/rfc/rfc6750 */

import { fail } from '../../fhir/error.ts'
import { isObject, type Json, type JsonObject } from '../../fhir/types.ts'
import type { Caller, Role } from '../../ports.ts'
import { tokenClaims, TokenFault } from '../jose.ts'
import type { Introspection } from './introspection.ts'
import type { IssuerKeys } from './issuer-keys.ts'

export interface TokensOptions {
  readonly issuer: string
  readonly audience: readonly string[]
  readonly clockToleranceSeconds: number
  readonly keys: IssuerKeys
  /** Asked about each token, where it is there; then a token need not be a JWT. */
  readonly introspection?: Introspection | undefined
  readonly rolesOf: (claims: JsonObject) => readonly Role[]
  /** Milliseconds since 1970. */
  readonly nowMs?: () => number
}

/** Whom a token is for. @throws FhirError `login` where it is not taken, `transient` where that cannot be told now */
export type Tokens = (token: string) => Promise<Caller>

interface Held {
  readonly caller: Caller
  readonly untilMs: number
}

/** So many tokens are remembered, the latest. */
const MOST_HELD = 2_000
/** A token is looked at again after so long, by keys that may have changed; one that was asked about sooner. */
const HELD_MS = 300_000
const HELD_ASKED_MS = 30_000

/** The tokens of an issuer. */
export function openTokens(options: TokensOptions): Tokens {
  const { nowMs = Date.now, introspection } = options
  const held = new Map<string, Held>()
  const lifeMs = introspection === undefined ? HELD_MS : HELD_ASKED_MS
  return async (token) => {
    const known = held.get(token)
    const at = nowMs()
    if (known !== undefined && at < known.untilMs) return known.caller
    held.delete(token)
    const claims = await claimsOf(token, options, at).catch((cause: unknown) => {
      throw cause instanceof TokenFault ? fail('login', cause.message, { cause }) : cause
    })
    const caller = callerOf(claims, options)
    const expiresMs = (Number(claims['exp']) + options.clockToleranceSeconds) * 1000
    held.set(token, { caller, untilMs: Math.min(expiresMs, at + lifeMs) })
    const [oldest] = held.keys()
    if (held.size > MOST_HELD && oldest !== undefined) held.delete(oldest)
    return caller
  }
}

const JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/

/** What is said of a token by itself, where it is a JWT, and by its issuer, where that is asked. */
async function claimsOf(token: string, options: TokensOptions, atMs: number): Promise<JsonObject> {
  const { introspection } = options
  const isJwt = JWT.test(token)
  const own = isJwt || introspection === undefined ? await verified(token, options, atMs) : undefined
  const said = introspection === undefined ? undefined : await introspection(token)
  if (introspection !== undefined && said === undefined) throw new TokenFault('other', 'The token is not active')
  const claims = own ?? said ?? {}
  if (own === undefined) mustHold(claims, options, atMs)
  const { iat } = claims
  if (typeof iat === 'number' && iat - options.clockToleranceSeconds > atMs / 1000)
    throw new TokenFault('other', 'The token was issued later than now')
  if (claims['fhirUser'] !== undefined && typeof claims['fhirUser'] !== 'string')
    throw new TokenFault('other', 'The token names its user in no form that is known')
  // a token that is bound to a key is no bearer token
  if (claims['cnf'] !== undefined) throw new TokenFault('other', 'The token is bound to a key, expected a bearer token')
  return claims
}

/** A key that is not known may be a new one. */
async function verified(token: string, options: TokensOptions, atMs: number): Promise<JsonObject> {
  const { keys } = options
  const expected = { ...options, now: new Date(atMs) }
  const known = await keys.current()
  try {
    return await tokenClaims(token, known, expected)
  } catch (error) {
    const fresh = error instanceof TokenFault && error.reason === 'key' ? await keys.renewed() : undefined
    if (fresh === undefined) throw error
    return tokenClaims(token, fresh, expected)
  }
}

/** The same of what the issuer says of a token that says nothing itself. @throws TokenFault */
function mustHold(claims: JsonObject, { issuer, audience, clockToleranceSeconds }: TokensOptions, atMs: number): void {
  const { iss, exp, nbf } = claims
  const seconds = atMs / 1000
  if (iss !== undefined && iss !== issuer) throw new TokenFault('other', 'The token is of another issuer')
  if (!textsOf(claims['aud']).some((one) => audience.includes(one)))
    throw new TokenFault('other', 'The token is for another audience')
  if (typeof exp !== 'number') throw new TokenFault('other', 'The token does not say when it expires')
  if (exp + clockToleranceSeconds <= seconds) throw new TokenFault('expired', 'The token expired')
  if (typeof nbf === 'number' && nbf - clockToleranceSeconds > seconds)
    throw new TokenFault('other', 'The token is not valid yet')
}

function textsOf(claim: Json | undefined): readonly string[] {
  const list: readonly Json[] = Array.isArray(claim) ? (claim as readonly Json[]) : claim === undefined ? [] : [claim]
  return list.filter((one) => typeof one === 'string')
}

/** Texts of a list, or words of a text. */
function wordsOf(claim: Json | undefined): readonly string[] {
  return textsOf(claim).flatMap((text) => text.split(' ')).filter((word) => word !== '') // prettier-ignore
}

/** Whom the claims of a token are about. */
function callerOf(claims: JsonObject, { issuer, rolesOf }: TokensOptions): Caller {
  const { sub, name, fhirUser, patient } = claims
  const client = [claims['azp'], claims['client_id'], claims['cid']].find((one) => typeof one === 'string')
  return {
    issuer,
    subject: typeof sub === 'string' ? sub : (client ?? ''),
    ...(typeof name === 'string' && { name }),
    ...(client !== undefined && { client }),
    ...(typeof fhirUser === 'string' && { fhirUser }),
    ...(typeof patient === 'string' && { patient }),
    scopes: [...new Set([...wordsOf(claims['scope']), ...wordsOf(claims['scp'])])],
    roles: rolesOf(claims),
    purposes: purposesIn(claims),
  }
}

/** Why somebody asks, as issuers say it: by a claim, or as IHE IUA has it. @see https://profiles.ihe.net/ITI/IUA/index.html */
function purposesIn({ purpose_of_use: plain, extensions }: JsonObject): readonly string[] {
  const iua = isObject(extensions) ? extensions['ihe_iua'] : undefined
  const coded = isObject(iua) ? iua['purpose_of_use'] : undefined
  const values = [plain, coded].flatMap((one): readonly (Json | undefined)[] =>
    Array.isArray(one) ? (one as readonly Json[]) : [one],
  )
  const codes = values.flatMap((one) => (isObject(one) ? wordsOf(one['code']) : wordsOf(one)))
  return [...new Set(codes)]
}
