/**
 * The compact JWS inside Signature.data: base64 once more around `protected..signature`, its payload left out.
 * @see https://www.rfc-editor.org/rfc/rfc7515#appendix-F
 * @see https://hl7.org/fhir/R4/datatypes.html#Signature
 */

import { fromExactBase64, fromBase64url, toBase64, toBase64url } from '../fhir/digest.ts'
import { must } from './must.ts'

export interface Jws {
  /** Base64url of the header's JSON, which is what is signed. */
  readonly protected: string
  /** The payload where it stands in the signature; undefined where it is detached. */
  readonly payload: Uint8Array | undefined
  readonly value: Uint8Array
}

/** Signature.data with a detached JWS. */
export function writeData(protectedPart: string, value: Uint8Array): string {
  return toBase64(`${protectedPart}..${toBase64url(value)}`)
}

const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+$/

/** The JWS of a Signature.data. @throws FhirError `structure` with the first reason to refuse it */
export function readData(data: string): Jws {
  must(!COMPACT.test(data.trim()), 'Signature.data is a JWS itself, expected base64 of one')
  const bytes = fromExactBase64(data)
  must(bytes !== undefined, 'Signature.data is not base64')
  const text = Buffer.from(bytes).toString('latin1')
  must(
    !text.trimStart().startsWith('{'),
    'Signature.data holds a JWS in JSON serialization, expected one signature in the compact one',
  )
  return readCompact(text, 'Signature.data')
}

/** The parts of a compact JWS. @throws FhirError `structure`, whose text begins with what holds it */
export function readCompact(text: string, holder: string): Jws {
  must(
    COMPACT.test(text),
    `${holder} holds no compact JWS, expected header, payload or nothing, and signature between dots`,
  )
  const [protectedPart = '', payload = '', value = ''] = text.split('.')
  return {
    protected: protectedPart,
    payload: payload === '' ? undefined : partOf(payload, 'payload'),
    value: partOf(value, 'signature'),
  }
}

function partOf(text: string, name: string): Uint8Array {
  const bytes = fromBase64url(text)
  must(bytes !== undefined, `The ${name} of the JWS is not base64url`)
  return bytes
}

/** What the key signs: the header and the octets, both in base64url. */
export function signingInput(protectedPart: string, octets: Uint8Array): Uint8Array {
  return Buffer.from(`${protectedPart}.${toBase64url(octets)}`, 'latin1')
}
