/**
 * The kinds of acts and how each is an AuditEvent: type, subtype and action by the Basic Audit Log Patterns of IHE.
 * @see https://profiles.ihe.net/ITI/BALP/1.1.3/content.html
 */

import type { Coding } from '../fhir/types.ts'

/** Create, read, update, delete, execute. @see https://hl7.org/fhir/R4/valueset-audit-event-action.html */
export type Action = 'C' | 'R' | 'U' | 'D' | 'E'

/** A profile of the Basic Audit Log Patterns that has a variant for acts about a patient. */
export type Pattern = 'Read' | 'Query' | 'Create' | 'Update' | 'Delete'

export interface Kind {
  readonly type: Coding
  readonly subtype: readonly Coding[]
  readonly action: Action
  /** Whether the client sees what was searched for, or only what was read by its address. */
  readonly sees: 'reads' | 'all'
  readonly pattern?: Pattern
}

const REST: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
  code: 'rest',
  display: 'Restful Operation',
}
const DICOM = 'http://dicom.nema.org/resources/ontology/DCM'
const EXPORT: Coding = { system: DICOM, code: '110106', display: 'Export' }
const IMPORT: Coding = { system: DICOM, code: '110107', display: 'Import' }
const LOGIN: Coding = { system: DICOM, code: '110114', display: 'User Authentication' }
const ALERT: Coding = { system: DICOM, code: '110113', display: 'Security Alert' }
const LOG: Coding = { system: DICOM, code: '110101', display: 'Audit Log Used' }

/** What stands beside the subtypes of an act that went beyond consent in an emergency. */
export const EMERGENCY: Coding = { system: DICOM, code: '110127', display: 'Emergency Override Started' }
/** The type of an act that was denied. */
export const DENIED: Coding = ALERT

function dicom(code: string, display: string): Coding {
  return { system: DICOM, code, display }
}

function interaction(code: string): Coding {
  return { system: 'http://hl7.org/fhir/restful-interaction', code, display: code }
}

/** @see https://terminology.hl7.org/CodeSystem-iso-21089-lifecycle.html */
function lifecycle(code: string): Coding {
  return { system: 'http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle', code }
}

type Row = Omit<Kind, 'type' | 'sees'> & Partial<Pick<Kind, 'type' | 'sees'>>

function kind({ type = REST, sees = 'all', ...row }: Row): Kind {
  return { type, sees, ...row }
}

function reading(code: string, pattern?: Pattern): Kind {
  return kind({ subtype: [interaction(code)], action: 'R', sees: 'reads', ...(pattern !== undefined && { pattern }) })
}

function searching(code: string): Kind {
  return kind({ subtype: [interaction(code)], action: 'E', pattern: 'Query' })
}

function writing(code: string, action: Action, pattern?: Pattern): Kind {
  return kind({ subtype: [interaction(code)], action, sees: 'reads', ...(pattern !== undefined && { pattern }) })
}

function operation(code: string, action: Action = 'E'): Kind {
  return kind({ subtype: [interaction('operation'), lifecycle(code)], action })
}

function disclosing(type: Coding, code: string, action: Action = 'R'): Kind {
  return kind({ type, subtype: [lifecycle(code), interaction('operation')], action })
}

/** A row for each kind: interactions and operations by their codes, pages and the command line by names of ours. */
export const KINDS: Readonly<Record<string, Kind>> = {
  read: reading('read', 'Read'),
  vread: reading('vread', 'Read'),
  'history-instance': kind({ subtype: [interaction('history-instance')], action: 'R' }),
  'history-type': kind({ subtype: [interaction('history-type')], action: 'R' }),
  'history-system': kind({ subtype: [interaction('history-system')], action: 'R' }),
  'search-type': searching('search-type'),
  'search-system': searching('search-system'),
  create: writing('create', 'C', 'Create'),
  update: writing('update', 'U', 'Update'),
  patch: writing('patch', 'U', 'Update'),
  delete: writing('delete', 'D', 'Delete'),
  transaction: writing('transaction', 'E'),
  batch: writing('batch', 'E'),
  $document: operation('originate'),
  $compose: operation('originate'),
  $summary: operation('originate'),
  $docref: operation('originate'),
  '$discharge-report': operation('originate'),
  $validate: operation('verify'),
  $sign: operation('attest'),
  $verify: operation('verify'),
  $render: operation('report'),
  $octets: operation('extract'),
  $everything: disclosing(EXPORT, 'disclose'),
  $original: disclosing(EXPORT, 'disclose'),
  $receipt: disclosing(EXPORT, 'disclose'),
  $convert: operation('transform'),
  $extract: operation('extract'),
  $erase: operation('destroy', 'D'),
  '$erase-due': operation('destroy', 'D'),
  $due: operation('access', 'R'),
  $hold: operation('hold', 'U'),
  $release: operation('unhold', 'U'),
  login: kind({ type: LOGIN, subtype: [dicom('110122', 'Login')], action: 'E' }),
  logout: kind({ type: LOGIN, subtype: [dicom('110123', 'Logout')], action: 'E' }),
  page: kind({ subtype: [interaction('operation'), lifecycle('access')], action: 'R' }),
  form: kind({ subtype: [interaction('operation')], action: 'U' }),
  refused: kind({ type: ALERT, subtype: [interaction('operation')], action: 'E' }),
  accesses: kind({ type: LOG, subtype: [lifecycle('access')], action: 'R' }),
  'audit expired': kind({ type: LOG, subtype: [lifecycle('destroy')], action: 'D' }),
  restored: kind({ type: IMPORT, subtype: [lifecycle('restore')], action: 'C' }),
}

/** What stands for an act that has no row: it is recorded all the same. */
const UNKNOWN: Kind = kind({ subtype: [interaction('operation')], action: 'E' })

export function kindOf(name: string): Kind {
  return Object.hasOwn(KINDS, name) ? (KINDS[name] ?? UNKNOWN) : UNKNOWN
}
