/** Codes that say that there is nothing to tell, or that nobody knows: a statement of the record, and never a finding. */

import type { Json } from '../fhir/types.ts'
import { objects, plainText } from './wording.ts'

/** @see https://hl7.org/fhir/uv/ips/STU1.1/CodeSystem-absent-unknown-uv-ips.html */
const ABSENT_UNKNOWN = 'http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips'
const SNOMED = 'http://snomed.info/sct'

/** Of SNOMED CT: no known allergy, of drugs, of food, of the environment, of latex; no current problem; no drug therapy. */
const NOTHING_KNOWN = new Set([
  '716186003', '409137002', '429625007', '428607008', '1003774007', '160245001', '182849000',
]) // prettier-ignore

/** Whether a concept states that nothing is known, or that there is no information. */
export function isStatedAbsence(concept: Json | undefined): boolean {
  return objects(concept).some(({ coding }) =>
    objects(coding).some(
      ({ system, code }) => system === ABSENT_UNKNOWN || (system === SNOMED && NOTHING_KNOWN.has(plainText(code))),
    ),
  )
}
