/** Private keys as JSON Web Keys. @see https://www.rfc-editor.org/rfc/rfc7517 */

import { createPrivateKey, type JsonWebKey } from 'node:crypto'
import { fromBase64 } from '../../fhir/digest.ts'
import { plain } from '../../fhir/decimal.ts'
import { parseJson } from '../../fhir/json.ts'
import { isObject, type Json, type JsonObject } from '../../fhir/types.ts'
import { refusal } from './refusal.ts'
import type { KeyMaterial } from './signing-key.ts'

export function isJson(text: string): boolean {
  return text.trimStart().startsWith('{')
}

/** The private key of a JWK, and the certificates of its x5c. @throws FhirError `security` */
export function readJwk(text: string): KeyMaterial {
  const jwk = parse(text)
  const { use, key_ops: operations, alg, x5c } = jwk
  if (jwk['keys'] !== undefined) throw refusal('The file holds a set of keys, expected one JWK')
  if (jwk['d'] === undefined) throw refusal('The JWK has no private part')
  if (use !== undefined && use !== 'sig') throw refusal('The JWK is not for signing by its member use')
  if (Array.isArray(operations) && !(operations as readonly Json[]).includes('sign'))
    throw refusal('The JWK is not for signing by its member key_ops')
  try {
    const privateKey = createPrivateKey({ key: plain(jwk) as JsonWebKey, format: 'jwk' })
    return { privateKey, certificates: certificatesOf(x5c), ...(typeof alg === 'string' && { alg }) }
  } catch (cause) {
    throw refusal('The JWK cannot be read, expected a private key of kind RSA or EC', cause)
  }
}

function parse(text: string): JsonObject {
  let value: Json
  try {
    value = parseJson(text)
  } catch {
    // The error of the reader quotes what it read, which here is a key.
    throw refusal('The key file is not JSON, expected a JWK')
  }
  if (!isObject(value)) throw refusal('The key file is no JSON object, expected a JWK')
  return value
}

function certificatesOf(x5c: Json | undefined): readonly Uint8Array[] {
  const encoded = Array.isArray(x5c) ? (x5c as readonly Json[]) : []
  return encoded.map((item) => {
    const der = typeof item === 'string' ? fromBase64(item) : undefined
    if (der === undefined) throw new RangeError('The member x5c is no list of certificates in base64')
    return der
  })
}
