/** The table of our own rules. */

import { agreementRules } from './agreement.ts'
import { closureRules } from './closure.ts'
import { codeSystemRules } from './code-systems.ts'
import { documentRules } from './document.ts'
import { extensionRules } from './extensions.ts'
import { fragmentRule } from './fragments.ts'
import { linkRules } from './links.ts'
import { narrativeRules } from './narrative.ts'
import { attestationRules } from './attestation.ts'
import { nestedRules } from './nested-subject.ts'
import { patientRules } from './patient.ts'
import type { Rule } from './rule.ts'
import { structureRules } from './structure.ts'
import { extensibleRule } from './terminology/extensible.ts'
import { terminologyRules } from './terminology/rules.ts'
import { valueRules } from './values.ts'

export const ownRules: readonly Rule[] = [
  ...documentRules,
  ...closureRules,
  ...linkRules,
  fragmentRule,
  ...patientRules,
  ...nestedRules,
  ...attestationRules,
  ...narrativeRules,
  ...agreementRules,
  ...structureRules,
  ...valueRules,
  ...terminologyRules,
  extensibleRule,
  ...extensionRules,
  ...codeSystemRules,
]
