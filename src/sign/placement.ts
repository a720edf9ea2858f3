/**
 * Where the signatures of a document stand: in the Bundle itself, and in Provenance entries whose target is the Bundle.
 * @see https://hl7.org/fhir/R4/signatures.html
 */

import { isObject, isResource, type Bundle, type Json, type Resource, type Signature } from '../fhir/types.ts'

export interface PlacedSignature {
  /** `Bundle.signature`, or `Provenance/` with the id or fullUrl of its entry. */
  readonly where: string
  readonly signature: Signature
}

/** The signatures over the whole document; those over single resources are content. */
export function signaturesOf(bundle: Bundle): readonly PlacedSignature[] {
  const { signature } = bundle
  const own = isObject(signature) ? [{ where: 'Bundle.signature', signature }] : []
  return [...own, ...signingProvenances(bundle)]
}

/** Signatures in Provenance entries that name the Bundle: as `#/`, as R6 writes it, or as `Bundle/[id]`. */
export function signingProvenances(bundle: Bundle): readonly PlacedSignature[] {
  const names = ['#/', ...(bundle.id === undefined ? [] : [`Bundle/${bundle.id}`])]
  return list(bundle.entry).flatMap((entry) => {
    const { fullUrl, resource } = entry
    if (!isResource(resource, 'Provenance') || !targets(resource).some((target) => names.includes(target))) return []
    const where = `Provenance/${resource.id ?? (typeof fullUrl === 'string' ? fullUrl : '')}`
    return list(resource['signature']).map((signature) => ({ where, signature }))
  })
}

function targets(provenance: Resource): readonly string[] {
  return list(provenance['target']).flatMap(({ reference }) => (typeof reference === 'string' ? [reference] : []))
}

function list(value: Json | undefined): readonly Readonly<Record<string, Json | undefined>>[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isObject) : []
}
