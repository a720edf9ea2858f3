/** A Bundle of any type as a source: its entries by fullUrl, and by type and id. */

import { parseReference, restBase } from '../../fhir/reference.ts'
import { isObject, isResource, type Bundle, type FullUrl, type Json, type Resource } from '../../fhir/types.ts'
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

/** A card for each entry that holds a resource. */
export function cardsOf(bundle: Bundle): readonly Card[] {
  const entries = Array.isArray(bundle.entry) ? bundle.entry.filter(isObject) : []
  return entries.flatMap(({ fullUrl, resource }) =>
    isResource(resource) ? [cardOf(resource, () => resource, absolute(fullUrl))] : [],
  )
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
