/** What ties a printed page to its document (H-14): the identifier and the digest of the `#document` octets, for people and as a QR code. */

import type { JsonObject } from '../fhir/types.ts'
import { qrCode, type QrCode } from './qr.ts'
import { plainText } from './wording.ts'

export interface ImprintView {
  /** The value of the identifier; empty where the document has none. */
  readonly identifier: string
  /** SHA-256, hexadecimal. */
  readonly digest: string
  readonly code: QrCode
}

/** A longer identifier would make the code too fine to be read from paper. */
const MAX_BYTES = 300

/**
 * The imprint of a document whose octets have the digest given. The code holds the identifier (`system|value`) on one
 * line and the digest on the next. @see https://www.rfc-editor.org/rfc/rfc6920#section-3
 */
export function imprint(identifier: JsonObject | undefined, digest: Uint8Array): ImprintView {
  const value = plainText(identifier?.['value'])
  const system = plainText(identifier?.['system'])
  const name = value === '' ? '' : [system, value].filter(Boolean).join('|')
  const bytes = Buffer.from(digest)
  const lines = [Buffer.byteLength(name) > MAX_BYTES ? '' : name, `ni:///sha-256;${bytes.toString('base64url')}`]
  return { identifier: value, digest: bytes.toString('hex'), code: qrCode(lines.filter(Boolean).join('\n')) }
}
