/**
 * What a signature is for: the commitment types of ASTM E1762-95, as FHIR's Signature.type and the JAdES header srCms name them.
 * @see https://hl7.org/fhir/R4/valueset-signature-type.html
 */

import type { Coding } from '../fhir/types.ts'
import { must } from './must.ts'

export const COMMITMENT_SYSTEM = 'urn:iso-astm:E1762-95:2013'
const ARC = '1.2.840.10065.1.12.1'

/** The displays in the order of the code's last number, from 1. */
const DISPLAYS = [
  "Author's Signature",
  "Coauthor's Signature",
  "Co-participant's Signature",
  'Transcriptionist/Recorder Signature',
  'Verification Signature',
  'Validation Signature',
  'Consent Signature',
  'Signature Witness Signature',
  'Event Witness Signature',
  'Identity Witness Signature',
  'Consent Witness Signature',
  'Interpreter Signature',
  'Review Signature',
  'Source Signature',
  'Addendum Signature',
  'Modification Signature',
  'Administrative (Error/Edit) Signature',
  'Timestamp Signature',
] as const

export interface Commitment extends Coding {
  readonly system: typeof COMMITMENT_SYSTEM
  readonly code: string
  readonly display: string
}

export const AUTHOR = `${ARC}.1`
export const VERIFICATION = `${ARC}.5`

const COMMITMENTS: ReadonlyMap<string, Commitment> = new Map(
  DISPLAYS.map((display, index) => {
    const code = `${ARC}.${index + 1}`
    return [code, { system: COMMITMENT_SYSTEM, code, display }]
  }),
)

/** The Coding of a commitment code, such as `1.2.840.10065.1.12.1.1`. @throws FhirError `code-invalid` */
export function commitment(code: string): Commitment {
  const row = COMMITMENTS.get(code)
  must(
    row !== undefined,
    `The signature type ${code} is unknown, expected ${ARC}.1 to ${ARC}.${DISPLAYS.length}`,
    'code-invalid',
  )
  return row
}

/** The display of a commitment that a signature states by its URN or bare code; the text itself where it is unknown. */
export function commitmentText(id: string): string {
  return COMMITMENTS.get(id.replace(/^urn:oid:/, ''))?.display ?? id
}

/** Whether a Coding is one of the commitments that a header states: by `urn:oid:` and code, the bare code, or system and code. */
export function isCommitted({ system, code }: Coding, ids: readonly string[] = []): boolean {
  return typeof code === 'string' && ids.some((id) => [`urn:oid:${code}`, code, `${system}#${code}`].includes(id))
}
