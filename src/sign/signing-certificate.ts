/** What keeps a certificate from signing a document: its use and its period. */

import { instantOf } from './instant.ts'
import type { Certificate } from './x509.ts'

/** Purposes of machines: a certificate that has no other is none to sign documents with. */
const MACHINE_PURPOSES: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.3.1': 'TLS servers',
  '1.3.6.1.5.5.7.3.3': 'code',
  '1.3.6.1.5.5.7.3.8': 'time-stamps',
  '1.3.6.1.5.5.7.3.9': 'OCSP responses',
}

/**
 * Why the certificate may not sign documents, as the end of a sentence; undefined where it may.
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.3
 */
export function misuse({ keyUsage, purposes }: Certificate): string | undefined {
  if (keyUsage !== undefined && !keyUsage.includes('digitalSignature') && !keyUsage.includes('nonRepudiation')) {
    return 'its key usage has neither digitalSignature nor nonRepudiation'
  }
  const foreign = purposes?.map((id) => MACHINE_PURPOSES[id])
  if (foreign === undefined || foreign.length === 0 || foreign.includes(undefined)) return undefined
  return `it is for ${foreign.join(' and ')} alone`
}

export type Side = 'before' | 'within' | 'after'

/** On which side of the certificate's period a time lies. */
export function period({ notBeforeMs, notAfterMs }: Certificate, atMs: number): Side {
  if (atMs < notBeforeMs) return 'before'
  return atMs > notAfterMs ? 'after' : 'within'
}

/** `from 2024-01-01T00:00:00Z to 2040-01-01T00:00:00Z` */
export function periodText({ notBeforeMs, notAfterMs }: Certificate): string {
  return `from ${instantOf(notBeforeMs / 1000)} to ${instantOf(notAfterMs / 1000)}`
}
