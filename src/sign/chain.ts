/**
 * The way from a signer's certificate to a trust anchor, and what on it does not hold.
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-6
 */

import { weakness } from './algorithms.ts'
import { found, type Finding } from './finding.ts'
import { isIssuedBy, type Certificate } from './x509.ts'

/** The signer's certificate first, the anchor last; only the signer's where it is an anchor itself. */
export type Path = readonly [Certificate, ...Certificate[]]

const LONGEST = 8

/**
 * The shortest path to an anchor; undefined where none is found. Each certificate is tried once, so that certificates
 * that sign each other cost no more than their number.
 */
export function pathToAnchor(
  leaf: Certificate,
  pool: readonly Certificate[],
  anchors: readonly Certificate[],
): Path | undefined {
  const seen = new Set<string>([leaf.fingerprint])
  let wave: readonly Path[] = [[leaf]]
  for (let length = 1; length <= LONGEST && wave.length > 0; length++) {
    for (const path of wave) {
      const last = path[path.length - 1] ?? leaf
      if (anchors.some(({ fingerprint }) => fingerprint === last.fingerprint)) return path
      const anchor = anchors.find((candidate) => isIssuedBy(last, candidate))
      if (anchor !== undefined) return [...path, anchor]
    }
    wave = wave.flatMap((path) => longer(path, pool, seen))
  }
  return undefined
}

function longer(path: Path, pool: readonly Certificate[], seen: Set<string>): readonly Path[] {
  const last = path[path.length - 1] ?? path[0]
  const issuers = pool.filter((candidate) => !seen.has(candidate.fingerprint) && isIssuedBy(last, candidate))
  for (const { fingerprint } of issuers) seen.add(fingerprint)
  return issuers.map((issuer): Path => [...path, issuer])
}

/** Something on a path that does not hold. */
export interface PathFault {
  readonly kind: 'constraint' | 'algorithm' | 'period' | 'service'
  readonly text: string
  readonly finding: Finding
}

/** The critical extensions whose meaning is taken into account. */
const UNDERSTOOD: readonly string[] = ['2.5.29.15', '2.5.29.17', '2.5.29.19', '2.5.29.32', '2.5.29.37']

/**
 * The first thing on the path that does not hold at the time; undefined where all does. The anchor is trusted as it
 * is, and the signer's own period and use are not asked for here.
 */
export function pathFault(path: Path, atMs: number): PathFault | undefined {
  const [leaf, ...issuers] = path
  const between = issuers.slice(0, -1)
  const signed = issuers.length === 0 ? [] : [leaf, ...between]
  return (
    first(signed, ({ critical, subject }) => {
      const unknown = critical.find((id) => !UNDERSTOOD.includes(id))
      return unknown === undefined
        ? undefined
        : constraint(
            `The certificate of ${subject} has the critical extension ${unknown}, which is not understood here`,
            found('trust.extension', { subject }),
          )
    }) ??
    first(between, authorityFault) ??
    first(signed, algorithmFault) ??
    first(between, ({ subject, notBeforeMs, notAfterMs }) =>
      atMs >= notBeforeMs && atMs <= notAfterMs
        ? undefined
        : {
            kind: 'period',
            text: `The certificate of ${subject} is not valid at the time of verification`,
            finding: found('trust.period', { subject }),
          },
    )
  )
}

function authorityFault(
  { subject, isAuthority, keyUsage, pathLength }: Certificate,
  index: number,
): PathFault | undefined {
  const finding = found('trust.authority', { subject })
  if (!isAuthority) return constraint(`${subject} is no certification authority`, finding)
  if (keyUsage !== undefined && !keyUsage.includes('keyCertSign'))
    return constraint(`The key of ${subject} may not sign certificates`, finding)
  // Self-issued certificates on the way are counted too, which is stricter than RFC 5280.
  return pathLength !== undefined && index > pathLength
    ? constraint(`${subject} may not stand so high in a chain`, finding)
    : undefined
}

function algorithmFault({ subject, publicKey, signatureHash }: Certificate): PathFault | undefined {
  const weak = weakness(publicKey)
  if (weak === undefined && signatureHash !== undefined) return undefined
  const why = weak === undefined ? 'signed with a weak or unknown algorithm' : `weak: ${weak}`
  const text = `The certificate of ${subject} is ${why}`
  return { kind: 'algorithm', text, finding: found('trust.weak', { subject }) }
}

function constraint(text: string, finding: Finding): PathFault {
  return { kind: 'constraint', text, finding }
}

function first<T, R>(items: readonly T[], of: (item: T, index: number) => R | undefined): R | undefined {
  for (const [index, item] of items.entries()) {
    const found = of(item, index)
    if (found !== undefined) return found
  }
  return undefined
}
