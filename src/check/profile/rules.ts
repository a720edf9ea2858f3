/** What profiles ask that has no key of its own, as rows; a constraint has its key, its words and its severity. */

import type { IssueCode, Severity } from '../../fhir/issue.ts'

interface ProfileRule {
  readonly severity: Severity
  readonly code: IssueCode
  /** The requirement in our own words. */
  readonly human: string
  /** The URL of the sentence. */
  readonly source: string
}

const ELEMENT = 'https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition'
const SLICING = 'https://hl7.org/fhir/R4/profiling.html#slicing'

const error = 'error' as const

export const PROFILE_RULES = {
  'profile-min': {
    severity: error,
    code: 'required',
    human: 'An element, or a slice, is there as often as the profile asks at least',
    source: `${ELEMENT}.min`,
  },
  'profile-max': {
    severity: error,
    code: 'structure',
    human: 'An element, or a slice, is there no more often than the profile allows',
    source: `${ELEMENT}.max`,
  },
  'profile-type': {
    severity: error,
    code: 'structure',
    human: 'A choice or a resource has a type that the profile allows, and keeps a profile that it names for the type',
    source: `${ELEMENT}.type`,
  },
  'profile-fixed': {
    severity: error,
    code: 'value',
    human: 'An element with a fixed value has exactly that one',
    source: `${ELEMENT}.fixed_x_`,
  },
  'profile-pattern': {
    severity: error,
    code: 'value',
    human: 'An element with a pattern has all that the pattern has',
    source: `${ELEMENT}.pattern_x_`,
  },
  'profile-max-length': {
    severity: error,
    code: 'too-long',
    human: 'A text has no more characters than the profile allows',
    source: `${ELEMENT}.maxLength`,
  },
  'profile-min-value': {
    severity: error,
    code: 'value',
    human: 'A value is not below the least that the profile allows',
    source: `${ELEMENT}.minValue_x_`,
  },
  'profile-max-value': {
    severity: error,
    code: 'value',
    human: 'A value is not above the greatest that the profile allows',
    source: `${ELEMENT}.maxValue_x_`,
  },
  'profile-required-binding': {
    severity: error,
    code: 'code-invalid',
    human: 'A code is of the value set that the profile binds it to as required, or as the greatest',
    source: 'https://hl7.org/fhir/R4/terminologies.html#required',
  },
  'profile-extensible-binding': {
    severity: 'warning',
    code: 'code-invalid',
    human:
      'A code is of the value set that the profile binds it to as extensible, unless that has none for what is meant',
    source: 'https://hl7.org/fhir/R4/terminologies.html#extensible',
  },
  'binding-open': {
    severity: 'information',
    code: 'informational',
    human: 'A code can be judged here: what its value set is made of is at hand, or a terminology server says',
    source: 'https://hl7.org/fhir/R4/terminologies.html#validation',
  },
  'profile-target': {
    severity: error,
    code: 'structure',
    human: 'A reference names a resource of a type that the profile allows, one that keeps a target profile',
    source: 'https://hl7.org/fhir/R4/profiling.html#reference',
  },
  'profile-aggregation': {
    severity: error,
    code: 'structure',
    human: 'What a reference names is contained, in the Bundle or elsewhere, as the profile says',
    source: `${ELEMENT}.type.aggregation`,
  },
  'profile-closed': {
    severity: error,
    code: 'structure',
    human: 'In a closed slicing every element is of a slice',
    source: SLICING,
  },
  'profile-order': {
    severity: error,
    code: 'structure',
    human: 'Slices stand in the order that the slicing asks for',
    source: SLICING,
  },
  'profile-unknown': {
    severity: 'warning',
    code: 'not-found',
    human: 'A profile that a resource names is at hand; one that was asked for must be',
    source: 'https://hl7.org/fhir/R4/resource.html#Meta',
  },
} as const satisfies Record<string, ProfileRule>

export type ProfileRuleId = keyof typeof PROFILE_RULES
