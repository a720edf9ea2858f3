/** What is recorded of an act: a line of the audit, from which its AuditEvent is made. */

import type { Instant } from '../fhir/types.ts'
import type { Caller } from '../ports.ts'

/** Of the caller what tells who it was; scopes and tokens are never recorded. */
export type Agent = Pick<Caller, 'issuer' | 'subject' | 'name' | 'client' | 'fhirUser' | 'roles'>

/** Success, a request that could not be, one that was denied or that failed. @see https://hl7.org/fhir/R4/valueset-audit-event-outcome.html */
export type Outcome = '0' | '4' | '8'

/** One act. The line of the audit is this as JSON, its members in this order. */
export interface Act {
  readonly at: Instant
  /** A row of the table of kinds: `read`, `$document`. */
  readonly kind: string
  readonly outcome: Outcome
  /** Of a failure, the HTTP status and the code of the first issue: its text may quote a document. */
  readonly status?: number
  readonly issue?: string
  /** `GET /fhir/:type/:id` */
  readonly route?: string
  /** The id of the request, which the log and the answer bear too. */
  readonly request?: string
  /** Where the request came from: the network address. */
  readonly address?: string
  /** The base of the service that was asked. */
  readonly server?: string
  /** Absent where no authentication is configured. */
  readonly who?: Agent
  /** Codes of v3-PurposeOfUse. */
  readonly purposes?: readonly string[]
  /** The reason of access in an emergency. */
  readonly emergency?: string
  /** What the address names, as far as it does: `Patient/1`. */
  readonly asked?: string
  /** The query of a search as it came. */
  readonly query?: string
  /** Whose data it was: `Patient/1`, a URL, or `system|value`. */
  readonly patients?: readonly string[]
  /** What an administrator must say of an act: the reason, the legal basis. */
  readonly told?: Readonly<Record<string, string>>
  /** What was seen or written: `Observation/1/_history/2`, a URL, or the `system|value` of a document. */
  readonly what?: readonly string[]
}

/** The line of an act. */
export function lineOf(act: Act): string {
  return JSON.stringify(act)
}

/** The same of one whose names are JSON already, one after the other: there are many, and the same ones come again. */
export function lineNaming(names: string, act: Omit<Act, 'what'>): string {
  const line = JSON.stringify(act)
  return names === '' ? line : `${line.slice(0, -1)},"what":[${names}]}`
}

/** The act of a line. @throws TypeError where it is none: lines are only read after their digest was */
export function actOf(line: string): Act {
  const act = JSON.parse(line) as Partial<Act> | null
  if (typeof act?.kind !== 'string' || typeof act.at !== 'string') throw new TypeError('A line of the audit is no act')
  return act as Act
}

/** The outcome that a status says. */
export function outcomeOf(status: number): Outcome {
  if (status < 400) return '0'
  return status === 401 || status === 403 || status >= 500 ? '8' : '4'
}
