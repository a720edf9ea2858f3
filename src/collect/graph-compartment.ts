/** Whether two resources are about the same patient, as the links of a graph demand. @see https://hl7.org/fhir/R4/graphdefinition-definitions.html#GraphDefinition.link.target.compartment */

import { memberships } from '../fhir/compartment.ts'
import { parseReference } from '../fhir/reference.ts'
import type { Found } from '../ports.ts'
import type { CompartmentRule } from './graph.ts'
import { wantedBy } from './lookup.ts'
import { identityOf } from './member.ts'
import type { Surroundings } from './same-patient.ts'

export interface Pair {
  readonly from: Found
  readonly to: Found
}

/** The first rule that two resources break. */
export function brokenRule(
  rules: readonly CompartmentRule[],
  { from, to }: Pair,
  surroundings: Surroundings,
): CompartmentRule | undefined {
  if (rules.length === 0) return undefined
  const [one, other] = [patientsOf(from, surroundings), patientsOf(to, surroundings)]
  const isShared = [...one].some((patient) => other.has(patient))
  return rules.find(({ isSame }) => isSame !== isShared)
}

/** The patients whose compartment a resource is in, by their identity. */
function patientsOf(found: Found, { compartment, lookup, base }: Surroundings): ReadonlySet<string> {
  if (found.resource.resourceType === 'Patient') return new Set([identityOf(found, base)])
  const wanted = memberships(found.resource, compartment).flatMap(({ reference: { reference } }) =>
    typeof reference === 'string' ? (wantedBy(parseReference(reference), found) ?? []) : [],
  )
  const known = wanted.flatMap(lookup.answer)
  const urls = wanted.flatMap(({ target }) => (target.by === 'url' ? [target.url] : []))
  return new Set([...urls, ...known.map((one) => identityOf(one, base))])
}
