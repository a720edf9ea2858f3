/** A private key and its certificates as a signing key: the algorithm that fits, the leaf first, and nothing that cannot be. */

import { constants, sign, X509Certificate, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { Alg, SigningKey } from '../../ports.ts'
import { refusal } from './refusal.ts'

/** What a key file holds. */
export interface KeyMaterial {
  readonly privateKey: KeyObject
  /** DER, in any order. */
  readonly certificates: readonly Uint8Array[]
  /** The algorithm that the file itself asks for. */
  readonly alg?: string
}

interface Scheme {
  readonly alg: Alg
  readonly hash: 'sha256' | 'sha384'
  readonly key: 'rsa' | 'ec'
  readonly curve?: string
  readonly pss?: true
}

/** In the order of preference: the first that fits a key is its default. */
const SCHEMES: readonly Scheme[] = [
  { alg: 'RS256', hash: 'sha256', key: 'rsa' },
  { alg: 'PS256', hash: 'sha256', key: 'rsa', pss: true },
  { alg: 'ES256', hash: 'sha256', key: 'ec', curve: 'prime256v1' },
  { alg: 'ES384', hash: 'sha384', key: 'ec', curve: 'secp384r1' },
]

const LEAST_RSA_BITS = 2048
const signAsync = promisify(sign)

/** The signing key; the algorithm is the one asked for, else the file's, else the default of its kind. @throws FhirError `security` */
export function signingKey({ privateKey, certificates, ...material }: KeyMaterial, alg?: Alg): SigningKey {
  const scheme = schemeFor(privateKey, alg ?? material.alg)
  const { asymmetricKeyDetails: details } = privateKey
  if (scheme.key === 'rsa' && (details?.modulusLength ?? 0) < LEAST_RSA_BITS) {
    throw refusal(`The RSA key has ${details?.modulusLength ?? 0} bits, expected at least ${LEAST_RSA_BITS}`)
  }
  return {
    alg: scheme.alg,
    certificates: leafFirst(privateKey, certificates),
    sign: (octets) => signAsync(scheme.hash, octets, { key: privateKey, ...optionsFor(scheme) }),
  }
}

/** How a key signs, by its kind and the algorithm asked for. @throws FhirError `security` */
export function schemeFor(
  { asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject,
  alg: string | undefined,
): Scheme {
  const fitting = SCHEMES.filter(
    ({ key, curve }) => key === type && (curve === undefined || curve === details?.namedCurve),
  )
  if (fitting.length === 0)
    throw refusal('The private key is of a kind that is not supported, expected RSA, EC P-256 or EC P-384')
  const scheme = alg === undefined ? fitting[0] : fitting.find((one) => one.alg === alg)
  if (scheme === undefined) {
    throw refusal(
      `The algorithm ${alg} does not go with the key, expected ${fitting.map((one) => one.alg).join(' or ')}`,
    )
  }
  return scheme
}

function optionsFor({ key, pss }: Scheme): { dsaEncoding?: 'ieee-p1363'; padding?: number; saltLength?: number } {
  if (key === 'ec') return { dsaEncoding: 'ieee-p1363' }
  if (pss === undefined) return {}
  return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
}

/** The certificate of the key, then its issuers one after the other; what belongs to no chain is left out. */
function leafFirst(privateKey: KeyObject, ders: readonly Uint8Array[]): readonly Uint8Array[] {
  const certificates = ders.map(readCertificate)
  if (certificates.length === 0)
    throw refusal('The key has no certificate, expected one beside it or in a file of its own')
  const leaf = certificates.find((certificate) => certificate.checkPrivateKey(privateKey))
  if (leaf === undefined) throw refusal('The certificate is not that of the private key')
  return chainFrom(leaf, certificates)
}

/** A certificate, then those of its issuers that are among the others. @throws FhirError `security` where one cannot be read */
export function chainOf(leaf: Uint8Array, ders: readonly Uint8Array[]): readonly Uint8Array[] {
  return chainFrom(readCertificate(leaf), ders.map(readCertificate))
}

function chainFrom(leaf: X509Certificate, certificates: readonly X509Certificate[]): readonly Uint8Array[] {
  const chain = [leaf]
  for (let next: X509Certificate | undefined = leaf; next !== undefined;) {
    const last: X509Certificate = next
    next = certificates.find(
      (issuer) =>
        !chain.some(({ fingerprint256 }) => fingerprint256 === issuer.fingerprint256) &&
        last.checkIssued(issuer) &&
        last.verify(issuer.publicKey),
    )
    if (next !== undefined) chain.push(next)
  }
  return chain.map(({ raw }) => raw)
}

function readCertificate(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der)
  } catch (cause) {
    throw refusal('A certificate of the key cannot be read, expected X.509', cause)
  }
}
