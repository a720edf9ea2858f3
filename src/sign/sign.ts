/**
 * Stage 3: a checked document with its signature, in three steps: the octets, the key, the embedding. A private key
 * never meets document code, so that a file, a card and a remote signer are alike.
 * @see https://hl7.org/fhir/R4/signatures.html
 */

import { fail, FhirError } from '../fhir/error.ts'
import type { Bundle, Checked, Instant, Reference, Signature, Signed } from '../fhir/types.ts'
import type { SigningKey } from '../ports.ts'
import { algorithm, fits, verifies, weakness } from './algorithms.ts'
import { AUTHOR, commitment, VERIFICATION, type Commitment } from './commitments.ts'
import { writeHeader, type TimeHeader } from './header.ts'
import { instantOf, milliseconds } from './instant.ts'
import { signingInput, writeData } from './jws.ts'
import { must } from './must.ts'
import { alteredNumbers } from './numbers.ts'
import { DOCUMENT_FORM, octets } from './octets.ts'
import { signingProvenances } from './placement.ts'
import { agreement, holderOf, isSealer, sealerOf, whoOf, type Holder, type Signers } from './signer.ts'
import { misuse, period, periodText } from './signing-certificate.ts'
import { readCertificate, type Certificate } from './x509.ts'

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
  readonly signers?: Signers
}

/** What may be known of a signing key without it. */
export type Signer = Pick<SigningKey, 'alg' | 'certificates'>

/** What is left for the key to do. */
export interface Prepared {
  readonly bundle: Checked
  readonly signer: Signer
  /** Without its data. */
  readonly signature: Signature
  /** The protected header in base64url. */
  readonly protected: string
  /** What the key signs. */
  readonly input: Uint8Array
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
  mustBeOpen(bundle)
  const leaf = mustHaveLeaf(certificates)
  const whenMs = mustBeInstant(request.when)
  mustBeFit(leaf, alg, whenMs)
  const when = instantOf(whenMs / 1000)
  const type = typeFor(request)
  const who = whoFor(holderOf(leaf, request.signers), bundle, request)
  mustKeepNumbers(bundle)
  const chain = certificates.map(readCertificate)
  const header = { alg, certificates: chain, when, time: request.time ?? 'iat', canon: DOCUMENT_FORM, commitment: type }
  const protectedPart = writeHeader(header)
  const targetFormat = `application/fhir+json;canonicalization=${DOCUMENT_FORM}`
  return {
    bundle,
    signer: { alg, certificates },
    signature: { type: [type], when, who, targetFormat, sigFormat: 'application/jose' },
    protected: protectedPart,
    input: signingInput(protectedPart, octets(bundle, DOCUMENT_FORM)),
  }
}

/**
 * The last step: the document with the value of its signature.
 * @throws FhirError `security` where the value is not that of the certificate's key over the prepared octets
 */
export function embed({ bundle, signer, signature, input, ...prepared }: Prepared, value: Uint8Array): Signed {
  const row = algorithm(signer.alg)
  const { publicKey } = mustHaveLeaf(signer.certificates)
  if (row === undefined || !verifies(row, publicKey, input, value)) {
    throw ofKey('The value is no signature by the key of the certificate, expected one over the prepared octets')
  }
  const signed: Bundle = { ...bundle, signature: { ...signature, data: writeData(prepared.protected, value) } }
  return signed as Signed
}

/** A further signature in the Bundle would break the first, or be broken by it (H-6). */
function mustBeOpen(bundle: Bundle): void {
  const where = bundle.signature === undefined ? signingProvenances(bundle)[0]?.where : 'Bundle.signature'
  if (where === undefined) return
  const text = `The Bundle is signed already, in ${where}, and a further signature inside would break that one`
  throw fail('business-rule', `${text}, expected an unsigned Bundle`, { expression: 'Bundle', rule: 'signed-once' })
}

function mustKeepNumbers(bundle: Bundle): void {
  const [first, ...others] = alteredNumbers(bundle)
  if (first !== undefined) throw new FhirError([first, ...others])
}

function mustBeInstant(when: Instant): number {
  const value = milliseconds(when)
  must(value !== undefined, 'The time of the signature is no instant, expected date and time with offset', 'value')
  return value
}

function mustHaveLeaf([leaf]: readonly Uint8Array[]): Certificate {
  if (leaf === undefined) throw ofKey('The key has no certificate, expected one that names the signer')
  return readCertificate(leaf)
}

function mustBeFit(leaf: Certificate, alg: SigningKey['alg'], whenMs: number): void {
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

/** @see https://hl7.org/fhir/R4/datatypes-definitions.html#Signature.type */
function typeFor({ type, seal }: SignRequest): Commitment {
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

function ofClaim(text: string): FhirError {
  return fail('business-rule', text, { rule: 'signer-claim' })
}
