/** Answers of the service, and the one place that turns a thrown value into one. */

import { bytesOf } from '../fhir/bytes.ts'
import { FhirError } from '../fhir/error.ts'
import { isError, outcome, type Issue, type IssueCode } from '../fhir/issue.ts'
import { stringify } from '../fhir/json.ts'
import { isResource, type JsonObject } from '../fhir/types.ts'

export type Headers = Readonly<Record<string, string>>

/** What goes back to the client. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Uint8Array | string
  /** It is the answer to a search that found nothing. */
  readonly isEmpty?: boolean
}

export interface AnswerOptions {
  readonly status?: number
  readonly headers?: Headers
  /** White space for human eyes. */
  readonly pretty?: true
}

export const FHIR_JSON = 'application/fhir+json; charset=utf-8'

/** A FHIR resource as JSON. */
export function resourceAnswer(resource: JsonObject, options: AnswerOptions = {}): Answer {
  return jsonAnswer(resource, { ...options, headers: { 'Content-Type': FHIR_JSON, ...options.headers } })
}

/** Any JSON. */
export function jsonAnswer(value: JsonObject, { status = 200, headers, pretty }: AnswerOptions = {}): Answer {
  const body = pretty !== true && isResource(value) ? bytesOf(value) : stringify(value, pretty ? 2 : undefined)
  return { status, headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers }, body }
}

/** The bytes or text given, under their media type. */
export function bytesAnswer(body: Uint8Array | string, contentType: string, headers: Headers = {}): Answer {
  return { status: 200, headers: { 'Content-Type': contentType, ...headers }, body }
}

/** The number of errors that an answer comes with, where there are any. */
export function issuesHeader(issues: readonly Issue[]): Headers {
  const count = issues.filter(isError).length
  return count === 0 ? {} : { 'X-Issues': String(count) }
}

/** An answer that HTTP itself gives, where the table of issue codes has no status for it: 405, 406, 415 and their like. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly issue: Issue
  readonly headers: Headers

  constructor(status: number, issue: Omit<Issue, 'severity'>, headers: Headers = {}) {
    super(issue.text)
    this.status = status
    this.issue = { ...issue, severity: 'error' }
    this.headers = headers
  }
}

/** A Refusal with its status: `throw refuse(406, 'not-supported', 'The format xml is not supported yet')`. */
export function refuse(status: number, code: IssueCode, text: string, headers?: Headers): Refusal {
  return new Refusal(status, { code, text }, headers)
}

const failed: Issue = { severity: 'fatal', code: 'exception', text: 'The service failed' }

/** What a thrown value tells the client. */
export interface Told {
  readonly status: number
  readonly issues: readonly Issue[]
  readonly headers?: Headers
}

/** Status and issues of a thrown value: what is not ours says nothing of itself. */
export function told(thrown: unknown): Told {
  if (thrown instanceof Refusal) return { status: thrown.status, issues: [thrown.issue], headers: thrown.headers }
  if (thrown instanceof FhirError) {
    const status = statusOf(thrown)
    return { status, issues: thrown.issues, headers: retryHeader(status) }
  }
  const status = clientStatus(thrown)
  if (status === undefined) return { status: 500, issues: [failed] }
  return { status, issues: [{ severity: 'error', code: 'invalid', text: 'The request line is not well-formed' }] }
}

/** An OperationOutcome for a thrown value. */
export function errorAnswer(thrown: unknown): Answer {
  const { issues, status, headers } = told(thrown)
  return outcomeAnswer(issues, status, headers)
}

/** A document that breaks a rule was read well enough: whatever the rule's code, it is the document that cannot be. */
export function statusOf({ issues, status }: FhirError): number {
  const { rule } = issues.find(isError) ?? issues[0]
  return rule !== undefined && status < 500 ? 422 : status
}

/** An OperationOutcome with its status. */
function outcomeAnswer(issues: readonly Issue[], status: number, headers: Headers = {}): Answer {
  return resourceAnswer(outcome(issues), { status, headers: { ...headers, ...issuesHeader(issues) } })
}

/** When to come again: all that a 503 can say. */
export const RETRY_AFTER: Headers = { 'Retry-After': '1' }

function retryHeader(status: number): Headers {
  return status === 503 || status === 429 ? RETRY_AFTER : {}
}

/** Express marks what the client did wrong, such as a malformed escape in the path, by a status of its own. */
function clientStatus(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !('status' in thrown)) return undefined
  const { status } = thrown
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined
}
