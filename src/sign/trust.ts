/**
 * Whether a certificate leads to a trust anchor and what stands against it at a time: of a signer, of a time-stamping
 * authority, of anyone.
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-6
 */

import { pathFault, pathToAnchor, type Path, type PathFault } from './chain.ts'
import { standing, type Material, type Standing } from './revocation.ts'
import { serviceFault, type Purpose, type Service } from './services.ts'
import type { Certificate } from './x509.ts'

export interface Services {
  readonly list: readonly Service[]
  /** The time of the judgement, by which a list may have run out. */
  readonly nowMs: number
}

/** What certificates are judged with. */
export interface Evidence {
  readonly anchors: readonly Certificate[]
  /** The services of trusted lists, which are anchors while they were granted. */
  readonly services?: Services | undefined
  /** Certificates that a chain may go over, beside those that a signature brings along. */
  readonly pool?: readonly Certificate[]
  readonly material: readonly Material[]
  /** Revocation need not be known. */
  readonly revocation?: 'waived' | undefined
}

/** What a chain is asked for, and when. */
export interface Question {
  readonly purpose: Purpose
  /** The time that is judged; undefined where it is not known. */
  readonly atMs: number | undefined
}

export interface TrustFacts {
  readonly hasAnchors: boolean
  readonly path: Path | undefined
  readonly fault: PathFault | undefined
  /** Undefined without a path, and where the time is not known. */
  readonly standing: Standing | undefined
}

/** Every certificate that a chain may end at: those given, and those of services whenever they were granted. */
export function anchorsOf({ anchors, services }: Evidence): readonly Certificate[] {
  return [...anchors, ...(services?.list ?? []).map(({ certificate }) => certificate)]
}

/** The chain of a certificate to an anchor, over those given and those of the evidence, and what holds on it at the time. */
export function trustOf(
  [leaf, ...others]: readonly [Certificate, ...Certificate[]],
  evidence: Evidence,
  { purpose, atMs }: Question,
): TrustFacts {
  const { anchors, services, pool = [], material } = evidence
  const all = anchorsOf(evidence)
  const path = pathToAnchor(leaf, [...others, ...pool], all)
  const isTimed = path !== undefined && atMs !== undefined
  return {
    hasAnchors: all.length > 0,
    path,
    fault: isTimed ? (anchorFault(path, anchors, services, { purpose, atMs }) ?? pathFault(path, atMs)) : undefined,
    standing: isTimed ? standing(path, material, atMs) : undefined,
  }
}

/** An anchor that was given needs no service; one that a trusted list names is one while its service was granted. */
function anchorFault(
  path: Path,
  anchors: readonly Certificate[],
  services: Services | undefined,
  { purpose, atMs }: { readonly purpose: Purpose; readonly atMs: number },
): PathFault | undefined {
  const { fingerprint } = path.at(-1) ?? path[0]
  if (services === undefined || anchors.some((anchor) => anchor.fingerprint === fingerprint)) return undefined
  const own = services.list.filter(({ certificate }) => certificate.fingerprint === fingerprint)
  const faults = own.map((service) => serviceFault(service, { purpose, atMs, nowMs: services.nowMs }))
  const [fault] = faults
  return fault === undefined || faults.includes(undefined) ? undefined : { kind: 'service', ...fault }
}
