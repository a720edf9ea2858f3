/**
 * The handle of a signature that is prepared here and made elsewhere: all that the last step needs beside the document and
 * the value. It is no secret and needs no seal of its own: the last step makes everything anew from it, compares the digest,
 * and verifies the value, so that a handle which was altered is nothing but another request.
 */

import { fromBase64, fromBase64url, sha256, toBase64, toBase64url } from '../fhir/digest.ts'
import { fail } from '../fhir/error.ts'
import { parseJson } from '../fhir/json.ts'
import { isObject, type Json, type JsonObject } from '../fhir/types.ts'
import { isSame } from './schemes.ts'

/** What is signed by a value that comes later. */
export type HandleKind = 'jose' | 'xml' | 'pdf'

export interface Handle {
  readonly kind: HandleKind
  /** SHA-256 of what is signed: the canonical form of the document, or the octets of the prepared file. */
  readonly digest: Uint8Array
  /** DER, leaf first. */
  readonly certificates: readonly Uint8Array[]
  /** What the request was, as plain JSON. */
  readonly request: JsonObject
}

const VERSION = 1
const MOST_BYTES = 256 * 1024

/** A handle as text of letters, digits, `-` and `_`. */
export function writeHandle({ kind, digest, certificates, request }: Handle): string {
  const members = {
    version: VERSION,
    kind,
    digest: toBase64(digest),
    certificates: certificates.map((der) => toBase64(der)),
  }
  return toBase64url(JSON.stringify({ ...members, request }))
}

/** The handle of a text. @throws FhirError `value` where it is none, or one of other kinds than those given */
export function readHandle(text: string, ...kinds: readonly HandleKind[]): Handle {
  const value = membersOf(text)
  const kind = kinds.find((one) => one === value['kind'])
  if (kind === undefined) throw ofHandle(`The handle is not one of a signature in ${kinds.join(' or ')}`)
  const digest = bytesIn(value['digest'])
  const certificates = listOf(value['certificates']).map(bytesIn)
  const { request } = value
  if (digest === undefined || certificates.length === 0 || !isObject(request)) throw ofHandle()
  return { kind, digest, certificates: certificates.map((der) => der ?? unreadable()), request }
}

/** Nothing, where what is signed is the same as when the signature was prepared. @throws FhirError `conflict` */
export function mustBeUnchanged({ digest }: Pick<Handle, 'digest'>, octets: Uint8Array): void {
  if (isSame(digest, sha256(octets))) return
  throw fail('conflict', 'The document was changed since its signature was prepared, expected the very same document')
}

function membersOf(text: string): JsonObject {
  const bytes = text.length > MOST_BYTES ? undefined : fromBase64url(text.trim())
  if (bytes === undefined) throw ofHandle()
  let value: Json
  try {
    value = parseJson(bytes, { maxDepth: 10 })
  } catch {
    throw ofHandle()
  }
  if (!isObject(value) || value['version'] !== VERSION) throw ofHandle()
  return value
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : []
}

function bytesIn(value: Json | undefined): Uint8Array | undefined {
  return typeof value === 'string' ? fromBase64(value) : undefined
}

function unreadable(): never {
  throw ofHandle()
}

function ofHandle(text = 'The handle is not one that the first step gave'): Error {
  return fail('value', `${text}, expected the handle as it was given`)
}
