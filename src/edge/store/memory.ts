/** A source over resources at hand. */

import type { FullUrl, Resource } from '../../fhir/types.ts'
import type { Source } from '../../ports.ts'
import { cardOf, catalogSource } from './catalog.ts'

/** A resource, and the version-less URL that it is known by where it has one. */
export interface Held {
  readonly resource: Resource
  readonly url?: FullUrl
}

/** A source of the resources given, found by type and id, and by URL where they have one. */
export function memorySource(name: string, held: readonly Held[]): Source {
  return catalogSource(name, () => ({
    cards: held.map(({ resource, url }) => cardOf(resource, () => resource, url)),
    issues: [],
  })).source
}
