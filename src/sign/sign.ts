/**
 * Stage 3: a checked document with its signature, in three steps: the octets, the key, the embedding. A private key
 * never meets document code, so that a file, a card and a remote signer are alike.
 * @see https://hl7.org/fhir/R4/signatures.html
 */

import { fail, FhirError } from '../fhir/error.ts'
import type { Model } from '../fhir/model.ts'
import type { Bundle, Checked, Instant, Reference, Resource, Signature, Signed } from '../fhir/types.ts'
import type { SigningKey } from '../ports.ts'
import { algorithm, fits, verifies, weakness } from './algorithms.ts'
import { AUTHOR, commitment, VERIFICATION, type Commitment } from './commitments.ts'
import type { TimeHeader } from './header.ts'
import { instantOf, milliseconds } from './instant.ts'
import { joseDraft } from './jose-draft.ts'
import { must } from './must.ts'
import { alteredNumbers } from './numbers.ts'
import { entryNamed, signingProvenances, unsigned, type SigningEntry } from './placement.ts'
import { absolute, idOf, provenanceOf, withProvenance } from './provenance.ts'
import { agreement, holderOf, isSealer, sealerOf, whoOf, type Holder, type Signers } from './signer.ts'
import { misuse, period, periodText } from './signing-certificate.ts'
import { readCertificate, type Certificate } from './x509.ts'
import { xadesDraft } from './xml/write.ts'

export interface SignRequest {
  readonly when: Instant
  /** An ASTM code, by default the author's signature: `1.2.840.10065.1.12.1.1`. */
  readonly type?: string
  /** A claim of who signs; without it `who` is what the certificate says. */
  readonly who?: Reference
  /** An organization or a device seals and nobody signs: the type is verification. */
  readonly seal?: true
  /** The header that bears the time: by default `iat`. */
  readonly time?: TimeHeader
  /** The signature policy that a JWS says to keep: `urn:oid:…`, or a URL. */
  readonly policy?: string
  readonly signers?: Signers
  /** The definitions of FHIR: with them the signature is XAdES over the XML form; without them it is a JWS. */
  readonly xml?: Model
  /** Where the signature comes to stand; by default it is the one of the Bundle. */
  readonly as?: Place
  /** Signatures of the document that are signed too: `Provenance/…`, as the report of a verification names them. */
  readonly counter?: readonly string[]
}

/** In `Bundle.signature`, in a Provenance that becomes an entry, or in one that stands beside the Bundle. */
export type Place = 'bundle' | 'provenance' | 'beside'

/** What may be known of a signing key without it. */
export type Signer = Pick<SigningKey, 'alg' | 'certificates'>

/** What is left for the key to do. */
export interface Prepared {
  readonly bundle: Checked
  readonly signer: Signer
  /** Without its data. */
  readonly signature: Signature
  /** What the signature says of itself and signs, in base64url: the header of a JWS, or SignedInfo. */
  readonly protected: string
  /** What the signature covers: the canonical form of the document. */
  readonly octets: Uint8Array
  /** What the key signs. */
  readonly input: Uint8Array
  /** Signature.data with the value. */
  readonly data: (value: Uint8Array) => string
  readonly as: Place
  /** The fullUrls of the entries whose signatures are signed too. */
  readonly counters: readonly string[]
}

/**
 * The document with a signature by the key, over its form `#document`.
 * @throws FhirError `business-rule`, `code-invalid` or `value` for what the document or the request is, `security` with
 * the rule `signer-key` for what the key or its certificate is
 */
export async function sign(bundle: Checked, key: SigningKey, request: SignRequest): Promise<Signed> {
  const prepared = prepare(bundle, key, request)
  return embed(prepared, await key.sign(prepared.input))
}

/** The first step: what the key signs, and the signature that its value will complete. @throws FhirError as `sign` does */
export function prepare(bundle: Checked, { alg, certificates }: Signer, request: SignRequest): Prepared {
  const { as = 'bundle', counter = [] } = request
  mustBeOpen(bundle, as)
  const kept = counteredIn(bundle, counter, as)
  const leaf = mustHaveLeaf(certificates)
  const whenMs = mustBeInstant(request.when)
  mustBeFit(leaf, alg, whenMs)
  const when = instantOf(whenMs / 1000)
  const type = typeFor(request)
  const who = whoFor(holderOf(leaf, request.signers), bundle, request)
  if (request.xml === undefined) mustKeepNumbers(bundle)
  const covered = as === 'bundle' ? bundle : unsigned(bundle, kept)
  const chain = certificates.map(readCertificate)
  const asked = {
    bundle: covered,
    alg,
    certificates: chain,
    when,
    commitment: type,
    time: request.time ?? 'iat',
    policy: request.policy,
  }
  const draft = request.xml === undefined ? joseDraft(asked) : xadesDraft(asked, request.xml)
  const { sigFormat, targetFormat, octets, input, data } = draft
  return {
    bundle,
    signer: { alg, certificates },
    signature: {
      type: [type],
      when,
      who: as === 'provenance' ? absolute(who, bundle) : who,
      targetFormat,
      sigFormat,
    },
    protected: draft.protected,
    octets,
    input,
    data,
    as,
    counters: kept.flatMap(({ fullUrl }) => (fullUrl === undefined ? [] : [fullUrl])),
  }
}

/**
 * The last step: the document with its signature in its place.
 * @throws FhirError `security` where the value is not that of the certificate's key over the prepared octets
 */
