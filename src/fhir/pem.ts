/** Certificates as people hand them over: PEM, or the base64 of DER. @see https://www.rfc-editor.org/rfc/rfc7468 */

import { fromBase64 } from './digest.ts'

const BLOCK = /-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/g

/** The DER of each certificate, in the order of the text; none where it holds none. */
export function certificatesIn(text: string): readonly Uint8Array[] {
  const blocks = [...text.matchAll(BLOCK)].map(([, body = '']) => body)
  const encoded = blocks.length === 0 ? [text] : blocks
  const ders = encoded.map((body) => fromBase64(body.replace(/\s/g, '')))
  return ders.every((der) => der !== undefined && der.byteLength > 0) ? ders.filter((der) => der !== undefined) : []
}
