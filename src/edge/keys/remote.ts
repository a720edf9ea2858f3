/**
 * A key at a trust service, which gets digests and gives values: the API of the Cloud Signature Consortium, version 2.
 * @see https://cloudsignatureconsortium.org/wp-content/uploads/2023/04/csc-api-v2.0.0.2.pdf
 */

import { createHash, X509Certificate } from 'node:crypto'
import { fromBase64, toBase64 } from '../../fhir/digest.ts'
import { valueFor } from '../../fhir/ecdsa.ts'
import { FhirError } from '../../fhir/error.ts'
import { parseJson, stringify } from '../../fhir/json.ts'
import { isObject, type Json, type JsonObject } from '../../fhir/types.ts'
import type { Alg, SigningKey } from '../../ports.ts'
import { bearer } from '../network/authorization.ts'
import { hostOf } from '../network/address.ts'
import { openNetwork, type Network } from '../network/network.ts'
import { refusal } from './refusal.ts'
import { chainOf, schemeFor } from './signing-key.ts'

export interface RemoteSigner {
  /** The base of the API: `https://signer.example/csc/v2`. */
  readonly url: string
  /** Which credential; without it the only one that the service lists. */
  readonly credential?: string | undefined
  /** The bearer token of the service. */
  readonly token?: string | undefined
}

export interface RemoteOptions {
  readonly alg?: Alg | undefined
  /** For one request (20,000). */
  readonly timeoutMs?: number
}

interface Algorithms {
  readonly hash: 'sha256' | 'sha384'
  readonly hashAlgorithmOID: string
  readonly signAlgo: string
  /** DER, in base64. */
  readonly signAlgoParams?: string
}

const SHA256 = '2.16.840.1.101.3.4.2.1'
/** RSASSA-PSS-params: SHA-256, MGF1 with SHA-256, a salt of 32 octets. */
const PSS_PARAMS = 'MDSgDzANBglghkgBZQMEAgEFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgEFAKIDAgEg'

const ALGORITHMS: Readonly<Record<Alg, Algorithms>> = {
  RS256: { hash: 'sha256', hashAlgorithmOID: SHA256, signAlgo: '1.2.840.113549.1.1.11' },
  PS256: { hash: 'sha256', hashAlgorithmOID: SHA256, signAlgo: '1.2.840.113549.1.1.10', signAlgoParams: PSS_PARAMS },
  ES256: { hash: 'sha256', hashAlgorithmOID: SHA256, signAlgo: '1.2.840.10045.4.3.2' },
  ES384: { hash: 'sha384', hashAlgorithmOID: '2.16.840.1.101.3.4.2.2', signAlgo: '1.2.840.10045.4.3.3' },
}

const TIMEOUT_MS = 20_000
const MOST_BYTES = 1024 * 1024

/** Asks one method of the API. */
type Ask = (method: string, members: JsonObject) => Promise<JsonObject>

/**
 * The signing key at the service. Nothing but digests of documents goes there.
 * @throws FhirError `security` with the rule `signer-key`: an address that is not safe, a service that does not answer,
 * a credential that is not there, not enabled, or wants a person to confirm each signature
 */
export async function openRemote(signer: RemoteSigner, options: RemoteOptions = {}): Promise<SigningKey> {
  const ask = asker(signer, options)
  const credentialID = signer.credential ?? (await onlyCredential(ask))
  const info = await ask('credentials/info', { credentialID, certificates: 'chain' })
  mustBeUsable(info)
  const certificates = certificatesOf(info)
  const [leaf] = certificates
  if (leaf === undefined) throw refusal('The remote signer gives no certificate of its key')
  const { alg } = schemeFor(new X509Certificate(leaf).publicKey, options.alg)
  return {
    alg,
    certificates: chainOf(leaf, certificates),
    sign: (octets) => signedAt(ask, { credentialID, alg }, octets),
  }
}

async function signedAt(
  ask: Ask,
  { credentialID, alg }: { readonly credentialID: string; readonly alg: Alg },
  octets: Uint8Array,
): Promise<Uint8Array> {
  const { hash, ...algorithms } = ALGORITHMS[alg]
  const hashes = [toBase64(createHash(hash).update(octets).digest())]
  const { signatures } = await ask('signatures/signHash', { credentialID, hashes, ...algorithms })
  const [only] = listOf(signatures)
  const value = typeof only === 'string' ? fromBase64(only) : undefined
  if (value === undefined) throw refusal('The remote signer gave no signature')
  return valueFor(alg, value)
}

async function onlyCredential(ask: Ask): Promise<string> {
  const { credentialIDs } = await ask('credentials/list', { maxResults: 2 })
  const [only, another] = listOf(credentialIDs)
  if (typeof only === 'string' && another === undefined) return only
  throw refusal('The remote signer has not exactly one credential, expected the name of one in the settings')
}

/** Who confirms each signature by a PIN or on a telephone signs in the steps prepare and embed. */
function mustBeUsable({ key, auth }: JsonObject): void {
  if (!isObject(key) || key['status'] !== 'enabled') throw refusal('The key of the remote signer is not enabled')
  if (isObject(auth) && auth['mode'] === 'explicit')
    throw refusal('The remote signer wants each signature confirmed by its person, which is not supported')
}

function certificatesOf({ cert }: JsonObject): readonly Uint8Array[] {
  const encoded = isObject(cert) ? listOf(cert['certificates']) : []
  return encoded.map((one) => {
    const der = typeof one === 'string' ? fromBase64(one) : undefined
    if (der === undefined) throw refusal('The remote signer gives a certificate that is not base64')
    return der
  })
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : []
}

function asker({ url, token }: RemoteSigner, { timeoutMs = TIMEOUT_MS }: RemoteOptions): Ask {
  const network = networkTo(url, timeoutMs)
  const authorization = token === undefined ? undefined : bearer(token)
  return async (method, members) => {
    const signal = AbortSignal.timeout(timeoutMs)
    const authorized = authorization === undefined ? {} : { authorization: await authorization.header(signal) }
    const headers = { accept: 'application/json', 'content-type': 'application/json', ...authorized }
    const answer = await network({
      method: 'POST',
      url: `${url}/${method}`,
      headers,
      body: stringify(members),
      signal,
    }).catch((cause: unknown) => {
      throw refusal(`The remote signer does not answer to ${method}: ${reasonOf(cause)}`)
    })
    if (answer.status !== 200) throw refusal(`The remote signer answered ${method} with ${answer.status}, expected 200`)
    return objectIn(answer.body, method)
  }
}

/** Only to the host that is named, and over TLS, but on this machine. */
function networkTo(url: string, timeoutMs: number): Network {
  const target = new URL(url)
  const host = hostOf(target)
  const isLocal = host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
  if (target.protocol !== 'https:' && !isLocal) throw refusal('The address of the remote signer is not https')
  return openNetwork([host], { timeoutMs, maxBytes: MOST_BYTES })
}

function reasonOf(cause: unknown): string {
  return cause instanceof FhirError ? cause.issues[0].text : 'the connection failed'
}

/** Nothing of the body gets into the error: it may hold what is secret. */
function objectIn(bytes: Uint8Array, method: string): JsonObject {
  let value: Json
  try {
    value = parseJson(bytes)
  } catch {
    throw refusal(`The remote signer did not answer ${method} with sound JSON`)
  }
  if (!isObject(value)) throw refusal(`The remote signer did not answer ${method} with a JSON object`)
  return value
}