export function embed(prepared: Prepared, value: Uint8Array): Signed {
  const { bundle, as, octets } = prepared
  if (as === 'beside') throw new TypeError('A signature that stands beside the Bundle is not embedded')
  const signature = completed(prepared, value)
  if (as === 'bundle') return { ...bundle, signature } as Bundle as Signed
  return withProvenance(bundle, idOf(bundle, octets), provenanceBy(prepared, signature)) as Signed
}

/** The last step for what stands beside the Bundle: the Provenance with the signature. @throws FhirError as `embed` does */
export function provenanceBeside(prepared: Prepared, value: Uint8Array): Resource {
  return provenanceBy(prepared, completed(prepared, value))
}

function provenanceBy({ bundle, octets, counters }: Prepared, signature: Signature): Resource {
  return provenanceOf(bundle, { id: idOf(bundle, octets), signature, counters })
}

/** The signature with its value, once that holds. */
function completed({ signer, signature, input, data }: Prepared, value: Uint8Array): Signature {
  const row = algorithm(signer.alg)
  const { publicKey } = mustHaveLeaf(signer.certificates)
  if (row === undefined || !verifies(row, publicKey, input, value)) {
    throw ofKey('The value is no signature by the key of the certificate, expected one over the prepared octets')
  }
  return { ...signature, data: data(value) }
}

/**
 * A further signature in the Bundle would break the first, or be broken by it (H-6): only signatures in Provenances, each
 * of which leaves the others out, may be several. What stands beside the Bundle breaks nothing.
 */
function mustBeOpen(bundle: Bundle, as: Place): void {
  const ofOthers = as === 'bundle' ? signingProvenances(bundle)[0]?.where : undefined
  const where = as === 'beside' ? undefined : bundle.signature === undefined ? ofOthers : 'Bundle.signature'
  if (where === undefined) return
  const text = `The Bundle is signed already, in ${where}, and a further signature inside would break that one`
  const expected =
    where === 'Bundle.signature' ? 'an unsigned Bundle, or a signature beside it' : 'a further Provenance'
  throw fail('business-rule', `${text}, expected ${expected}`, { expression: 'Bundle', rule: 'signed-once' })
}

/** The entries whose signatures are signed too. @throws FhirError `business-rule` where one is none of the Bundle's */
function counteredIn(bundle: Bundle, names: readonly string[], as: Place): readonly SigningEntry[] {
  if (names.length > 0 && as === 'bundle') throw ofClaim('Only a signature in a Provenance signs another signature too')
  const signing = names.length === 0 ? [] : signingProvenances(bundle)
  return names.map((name) => {
    const entry = entryNamed(signing, name)
    if (entry?.fullUrl !== undefined) return entry
    const known = signing.map(({ where }) => where).join(', ')
    throw ofClaim(`The signature ${name} is not one of the document, expected ${known === '' ? 'none' : known}`)
  })
}

function mustKeepNumbers(bundle: Bundle): void {
  const [first, ...others] = alteredNumbers(bundle)
  if (first !== undefined) throw new FhirError([first, ...others])
}

/** Milliseconds of an instant. @throws FhirError `value` */
export function mustBeInstant(when: Instant): number {
  const value = milliseconds(when)
  must(value !== undefined, 'The time of the signature is no instant, expected date and time with offset', 'value')
  return value
}

/** The certificate of the key. @throws FhirError `security` where there is none */
export function mustHaveLeaf([leaf]: readonly Uint8Array[]): Certificate {
  if (leaf === undefined) throw ofKey('The key has no certificate, expected one that names the signer')
  return readCertificate(leaf)
}

/** Nothing, where the certificate may sign documents with the algorithm at the time. @throws FhirError `security` */
export function mustBeFit(leaf: Certificate, alg: SigningKey['alg'], whenMs: number): void {
  const row = algorithm(alg)
  const goesWith = row !== undefined && fits(row, leaf.publicKey)
  if (!goesWith) throw ofKey(`The key of the certificate does not go with the algorithm ${alg}`)
  const fault = misuse(leaf) ?? weakness(leaf.publicKey)
  if (fault !== undefined) throw ofKey(`The certificate of ${leaf.subject} may not sign documents: ${fault}`)
  if (period(leaf, whenMs) === 'within') return
  throw ofKey(`The certificate of ${leaf.subject} is valid ${periodText(leaf)}, not at the time of the signature`)
}

function ofKey(text: string): FhirError {
  return fail('security', text, { rule: 'signer-key' })
}

/** What a signature is for. @throws FhirError @see https://hl7.org/fhir/R4/datatypes-definitions.html#Signature.type */
export function typeFor({ type, seal }: Pick<SignRequest, 'type' | 'seal'>): Commitment {
  if (seal === undefined) return commitment(type ?? AUTHOR)
  if (type === undefined || type === VERIFICATION) return commitment(VERIFICATION)
  throw ofClaim(`A seal verifies, expected the type ${VERIFICATION} instead of ${type}`)
}

/** The `who` of a signature by H-4: the certificate's, or a claim that it does not contradict. */
function whoFor(holder: Holder, bundle: Bundle, { who: claim, seal }: SignRequest): Reference {
  if (claim !== undefined && agreement(claim, holder, bundle) === 'contradicted') {
    throw ofClaim(`The certificate is that of ${holder.subject}, not of the signer named`)
  }
  const who = claim ?? (seal === undefined ? whoOf(holder) : sealerOf(holder))
  if (seal === undefined || (holder.kind !== 'person' && isSealer(who, bundle))) return who
  throw ofClaim('A seal is made by an Organization or Device, not by the person named')
}

/** A claim about the signer that cannot stand. */
export function ofClaim(text: string): FhirError {
  return fail('business-rule', text, { rule: 'signer-claim' })
}
