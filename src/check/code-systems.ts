/** The rule of code systems in the namespaces of HL7: they are ones that HL7 publishes. */

import type { Definitions } from '../fhir/definitions.ts'
import type { ElementRule } from './rule.ts'

/** The namespaces of HL7's own terminology; those of guides and of registries of identifiers are others'. */
const OFFICIAL = /^http:\/\/(?:terminology\.hl7\.org\/|hl7\.org\/fhir\/(?!sid\/|[a-z]{2,3}\/))/

/** A value set in the place of a code system is told where its codes are judged. */
function isKnown(system: string, { library }: Definitions): boolean {
  if (system.includes('|')) return false
  return library.codeSystem(system) !== undefined || library.isNamed(system) || library.valueSet(system) !== undefined
}

export const codeSystemRules: readonly ElementRule[] = [
  {
    id: 'system-known',
    severity: 'error',
    code: 'code-invalid',
    scope: 'resource',
    human: 'A code system in a namespace of HL7 is one that HL7 publishes',
    source: 'https://hl7.org/fhir/R4/terminologies.html#system',
    looks: 'resource',
    at: ['Coding.system', 'Quantity.system'],
    breaks: ({ value }, { definitions }) =>
      typeof value === 'string' && OFFICIAL.test(value) && !isKnown(value, definitions)
        ? `The code system ${value.slice(0, 120)} is not published, expected one that HL7 publishes, without a version`
        : false,
  },
]
