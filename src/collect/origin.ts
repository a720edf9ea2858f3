/** The Composition that a document is made from, and where it lies: that decides what its relative references mean. */

import { canonical } from '../fhir/canonical.ts'
import { fail, type FhirError } from '../fhir/error.ts'
import { one } from '../fhir/issue.ts'
import { parseReference } from '../fhir/reference.ts'
import { isComposition, isResource, type Composition, type FullUrl, type Resource } from '../fhir/types.ts'
import type { Found } from '../ports.ts'
import { steadyFound, want, type Lookup, type Wanted } from './lookup.ts'

/** Where a Composition that is given as a whole is from. */
export interface Origin {
  /** The name of its source. */
  readonly source: string
  readonly url?: FullUrl
}

/**
 * The Composition as a source holds it. One that is given as a whole takes the place that a source has for it only where
 * the source holds the very same.
 * @throws FhirError `not-found`, `deleted`, `multiple-matches`, or `invalid` where it is no Composition
 */
export async function compositionFrom(
  composition: Composition | { readonly reference: string },
  lookup: Lookup,
  origin: Origin | undefined,
): Promise<Found> {
  if (isResource(composition) && !isComposition(composition)) throw wrongType('The resource given', composition)
  if (!isComposition(composition)) return referred(String(composition.reference), lookup)
  if (origin !== undefined) return steadyFound({ resource: composition, source: origin.source, ...absolute(origin) })
  const given: Found = { resource: composition, source: 'composition' }
  if (composition.id === undefined) return given
  const wanted = want({ by: 'id', type: 'Composition', id: composition.id })
  await lookup.find([wanted])
  const text = canonical(composition)
  return lookup.answer(wanted).find(({ resource }) => canonical(resource) === text) ?? given
}

/** The URL of an origin without version, where it is one: a relative fullUrl names nothing. */
function absolute({ url }: Origin): Pick<Found, 'url'> {
  const parsed = typeof url === 'string' ? parseReference(url) : undefined
  return parsed?.form === 'rest' || parsed?.form === 'uri' ? { url: parsed.url } : {}
}

async function referred(reference: string, lookup: Lookup): Promise<Found> {
  const wanted = wantedByName(reference)
  if (wanted === undefined) throw fail('value', `${reference} names no resource, expected Composition/id or its URL`)
  await lookup.find([wanted])
  const [found, another] = lookup.answer(wanted)
  if (found === undefined && (await lookup.wasDeleted(wanted)))
    throw fail('deleted', `${reference} was deleted, expected a Composition`)
  if (found === undefined) throw fail('not-found', `${reference} is in no source, expected a Composition`)
  if (another !== undefined)
    throw fail('multiple-matches', `${reference} names several resources or versions, expected one Composition`)
  if (!isComposition(found.resource))
    throw fail('invalid', `${reference} is ${one(found.resource.resourceType)}, expected a Composition`)
  return found
}

function wrongType(name: string, { resourceType }: Resource): FhirError {
  return fail('invalid', `${name} is ${one(resourceType)}, expected a Composition`)
}

function wantedByName(reference: string): Wanted | undefined {
  const parsed = parseReference(reference)
  if (parsed.form === 'uri') return want({ by: 'url', url: parsed.url })
  if (parsed.form !== 'relative' && parsed.form !== 'rest') return undefined
  const version = parsed.version === undefined ? {} : { version: parsed.version }
  if (parsed.form === 'rest') return want({ by: 'url', url: parsed.url, ...version })
  return want({ by: 'id', type: parsed.type, id: parsed.id, ...version })
}
