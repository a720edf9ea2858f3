/** Whom a reference without an address means: by its identifier, or by the Patient that its resource contains. */

import { identifiersOf, sameIdentifier } from './reference.ts'
import { isObject, isResource, type Identifier, type Json, type Reference, type Resource } from './types.ts'

/** The Patient that a resource contains and names. */
export function containedPatient({ reference: literal }: Reference, { contained }: Resource): Resource | undefined {
  if (typeof literal !== 'string' || !literal.startsWith('#') || !Array.isArray(contained)) return undefined
  const found = (contained as readonly Json[]).find((one) => isObject(one) && one['id'] === literal.slice(1))
  return isResource(found, 'Patient') ? found : undefined
}

/** Who is named otherwise than by an address: beside the reference, or by the Patient that the resource contains. */
export function identifiersBeside(reference: Reference, holder: Resource): readonly Identifier[] {
  const { reference: literal, identifier } = reference
  if (typeof literal !== 'string') return isObject(identifier) ? [identifier] : []
  const contained = containedPatient(reference, holder)
  return contained === undefined ? [] : identifiersOf(contained).filter(isObject)
}

/** Whether identifiers are of the same systems as a person's own, and none has a value of these: of another person. */
export function isRival(named: readonly Identifier[], own: readonly Identifier[]): boolean {
  const alike = named.flatMap((identifier) => {
    const ofSystem = own.filter(({ system }) => system !== undefined && system === identifier.system)
    return ofSystem.length === 0 || identifier.value === undefined
      ? []
      : [ofSystem.some((one) => sameIdentifier(one, identifier))]
  })
  return alike.length > 0 && !alike.includes(true)
}
