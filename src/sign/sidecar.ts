/**
 * A JWS that stands beside what it is over: in JSON, where `etsiU` holds what was added after signing, or compact.
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-7.2
 * @see https://www.etsi.org/deliver/etsi_ts/119100_119199/11918201/01.02.01_60/ts_11918201v010201p.pdf
 */

import { fromBase64url, toBase64url } from '../fhir/digest.ts'
import { fail } from '../fhir/error.ts'
import { parseJson } from '../fhir/json.ts'
import { isObject, type Json, type JsonObject } from '../fhir/types.ts'
import { readCompact, type Jws } from './jws.ts'
import { must } from './must.ts'

export interface Sidecar extends Jws {
  /** What was added, in its order: the members of `etsiU` as they are written, which later time-stamps are over. */
  readonly additions: readonly Addition[]
}

/** One member of `etsiU`: `sigTst`, `xVals`, `rVals`, `arcTst` … */
export interface Addition {
  /** Base64url; undefined where it is written in clear. */
  readonly encoded: string | undefined
  readonly name: string
  readonly value: Json
}

const MOST_ADDITIONS = 200
const MOST_BYTES = 64 * 1024 * 1024

/** @throws FhirError `structure` with the first reason to refuse it */
export function readSidecar(content: Uint8Array): Sidecar {
  const text = Buffer.from(content).toString('latin1').trim()
  if (!text.startsWith('{')) return { ...readCompact(text, 'The sidecar'), additions: [] }
  const members = parsed(content, 'The sidecar')
  const signature = onlySignature(members)
  const { protected: header, signature: value, header: unsigned = {} } = signature
  const { payload } = members
  must(typeof header === 'string' && header !== '', 'The sidecar has no protected header')
  must(typeof value === 'string' && value !== '', 'The sidecar has no signature')
  must(payload === undefined || typeof payload === 'string', 'The payload of the sidecar is no text')
  return {
    protected: header,
    payload: payload === undefined || payload === '' ? undefined : bytesOf(payload, 'payload'),
    value: bytesOf(value, 'signature'),
    additions: additionsIn(unsigned),
  }
}

function parsed(content: Uint8Array, what: string): JsonObject {
  let value: Json
  try {
    value = parseJson(content, { maxDepth: 20, maxBytes: MOST_BYTES })
  } catch (cause) {
    throw fail('structure', `${what} is not JSON with each member once`, { cause })
  }
  must(isObject(value), `${what} is not a JSON object`)
  return value
}

/** The flattened form has the one signature in itself; the general one has a list. */
function onlySignature(members: JsonObject): JsonObject {
  const { signatures } = members
  if (signatures === undefined) return members
  must(members['signature'] === undefined, 'The sidecar has both signature and signatures')
  const [one, another] = Array.isArray(signatures) ? (signatures as readonly Json[]) : []
  must(isObject(one) && another === undefined, 'The sidecar has not exactly one signature', 'not-supported')
  return one
}

/** Anything else in the header that nobody signed would only mislead. */
function additionsIn(header: Json): readonly Addition[] {
  must(isObject(header), 'The unprotected header of the sidecar is not a JSON object')
  const { etsiU = [], ...others } = header
  const [other] = Object.keys(others)
  must(other === undefined, `The sidecar has ${other ?? ''} in its unprotected header, expected etsiU alone`)
  const rows = Array.isArray(etsiU) ? (etsiU as readonly Json[]) : undefined
  must(rows !== undefined, 'The header etsiU is no list')
  must(rows.length <= MOST_ADDITIONS, `The header etsiU has more than ${MOST_ADDITIONS} members`, 'too-costly')
  const additions = rows.map(additionIn)
  const forms = new Set(additions.map(({ encoded }) => encoded === undefined))
  must(forms.size <= 1, 'The header etsiU has members in clear and in base64url, expected one form')
  return additions
}

function additionIn(row: Json): Addition {
  const encoded = typeof row === 'string' ? row : undefined
  const object = encoded === undefined ? row : parsed(bytesOf(encoded, 'etsiU'), 'A member of etsiU')
  must(isObject(object), 'A member of etsiU is no object')
  const [first, another] = Object.entries(object)
  must(first !== undefined && another === undefined && first[1] !== undefined, 'A member of etsiU has not one name')
  return { encoded, name: first[0], value: first[1] }
}

function bytesOf(text: string, name: string): Uint8Array {
  const bytes = fromBase64url(text)
  must(bytes !== undefined, `The ${name} of the sidecar is not base64url`)
  return bytes
}

/** One more member of `etsiU`. */
export function addition(name: string, value: Json): Addition {
  return { encoded: toBase64url(JSON.stringify({ [name]: value })), name, value }
}

/** The sidecar in the flattened JSON serialization, its payload left out. @throws TypeError where a member is in clear */
export function writeSidecar({ protected: header, value, additions }: Sidecar): string {
  const etsiU = additions.map(({ encoded }) => {
    if (encoded === undefined) throw new TypeError('A member of etsiU in clear cannot be written as it was')
    return encoded
  })
  const unsigned = etsiU.length === 0 ? {} : { header: { etsiU } }
  return `${JSON.stringify({ protected: header, ...unsigned, signature: toBase64url(value) })}\n`
}
