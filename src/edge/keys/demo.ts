/** A signer for the demonstration: a root, a certificate and a revocation list made on the spot, and kept nowhere. */

import { generateKeyPairSync, randomInt, type KeyObject } from 'node:crypto'
import type { Instant } from '../../fhir/types.ts'
import type { SigningKey } from '../../ports.ts'
import { issueCertificate, issueCrl, type Authority } from './issue.ts'
import { toPem } from './pem.ts'
import { signingKey } from './signing-key.ts'

export interface DemoSigner {
  readonly key: SigningKey
  /** The root, DER. */
  readonly trust: readonly [Uint8Array]
  /** The root, PEM. */
  readonly trustPem: string
  /** The revocation list of the root, DER: nothing is revoked. */
  readonly crls: readonly [Uint8Array]
}

export interface DemoRequest {
  readonly now: Instant
  /** The common name of the signer. */
  readonly name?: string
  /** A URI that names the signer, such as the fullUrl of an author. */
  readonly uri?: string
}

const DAY_MS = 86_400_000
const LIFE_DAYS = 30

/** An ES256 signer whom only its own root vouches for. */
export function demoSigner({ now, name = 'fhirdoc demonstration (test key)', uri }: DemoRequest): DemoSigner {
  const period = { from: daysFrom(now, -1), until: daysFrom(now, LIFE_DAYS) }
  const root: Authority = {
    name: { O: 'fhirdoc demonstration', CN: 'fhirdoc demonstration root (test key)' },
    key: newKey(),
  }
  const anchor = issueCertificate(root, {
    ...period,
    subject: root.name,
    key: root.key,
    serial: newSerial(),
    authority: {},
    keyUsage: ['keyCertSign', 'cRLSign'],
  })
  const privateKey = newKey()
  const leaf = issueCertificate(root, {
    ...period,
    subject: { O: 'fhirdoc demonstration', CN: name },
    key: privateKey,
    serial: newSerial(),
    keyUsage: ['digitalSignature', 'nonRepudiation'],
    ...(uri !== undefined && { uri }),
  })
  const crl = issueCrl(root, { thisUpdate: daysFrom(now, -1), nextUpdate: period.until })
  return {
    key: signingKey({ privateKey, certificates: [leaf, anchor] }),
    trust: [anchor],
    trustPem: toPem('CERTIFICATE', anchor),
    crls: [crl],
  }
}

function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
}

function newSerial(): number {
  return randomInt(1, 2 ** 47)
}

function daysFrom(instant: Instant, days: number): Instant {
  return new Date(Date.parse(instant) + days * DAY_MS).toISOString()
}
