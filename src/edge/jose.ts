/** The door to jose: the signed assertion by which a client says who it is. @see https://www.rfc-editor.org/rfc/rfc7523 */

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint, SignJWT } from 'jose'
import { fail } from '../fhir/error.ts'

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
