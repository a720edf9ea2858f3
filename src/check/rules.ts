/** The table of our own rules. */

import { closureRules } from './closure.ts'
import { documentRules } from './document.ts'
import { linkRules } from './links.ts'
import { narrativeRules } from './narrative.ts'
import { attestationRules } from './attestation.ts'
import { patientRules } from './patient.ts'
import type { Rule } from './rule.ts'
import { structureRules } from './structure.ts'
import { integerRule, valueRules } from './values.ts'

export const ownRules: readonly Rule[] = [
  ...documentRules,
  ...closureRules,
  ...linkRules,
  ...patientRules,
  ...attestationRules,
  ...narrativeRules,
  ...structureRules,
  ...valueRules,
  integerRule,
]
