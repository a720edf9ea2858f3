/** A resource on its way into the document: where it is from, which version it is, and what it refers to. */

import { canonical } from '../fhir/canonical.ts'
import { sha256, toBase64url } from '../fhir/digest.ts'
import { memoFor, remember, type Memo } from '../fhir/memo.ts'
import type { Model } from '../fhir/model.ts'
import { occurrences, type Occurrence } from '../fhir/occurrence.ts'
import { parseReference, type ParsedReference } from '../fhir/reference.ts'
import { isObject, type Expression, type Resource } from '../fhir/types.ts'
import { expressionOf, placed, SELF } from '../fhir/walk.ts'
import type { Found } from '../ports.ts'
import { want, wantedBy, type Wanted } from './lookup.ts'
import {
  caseOf,
  identifierOf,
  isDirect,
  kindOf,
  rowOf,
  type Case,
  type ReferenceKind,
  type ReferenceRow,
} from './reference-kind.ts'

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

/** A reference of a resource that was found, whatever document it comes into. */
export interface Draft {
  readonly occurrence: Occurrence
  readonly parsed: ParsedReference | undefined
  readonly kind: ReferenceKind
  /** The element below the resource, without indexes. */
  readonly element: string
  /** One of those that the Composition must not lack. */
  readonly isDirect: boolean
  readonly row: ReferenceRow
  /** Its place below the resource, which {@link SELF} stands for. */
  readonly expression: Expression
  /** What it asks the sources for; undefined where it names nothing that a source could have. */
  readonly wanted: Wanted | undefined
  /** How its target is found by it. */
  readonly way: Way
}

/** One reference of a member. */
export interface Place extends Omit<Draft, 'expression'> {
  readonly holder: Member
  readonly draft: Draft
  /** What became of it; closure sets it. */
  outcome?: Outcome
}

export type Outcome =
  /** `isGuess`: a relative reference without a base, found by type and id because only one resource has them. */
  | { readonly decision: 'included'; readonly target: Member; readonly reason: string; readonly isGuess?: true }
  | { readonly decision: 'contained' | 'kept' | 'missing'; readonly reason: string }
  | { readonly decision: 'refused'; readonly reason: string; readonly rule: RefusalRule }

/** Why a reference may not be followed. */
export type RefusalRule = 'same-subject' | 'ambiguous-reference' | 'no-reference' | 'limit' | 'withheld'

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
  const isInComposition = holder.index === 0
  const memos = DRAFTS[secondary][isInComposition ? 'composition' : 'others']
  const drafts = remember(memoFor(memos, model), holder.found, (found) =>
    draftsOf(found, model, { isInComposition, secondary }),
  )
  return drafts.map((draft) => placeOf(draft, holder))
}

type Memos = WeakMap<Model, Memo<Found, readonly Draft[]>>
type Part = Record<'composition' | 'others', Memos>

const DRAFTS: Record<'include' | 'direct', Part> = {
  include: { composition: new WeakMap(), others: new WeakMap() },
  direct: { composition: new WeakMap(), others: new WeakMap() },
}

function draftsOf(
  found: Found,
  model: Model,
  circumstances: Pick<Case, 'isInComposition' | 'secondary'>,
): readonly Draft[] {
  return occurrences(found.resource, model, SELF).map((occurrence) => {
    const reference = caseOf(occurrence, circumstances)
    const { parsed, element } = reference
    return {
      occurrence,
      parsed,
      element,
      kind: kindOf(occurrence, parsed),
      isDirect: isDirect(reference),
      row: rowOf(reference),
      expression: expressionOf(occurrence.node),
      wanted: parsed === undefined ? wantedByIdentifier(occurrence) : wantedBy(parsed, found),
      way: wayOf(found.resource, occurrence.node.name),
    }
  })
}

function wantedByIdentifier(occurrence: Occurrence): Wanted | undefined {
  const { identifier, type } = identifierOf(occurrence)
  const { system, value } = isObject(identifier) ? identifier : {}
  if (system === undefined || value === undefined || type === undefined) return undefined
  return want({ by: 'identifier', type, system, value })
}

/** Written member by member, as there are hundreds in each document. */
function placeOf(draft: Draft, holder: Member): Place {
  const { occurrence, parsed, kind, element, isDirect: direct, row, wanted, way } = draft
  return { holder, draft, occurrence, parsed, kind, element, isDirect: direct, row, wanted, way }
}

export function expressionOfPlace({ draft, holder }: Place): Expression {
  return placed(draft.expression, `Bundle.entry[${holder.index}].resource`)
}

/** Where a resource was found: the type of the holder and the last name of the element, `Observation.focus`. */
export type Way = string

/** The way by which an element of a resource leads somewhere. */
function wayOf({ resourceType }: Resource, element: string): Way {
  return `${resourceType}.${element}`
}

/** The resource type that a literal text names, where it names one. */
export function typeIn(text: string): string | undefined {
  const parsed = parseReference(text)
  return parsed.form === 'relative' || parsed.form === 'rest' ? parsed.type : undefined
}
