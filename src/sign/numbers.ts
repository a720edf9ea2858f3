/** Numbers whose value the canonical form would alter: a signature over it would cover another number (H-5). */

import { isFaithful } from '../fhir/canonical.ts'
import { decimalText, isDecimal } from '../fhir/decimal.ts'
import type { Issue } from '../fhir/issue.ts'
import type { Bundle, Json, JsonObject } from '../fhir/types.ts'

/** An issue for each such number, in document order. */
export function alteredNumbers(bundle: Bundle): readonly Issue[] {
  const issues: Issue[] = []
  visit(bundle, ['Bundle'], issues)
  return issues
}

/** The expressions of such numbers in a value that stands at the place given. */
export function alteredPlaces(value: Json, place: string): readonly string[] {
  const issues: Issue[] = []
  visit(value, [place], issues)
  return issues.map(({ expression = place }) => expression)
}

/** The trail is shared by all visits, as most of them end at no number. */
function visit(value: Json | undefined, trail: (string | number)[], issues: Issue[]): void {
  if (isDecimal(value)) {
    if (!isFaithful(value)) issues.push(issue(decimalText(value), trail))
    return
  }
  if (typeof value !== 'object' || value === null) return
  const isList = Array.isArray(value)
  for (const [name, member] of Object.entries(value as JsonObject)) {
    trail.push(isList ? Number(name) : name)
    visit(member, trail, issues)
    trail.pop()
  }
}

function issue(text: string, [root = '', ...steps]: readonly (string | number)[]): Issue {
  return {
    severity: 'error',
    code: 'business-rule',
    text: `The signature would not cover the value ${text}, expected a number that a double holds`,
    expression: root + steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join(''),
    rule: 'signed-numbers',
  }
}
