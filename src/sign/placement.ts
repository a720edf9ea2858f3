/**
 * Where the signatures of a document stand, and what of the Bundle each covers: in the Bundle itself, in Provenance entries
 * whose target is the Bundle, or in Provenances beside it.
 * @see https://hl7.org/fhir/R4/signatures.html
 * @see https://hl7.org/fhir/6.0.0-ballot4/signatures.html
 */

import { fail } from '../fhir/error.ts'
import type { Model } from '../fhir/model.ts'
import { indexBundle, type BundleIndex } from '../fhir/reference.ts'
import { isObject, isResource, type Bundle, type Json, type Resource, type Signature } from '../fhir/types.ts'
import { DOCUMENT_FORM, octets } from './octets.ts'
import { partTarget } from './part-target.ts'
import { partOf, restOf, type Part } from './parts.ts'
import { bareOf, disagreement, objects, signatureBy } from './provenance.ts'
import { isOverXml, partXmlOctets, xmlOctets } from './xml/octets.ts'

export interface PlacedSignature {
  /** `Bundle.signature`, or `Provenance/` with the id or fullUrl of its entry. */
  readonly where: string
  /** With what a Provenance says in its place. */
  readonly signature: Signature
  /** The Bundle as the signature covers it, and with it as its signature; undefined where that is not known. */
  readonly signed: Bundle | undefined
  /** Of a signature over single resources: these; undefined where they are not known. */
  readonly part?: Part | undefined
  /** Whether it is over single resources, known or not, and not over the document. */
  readonly isOfPart?: true
  /** Why it is not known what it covers. */
  readonly missing?: string | undefined
  /** The Bundle as HL7's validator has it covered: what is left out keeps its entry and loses its resource. */
  readonly emptied?: Bundle | undefined
  /** What of the Bundle it leaves out by its place: the expressions of entries. */
  readonly leftOut: readonly string[]
  /** Why it is not to be taken, by its place. */
  readonly fault?: string | undefined
}

/** The signatures over the whole document, those beside it last. */
export function signaturesOf(bundle: Bundle, beside: readonly Resource[] = []): readonly PlacedSignature[] {
  const { signature } = bundle
  const own = isObject(signature) ? [{ where: 'Bundle.signature', signature, signed: bundle, leftOut: [] }] : []
  const inside = signingProvenances(bundle)
  const others = beside
    .filter((one) => isSigning(one, bundle))
    .map((provenance) => ({ ...named(provenance), provenance }))
  return [...own, ...[...inside, ...others].flatMap((entry) => placedIn(bundle, entry, inside))]
}

/** The signatures over single resources of the document, those beside it last: none of them speaks for the whole. */
export function partSignaturesOf(bundle: Bundle, beside: readonly Resource[] = []): readonly PlacedSignature[] {
  const inside = provenanceEntries(bundle).filter(({ provenance }) => !isSigning(provenance, bundle))
  const others = beside
    .filter((one) => !isSigning(one, bundle))
    .map((provenance) => ({ ...named(provenance), provenance }))
  const signing = [...inside, ...others].filter(({ provenance }) => objects(provenance['signature']).length > 0)
  const index = signing.length === 0 ? undefined : indexBundle(bundle)
  return index === undefined ? [] : signing.flatMap((one) => placedOver(bundle, one, index))
}

function placedOver(bundle: Bundle, own: SigningEntry, index: BundleIndex): readonly PlacedSignature[] {
  const { where, provenance } = own
  const found = partOf(index, own)
  const part = 'part' in found ? found.part : undefined
  const leftOut = part === undefined ? [] : [...restOf(bundle, part), ...(own.index === undefined ? [where] : [])]
  return objects(provenance['signature']).map((one) => ({
    where,
    signature: signatureBy(provenance, one),
    signed: undefined,
    isOfPart: true,
    part,
    leftOut,
    ...('missing' in found && { missing: found.missing }),
    fault: disagreement(provenance, one),
  }))
}

/** A Provenance that bears a signature of the Bundle: an entry of it, or one beside it. */
export interface SigningEntry {
  /** `Provenance/` with its id or fullUrl. */
  readonly where: string
  readonly fullUrl?: string | undefined
  /** Of the entry; undefined where it stands beside the Bundle. */
  readonly index?: number
  readonly provenance: Resource
}

/**
 * The entries whose Provenance bears a signature and names the Bundle, as `#/` or as `Bundle/[id]`. Whatever the id: a
 * server that stores the document gives it another, and a Bundle that is no entry means the document.
 */
export function signingProvenances(bundle: Bundle): readonly SigningEntry[] {
  return provenanceEntries(bundle).filter(({ provenance }) => isSigning(provenance, bundle))
}

function provenanceEntries(bundle: Bundle): readonly SigningEntry[] {
  const rows = Array.isArray(bundle.entry) ? (bundle.entry as readonly Json[]) : []
  return rows.flatMap((row, index) => {
    const { resource, fullUrl } = isObject(row) ? row : {}
    if (!isResource(resource, 'Provenance')) return []
    return [{ ...named(resource, fullUrl), index, provenance: resource }]
  })
}

function named({ id }: Resource, fullUrl?: Json): Pick<SigningEntry, 'where' | 'fullUrl'> {
  const url = typeof fullUrl === 'string' ? fullUrl : undefined
  return { where: `Provenance/${id ?? url ?? ''}`, fullUrl: url }
}

function isSigning(provenance: Resource, bundle: Bundle): boolean {
  return objects(provenance['signature']).length > 0 && targetsOf(provenance).some((target) => isOf(bundle, target))
}

