/** What the local provider signs, with a key that is made when it starts. @see https://www.rfc-editor.org/rfc/rfc7515 */

import { createHash, generateKeyPairSync, sign, verify, type JsonWebKey, type KeyObject } from 'node:crypto'

export interface Signer {
  /** Its public half. */
  readonly jwk: JsonWebKey
  /** A JWT with the claims. */
  sign(claims: object, type: 'JWT' | 'at+jwt'): string
  /** The claims of a JWT that it signed; undefined for any other. */
  read(jwt: string): Readonly<Record<string, unknown>> | undefined
}

/** A signer with a new key. */
export function newSigner(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const bare = publicKey.export({ format: 'jwk' })
  const kid = createHash('sha256').update(JSON.stringify(bare)).digest('base64url').slice(0, 16)
  return {
    jwk: { ...bare, kid, use: 'sig', alg: 'ES256' },
    sign: (claims, typ) => {
      const input = [{ alg: 'ES256', typ, kid }, claims].map(encoded).join('.')
      return `${input}.${signature(input, privateKey)}`
    },
    read: (jwt) => {
      const [header = '', payload = '', value = ''] = jwt.split('.')
      const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const
      const holds = verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(value, 'base64url'))
      return holds ? (JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>) : undefined
    },
  }
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function signature(input: string, key: KeyObject): string {
  return sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
}
