/** A resource on its way into the document: where it is from, which version it is, and what it refers to. */

import { canonical } from '../fhir/canonical.ts'
import { sha256, toBase64url } from '../fhir/digest.ts'
import type { Model } from '../fhir/model.ts'
import { occurrences, type Occurrence } from '../fhir/occurrence.ts'
import { parseReference, type ParsedReference } from '../fhir/reference.ts'
import { isObject, type Expression, type Resource } from '../fhir/types.ts'
import { expressionOf } from '../fhir/walk.ts'
import type { Found } from '../ports.ts'
import { caseOf, isDirect, kindOf, rowOf, type ReferenceKind, type ReferenceRow } from './reference-kind.ts'

export interface Member {
  readonly found: Found
  /** Its place among the entries. */
  readonly index: number
  /** The same for every version of a resource. */
  readonly identity: string
  readonly version: string | undefined
  /** How many references lie between it and the Composition. */
  readonly depth: number
  /** Why it is in the document. */
  readonly reason: string
  /** What it refers to, in document order. */
  readonly places: readonly Place[]
}

/** One reference of a member. */
export interface Place {
  readonly holder: Member
  readonly occurrence: Occurrence
  readonly parsed: ParsedReference | undefined
  readonly kind: ReferenceKind
  /** The element below the resource, without indexes. */
  readonly element: string
  /** One of those that the Composition must not lack. */
  readonly isDirect: boolean
  readonly row: ReferenceRow
  /** What became of it; closure sets it. */
  outcome?: Outcome
}

export type Outcome =
  /** `isGuess`: a relative reference without a base, found by type and id because only one resource has them. */
  | { readonly decision: 'included'; readonly target: Member; readonly reason: string; readonly isGuess?: true }
  | { readonly decision: 'contained' | 'kept' | 'missing'; readonly reason: string }
  | { readonly decision: 'refused'; readonly reason: string; readonly rule: RefusalRule }

/** Why a reference may not be followed. */
export type RefusalRule = 'same-subject' | 'ambiguous-reference' | 'no-reference' | 'limit'

/**
 * What all versions of a resource have in common: its URL, else its place below the base, else its name in its source;
 * of a resource that has no id, its content.
 */
export function identityOf({ resource, url, source }: Found, base: string | undefined): string {
  if (url !== undefined) return url
  const { resourceType, id } = resource
  if (typeof id !== 'string') return `${source} ${resourceType} ${toBase64url(sha256(canonical(resource)))}`
  return base === undefined ? `${source} ${resourceType}/${id}` : `${base}/${resourceType}/${id}`
}

export function versionOf({ meta }: Resource): string | undefined {
  return isObject(meta) && typeof meta.versionId === 'string' ? meta.versionId : undefined
}

/** How a reader tells a resource from others: its URL, or type, id and source; with its version. */
export function nameOf({ resource, url, source }: Found): string {
  const version = versionOf(resource)
  const name = url ?? `${resource.resourceType}/${resource.id ?? '(no id)'}`
  return `${name}${version === undefined ? '' : `/_history/${version}`}${url === undefined ? ` of ${source}` : ''}`
}

/** The places of a member, each with the row of the table that decides on it. */
export function placesOf(holder: Member, model: Model, secondary: 'include' | 'direct'): readonly Place[] {
  const { found, index } = holder
  return occurrences(found.resource, model, `Bundle.entry[${index}].resource`).map((occurrence) => {
    const reference = caseOf(occurrence, { isInComposition: index === 0, secondary })
    const { parsed, element } = reference
    return {
      holder,
      occurrence,
      parsed,
      element,
      kind: kindOf(occurrence, parsed),
      isDirect: isDirect(reference),
      row: rowOf(reference),
    }
  })
}

export function expressionOfPlace({ occurrence: { node } }: Place): Expression {
  return expressionOf(node)
}

/** The resource type that a literal text names, where it names one. */
export function typeIn(text: string): string | undefined {
  const parsed = parseReference(text)
  return parsed.form === 'relative' || parsed.form === 'rest' ? parsed.type : undefined
}
