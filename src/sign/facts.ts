/** The facts of a signature, gathered before any judgement: what stands in it, what was tried, what was not at hand. */

import { FhirError } from '../fhir/error.ts'
import type { Model } from '../fhir/model.ts'
import type { Bundle, Signature } from '../fhir/types.ts'
import { weakness } from './algorithms.ts'
import { milliseconds } from './instant.ts'
import { readJades } from './jades.ts'
import { mediaType } from './media-type.ts'
import { momentsOf, type StampFacts } from './moments.ts'
import { partTarget } from './part-target.ts'
import type { PartTarget } from './parts.ts'
import type { PlacedSignature } from './placement.ts'
import type { IntegrityFacts, Reading } from './reading.ts'
import type { Sidecar } from './sidecar.ts'
import { agreement, holderOf, isSeal, readReference, type Agreement, type Holder, type Signers } from './signer.ts'
import { misuse, period, type Side } from './signing-certificate.ts'
import { bundleTarget } from './target.ts'
import { trustOf, type Evidence, type TrustFacts } from './trust.ts'
import type { Certificate } from './x509.ts'
import { readXades } from './xml/detached.ts'
import { readPartXades } from './xml/part.ts'

/** What the facts are gathered with. */
export interface Surroundings extends Evidence {
  /** The time of verification; undefined where it is not known. */
  readonly atMs: number | undefined
  readonly signers: Signers
  /** The definitions that the XML form of a document is made by; without them no signature over it is read. */
  readonly model?: Model | undefined
}

export interface CertificateFacts {
  readonly certificate: Certificate
  readonly misuse: string | undefined
  readonly weakness: string | undefined
  /** Where the best signature time lies in its period. */
  readonly side: Side | undefined
  /** Where the time that the signature claims lies in it. */
  readonly claimedSide: Side | undefined
}

export interface SignerFacts {
  readonly holder: Holder
  /** Undefined where the signature names nobody. */
  readonly agreement: Agreement | undefined
  readonly isSeal: boolean
}

/** What was read of a signature that bears its signer's certificate. */
export interface Certified {
  readonly integrity: IntegrityFacts
  readonly certificate: CertificateFacts
  readonly trust: TrustFacts
  readonly signer: SignerFacts
  readonly stamps: readonly StampFacts[]
  /** The earliest time at which the signature is known to have been there: without time-stamps that of the verification. */
  readonly bestMs: number | undefined
}

export interface Facts {
  readonly where: string
  /** Undefined where the signature stands beside the document and not in a resource. */
  readonly signature: Signature | undefined
  readonly syntax: Syntax
  /** Whether there is a reader for signatures of this syntax at this place. */
  readonly isRead: boolean
  /** What of the Bundle it leaves out by its place: the expressions of entries. */
  readonly leftOut: readonly string[]
  /** Of a signature that is not over the document: the resources that it is over, in their order; none where they are not known. */
  readonly targets?: readonly PartTarget[] | undefined
  /** Why it is not known what it covers. */
  readonly missing?: string | undefined
  /** The first reason why the signature is malformed or not to be taken. */
  readonly refusal?: string
  /** Only of a signature that is not refused. */
  readonly reading?: Reading
  readonly certified?: Certified
  readonly atMs: number | undefined
}

