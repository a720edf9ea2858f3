/** ECDSA values as a JWS has them, of what cards and services give. @see https://www.rfc-editor.org/rfc/rfc7518#section-3.4 */

import { child, readDer, TAG } from './der.ts'
import { FhirError } from './error.ts'

/** How many octets each half of a value has, by algorithm. */
const HALVES: Readonly<Record<string, number>> = { ES256: 32, ES384: 48, ES512: 66 }

/** The value as a JWS has it: the two numbers side by side, of which DER makes a SEQUENCE. Anything else stays as it is. */
export function valueFor(alg: string, value: Uint8Array): Uint8Array {
  const size = HALVES[alg]
  if (size === undefined || value.byteLength === 2 * size) return value
  try {
    const sequence = readDer(value)
    return Buffer.concat([0, 1].map((index) => fixed(child(sequence, index, TAG.integer).content, size)))
  } catch (error) {
    if (!(error instanceof FhirError)) throw error
    return value
  }
}

/** A number of ASN.1, without the octets of zero in front, in as many octets as it is to have. */
function fixed(content: Uint8Array, size: number): Uint8Array {
  const first = content.findIndex((octet) => octet !== 0)
  const digits = first === -1 ? new Uint8Array() : content.subarray(first)
  return Buffer.concat([Buffer.alloc(Math.max(0, size - digits.byteLength)), digits])
}
