/** Digests, base64 and the ids made from them: pure functions over bytes. */

import { createHash, hash } from 'node:crypto'

/** The SHA-256 of the bytes, or of the UTF-8 of the text. */
export function sha256(input: Uint8Array | string): Uint8Array {
  return createHash('sha256').update(input).digest()
}

/** The same in hexadecimal, of a text. */
export function sha256Hex(text: string): string {
  return hash('sha256', text, 'hex')
}

export function toBase64(input: Uint8Array | string): string {
  return Buffer.from(input as Uint8Array).toString('base64')
}

export function toBase64url(input: Uint8Array | string): string {
  return Buffer.from(input as Uint8Array).toString('base64url')
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const BASE64URL = /^[A-Za-z0-9_-]*$/

/** The bytes of a base64 text (white space allowed, as FHIR does); undefined where it is none. */
export function fromBase64(text: string): Uint8Array | undefined {
  const bare = text.replace(/[ \t\r\n]/g, '')
  return BASE64.test(bare) ? Buffer.from(bare, 'base64') : undefined
}

/** The same, undefined too where another text is what these bytes are written as: nothing in it may be changed unseen. */
export function fromExactBase64(text: string): Uint8Array | undefined {
  const bytes = fromBase64(text)
  return bytes !== undefined && toBase64(bytes) === text.replace(/[ \t\r\n]/g, '') ? bytes : undefined
}

/** The bytes of a base64url text without padding; undefined where it is none, or not the one text of its bytes. */
export function fromBase64url(text: string): Uint8Array | undefined {
  if (!BASE64URL.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

/**
 * The name-based UUID, version 5, of a name in a namespace (itself a UUID).
 * @see https://www.rfc-editor.org/rfc/rfc9562#section-5.5
 */
export function uuidV5(namespace: string, name: string): string {
  const space = Buffer.from(namespace.replaceAll('-', ''), 'hex')
  const hash = createHash('sha1').update(space).update(name, 'utf8').digest().subarray(0, 16)
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6)
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8)
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
