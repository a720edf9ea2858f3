/**
 * Signatures over single resources of a document: a Provenance that bears one and names entries of the Bundle, or itself,
 * but not the Bundle. It speaks for what it names and for nothing else of the document.
 * @see https://hl7.org/fhir/R4/provenance.html
 * @see https://hl7.org/fhir/6.0.0-ballot4/signatures.html
 */

import { holderIn, parseReference, resolveParsed, type BundleIndex } from '../fhir/reference.ts'
import { isObject, type Bundle, type Json, type Resource } from '../fhir/types.ts'
import { bareOf, objects } from './provenance.ts'

/** One resource that is signed. */
export interface PartTarget {
  /** As the Provenance names it. */
  readonly name: string
  /** The expression of the resource, or `Provenance/…` for one that stands beside the Bundle. */
  readonly place: string
  readonly resource: Resource
  /** The Provenance names a version of it, and which one it is here is not said. */
  readonly isOfUnknownVersion?: true
}

/** The resources that a signature is over, in the order of the targets. */
export interface Part {
  readonly targets: readonly [PartTarget, ...PartTarget[]]
}

/** A Provenance that signs single resources: an entry of the Bundle, or one beside it. */
export interface PartSigner {
  /** `Provenance/` with its id or fullUrl. */
  readonly where: string
  /** Of the entry; undefined where it stands beside the Bundle. */
  readonly index?: number | undefined
  readonly provenance: Resource
}

/** What a Provenance signs, or why that is not known. */
export type PartFound = { readonly part: Part } | { readonly missing: string }

/** More than any Provenance names, and few enough to be written out. */
const MOST_TARGETS = 500

/** The resources that the targets of a Provenance name. */
export function partOf(index: BundleIndex, signer: PartSigner): PartFound {
  const names = objects(signer.provenance['target']).map(({ reference }) => reference)
  if (names.length > MOST_TARGETS) return { missing: `The Provenance has more than ${MOST_TARGETS} targets` }
  const twice = names.find((name, index) => name !== undefined && names.indexOf(name) < index)
  if (twice !== undefined) return { missing: `The Provenance names ${JSON.stringify(twice)} as a target twice` }
  const found = names.map((name) => targetNamed(name, signer, index))
  const missing = found.find((one) => typeof one === 'string')
  if (missing !== undefined) return { missing }
  const [first, ...others] = found.filter((one) => typeof one !== 'string')
  return first === undefined
    ? { missing: 'The Provenance names nothing that it signs' }
    : { part: { targets: [first, ...others] } }
}

/** What a target names, or why it names nothing that could be signed. */
function targetNamed(name: Json | undefined, signer: PartSigner, index: BundleIndex): PartTarget | string {
  if (typeof name !== 'string') return 'A target of the Provenance has no reference, so that what it signs is not known'
  const { where, provenance } = signer
  if (name === '#') return { name, place: placeOf(signer.index) ?? where, resource: bareOf(provenance) }
  const own = index.entries.find((entry) => entry.index === signer.index)
  const holder = own === undefined ? { base: undefined, container: provenance } : holderIn(own)
  const found = resolveParsed(index, parseReference(name), holder)
  if (found.outcome === 'entry' && found.contained === undefined) return entryTarget(name, found.entry)
  return ofVersion(name, nearTo(name, found, index))
}

/** The one entry that a name means, by its version where it names one. */
function ofVersion(name: string, near: Near): PartTarget | string {
  const version = versionIn(name)
  const exact = near.filter(({ resource }) => version === undefined || resource.meta?.versionId === version)
  const [only, another] = exact
  if (another !== undefined) return `The signature is over ${name}, which is in the document more than once`
  if (only !== undefined) return entryTarget(name, only)
  const [first, second] = near
  if (first === undefined) return `The signature is over ${name}, which is not in the document`
  if (second === undefined && first.resource.meta?.versionId === undefined)
    return { ...entryTarget(name, first), isOfUnknownVersion: true }
  return `The signature is over ${name}, of which the document has another version`
}

type Found = ReturnType<typeof resolveParsed>
type Near = BundleIndex['entries']

/** Entries that a name may mean although it does not lead to them: another version, or one with the type and id alone. */
function nearTo(name: string, found: Found, index: BundleIndex): Near {
  if (found.outcome === 'other-version' || found.outcome === 'ambiguous') return found.entries
  const parsed = parseReference(name)
  return parsed.form === 'relative' && parsed.fragment === undefined
    ? (index.byTypeAndId.get(`${parsed.type}/${parsed.id}`) ?? [])
    : []
}

function versionIn(name: string): string | undefined {
  const parsed = parseReference(name)
  return parsed.form === 'relative' || parsed.form === 'rest' ? parsed.version : undefined
}

function entryTarget(name: string, { index, resource }: Near[number]): PartTarget {
  return { name, place: placeOf(index) ?? '', resource }
}

function placeOf(index: number | undefined): string | undefined {
  return index === undefined ? undefined : `Bundle.entry[${index}].resource`
}

/** The expressions of all that lies outside of the resources given (H-5). */
export function restOf(bundle: Bundle, { targets }: Part): readonly string[] {
  const places = new Set(targets.map(({ place }) => place))
  const roots = Object.keys(bundle).filter((name) => name !== 'resourceType' && name !== 'entry')
  const rows = Array.isArray(bundle.entry) ? (bundle.entry as readonly Json[]) : []
  const entries = rows.flatMap((row, index) => {
    const place = `Bundle.entry[${index}]`
    if (!places.has(`${place}.resource`) || !isObject(row)) return [place]
    const others = Object.keys(row).filter((name) => name !== 'resource')
    return others.map((name) => `${place}.${name}`)
  })
  return [...roots.map((name) => `Bundle.${name}`), ...entries]
}
