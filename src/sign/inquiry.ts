/** What is not known of revocation, asked of the services that may be asked, before a document is judged. */

import { FhirError } from '../fhir/error.ts'
import type { Revocations } from '../ports.ts'
import type { Path } from './chain.ts'
import type { Facts } from './facts.ts'
import { readOcsp } from './ocsp.ts'
import { readCrl, type Certificate } from './x509.ts'

/** Revocation data, DER. */
export interface Answers {
  readonly crls: readonly Uint8Array[]
  readonly ocsps: readonly Uint8Array[]
}

/** The answers about every chain of which the facts do not say whether it was revoked; a service that fails says nothing. */
export async function inquire(facts: readonly Facts[], revocations: Revocations): Promise<Answers> {
  const pairs = new Map(
    facts
      .flatMap(openPaths)
      .flatMap(pairsOf)
      .map((pair) => [pair[0].fingerprint, pair]),
  )
  const answers = await Promise.all([...pairs.values()].map((pair) => answerOn(pair, revocations)))
  return { crls: answers.flatMap(({ crls }) => crls), ocsps: answers.flatMap(({ ocsps }) => ocsps) }
}

/** The chains of the signer and of time-stamping authorities whose standing is not known. */
function openPaths({ certified }: Facts): readonly Path[] {
  if (certified === undefined) return []
  const { trust, stamps } = certified
  return [trust, ...stamps.map((stamp) => stamp.trust)].flatMap((one) =>
    one?.path !== undefined && one.standing?.status === 'unknown' ? [one.path] : [],
  )
}

type Pair = readonly [certificate: Certificate, issuer: Certificate]

function pairsOf(path: Path): readonly Pair[] {
  return path.slice(0, -1).flatMap((certificate, index): readonly Pair[] => {
    const issuer = path[index + 1]
    return issuer === undefined ? [] : [[certificate, issuer]]
  })
}

/** By OCSP, else by the list of the issuer. */
async function answerOn([certificate, issuer]: Pair, revocations: Revocations): Promise<Answers> {
  const ocsp = await unless(() => revocations.ocsp(certificate.der, issuer.der))
  if (ocsp !== undefined && isRead(() => readOcsp(ocsp))) return { crls: [], ocsps: [ocsp] }
  const crl = await unless(() => revocations.crl(certificate.der))
  return { crls: crl !== undefined && isRead(() => readCrl(crl)) ? [crl] : [], ocsps: [] }
}

function isRead(read: () => unknown): boolean {
  try {
    return read() !== undefined
  } catch (error) {
    if (error instanceof FhirError) return false
    throw error
  }
}

async function unless<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof FhirError) return undefined
    throw error
  }
}
