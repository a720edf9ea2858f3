/**
 * The algorithms of XML signatures as rows; SHA-1, HMAC and DSA are no rows: they prove nothing, or no signer.
 * @see https://www.rfc-editor.org/rfc/rfc9231
 */

import { fail } from '../../fhir/error.ts'
import { fits, verifies, type Algorithm } from '../algorithms.ts'
import type { Hash } from '../schemes.ts'
import type { Certificate } from '../x509.ts'

const MORE = 'http://www.w3.org/2001/04/xmldsig-more#'
const MORE_2007 = 'http://www.w3.org/2007/05/xmldsig-more#'

/** An algorithm of an XML signature. Unlike in a JWS, any curve goes with any hash. */
export interface SignatureMethod extends Omit<Algorithm, 'name' | 'curve'> {
  readonly uri: string
}

const METHODS: readonly SignatureMethod[] = [
  { uri: `${MORE}rsa-sha256`, hash: 'sha256', key: 'rsa' },
  { uri: `${MORE}rsa-sha384`, hash: 'sha384', key: 'rsa' },
  { uri: `${MORE}rsa-sha512`, hash: 'sha512', key: 'rsa' },
  { uri: `${MORE_2007}sha256-rsa-MGF1`, hash: 'sha256', key: 'rsa', pss: true },
  { uri: `${MORE_2007}sha384-rsa-MGF1`, hash: 'sha384', key: 'rsa', pss: true },
  { uri: `${MORE_2007}sha512-rsa-MGF1`, hash: 'sha512', key: 'rsa', pss: true },
  { uri: `${MORE}ecdsa-sha256`, hash: 'sha256', key: 'ec' },
  { uri: `${MORE}ecdsa-sha384`, hash: 'sha384', key: 'ec' },
  { uri: `${MORE}ecdsa-sha512`, hash: 'sha512', key: 'ec' },
]

/** The algorithm of a URI. @throws FhirError `security` for one that proves no signer */
export function signatureMethod(uri: string): SignatureMethod {
  const row = METHODS.find((one) => one.uri === uri)
  if (row !== undefined) return row
  throw fail(
    'security',
    `The signature algorithm ${uri} proves no signer, expected RSA or ECDSA with SHA-256 or longer`,
  )
}

/** The URI of the algorithm that a JWS has under another name. */
export function methodUri({ hash, key, pss }: Omit<Algorithm, 'name'>): string {
  const row = METHODS.find((one) => one.hash === hash && one.key === key && one.pss === pss)
  if (row === undefined) throw new TypeError(`XML signatures have no algorithm with ${key} and ${hash}`)
  return row.uri
}

const DIGESTS: Readonly<Record<string, Hash>> = {
  'http://www.w3.org/2001/04/xmlenc#sha256': 'sha256',
  [`${MORE}sha384`]: 'sha384',
  'http://www.w3.org/2001/04/xmlenc#sha512': 'sha512',
}
export const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256'

/** The hash of a URI. @throws FhirError `security` for a weak or unknown one */
export function digestMethod(uri: string): Hash {
  const hash = Object.hasOwn(DIGESTS, uri) ? DIGESTS[uri] : undefined
  if (hash !== undefined) return hash
  throw fail('security', `The digest algorithm ${uri} is weak or unknown, expected SHA-256 or longer`)
}

/** Whether a key is of the kind that the algorithm wants. */
export function fitsMethod({ uri: name, ...method }: SignatureMethod, { publicKey }: Certificate): boolean {
  return fits({ name, ...method }, publicKey)
}

export interface SignedOctets {
  readonly octets: Uint8Array
  /** ECDSA as IEEE P1363. */
  readonly value: Uint8Array
}

/** Whether the value is the signature of the certificate's key over the octets. */
export function isValue(
  { uri: name, ...method }: SignatureMethod,
  { publicKey }: Certificate,
  { octets, value }: SignedOctets,
): boolean {
  return verifies({ name, ...method }, publicKey, octets, value)
}
