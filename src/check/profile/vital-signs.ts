/** Observations that must keep a profile of the specification because of their code, whether they say so or not. */

import type { Resource } from '../../fhir/types.ts'
import { loincCodes, VITAL_SIGNS } from '../../fhir/vital-signs.ts'

const BASE = 'http://hl7.org/fhir/StructureDefinition/'

/** The canonicals of the profiles that the code of an Observation asks for. */
export function impliedProfiles({ resourceType, code }: Resource): readonly string[] {
  if (resourceType !== 'Observation') return NONE
  const names = new Set(loincCodes(code).flatMap((one) => VITAL_SIGNS.get(one) ?? []))
  return names.size === 0 ? NONE : [...names].map((name) => BASE + name)
}

const NONE: readonly string[] = []
