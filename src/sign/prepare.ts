/**
 * A signature whose key is elsewhere, on a card or at a trust service, in two steps that share no memory: what is to be
 * signed, and later the document with the value. Nothing secret lies between them.
 */

import { createHash } from 'node:crypto'
import { sha256 } from '../fhir/digest.ts'
import { valueFor } from '../fhir/ecdsa.ts'
import { fail } from '../fhir/error.ts'
import { jsonOf } from '../fhir/json.ts'
import type { Checked, Json, JsonObject, Resource, Signed } from '../fhir/types.ts'
import type { Alg } from '../ports.ts'
import { algorithm, fits } from './algorithms.ts'
import { mustBeUnchanged, readHandle, writeHandle, type HandleKind } from './handle.ts'
import { embed, prepare, provenanceBeside, type Place, type SignRequest } from './sign.ts'
import { readReference } from './signer.ts'
import { readCertificate } from './x509.ts'

/** What is known of a signer whose key is elsewhere. */
export interface Absent {
  /** DER, leaf first. */
  readonly certificates: readonly Uint8Array[]
  /** By default the first that goes with the key of the certificate. */
  readonly alg?: Alg | undefined
}

/** What is to be signed elsewhere. */
export interface ToSign {
  /** SHA-256 of the octets that the signature covers. */
  readonly digest: Uint8Array
  /** The protected header in base64url. */
  readonly protected: string
  /** What the key signs, and its digest by the hash of the algorithm for a key that is given digests. */
  readonly input: Uint8Array
  readonly hash: Uint8Array
  readonly alg: Alg
  readonly handle: string
}

/** The first step. @throws FhirError as `prepare` of the signature does */
export function prepareFor(bundle: Checked, signer: Absent, request: SignRequest): ToSign {
  const { certificates } = signer
  const alg = signer.alg ?? algFor(certificates)
  const prepared = prepare(bundle, { alg, certificates }, request)
  const digest = sha256(prepared.octets)
  const { when, type, who, seal, as, counter } = request
  const kept = jsonOf({ when, type, who, seal, as, counter, alg, protected: prepared.protected })
  const handle = { kind: request.xml === undefined ? 'jose' : 'xml', digest, certificates, request: kept } as const
  return { digest, protected: prepared.protected, ...inputFor(alg, prepared.input), handle: writeHandle(handle) }
}

/** What the key signs, and its digest by the hash of the algorithm. */
export function inputFor(alg: Alg, input: Uint8Array): Pick<ToSign, 'alg' | 'input' | 'hash'> {
  const hash = createHash(algorithm(alg)?.hash ?? 'sha256')
    .update(input)
    .digest()
  return { alg, input, hash }
}

/** What came back from where the key is. */
export interface Answered {
  readonly handle: string
  /** As a JWS has it; an ECDSA value may be in DER too. */
  readonly value: Uint8Array
  /** What the deployment decides of signatures, as in the first step; the definitions are there for a signature in XML. */
  readonly settings?: Settings
}

/** The part of a request that a handle does not bear. */
export type Settings = Omit<SignRequest, 'when' | 'type' | 'who' | 'seal' | 'as' | 'counter'>

/**
 * The last step: the document with the signature, or the Provenance beside it where the first step asked for that.
 * @throws FhirError `conflict` where the document is another than the one prepared, `value` where the handle is none,
 * `security` where the value is no signature by the certificate's key; and as the first step does
 */
export function embedValue(bundle: Checked, { handle, value, settings }: Answered): Signed | Resource {
  const { kind, digest, certificates, request } = readHandle(handle, 'jose', 'xml')
  const { alg, protectedPart, ...asked } = requestIn(request)
  const prepared = prepare(bundle, { alg, certificates }, { ...ofSyntax(kind, settings), ...asked })
  mustBeUnchanged({ digest }, prepared.octets)
  if (prepared.protected !== protectedPart)
    throw fail('conflict', 'The signature was prepared under other settings, expected it to be prepared anew')
  const own = valueFor(alg, value)
  return prepared.as === 'beside' ? provenanceBeside(prepared, own) : embed(prepared, own)
}

/** The settings for a signature of the syntax that was prepared. */
function ofSyntax(kind: HandleKind, { xml, ...others }: Settings = {}): Settings {
  if (kind !== 'xml') return others
  if (xml === undefined) throw new TypeError('The XML form of a document is made by definitions')
  return { ...others, xml }
}

const ALGS: readonly Alg[] = ['RS256', 'PS256', 'ES256', 'ES384']

/** The first algorithm that goes with the key of the certificate. @throws FhirError `security` where there is none */
export function algFor([leaf]: readonly Uint8Array[]): Alg {
  if (leaf === undefined) throw fail('security', 'A certificate of the signer is missing', { rule: 'signer-key' })
  const { publicKey } = readCertificate(leaf)
  const found = ALGS.find((name) => {
    const row = algorithm(name)
    return row !== undefined && fits(row, publicKey)
  })
  if (found !== undefined) return found
  const text = 'The key of the certificate is of a kind that is not supported, expected RSA, EC P-256 or EC P-384'
  throw fail('security', text, { rule: 'signer-key' })
}

interface Asked extends Omit<SignRequest, keyof Settings> {
  readonly alg: Alg
  readonly protectedPart: string
}

/** The algorithm in a handle's request. */
export function algIn({ alg }: JsonObject): Alg | undefined {
  return ALGS.find((name) => name === alg)
}

const PLACES: readonly Place[] = ['bundle', 'provenance', 'beside']

/** The request that a handle bears, of which nothing is taken that is none of a request. */
function requestIn(members: JsonObject): Asked {
  const { when, type, seal, counter, protected: protectedPart } = members
  const alg = algIn(members)
  const as = PLACES.find((name) => name === members['as'])
  const who = readReference(members['who'])
  if (alg === undefined || typeof when !== 'string' || typeof protectedPart !== 'string')
    throw fail('value', 'The handle bears no request, expected the handle as it was given')
  return {
    alg,
    protectedPart,
    when,
    ...(typeof type === 'string' && { type }),
    ...(who !== undefined && { who }),
    ...(as !== undefined && { as }),
    ...(seal === true && { seal }),
    ...(Array.isArray(counter) && { counter: (counter as readonly Json[]).filter((one) => typeof one === 'string') }),
  }
}
