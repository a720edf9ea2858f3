/** FhirError: what is thrown when a function cannot give the answer that its name promises. */

import { isError, STATUS, type Issue, type IssueCode } from './issue.ts'
import type { Expression } from './types.ts'

/** Issues for the client; `cause` is for the operator's log and is never sent. */
export class FhirError extends Error {
  override readonly name = 'FhirError'
  readonly issues: readonly [Issue, ...Issue[]]

  constructor(issues: readonly [Issue, ...Issue[]], options?: ErrorOptions) {
    super(issues.map((issue) => issue.text).join('; '), options)
    this.issues = issues
  }

  /** The HTTP status of the first error. */
  get status(): number {
    return STATUS[(this.issues.find(isError) ?? this.issues[0]).code]
  }
}

export interface FailOptions extends ErrorOptions {
  readonly expression?: Expression
  readonly rule?: string
}

/** A FhirError of one issue: `throw fail('not-found', 'Patient/1 is absent')`. */
export function fail(code: IssueCode, text: string, { cause, expression, rule }: FailOptions = {}): FhirError {
  const issue: Issue = {
    severity: 'error',
    code,
    text,
    ...(expression !== undefined && { expression }),
    ...(rule !== undefined && { rule }),
  }
  return new FhirError([issue], cause === undefined ? undefined : { cause })
}