const BUNDLE = /(?:^|\/)(Bundle\/[A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/

function isOf(bundle: Bundle, target: string): boolean {
  const [, name] = BUNDLE.exec(target) ?? []
  if (name === undefined) return target === '#/'
  const entries = objects(bundle.entry)
  return !entries.some(({ fullUrl, resource }) => {
    return isResource(resource, 'Bundle') && (fullUrl === target || name === `Bundle/${resource.id}`)
  })
}

/**
 * The Bundle without the entries that sign it, but with those of them that are named: what a further signer signs.
 */
export function unsigned(bundle: Bundle, kept: readonly SigningEntry[] = []): Bundle {
  return without(bundle, leftOutBy(signingProvenances(bundle), kept))
}

function leftOutBy(signing: readonly SigningEntry[], kept: readonly SigningEntry[]): readonly number[] {
  const keeps = new Set(kept.map(({ index }) => index))
  return signing.flatMap(({ index }) => (index === undefined || keeps.has(index) ? [] : [index]))
}

function without(bundle: Bundle, dropped: readonly number[]): Bundle {
  if (dropped.length === 0) return bundle
  return { ...bundle, entry: (bundle.entry ?? []).filter((_, index) => !dropped.includes(index)) }
}

function withoutResources(bundle: Bundle, dropped: readonly number[]): Bundle {
  const entry = (bundle.entry ?? []).map((row, index) => {
    const { resource: _resource, ...shell } = row
    return dropped.includes(index) ? shell : row
  })
  return { ...bundle, entry }
}

/** The signatures of a Provenance. Those among its targets that are other signatures are covered by it too. */
function placedIn(bundle: Bundle, own: SigningEntry, inside: readonly SigningEntry[]): readonly PlacedSignature[] {
  const { where, provenance } = own
  const further = targetsOf(provenance).filter((target) => !isOf(bundle, target))
  const kept = further.map((target) => (target === '#' ? own : entryNamed(inside, target)))
  const known = kept.filter((one) => one !== undefined && (one !== own || own.index !== undefined))
  const dropped = leftOutBy(
    inside,
    known.filter((one) => one !== undefined),
  )
  const isKnown = known.length === further.length
  const covered = isKnown ? bared(without(bundle, dropped), own) : undefined
  const shells = isKnown && dropped.length > 0 ? bared(withoutResources(bundle, dropped), own) : undefined
  const left = dropped.map((index) => `Bundle.entry[${index}]`)
  const leftOut = own.index === undefined ? [...left, where] : left
  return objects(provenance['signature']).map((written) => {
    const signature = signatureBy(provenance, written)
    const signed = covered && { ...covered, signature }
    const emptied = shells && { ...shells, signature }
    const missing = isKnown
      ? undefined
      : 'The Provenance names more than the document, and how both are signed is not known'
    return { where, signature, signed, emptied, leftOut, missing, fault: disagreement(provenance, written) }
  })
}

/** The entry that a name means: its fullUrl, or `Provenance/` and its id. */
export function entryNamed(signing: readonly SigningEntry[], name: string): SigningEntry | undefined {
  return signing.find(({ fullUrl, where }) => fullUrl === name || where === name)
}

/** A Provenance that signs itself too does so without the values of its signatures. */
function bared(bundle: Bundle, { provenance }: SigningEntry): Bundle {
  const isOwn = (resource: Resource | undefined): boolean => resource === provenance
  if (bundle.entry?.some(({ resource }) => isOwn(resource)) !== true) return bundle
  const bare = bareOf(provenance)
  return { ...bundle, entry: bundle.entry.map((row) => (isOwn(row.resource) ? { ...row, resource: bare } : row)) }
}

function targetsOf(provenance: Resource): readonly string[] {
  return objects(provenance['target']).flatMap(({ reference }) => (typeof reference === 'string' ? [reference] : []))
}

/** Which octets of a Bundle are asked for. */
export interface OctetsRequest {
  /** The signature that they are of: `Provenance/…`; by default the first. */
  readonly where?: string | undefined
  /** By default that of the signature. */
  readonly format?: 'jose' | 'xml' | undefined
  /** The definitions that the XML form is made by. */
  readonly model?: Model
}

/**
 * The octets that a signature of the Bundle covers: the one that stands where the name says, else the first over the whole
 * document; without any, those that a signature would cover.
 * @throws FhirError `value` where no signature stands there, `not-supported` where it is over several texts of XML, and as
 * `octets` does
 */
export function coveredOctets(bundle: Bundle, { where, format, model }: OctetsRequest = {}): Uint8Array {
  const placed = signaturesOf(bundle)
  const parts = where === undefined ? [] : partSignaturesOf(bundle)
  const one = where === undefined ? placed[0] : [...placed, ...parts].find((each) => each.where === where)
  if (where !== undefined && one?.signed === undefined && one?.part === undefined) {
    const known = [...placed, ...parts].map((each) => each.where).join(', ')
    throw fail('value', `No signature of the document stands in ${where}, expected ${known === '' ? 'none' : known}`)
  }
  const isXml = isOverXml(one?.signature)
  const asXml = (format ?? (isXml ? 'xml' : 'jose')) === 'xml'
  if (asXml && model === undefined) throw new TypeError('The XML form of a document is made by definitions')
  if (one?.part !== undefined) return partOctets(one.part, one.signature, asXml ? model : undefined)
  const covered = one?.signed ?? unsigned(bundle)
  if (asXml && model !== undefined) return xmlOctets(covered, model)
  return octets(covered, isXml ? DOCUMENT_FORM : undefined)
}

function partOctets(part: Part, signature: Signature, model: Model | undefined): Uint8Array {
  if (model !== undefined) return partXmlOctets(part, signature, model)
  const { octets: made, name } = partTarget(part, signature).forms(undefined)[0]
  if (made === undefined) throw fail('not-supported', `The canonical form ${name} is not supported`)
  return made()
}
