/**
 * JWS signatures of documents, as JAdES has them: the compact one in a Signature, and the one in JSON beside it, which
 * bears time-stamps and what it is to be judged by.
 * @see https://www.etsi.org/deliver/etsi_ts/119100_119199/11918201/01.02.01_60/ts_11918201v010201p.pdf
 */

import { fail } from '../fhir/error.ts'
import type { Signature } from '../fhir/types.ts'
import { additionsOf, contentStamps, laterLevel, unreadIn } from './etsi-u.ts'
import { readHeader, type Header } from './header.ts'
import { milliseconds } from './instant.ts'
import { integrityOf } from './integrity.ts'
import { readData } from './jws.ts'
import { formOf } from './octets.ts'
import type { Reading, SignatureKind } from './reading.ts'
import type { Sidecar } from './sidecar.ts'
import type { Target } from './target.ts'

export interface EmbeddedJws {
  readonly signature: Signature
  readonly target: Target
  /** The same signature beside the document, with what was added to it later. */
  readonly sidecar?: Sidecar | undefined
}

/** The signature in a Signature element. @throws FhirError with the first reason to refuse it */
export function readJades({ signature, target, sidecar }: EmbeddedJws): Reading {
  const { data } = signature
  if (typeof data !== 'string' || data === '') throw fail('required', 'The signature has no data')
  const jws = readData(data)
  const header = readHeader(jws.protected)
  mustAgree(header, signature)
  return readingOf({ ...jws, additions: sidecar?.additions ?? [] }, header, target)
}

/** A signature that stands beside what it is over. @throws FhirError with the first reason to refuse it */
export function readDetached(sidecar: Sidecar, target: Target): Reading {
  return readingOf(sidecar, readHeader(sidecar.protected), target)
}

function readingOf(jws: Sidecar, header: Header, target: Target): Reading {
  const [leaf] = header.certificates
  const kind = kindOf(header, jws)
  const claims = {
    time: header.time,
    commitments: header.commitments,
    certificates: header.certificates,
    policy: header.policy,
  }
  if (leaf === undefined) return { ...kind, claims, integrity: undefined, additions: [] }
  const { facts, octets } = integrityOf(target, jws, header, leaf)
  const additions = [...contentStamps(header, octets), ...additionsOf(jws, octets)]
  return { ...kind, claims, integrity: facts, additions, unread: [...header.unread, ...unreadIn(jws, octets)] }
}

/** The form is named twice, and only the header is signed: both must say the same. */
function mustAgree({ canon }: Header, signature: Signature): void {
  const target = formOf(signature)
  if (canon === undefined || target === undefined || canon === target) return
  throw fail('conflict', `The header declares the canonical form ${canon}, targetFormat declares ${target}`)
}

/** From then on JAdES takes `iat` alone. */
const LAST_SIGT_MS = milliseconds('2025-07-15T00:00:00Z') ?? 0

function kindOf(header: Header, jws: Sidecar): SignatureKind {
  if (!header.namesCertificate || header.time === undefined) return { format: 'JWS' }
  const isBaseline = header.timeHeader === 'iat' || (milliseconds(header.time) ?? 0) < LAST_SIGT_MS
  return isBaseline ? { format: 'JAdES', level: laterLevel(jws) } : { format: 'JAdES' }
}
