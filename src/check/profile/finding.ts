/** Findings as they are made: what kind and severity they have stands in the table of rules. */

import type { Structure } from '../../fhir/library.ts'
import type { Place } from './place.ts'
import { PROFILE_RULES, type ProfileRuleId } from './rules.ts'
import { nameOf, type ProfileFinding } from './run.ts'

/** The profile that asks. */
export interface Subjected {
  readonly structure: Structure
}

interface Told {
  readonly rule: ProfileRuleId
  readonly place: Place
  /** What was found, then what is allowed. */
  readonly text: string
}

/** A finding whose text ends with the profile that asks for it. */
export function finding({ structure }: Subjected, { rule, place, text }: Told): ProfileFinding {
  const { severity, code } = PROFILE_RULES[rule]
  const { url, version } = structure
  const profile = version === undefined ? url : `${url}|${version}`
  return { severity, code, rule, place, text: `${text}, by the profile ${nameOf(structure)}`, profile }
}
