/**
 * Keys on cards and in hardware modules, by PKCS#11; the door to pkcs11js, which is there only where it was installed.
 * @see https://www.rfc-editor.org/rfc/rfc7512
 */

import { createHash, X509Certificate } from 'node:crypto'
import type { Alg, SigningKey } from '../../ports.ts'
import { refusal } from './refusal.ts'
import { chainOf, schemeFor } from './signing-key.ts'

/** What of the package is used. */
interface Module {
  load(path: string): void
  C_Initialize(): void
  C_GetSlotList(hasToken: boolean): readonly Buffer[]
  C_GetTokenInfo(slot: Buffer): { readonly label: string; readonly serialNumber: string }
  C_OpenSession(slot: Buffer, flags: number): Buffer
  C_Login(session: Buffer, user: number, pin: string): void
  C_FindObjectsInit(session: Buffer, template: readonly Attribute[]): void
  C_FindObjects(session: Buffer, most: number): readonly Buffer[]
  C_FindObjectsFinal(session: Buffer): void
  C_GetAttributeValue(
    session: Buffer,
    object: Buffer,
    template: readonly Attribute[],
  ): readonly { readonly value: Buffer }[]
  C_SignInit(session: Buffer, mechanism: Mechanism, key: Buffer): void
  C_SignAsync(session: Buffer, data: Buffer, out: Buffer): Promise<Buffer>
}

interface Attribute {
  readonly type: number
  readonly value?: number | string | Buffer
}

interface Mechanism {
  readonly mechanism: number
  readonly parameter?: object
}

const CKF_SERIAL_SESSION = 4
const CKU_USER = 1
const CLASS = { attribute: 0, certificate: 1, privateKey: 3 } as const
const ATTRIBUTE = { value: 0x11, label: 0x03, id: 0x102 } as const
const CKM_ECDSA = 0x1041
const CKM_SHA256_RSA_PKCS = 0x40
const CKM_SHA256_RSA_PKCS_PSS = 0x43
const PSS_SHA256 = { type: 5, hashAlg: 0x250, mgf: 2, saltLen: 32 } as const

/** How a module makes the values of an algorithm: ECDSA of a digest, RSA of the octets themselves. */
const MECHANISMS: Readonly<Record<Alg, Mechanism & { readonly hash?: 'sha256' | 'sha384' }>> = {
  RS256: { mechanism: CKM_SHA256_RSA_PKCS },
  PS256: { mechanism: CKM_SHA256_RSA_PKCS_PSS, parameter: PSS_SHA256 },
  ES256: { mechanism: CKM_ECDSA, hash: 'sha256' },
  ES384: { mechanism: CKM_ECDSA, hash: 'sha384' },
}

/** More than any key of these kinds gives. */
const MOST_VALUE_BYTES = 1024

/** `pkcs11:token=card;object=key?module-path=/usr/lib/opensc-pkcs11.so` */
export function isPkcs11(key: string): boolean {
  return key.startsWith('pkcs11:')
}

export interface Pkcs11Options {
  /** The PIN. */
  readonly password?: string | undefined
  readonly alg?: Alg | undefined
  /** Certificates that the token does not hold, DER. */
  readonly certificates: readonly Uint8Array[]
}

/**
 * The signing key that the URI names: it never leaves its token.
 * @throws FhirError `security` with the rule `signer-key`: no package, no module, no token, no key, or a wrong PIN
 */
export async function openPkcs11(uri: string, options: Pkcs11Options): Promise<SigningKey> {
  const { token, object, id, modulePath } = partsOf(uri)
  if (modulePath === undefined) throw refusal('The PKCS#11 URI names no module, expected ?module-path=')
  const driver = await loaded(modulePath)
  const session = sessionWith(driver, token, options.password)
  const named = [
    ...(object === undefined ? [] : [{ type: ATTRIBUTE.label, value: object }]),
    ...(id === undefined ? [] : [{ type: ATTRIBUTE.id, value: id }]),
  ]
  const [key, another] = find(driver, session, [{ type: CLASS.attribute, value: CLASS.privateKey }, ...named])
  if (key === undefined) throw refusal('The token holds no such private key, or needs its PIN')
  if (another !== undefined) throw refusal('The token holds several such private keys, expected object= or id= of one')
  const [own] = driver.C_GetAttributeValue(session, key, [{ type: ATTRIBUTE.id }])
  const certificates = [...certificatesIn(driver, session, own?.value), ...options.certificates]
  const [leaf] = certificates
  if (leaf === undefined)
    throw refusal('The token holds no certificate of the key, expected it there or in a file of its own')
  const { alg } = schemeFor(new X509Certificate(leaf).publicKey, options.alg)
  return { alg, certificates: chainOf(leaf, certificates), sign: signer(driver, { session, key, alg }) }
}

