/**
 * The JWS algorithms as rows: the key that each wants, and how its values are verified.
 * @see https://www.rfc-editor.org/rfc/rfc7518#section-3.1
 */

import { constants, verify, type KeyObject } from 'node:crypto'

export interface Algorithm {
  /** The value of the header `alg`. */
  readonly name: string
  readonly hash: 'sha256' | 'sha384' | 'sha512'
  readonly key: 'rsa' | 'ec'
  /** The only curve that the algorithm goes with, as node:crypto names it. */
  readonly curve?: string
  readonly pss?: true
}

/** What is verified; documents are signed with the four of the port only. `none` and HMAC are no rows: they prove no signer. */
const ALGORITHMS: readonly Algorithm[] = [
  { name: 'RS256', hash: 'sha256', key: 'rsa' },
  { name: 'RS384', hash: 'sha384', key: 'rsa' },
  { name: 'RS512', hash: 'sha512', key: 'rsa' },
  { name: 'PS256', hash: 'sha256', key: 'rsa', pss: true },
  { name: 'PS384', hash: 'sha384', key: 'rsa', pss: true },
  { name: 'PS512', hash: 'sha512', key: 'rsa', pss: true },
  { name: 'ES256', hash: 'sha256', key: 'ec', curve: 'prime256v1' },
  { name: 'ES384', hash: 'sha384', key: 'ec', curve: 'secp384r1' },
  { name: 'ES512', hash: 'sha512', key: 'ec', curve: 'secp521r1' },
]

export function algorithm(name: string): Algorithm | undefined {
  return ALGORITHMS.find((row) => row.name === name)
}

/** Whether a key is of the kind, and on the curve, that the algorithm wants. */
export function fits({ key, curve }: Algorithm, publicKey: KeyObject): boolean {
  const { asymmetricKeyType, asymmetricKeyDetails } = publicKey
  return asymmetricKeyType === key && (curve === undefined || asymmetricKeyDetails?.namedCurve === curve)
}

/** Whether the value is the key's signature over the octets. A value of another length than the algorithm's is not. */
export function verifies(row: Algorithm, publicKey: KeyObject, octets: Uint8Array, value: Uint8Array): boolean {
  if (!fits(row, publicKey)) return false
  if (row.key === 'ec') return verify(row.hash, octets, { key: publicKey, dsaEncoding: 'ieee-p1363' }, value)
  if (row.pss === undefined) return verify(row.hash, octets, publicKey, value)
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants
  return verify(row.hash, octets, { key: publicKey, padding, saltLength }, value)
}

const LEAST_RSA_BITS = 2048
const CURVES: readonly (string | undefined)[] = ['prime256v1', 'secp384r1', 'secp521r1']

/** Why a public key is too weak to rely on; undefined where it is not. */
export function weakness({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | undefined {
  if (asymmetricKeyType === 'rsa' || asymmetricKeyType === 'rsa-pss') {
    const bits = asymmetricKeyDetails?.modulusLength ?? 0
    return bits >= LEAST_RSA_BITS ? undefined : `its RSA key has ${bits} bits, expected at least ${LEAST_RSA_BITS}`
  }
  if (asymmetricKeyType === 'ec' && CURVES.includes(asymmetricKeyDetails?.namedCurve)) return undefined
  return 'its key is neither RSA nor on the curves P-256, P-384 and P-521'
}
