/** The resources inside a document or message, for searches that go on into them. */

import { indexBundle, resolve, type BundleIndex, type IndexedEntry } from '../../../fhir/reference.ts'
import { isBundle, isResource, type Json, type Reference, type Resource } from '../../../fhir/types.ts'
import { addressOf, type Address, type ReferenceReading } from './references.ts'

/** An entry with what its references mean inside the Bundle. */
export interface InnerResource {
  /** The place of the entry. */
  readonly part: number
  readonly resource: Resource
  readonly references: ReferenceReading
  readonly typeOf: (reference: Reference) => string | undefined
}

/** By the type of Bundle, the type of its first resource, and the search parameter that goes on into it. */
const FIRST: Readonly<Record<string, { readonly type: string; readonly code: string }>> = {
  document: { type: 'Composition', code: 'composition' },
  message: { type: 'MessageHeader', code: 'message' },
}

/** The resources of a document or message; none of any other resource. */
export function innerResources(resource: Resource, base: string | undefined): readonly InnerResource[] {
  if (!isBundle(resource) || typeof resource.type !== 'string' || !Object.hasOwn(FIRST, resource.type)) return []
  const index = indexBundle(resource)
  return index.entries.flatMap((entry) => {
    const inner = innerResource(entry, index, base)
    const own = containedOf(entry.resource).map((resource, at) => ({
      ...inner,
      part: containedPart(inner.part, at),
      resource,
    }))
    return [inner, ...own]
  })
}

/** The contained resources of a resource. */
export function containedOf({ contained }: Resource): readonly Resource[] {
  return Array.isArray(contained)
    ? (contained as readonly Json[]).filter((one): one is Resource => isResource(one))
    : []
}

/** The place of a contained resource of an entry: beyond those of all entries. */
function containedPart(part: number, at: number): number {
  return 1_000_000 + part * 1_000 + (at % 1_000)
}

function innerResource(entry: IndexedEntry, index: BundleIndex, base: string | undefined): InnerResource {
  const { resource, index: part } = entry
  const { fullUrl } = entry.entry
  const located = (text: string): Located | undefined => {
    const holder = { container: resource, ...(typeof fullUrl === 'string' && { fullUrl }) }
    const resolution = resolve(index, text, holder)
    if (resolution.outcome === 'entry') return { entry: resolution.entry }
    if (resolution.outcome === 'outside') return { url: resolution.url }
    if (resolution.outcome !== 'no-base') return undefined
    const [candidate, another] = resolution.candidates
    return candidate !== undefined && another === undefined ? { entry: candidate } : { url: text }
  }
  return {
    part,
    resource,
    references: {
      base,
      resolve: (text) => {
        const at = text.startsWith('#') ? containedOf(resource).findIndex(({ id }) => id === text.slice(1)) : -1
        const contained = containedOf(resource)[at]
        if (contained !== undefined)
          return { inner: containedPart(part, at), address: { type: contained.resourceType, id: '', version: null } }
        const place = located(text)
        if (place === undefined) return undefined
        if ('url' in place) return addressOf(place.url, base)
        return { inner: place.entry.index, address: addressOfEntry(place.entry, base) }
      },
    },
    typeOf: (reference) => {
      const place = typeof reference.reference === 'string' ? located(reference.reference) : undefined
      if (place !== undefined && 'entry' in place) return place.entry.resource.resourceType
      return typeOfReference(reference, resource)
    },
  }
}

type Located = { readonly entry: IndexedEntry } | { readonly url: string }

/** By its fullUrl, where that says more than that it is in the document. */
function addressOfEntry({ entry, resource }: IndexedEntry, base: string | undefined): Address {
  const address = typeof entry.fullUrl === 'string' ? addressOf(entry.fullUrl, base) : undefined
  return { ...(address ?? { id: '', version: null }), type: resource.resourceType }
}

/** The type that a reference tells by itself, or by what its container holds. */
export function typeOfReference({ reference, type }: Reference, container: Resource): string | undefined {
  if (typeof reference === 'string') {
    const contained = reference.startsWith('#') ? containedIn(container, reference.slice(1)) : undefined
    const told = contained?.resourceType ?? addressOf(reference, undefined)?.type
    if (told !== undefined && told !== '') return told
  }
  return typeof type === 'string' ? type : undefined
}

function containedIn({ contained }: Resource, id: string): Resource | undefined {
  return Array.isArray(contained) ? (contained as readonly Resource[]).find((one) => one?.id === id) : undefined
}

/** Where a Bundle is found by the resource that comes first: by its id, and by its fullUrl. */
export function firstAddresses(resource: Resource, code: string, base: string | undefined): readonly Address[] {
  if (!isBundle(resource) || typeof resource.type !== 'string') return []
  const first = Object.hasOwn(FIRST, resource.type) ? FIRST[resource.type] : undefined
  if (first?.code !== code) return []
  const [entry] = indexBundle(resource).entries
  if (entry?.index !== 0 || entry.resource.resourceType !== first.type) return []
  const { type } = first
  const byUrl = typeof entry.entry.fullUrl === 'string' ? addressOf(entry.entry.fullUrl, base) : undefined
  const byId = typeof entry.resource.id === 'string' ? [{ type, id: entry.resource.id, version: null }] : []
  const all = [...byId, ...(byUrl === undefined ? [] : [{ ...byUrl, type, version: null }])]
  return all.length === 0 ? [{ type, id: '', version: null }] : all
}
