/**
 * How certificates, lists, responses and time-stamps are signed: the schemes of X.509 and CMS as rows.
 * @see https://www.rfc-editor.org/rfc/rfc5754
 * @see https://www.rfc-editor.org/rfc/rfc4056
 */

import { constants, createHash, verify, type KeyObject } from 'node:crypto'
import { child, identifierOf, tagged, type Element } from '../fhir/der.ts'

export type Hash = 'sha256' | 'sha384' | 'sha512'

export interface Scheme {
  readonly hash: Hash
  readonly key: 'rsa' | 'ec'
  readonly pss?: true
}

const HASHES: Readonly<Record<string, Hash>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

const SCHEMES: Readonly<Record<string, Scheme>> = {
  '1.2.840.113549.1.1.11': { hash: 'sha256', key: 'rsa' },
  '1.2.840.113549.1.1.12': { hash: 'sha384', key: 'rsa' },
  '1.2.840.113549.1.1.13': { hash: 'sha512', key: 'rsa' },
  '1.2.840.10045.4.3.2': { hash: 'sha256', key: 'ec' },
  '1.2.840.10045.4.3.3': { hash: 'sha384', key: 'ec' },
  '1.2.840.10045.4.3.4': { hash: 'sha512', key: 'ec' },
}

/** Identifiers of a kind of key alone: CMS names the hash beside them. */
const KEY_KINDS: Readonly<Record<string, Scheme['key']>> = {
  '1.2.840.113549.1.1.1': 'rsa',
  '1.2.840.10045.2.1': 'ec',
}
const PSS = '1.2.840.113549.1.1.10'

/** The hash of an AlgorithmIdentifier; undefined where it is weaker than SHA-256, or unknown. */
export function hashOf(identifier: Element): Hash | undefined {
  return HASHES[identifierOf(child(identifier, 0))]
}

/** The scheme of an AlgorithmIdentifier; undefined where its hash is weaker than SHA-256, or it is unknown. */
export function schemeOf(identifier: Element, beside?: Hash): Scheme | undefined {
  const id = identifierOf(child(identifier, 0))
  if (id === PSS) return pssOf(identifier)
  const key = KEY_KINDS[id]
  return key === undefined ? SCHEMES[id] : beside && { hash: beside, key }
}

/** The default hash of PSS is SHA-1, which is too weak: a hash must be named, and be that of the mask too. */
function pssOf(identifier: Element): Scheme | undefined {
  const parameters = identifier.children[1]
  const [named, mask] = [0xa0, 0xa1].map((tag) => parameters && tagged(parameters, tag))
  if (named === undefined || mask === undefined) return undefined
  const hash = hashOf(child(named, 0))
  const isSame = hash !== undefined && hashOf(child(child(mask, 0), 1)) === hash
  return isSame ? { hash, key: 'rsa', pss: true } : undefined
}

/** Whether the value is the key's signature over the octets; an ECDSA value is in DER. */
export function isSignedBy(key: KeyObject, scheme: Scheme | undefined, octets: Uint8Array, value: Uint8Array): boolean {
  const kind = key.asymmetricKeyType === 'rsa-pss' && scheme?.pss === true ? 'rsa' : key.asymmetricKeyType
  if (scheme === undefined || kind !== scheme.key) return false
  const padding = scheme.pss === true ? { padding: constants.RSA_PKCS1_PSS_PADDING } : {}
  return verify(scheme.hash, octets, { key, ...padding }, value)
}

/** The digest of the octets. */
export function digest(hash: Hash | 'sha1', octets: Uint8Array): Uint8Array {
  return createHash(hash).update(octets).digest()
}

/** Whether two runs of octets are the same. */
export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0
}
