/** Constraints of profiles of the specification that say other than what was meant; each applies only to its exact text. */

import type { Erratum } from '../errata.ts'

export const errata: readonly Erratum[] = [
  {
    id: 'vs-1',
    published: '($this as dateTime).toString().length() >= 8',
    corrected: '($this is dateTime) implies $this.toString().length() >= 8',
    reason: 'Nothing is true of a period, which is allowed too',
    source: 'https://hl7.org/fhir/R4B/vitalsigns.html',
  },
]
