/** The contained resources of a resource, for searches that go on into them. @see https://hl7.org/fhir/R4/search.html#contained */

import type { Resource } from '../../../fhir/types.ts'
import { parameterNumber } from './definitions.ts'
import { containedOf, typeOfReference, type InnerResource } from './document-entries.ts'
import { addressOf, type ReferenceReading } from './references.ts'

/** The number of a parameter for contained resources. */
export function containedNumber(name: string): number {
  return -1 - parameterNumber(`${name}:contained`)
}

/** The contained resources with what their references mean; their parts count from 1. */
export function containedResources(resource: Resource, base: string | undefined): readonly InnerResource[] {
  return containedOf(resource).map((inner, index) => ({
    part: index + 1,
    resource: inner,
    references: containedReading(resource, base),
    typeOf: (reference) => typeOfReference(reference, resource),
  }))
}

/** How the references of a resource, and those of what it contains, are read. */
export function containedReading(resource: Resource, base: string | undefined): ReferenceReading {
  const contained = containedOf(resource)
  if (contained.length === 0) return { base }
  return {
    base,
    resolve: (text) => {
      const index = text.startsWith('#') ? contained.findIndex(({ id }) => id === text.slice(1)) : -1
      const inner = contained[index]
      if (inner === undefined) return addressOf(text, base)
      return { inner: index + 1, address: { type: inner.resourceType, id: '', version: null } }
    },
  }
}
