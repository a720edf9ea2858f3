/** The one place that turns a thrown value into messages and an exit code. */

import { FhirError } from '../fhir/error.ts'
import { isError, type Issue, type IssueCode } from '../fhir/issue.ts'

/** 0 done · 1 what the document is or lacks · 2 the command line · 3 the surroundings */
export type ExitCode = 0 | 1 | 2 | 3

/** What each exit code says, for help and docs. */
export const EXIT_CODES: Readonly<Record<ExitCode, string>> = {
  0: 'done',
  1: 'what the document is or lacks: not JSON, not FHIR, no Composition, missing references, errors, does not verify',
  2: 'the command line: unknown option, bad value, a file that is not there',
  3: 'the surroundings: key or password, unreadable, unwritable, source, browser',
}

/** The exit code of an issue code, where it is not that of a document's fault. */
const EXIT: Readonly<Partial<Record<IssueCode, ExitCode>>> = {
  'not-supported': 2,
  'no-store': 3,
  transient: 3,
  throttled: 3,
  timeout: 3,
  login: 3,
  forbidden: 3,
  exception: 3,
}

/** The exit code of rules that are not about the document: about the key, and about who is said to sign. */
const EXIT_OF_RULE: Readonly<Record<string, ExitCode>> = { 'signer-key': 3, 'signer-claim': 2 }

/** The exit code that an issue of this code leads to when it ends a command. */
export function exitOfCode(code: IssueCode): ExitCode {
  return EXIT[code] ?? 1
}

/** Ends a command for a reason outside the document; its exit code goes before that of its issues. */
export class Stop extends Error {
  override readonly name = 'Stop'
  readonly exit: 2 | 3
  readonly issues: readonly Issue[]

  constructor(exit: 2 | 3, issues: readonly Issue[], options?: ErrorOptions) {
    super(issues.map(({ text }) => text).join('; '), options)
    this.exit = exit
    this.issues = issues
  }
}

/** The command line is wrong: exit 2. */
export function misuse(text: string, options?: ErrorOptions): Stop {
  return new Stop(2, [{ severity: 'error', code: 'value', text }], options)
}

/** What the work gives; a FhirError in it is laid to the command line: exit 2. */
export function asked<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof FhirError ? new Stop(2, error.issues, { cause: error }) : error
  }
}

/** What the promise gives; a FhirError in it is laid to the surroundings: exit 3. */
export async function surroundings<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise
  } catch (error) {
    throw error instanceof FhirError ? new Stop(3, error.issues, { cause: error }) : error
  }
}

export interface Failure {
  readonly exit: ExitCode
  readonly issues: readonly Issue[]
}

/** What is not ours to explain is told as it is: who reads it is who runs it. */
function unexplained(thrown: unknown): Issue {
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  return { severity: 'fatal', code: 'exception', text: `The command failed: ${reason}` }
}

/** What a command answers when a value is thrown. */
export function failure(thrown: unknown): Failure {
  if (thrown instanceof Stop) return thrown
  if (!(thrown instanceof FhirError)) return { exit: 3, issues: [unexplained(thrown)] }
  const issue = thrown.issues.find(isError) ?? thrown.issues[0]
  return { exit: exitOf(issue), issues: thrown.issues }
}

/** A value that is neither in the document nor judged by a rule is one that was given on the command line. */
function exitOf({ code, rule, expression }: Issue): ExitCode {
  if (rule !== undefined) return EXIT_OF_RULE[rule] ?? exitOfCode(code)
  return code === 'value' && expression === undefined ? 2 : exitOfCode(code)
}

/** One line per issue: `severity expression: text (rule)`. Information that is the same of many places stands once, with their count. */
export function lines(issues: readonly Issue[]): string {
  const groups = Map.groupBy(issues, (issue) =>
    issue.severity === 'information' ? `${issue.rule} ${issue.text}` : issue,
  )
  return Array.from(groups.values(), ([first, ...others]) =>
    first === undefined ? '' : `${line(first, others.length)}\n`,
  ).join('')
}

function line({ severity, expression, text, rule }: Issue, others: number): string {
  const place = expression === undefined ? severity : `${severity} ${expression}`
  const more = others === 0 ? '' : ` and ${others} more`
  return oneLine(`${place}${more}: ${text}${rule === undefined ? '' : ` (${rule})`}`)
}

/** Control characters of a document must not steer the terminal. */
function oneLine(value: string): string {
  // eslint-disable-next-line no-control-regex -- it is these that are taken out
  return value.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
}

/** The stack of an error and of what caused it, for whoever asked for it by the log level. */
export function trace({ stack = '', cause }: Error): string {
  return cause instanceof Error ? `${stack}\ncaused by ${trace(cause)}` : stack
}
