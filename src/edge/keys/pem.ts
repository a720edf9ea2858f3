/** Keys and certificates in PEM, the key encrypted or not. @see https://www.rfc-editor.org/rfc/rfc7468 */

import { createPrivateKey, type KeyObject } from 'node:crypto'
import { refusal } from './refusal.ts'
import type { KeyMaterial } from './signing-key.ts'

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g

interface Block {
  readonly label: string
  /** With its begin and end. */
  readonly text: string
  readonly body: string
}

export function isPem(text: string): boolean {
  return text.includes('-----BEGIN ')
}

/** The private key and the certificates of a PEM text. @throws FhirError `security` */
export function readPem(text: string, password?: string): KeyMaterial {
  const keys = blocks(text).filter(({ label }) => label.endsWith('PRIVATE KEY'))
  const [key, another] = keys
  if (key === undefined) throw refusal('The PEM file holds no private key')
  if (another !== undefined) throw refusal(`The PEM file holds ${keys.length} private keys, expected one`)
  return { privateKey: privateKeyOf(key, password), certificates: derBlocks(text, 'CERTIFICATE') }
}

/** The DER of every block with the label: `CERTIFICATE`, `X509 CRL`. */
export function derBlocks(text: string, label: string): readonly Uint8Array[] {
  return blocks(text)
    .filter((block) => block.label === label)
    .map(({ body }) => Buffer.from(body, 'base64'))
}

/** DER as a PEM block. */
export function toPem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

function blocks(text: string): readonly Block[] {
  return [...text.matchAll(BLOCK)].map(([block, label = '', body = '']) => ({ label, text: block, body }))
}

function privateKeyOf({ label, text, body }: Block, password: string | undefined): KeyObject {
  const isEncrypted = label.startsWith('ENCRYPTED') || body.includes('ENCRYPTED')
  if (isEncrypted && password === undefined) throw refusal('The private key is encrypted, expected its password')
  try {
    return createPrivateKey({
      key: text,
      format: 'pem',
      ...(isEncrypted && password !== undefined && { passphrase: password }),
    })
  } catch (cause) {
    throw refusal(
      isEncrypted
        ? 'The private key does not open with the password given'
        : 'The private key in the PEM file cannot be read',
      cause,
    )
  }
}
