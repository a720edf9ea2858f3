/** What a verification says against a document itself: whom to trust is not asked. */

import type { Issue } from '../fhir/issue.ts'
import type { Report } from './report.ts'

const SIGNATURE = { severity: 'error', code: 'security', expression: 'Bundle.signature' } as const
const RULE = { rule: 'signature-integrity', source: 'https://hl7.org/fhir/R4/signatures.html' }

/** A signature of the Bundle over other octets than those of the document. */
export function brokenIn({ signatures }: Report): readonly Issue[] {
  return signatures
    .filter(({ where }) => where === SIGNATURE.expression)
    .flatMap(({ checks }) => checks.filter(({ name, verdict }) => name === 'integrity' && verdict === 'failed'))
    .map(({ text }) => ({ ...SIGNATURE, text, ...RULE }))
}
