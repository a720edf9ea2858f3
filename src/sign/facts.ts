/** The facts of a signature, gathered before any judgement: what stands in it, what was tried, what was not at hand. */

import { fail, FhirError } from '../fhir/error.ts'
import type { Bundle, Signature } from '../fhir/types.ts'
import { weakness } from './algorithms.ts'
import { pathFault, pathToAnchor, type Path, type PathFault } from './chain.ts'
import { readHeader, type Header } from './header.ts'
import { milliseconds } from './instant.ts'
import { integrityOf, type IntegrityFacts } from './integrity.ts'
import { readData } from './jws.ts'
import { mediaType } from './media-type.ts'
import { formOf } from './octets.ts'
import type { PlacedSignature } from './placement.ts'
import { standing, type Standing } from './revocation.ts'
import { agreement, holderOf, isSeal, readReference, type Agreement, type Holder, type Signers } from './signer.ts'
import { misuse, period, type Side } from './signing-certificate.ts'
import type { Certificate, Crl } from './x509.ts'

/** What the facts are gathered with. */
export interface Surroundings {
  readonly anchors: readonly Certificate[]
  readonly crls: readonly Crl[]
  /** The time of verification; undefined where it is not known. */
  readonly atMs: number | undefined
  readonly signers: Signers
}

export interface CertificateFacts {
  readonly certificate: Certificate
  readonly misuse: string | undefined
  readonly weakness: string | undefined
  /** Where the time of verification lies in its period. */
  readonly side: Side | undefined
  /** Where the time that the signature claims lies in it. */
  readonly claimedSide: Side | undefined
}

export interface TrustFacts {
  readonly hasAnchors: boolean
  readonly path: Path | undefined
  readonly fault: PathFault | undefined
  /** Undefined without a path, and where the time of verification is not known. */
  readonly standing: Standing | undefined
}

export interface SignerFacts {
  readonly holder: Holder
  /** Undefined where the signature names nobody. */
  readonly agreement: Agreement | undefined
  readonly isSeal: boolean
}

/** What was read of a JWS whose header bears the signer's certificate. */
export interface Certified {
  readonly integrity: IntegrityFacts
  readonly certificate: CertificateFacts
  readonly trust: TrustFacts
  readonly signer: SignerFacts
}

export interface Facts {
  readonly where: string
  readonly signature: Signature
  readonly syntax: Syntax
  /** The first reason why the signature is malformed or not to be taken. */
  readonly refusal?: string
  /** Only of a JWS that is not refused. */
  readonly header?: Header
  readonly certified?: Certified
  readonly atMs: number | undefined
}

/** What a signature is by its sigFormat. */
export type Syntax = 'JWS' | 'XML-DSig' | 'image' | 'PDF' | 'unknown'

const SYNTAXES: Readonly<Record<string, Syntax>> = {
  'application/jose': 'JWS',
  'application/signature+xml': 'XML-DSig',
  'application/pkcs7-signature': 'XML-DSig',
  'application/pdf': 'PDF',
}

/** Where sigFormat is absent, the signature is taken for a JWS, the format of FHIR's JSON. */
function syntaxOf({ sigFormat }: Signature): Syntax {
  if (sigFormat === undefined) return 'JWS'
  const essence = typeof sigFormat === 'string' ? (mediaType(sigFormat)?.essence ?? '') : ''
  if (essence.startsWith('image/')) return 'image'
  return (Object.hasOwn(SYNTAXES, essence) ? SYNTAXES[essence] : undefined) ?? 'unknown'
}

/** The facts of one signature of a Bundle. */
export function factsOf(bundle: Bundle, { where, signature }: PlacedSignature, surroundings: Surroundings): Facts {
  const base = { where, signature, syntax: syntaxOf(signature), atMs: surroundings.atMs }
  if (base.syntax !== 'JWS' || where !== 'Bundle.signature') return base
  try {
    const { data } = signature
    if (typeof data !== 'string' || data === '') throw fail('required', 'The signature has no data')
    const jws = readData(data)
    const header = readHeader(jws.protected)
    mustAgree(header, signature)
    const [leaf] = header.certificates
    if (leaf === undefined) return { ...base, header }
    const integrity = integrityOf(bundle, jws, header, leaf)
    const holder = holderOf(leaf, surroundings.signers)
    const signer = signerFacts(holder, header, bundle)
    return { ...base, header, certified: { integrity, signer, ...certificateFacts(leaf, header, surroundings) } }
  } catch (error) {
    if (!(error instanceof FhirError)) throw error
    return { ...base, refusal: error.message }
  }
}

/** The form is named twice, and only the header is signed: both must say the same. */
function mustAgree({ canon }: Header, signature: Signature): void {
  const target = formOf(signature)
  if (canon === undefined || target === undefined || canon === target) return
  throw fail('conflict', `The header declares the canonical form ${canon}, targetFormat declares ${target}`)
}

function certificateFacts(
  leaf: Certificate,
  header: Header,
  surroundings: Surroundings,
): Pick<Certified, 'certificate' | 'trust'> {
  const { anchors, crls, atMs } = surroundings
  const claimedMs = header.time === undefined ? undefined : milliseconds(header.time)
  const path = pathToAnchor(leaf, header.certificates, anchors)
  const timed = path !== undefined && atMs !== undefined
  return {
    certificate: {
      certificate: leaf,
      misuse: misuse(leaf),
      weakness: weakness(leaf.publicKey),
      side: atMs === undefined ? undefined : period(leaf, atMs),
      claimedSide: claimedMs === undefined ? undefined : period(leaf, claimedMs),
    },
    trust: {
      hasAnchors: anchors.length > 0,
      path,
      fault: timed ? pathFault(path, atMs) : undefined,
      standing: timed ? standing(path, crls, atMs) : undefined,
    },
  }
}

function signerFacts(holder: Holder, { commitments = [] }: Header, bundle: Bundle): SignerFacts {
  const who = readReference(bundle.signature?.who)
  return {
    holder,
    agreement: who === undefined ? undefined : agreement(who, holder, bundle),
    isSeal: isSeal({ who, commitments, holder }, bundle),
  }
}
