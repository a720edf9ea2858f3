/** What a consent can be about: a resource by its type, its codes, its time, and what it refers to. */

import { careSpan } from '../fhir/care-date.ts'
import { allReferences, codesIn, labelsOf } from '../fhir/concern.ts'
import { isAfter, isWithin, type Span } from '../fhir/moment.ts'
import { isBundle, isObject, isResource, type Instant, type Json, type Resource } from '../fhir/types.ts'

/** A resource that a provision names, and what of it or around it is meant. @see https://hl7.org/fhir/R4/valueset-consent-data-meaning.html */
export interface DataRow {
  readonly meaning: string
  readonly reference: string
}

/** A resource as a provision looks at it. */
export interface Part {
  readonly resource: Resource
  /** Its type and the names of its profiles. */
  readonly types: ReadonlySet<string>
  readonly codes: () => ReadonlySet<string>
  /** The codes of its type, category and class. */
  readonly kinds: () => ReadonlySet<string>
  readonly labels: readonly string[]
  readonly references: () => ReadonlySet<string>
  /** Every name of its own. */
  readonly names: readonly string[]
  readonly span: Span
}

/** A resource, and each resource that a Bundle holds: what is denied of one is denied of the whole. */
export function partsOf(resource: Resource, base: string): readonly Part[] {
  if (!isBundle(resource)) return [partOf(resource, undefined, base)]
  const entries: readonly Json[] = Array.isArray(resource.entry) ? (resource.entry as readonly Json[]) : []
  const { entry: _held, ...shell } = resource
  const inner = entries.flatMap((entry) => {
    const { resource: held, fullUrl } = isObject(entry) ? entry : {}
    if (!isResource(held)) return []
    return isBundle(held)
      ? partsOf(held, base)
      : [partOf(held, typeof fullUrl === 'string' ? fullUrl : undefined, base)]
  })
  return [partOf(shell, undefined, base), ...inner]
}

function partOf(resource: Resource, fullUrl: string | undefined, base: string): Part {
  const { resourceType, id, meta } = resource
  const profiles = Array.isArray(meta?.profile) ? meta.profile.filter((one) => typeof one === 'string') : []
  // what a consent is about is not what it speaks of
  const own = resource.resourceType === 'Consent' ? { ...resource, provision: null } : resource
  const names = fullUrl === undefined ? [`${resourceType}/${id ?? ''}`] : [localOf(fullUrl, base)]
  return {
    resource,
    types: new Set([resourceType, ...profiles.map((url) => url.slice(url.lastIndexOf('/') + 1).split('|')[0] ?? '')]),
    codes: once(() => codesIn(own)),
    kinds: once(() =>
      codesIn({
        resourceType: '',
        type: own['type'] ?? [],
        category: own['category'] ?? [],
        class: own['class'] ?? [],
      }),
    ),
    labels: labelsOf(resource),
    references: once(() => new Set(allReferences(own).map((text) => localOf(text, base)))),
    names,
    span: spanOf(resource),
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}

function localOf(text: string, base: string): string {
  const bare = text.replace(/\/_history\/[^/]*$/, '')
  return bare.startsWith(`${base}/`) ? bare.slice(base.length + 1) : bare
}

/** Whether a part is what a provision names, or belongs to it in the way that it says; in doubt it does. */
export function isOfData({ meaning, reference }: DataRow, { names, references }: Part): boolean {
  const bare = reference.replace(/\/_history\/[^/]*$/, '')
  const isIt = names.some((name) => name === bare || bare.endsWith(`/${name}`))
  return isIt || (meaning !== 'instance' && references().has(bare))
}

function spanOf(resource: Resource): Span {
  const [start, end] = careSpan(resource)
  return { ...(start !== undefined && { start }), ...(end !== undefined && { end }) }
}

/** Whether a part is surely of a time alone: what says nothing of when it is, or too little, is not. */
export function isOfTime({ span }: Part, time: Span): boolean {
  return (span.start !== undefined || span.end !== undefined) && isWithin(span, time)
}

/** Whether a part may be of a time, as far as it says of when it is: what says nothing is of any time. */
export function mayBeOfTime({ span }: Part, { start, end }: Span): boolean {
  return !isAfter(span.start, end) && !isAfter(start, span.end)
}

/** Whether a moment lies within a time. */
export function isOfMoment({ start, end }: Span, now: Instant): boolean {
  return !isAfter(start, now) && !isAfter(now, end)
}
