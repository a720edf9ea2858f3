/** Signing keys from files: PKCS#12, PEM or JWK by their content, the password from a file or given. */

import { readFile } from 'node:fs/promises'
import type { Alg, SigningKey } from '../../ports.ts'
import { isJson, readJwk } from './jwk.ts'
import { derBlocks, isPem, readPem } from './pem.ts'
import { isPkcs11, openPkcs11 } from './pkcs11.ts'
import { refusal } from './refusal.ts'
import { signingKey, type KeyMaterial } from './signing-key.ts'

/** Paths. */
export interface KeyFiles {
  /** Or a PKCS#11 URI, which names a key on a card. */
  readonly key: string
  /** Certificates in PEM, or one in DER, where they are not beside the key. */
  readonly certificates?: string
  /** Its first line is the password. */
  readonly password?: string
}

export interface OpenOptions {
  /** Counts only where no password file is named. */
  readonly password?: string
  readonly alg?: Alg
}

/**
 * The signing key in the files.
 * @throws FhirError `security` with the rule `signer-key`: no file, no key, a wrong password, a certificate of another
 * key, an algorithm that does not fit; without any path or secret in its text
 */
export async function openKey(files: KeyFiles, options: OpenOptions = {}): Promise<SigningKey> {
  const password =
    files.password === undefined ? options.password : firstLine(await read(files.password, 'The password file'))
  const others =
    files.certificates === undefined ? [] : certificatesOf(await read(files.certificates, 'The certificate file'))
  if (isPkcs11(files.key)) {
    return openPkcs11(files.key, { password, alg: options.alg, certificates: others })
  }
  const material = await materialOf(await read(files.key, 'The key file'), password)
  return signingKey({ ...material, certificates: [...others, ...material.certificates] }, options.alg)
}

/** The key and certificates of a file's content. @throws FhirError `security` */
export async function materialOf(content: Uint8Array, password?: string): Promise<KeyMaterial> {
  const text = Buffer.from(content).toString('latin1')
  if (isPem(text)) return readPem(text, password)
  if (isJson(text)) return readJwk(Buffer.from(content).toString('utf8'))
  // its library is large, and most processes never need it
  const { readPkcs12 } = await import('./pkcs12.ts')
  return readPkcs12(content, password)
}

/** The certificates of a file's content, PEM or DER. */
export function certificatesOf(content: Uint8Array): readonly Uint8Array[] {
  const text = Buffer.from(content).toString('latin1')
  return isPem(text) ? derBlocks(text, 'CERTIFICATE') : [content]
}

async function read(path: string, what: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw refusal(`${what} cannot be read`, cause)
  }
}

function firstLine(content: Uint8Array): string {
  return (Buffer.from(content).toString('utf8').split(/\r?\n/)[0] ?? '').replace(/^\uFEFF/, '')
}