interface Held {
  readonly session: Buffer
  readonly key: Buffer
  readonly alg: Alg
}

/** One after the other: a session signs one thing at a time. */
function signer(driver: Module, { session, key, alg }: Held): SigningKey['sign'] {
  const { hash, ...mechanism } = MECHANISMS[alg]
  let last: Promise<unknown> = Promise.resolve()
  const one = async (octets: Uint8Array): Promise<Uint8Array> => {
    const data = hash === undefined ? Buffer.from(octets) : createHash(hash).update(octets).digest()
    try {
      driver.C_SignInit(session, mechanism, key)
      return await driver.C_SignAsync(session, data, Buffer.alloc(MOST_VALUE_BYTES))
    } catch {
      throw refusal('The token did not sign')
    }
  }
  return (octets) => {
    const turn = last.then(() => one(octets))
    // The next one waits for it, whatever came of it.
    last = turn.catch(() => undefined)
    return turn
  }
}

/** What modules say of themselves may hold the PIN, so it is no cause. */
async function loaded(modulePath: string): Promise<Module> {
  const name = 'pkcs11js'
  const library: unknown = await import(name).catch(() => {
    throw refusal('Keys in PKCS#11 need the package pkcs11js, which is not installed, expected: npm install pkcs11js')
  })
  const { PKCS11 } = library as { readonly PKCS11: new () => Module }
  const driver = new PKCS11()
  try {
    driver.load(modulePath)
    driver.C_Initialize()
    return driver
  } catch (error) {
    if (error instanceof Error && error.message.includes('ALREADY_INITIALIZED')) return driver
    throw refusal('The PKCS#11 module cannot be loaded, expected the library of the card or hardware module')
  }
}

function sessionWith(driver: Module, token: string | undefined, pin: string | undefined): Buffer {
  const slots = driver.C_GetSlotList(true).filter((slot) => {
    return token === undefined || driver.C_GetTokenInfo(slot).label.trim() === token
  })
  const [slot, another] = slots
  if (slot === undefined) throw refusal('The PKCS#11 module has no such token, expected a card in its reader')
  if (another !== undefined) throw refusal('The PKCS#11 module has several tokens, expected token= of one')
  const session = driver.C_OpenSession(slot, CKF_SERIAL_SESSION)
  if (pin === undefined) return session
  try {
    driver.C_Login(session, CKU_USER, pin)
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('ALREADY_LOGGED_IN'))
      throw refusal('The token does not open with the PIN given, which is not tried again')
  }
  return session
}

const MOST_OBJECTS = 64

function find(driver: Module, session: Buffer, template: readonly Attribute[]): readonly Buffer[] {
  driver.C_FindObjectsInit(session, template)
  try {
    return driver.C_FindObjects(session, MOST_OBJECTS)
  } finally {
    driver.C_FindObjectsFinal(session)
  }
}

/** The certificate of the key first, then whatever else the token holds. */
function certificatesIn(driver: Module, session: Buffer, id: Buffer | undefined): readonly Buffer[] {
  const ofClass = { type: CLASS.attribute, value: CLASS.certificate }
  const own = id === undefined ? [] : find(driver, session, [ofClass, { type: ATTRIBUTE.id, value: id }])
  const all = [...own, ...find(driver, session, [ofClass])]
  return all.flatMap((object) =>
    driver.C_GetAttributeValue(session, object, [{ type: ATTRIBUTE.value }]).map(({ value }) => value),
  )
}

interface Parts {
  readonly token: string | undefined
  readonly object: string | undefined
  readonly id: Buffer | undefined
  readonly modulePath: string | undefined
}

function partsOf(uri: string): Parts {
  const [path = '', query = ''] = uri.slice('pkcs11:'.length).split('?')
  const pairs = [...path.split(';'), ...query.split('&')].filter((pair) => pair.includes('='))
  const values = new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))
  if (values.has('pin-value')) throw refusal('The PKCS#11 URI holds a PIN, expected it in a file or the environment')
  const text = (name: string): string | undefined => {
    const value = values.get(name)
    return value === undefined ? undefined : decoded(value).toString('utf8')
  }
  const id = values.get('id')
  return {
    token: text('token'),
    object: text('object'),
    id: id === undefined ? undefined : decoded(id),
    modulePath: text('module-path'),
  }
}

/** The octets that a part stands for: an id is seldom text. */
function decoded(value: string): Buffer {
  return Buffer.from(
    value.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
}
