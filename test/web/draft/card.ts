/** A card of a clinician, for the suites of drafts: it signs what it is given, and its key is nowhere else. */

import { generateKeyPairSync, sign as signOctets } from 'node:crypto'
import { issueCertificate } from '../../../src/edge/keys/issue.ts'
import { toPem } from '../../../src/edge/keys/pem.ts'
import type { Desk } from './desk-service.ts'

export interface Card {
  /** PEM */
  readonly certificates: string
  /** What the card makes of an input, both in base64. */
  readonly sign: (input: string) => string
}

/** A card of the test: its certificate is by the authority that the service trusts. */
export function cardOf({ authority }: Desk): Card {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString()
  const certificate = issueCertificate(authority, {
    ...{ from: day(-1), until: day(30), key: privateKey, serial: 4711 },
    subject: { CN: 'Ingrid Ohm (test card)' },
    keyUsage: ['digitalSignature', 'nonRepudiation'],
  })
  return {
    certificates: toPem('CERTIFICATE', certificate),
    sign: (input) => signOctets('sha256', Buffer.from(input, 'base64'), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64'), // prettier-ignore
  }
}
