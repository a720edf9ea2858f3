/** A Bundle of any type as a source: its entries by fullUrl, and by type and id. */

import { parseReference, restBase } from '../../fhir/reference.ts'
import {
  isObject,
  isResource,
  type Bundle,
  type Entry,
  type FullUrl,
  type Json,
  type Resource,
} from '../../fhir/types.ts'
import type { Source } from '../../ports.ts'
import { cardOf, catalogSource, type Card } from './catalog.ts'

/**
 * A source of the entries of a Bundle; its stylesheet links belong to the document that is made from it. It has a base
 * where every entry has a RESTful fullUrl below the same one.
 */
export function bundleSource(name: string, bundle: Bundle): Source {
  const cards = cardsOf(bundle)
  const { source, everything } = catalogSource(name, () => ({ cards, issues: [] }))
  const [base, ...otherBases] = new Set(cards.map(({ url }) => restBase(url)))
  return {
    ...source,
    all: everything,
    ...(base !== undefined && otherBases.length === 0 && { base }),
    ...(Array.isArray(bundle.link) && { links: bundle.link.filter(isObject) }),
  }
}

/** A card for each entry that holds a resource; what a history says was deleted is there no more, in any version. */
export function cardsOf(bundle: Bundle): readonly Card[] {
  const entries = Array.isArray(bundle.entry) ? bundle.entry.filter(isObject) : []
  const deleted = bundle.type === 'history' ? deletedIn(entries) : new Set<string>()
  return entries.flatMap((entry) => {
    const { fullUrl, resource } = entry
    if (!isResource(resource) || deleted.has(nameOf(entry) ?? '')) return []
    return [cardOf(resource, () => resource, absolute(fullUrl))]
  })
}

/** What a history tells last of is a deletion: its newest entries come first. @see https://hl7.org/fhir/R4/http.html#history */
function deletedIn(entries: readonly Entry[]): ReadonlySet<string> {
  const seen = new Set<string>()
  const deleted = new Set<string>()
  for (const entry of entries) {
    const name = nameOf(entry)
    if (name === undefined || seen.has(name)) continue
    seen.add(name)
    if (entry.request?.method === 'DELETE') deleted.add(name)
  }
  return deleted
}

/** The resource that an entry is about: `Patient/1`. */
function nameOf({ resource, fullUrl, request }: Entry): string | undefined {
  if (isResource(resource) && typeof resource.id === 'string') return `${resource.resourceType}/${resource.id}`
  const named = [fullUrl, request?.url].map((url) => (typeof url === 'string' ? parseReference(url) : undefined))
  const target = named.find((one) => one?.form === 'rest' || one?.form === 'relative')
  return target && `${target.type}/${target.id}`
}

/** A fullUrl that names something: some write a relative reference there, which does not, or the version too. */
function absolute(fullUrl: Json | undefined): FullUrl | undefined {
  const parsed = typeof fullUrl === 'string' ? parseReference(fullUrl) : undefined
  return parsed?.form === 'rest' || parsed?.form === 'uri' ? parsed.url : undefined
}

/** Bundles that are only a way to carry resources; those of other types are resources themselves. */
const CARRIERS: ReadonlySet<unknown> = new Set(['collection', 'searchset', 'batch', 'transaction'])

/** Whether a resource is a Bundle whose entries are meant, and not the Bundle. */
export function isCarrier({ resourceType, type }: Resource): boolean {
  return resourceType === 'Bundle' && CARRIERS.has(type)
}