/** The facts of a signature that bears a certificate, and whether revocation must be known. */
export interface Case extends Facts, Certified {
  readonly revocation: 'waived' | undefined
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

/** A signature of the document, and the same one beside it with what was added later. */
export interface Accompanied extends PlacedSignature {
  readonly sidecar?: Sidecar | undefined
}

/** What reads a signature of one syntax. @throws FhirError with the first reason to refuse it */
export type Reader = () => Reading

/** The reader of a signature; undefined where there is none for its syntax, or where it lacks the definitions. */
function readerOf(syntax: Syntax, placed: Accompanied, { model }: Surroundings): Reader | undefined {
  const { signature, signed, part, emptied, sidecar } = placed
  if (syntax === 'JWS' && part !== undefined)
    return () => readJades({ signature, sidecar, target: partTarget(part, signature) })
  if (syntax === 'XML-DSig' && part !== undefined && model !== undefined)
    return () => readPartXades(part, signature, model)
  if (signed === undefined) return undefined
  const over = overBundle(syntax, { signature, sidecar }, model)
  return over && (() => readPlaced(over, signed, emptied))
}

type BundleReader = (signed: Bundle) => Reading

function overBundle(
  syntax: Syntax,
  { signature, sidecar }: Pick<Accompanied, 'signature' | 'sidecar'>,
  model: Model | undefined,
): BundleReader | undefined {
  if (syntax === 'JWS') return (signed) => readJades({ signature, sidecar, target: bundleTarget(signed) })
  return syntax === 'XML-DSig' && model !== undefined ? (signed) => readXades({ signature, signed }, model) : undefined
}

/** The facts of one signature of a Bundle. */
export function factsOf(bundle: Bundle, placed: Accompanied, surroundings: Surroundings): Facts {
  const { where, signature, leftOut, fault, missing, part, isOfPart } = placed
  const syntax = syntaxOf(signature)
  const read = readerOf(syntax, placed, surroundings)
  const targets = isOfPart === true ? { targets: part?.targets ?? [] } : {}
  const base = { where, signature, syntax, leftOut, ...targets, missing, atMs: surroundings.atMs }
  if (read === undefined) return { ...base, isRead: false }
  if (fault !== undefined) return { ...base, isRead: true, refusal: fault }
  return certified(read, { ...base, isRead: true }, { bundle, surroundings })
}

/** Where the mathematics do not hold over what is to be signed, they may over what HL7's validator takes for it. */
function readPlaced(read: BundleReader, signed: Bundle, emptied: Bundle | undefined): Reading {
  const reading = read(signed)
  if (emptied === undefined || reading.integrity?.holds !== false) return reading
  const other = read(emptied)
  return other.integrity?.holds === true ? other : reading
}

export interface Setting {
  /** The document, whose resources a signature may name its signer by; undefined where it is no Bundle. */
  readonly bundle: Bundle | undefined
  readonly surroundings: Surroundings
}

/** The facts of a signature that a reader finds, or why it is refused. */
export function certified(read: () => Reading, base: Omit<Facts, 'reading' | 'certified'>, setting: Setting): Facts {
  try {
    const reading = read()
    const { claims, integrity } = reading
    const [leaf, ...others] = claims.certificates
    if (leaf === undefined || integrity === undefined) return { ...base, reading }
    const { surroundings } = setting
    const { stamps, bestMs, evidence } = momentsOf(reading.additions, surroundings, surroundings.atMs)
    return {
      ...base,
      reading,
      certified: {
        integrity,
        certificate: certificateFacts(leaf, claims, bestMs),
        trust: trustOf([leaf, ...others], evidence, { purpose: 'signature', atMs: bestMs }),
        signer: signerFacts(leaf, reading, base.signature, setting),
        stamps,
        bestMs,
      },
    }
  } catch (error) {
    if (!(error instanceof FhirError)) throw error
    return { ...base, refusal: error.message }
  }
}

function certificateFacts(
  leaf: Certificate,
  { time }: Reading['claims'],
  bestMs: number | undefined,
): CertificateFacts {
  const claimedMs = time === undefined ? undefined : milliseconds(time)
  return {
    certificate: leaf,
    misuse: misuse(leaf),
    weakness: weakness(leaf.publicKey),
    side: bestMs === undefined ? undefined : period(leaf, bestMs),
    claimedSide: claimedMs === undefined ? undefined : period(leaf, claimedMs),
  }
}

const NO_BUNDLE: Bundle = { resourceType: 'Bundle', type: 'document' }

function signerFacts(
  leaf: Certificate,
  { claims: { commitments = [] } }: Reading,
  signature: Signature | undefined,
  { bundle = NO_BUNDLE, surroundings }: Setting,
): SignerFacts {
  const holder = holderOf(leaf, surroundings.signers)
  const who = readReference(signature?.who)
  return {
    holder,
    agreement: who === undefined ? undefined : agreement(who, holder, bundle),
    isSeal: isSeal({ who, commitments, holder }, bundle),
  }
}
