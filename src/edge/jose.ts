/**
 * The door to jose: the signed assertion by which a client says who it is, and the tokens that others show to us.
 * @see https://www.rfc-editor.org/rfc/rfc7523
 */

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  errors,
  jwtVerify,
  SignJWT,
  type JWK,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  type JWTVerifyResult,
} from 'jose'
import { fail } from '../fhir/error.ts'
import type { JsonObject } from '../fhir/types.ts'

/** The algorithms of SMART backend services. @see https://hl7.org/fhir/smart-app-launch/STU2.1/client-confidential-asymmetric.html */
export type AssertionAlg = 'RS384' | 'ES384'

/** A private key, and the name under which the server knows its public half. */
export interface AssertionKey {
  readonly key: KeyObject
  readonly alg: AssertionAlg
  /** That of a JWK, else its RFC 7638 thumbprint. */
  readonly kid: string
}

/**
 * The private key in a PEM or JWK text.
 * @throws FhirError `value` where it is no private key, or one that no algorithm of backend services takes
 */
export async function readAssertionKey(text: string): Promise<AssertionKey> {
  const { key, kid } = keyIn(text)
  const alg = algOf(key)
  if (alg === undefined)
    throw fail('value', 'The key of the client serves no assertion, expected RSA of 2048 bits or more, or EC P-384')
  const thumbprint = await calculateJwkThumbprint(createPublicKey(key).export({ format: 'jwk' }), 'sha256')
  return { key, alg, kid: kid ?? thumbprint }
}

/** What the libraries say of a key that they cannot read may hold parts of it, so it is no cause. */
function keyIn(text: string): { readonly key: KeyObject; readonly kid?: string } {
  try {
    if (!text.trimStart().startsWith('{')) return { key: createPrivateKey(text) }
    const { kid, ...jwk } = JSON.parse(text) as { readonly kid?: unknown }
    return { key: createPrivateKey({ key: jwk, format: 'jwk' }), ...(typeof kid === 'string' && { kid }) }
  } catch {
    throw fail('value', 'The key of the client cannot be read, expected a private key without password as PEM or JWK')
  }
}

function algOf({ asymmetricKeyType: type, asymmetricKeyDetails: details = {} }: KeyObject): AssertionAlg | undefined {
  if (type === 'rsa' && (details.modulusLength ?? 0) >= 2048) return 'RS384'
  return type === 'ec' && details.namedCurve === 'secp384r1' ? 'ES384' : undefined
}

export interface Assertion {
  readonly clientId: string
  /** The token endpoint. */
  readonly audience: string
  /** Never used twice. */
  readonly id: string
  /** In seconds since 1970. */
  readonly issuedAt: number
}

/** Servers take assertions of five minutes at the most. */
const LIFE_SECONDS = 240

/** A JWT by which a client says that it is who it is, once. */
export function assertionBy(
  { key, alg, kid }: AssertionKey,
  { clientId, audience, ...claims }: Assertion,
): Promise<string> {
  return new SignJWT({ jti: claims.id })
    .setProtectedHeader({ alg, kid, typ: 'JWT' })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(audience)
    .setIssuedAt(claims.issuedAt)
    .setExpirationTime(claims.issuedAt + LIFE_SECONDS)
    .sign(key)
}

/** The algorithms of tokens: signatures alone, never `none`, never a secret that both sides know. */
const TOKEN_ALGS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const // prettier-ignore

/** The public keys of an issuer, as they were read; they verify what they signed. */
export interface TokenKeys {
  readonly find: JWTVerifyGetKey
}

/** The keys of a JWKS. @throws FhirError `structure` where it is none, or holds none that verifies signatures */
export function tokenKeysIn(text: string): TokenKeys {
  try {
    const { keys } = JSON.parse(text) as { readonly keys: readonly JWK[] }
    const open = keys.filter(({ kty, use }) => kty !== 'oct' && (use ?? 'sig') === 'sig')
    if (open.length > 0) return { find: createLocalJWKSet({ keys: open.map(publicHalf) }) }
  } catch (cause) {
    throw fail('structure', 'The keys of the issuer cannot be read, expected a JWKS', { cause })
  }
  throw fail('structure', 'The keys of the issuer are none that verify signatures, expected a JWKS of public keys')
}

function publicHalf({ d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...open }: JWK): JWK {
  return open
}

export interface TokenExpectations {
  readonly issuer: string
  readonly audience: readonly string[]
  readonly clockToleranceSeconds: number
  readonly now: Date
}

/** Why a token is not taken: `key` where no key of the issuer is the one it names, `expired`, `no-token`, or what is wrong in it. */
export class TokenFault extends Error {
  override readonly name = 'TokenFault'
  readonly reason: 'key' | 'expired' | 'other'

  constructor(reason: TokenFault['reason'], text: string, options?: ErrorOptions) {
    super(text, options)
    this.reason = reason
  }
}

/** What a JWT may call itself: an access token, or nothing in particular. */
const TYPES: ReadonlySet<string> = new Set(['at+jwt', 'application/at+jwt', 'jwt', 'application/jwt'])

/** The claims of an access token that an issuer signed for us. @throws TokenFault @see https://www.rfc-editor.org/rfc/rfc9068 */
export async function tokenClaims(
  token: string,
  { find }: TokenKeys,
  { issuer, audience, clockToleranceSeconds, now }: TokenExpectations,
): Promise<JsonObject> {
  const options = {
    issuer,
    audience: [...audience],
    algorithms: [...TOKEN_ALGS],
    clockTolerance: clockToleranceSeconds,
    currentDate: now,
    requiredClaims: ['exp'],
  }
  try {
    const { payload, protectedHeader } = await verifyWith(token, find, options)
    const { typ } = protectedHeader
    if (typ !== undefined && !TYPES.has(typ.toLowerCase()))
      throw new TokenFault('other', 'The token is none for access')
    return payload as JsonObject
  } catch (cause) {
    throw cause instanceof TokenFault ? cause : faultOf(cause)
  }
}

/** Where a token names no key and several could be it, each is tried. */
async function verifyWith(token: string, find: JWTVerifyGetKey, options: JWTVerifyOptions): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, find, options)
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    for await (const key of error) {
      const verified = await jwtVerify(token, key, options).catch((failed: unknown) => {
        if (failed instanceof errors.JWSSignatureVerificationFailed) return undefined
        throw failed
      })
      if (verified !== undefined) return verified
    }
    throw new TokenFault('other', SIGNATURE)
  }
}

const SIGNATURE = 'The signature of the token does not verify'
const CLAIMS: Readonly<Record<string, string>> = {
  iss: 'The token is of another issuer',
  aud: 'The token is for another audience',
  nbf: 'The token is not valid yet',
  exp: 'The token does not say when it expires',
}

function faultOf(cause: unknown): TokenFault {
  if (cause instanceof errors.JWTExpired) return new TokenFault('expired', 'The token expired', { cause })
  if (cause instanceof errors.JWKSNoMatchingKey)
    return new TokenFault('key', 'The token is signed by no key of the issuer', { cause })
  if (cause instanceof errors.JWSSignatureVerificationFailed) return new TokenFault('other', SIGNATURE, { cause })
  if (cause instanceof errors.JOSEAlgNotAllowed)
    return new TokenFault('other', 'The algorithm of the token is not allowed', { cause })
  if (cause instanceof errors.JWTClaimValidationFailed)
    return new TokenFault('other', CLAIMS[cause.claim] ?? 'The claims of the token do not hold', { cause })
  return new TokenFault('other', 'The token is not well-formed', { cause })
}
