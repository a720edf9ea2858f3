/** Issue: one problem, one row of an OperationOutcome. @see https://hl7.org/fhir/R4/operationoutcome.html */

import type { Expression, JsonObject, Resource } from './types.ts'

export type Severity = 'fatal' | 'error' | 'warning' | 'information'

/**
 * The HTTP status of each issue code in use. FHIR defines none, so this table is a decision of the house
 * (docs/decisions.md). @see https://hl7.org/fhir/R4/valueset-issue-type.html
 */
export const STATUS = {
  structure: 400,
  required: 400,
  value: 400,
  invalid: 400,
  invariant: 422,
  'business-rule': 422,
  processing: 422,
  incomplete: 422,
  security: 422,
  'code-invalid': 422,
  extension: 422,
  duplicate: 422,
  'multiple-matches': 412,
  login: 401,
  forbidden: 403,
  'not-found': 404,
  deleted: 410,
  conflict: 409,
  'too-long': 413,
  'too-costly': 422,
  throttled: 429,
  'not-supported': 501,
  'no-store': 502,
  transient: 503,
  timeout: 504,
  exception: 500,
  informational: 200,
} as const satisfies Record<string, number>

export type IssueCode = keyof typeof STATUS

export interface Issue {
  readonly severity: Severity
  readonly code: IssueCode
  /** What is wrong, then what was expected; one sentence for the client: no path, host, key or stack. */
  readonly text: string
  readonly expression?: Expression
  /** The rule's id: `bdl-9`, `same-subject`. */
  readonly rule?: string
  /** The URL of the sentence that the rule enforces. */
  readonly source?: string
  /** The canonical of the profile that asks for it. */
  readonly profile?: string
}

/** The name of a type with its article, as a text of an issue says it: `an Observation`. */
export function one(type: string): string {
  return `${/^[AEIOU]/.test(type) ? 'an' : 'a'} ${type}`
}

/** Whether an issue is an error or worse. */
export function isError(issue: Issue): boolean {
  return issue.severity === 'error' || issue.severity === 'fatal'
}

/** The rule's id of an OperationOutcome issue is a coding of this system. */
const RULE_SYSTEM = 'https://fhirdoc.example/CodeSystem/rule'

/** An OperationOutcome with the issues in their order; with none, one that says that all is well. */
export function outcome(issues: readonly Issue[]): Resource {
  const rows = issues.length > 0 ? issues : [allWell]
  return { resourceType: 'OperationOutcome', issue: rows.map(row) }
}

const allWell: Issue = { severity: 'information', code: 'informational', text: 'No issue was found' }

function row({ severity, code, text, expression, rule, source }: Issue): JsonObject {
  return {
    severity,
    code,
    details: { ...(rule !== undefined && { coding: [{ system: RULE_SYSTEM, code: rule }] }), text },
    ...(source !== undefined && { diagnostics: `See ${source}` }),
    ...(expression !== undefined && { expression: [expression] }),
  }
}
