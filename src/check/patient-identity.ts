/** Whom a reference without an address means: by its identifier, or by the Patient that its entry contains. */

import { identifiersOf, sameIdentifier, type IndexedEntry } from '../fhir/reference.ts'
import { isObject, isResource, type Identifier, type Json, type Reference, type Resource } from '../fhir/types.ts'

/** The Patient that a resource contains and names. */
export function containedPatient({ reference: literal }: Reference, { resource }: IndexedEntry): Resource | undefined {
  if (typeof literal !== 'string' || !literal.startsWith('#') || !Array.isArray(resource.contained)) return undefined
  const found = (resource.contained as readonly Json[]).find((one) => isObject(one) && one['id'] === literal.slice(1))
  return isResource(found, 'Patient') ? found : undefined
}

/** Who is named otherwise than by an address: beside the reference, or by the Patient that the entry contains. */
export function identifiersBeside(reference: Reference, from: IndexedEntry): readonly Identifier[] {
  const { reference: literal, identifier } = reference
  if (typeof literal !== 'string') return isObject(identifier) ? [identifier] : []
  const contained = containedPatient(reference, from)
  return contained === undefined ? [] : identifiersOf(contained).filter(isObject)
}

/** Identifiers of the same systems as the subject's, and none of its values. */
export function isRival(named: readonly Identifier[], subject: Resource): boolean {
  const alike = named.flatMap((identifier) => {
    const own = identifiersOf(subject).filter(
      (one) => isObject(one) && one.system !== undefined && one.system === identifier.system,
    )
    return own.length === 0 || identifier.value === undefined
      ? []
      : [own.some((one) => sameIdentifier(one, identifier))]
  })
  return alike.length > 0 && !alike.includes(true)
}
