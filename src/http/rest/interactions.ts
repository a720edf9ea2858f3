/** The interactions of the RESTful API as rows: what they are called by, and what they do. @see https://hl7.org/fhir/R4/http.html */

import { fail } from '../../fhir/error.ts'
import type { JsonObject } from '../../fhir/types.ts'
import type { Extent, StoreReader, StoreWriter } from '../../ports.ts'
import { oneOf, text, wholeNumber } from '../../shape.ts'
import { refuse } from '../answer.ts'
import { FORMATS, PATCH_TYPE, type Readable } from '../negotiation.ts'
import type { ParameterTable } from '../parameters.ts'
import { modelOf, type Level, type Method, type Service } from '../route.ts'
import { mustBeKept } from './admission.ts'
import type { Ask, Outcome } from './ask.ts'
import { PAGE } from './bundle.ts'
import { conditionalPatch, conditionalRemove, conditionalUpdate } from './conditional.ts'
import { read, vread } from './read.ts'
import { history, search } from './search.ts'
import { create, patch, remove, update } from './write.ts'

export type Act = ReadingAct | WritingAct

interface ActRow {
  /** As the CapabilityStatement names it. */
  readonly code: string
  readonly method: Method
  readonly path: string
  readonly level: Level
  readonly text: string
  readonly parameters: ParameterTable
  /** The query is criteria of a search. */
  readonly isFree?: true
  /** What its body may be. */
  readonly reads?: Readable
  /** All that it asks may stand in the address. */
  readonly isBodyOptional?: true
  /** What the CapabilityStatement says of a type besides. */
  readonly capability?: JsonObject
}

export interface ReadingAct extends ActRow {
  readonly writes: false
  /** How much it reads; absent where all must be of one state. */
  readonly extent?: Extent
  readonly perform: (ask: Ask, reader: StoreReader, service: Service) => Promise<Outcome>
}

export interface WritingAct extends ActRow {
  readonly writes: true
  readonly perform: (ask: Ask, writer: StoreWriter, service: Service) => Promise<Outcome>
}

const elements = { shape: text('names separated by commas'), type: 'string', text: 'the elements wanted' } as const
const summary = {
  shape: oneOf(['true', 'text', 'data', 'false']),
  type: 'code',
  text: 'which part of the resource is wanted',
} as const
const ofReading: ParameterTable = { _summary: summary, _elements: elements }
const ofHistory: ParameterTable = {
  _count: { shape: wholeNumber(0, 1_000_000_000), type: 'string', text: 'how many versions a page has' },
  _since: { shape: text('an instant'), type: 'string', text: 'only versions from then on' },
  _at: { shape: text('a date or time'), type: 'string', text: 'only versions that were current at some time then' },
  [PAGE]: { shape: text('a link of an earlier answer'), type: 'string', text: 'a page of an earlier answer' },
}

const JSON_BODY = FORMATS.json.mediaTypes
const FORM = 'application/x-www-form-urlencoded'

const form = { reads: [FORM], isBodyOptional: true } as const

const instance = { level: 'instance', path: '/fhir/:type/:id', parameters: {} } as const
const type = { level: 'type', path: '/fhir/:type', parameters: {} } as const
const criteria = { ...type, isFree: true } as const
const searching = { writes: false, perform: search, isFree: true, parameters: {} } as const
const within = {
  code: 'search-type',
  level: 'type',
  text: 'those of them that are in the compartment of the patient',
} as const
const historical = { writes: false, method: 'GET', perform: history, parameters: ofHistory } as const

export const ACTS: readonly Act[] = [
  { ...instance, code: 'read', method: 'GET', text: 'the resource', parameters: ofReading, writes: false, extent: 'resource', perform: read, capability: { versioning: 'versioned', readHistory: true, conditionalRead: 'full-support' } },
  { ...instance, code: 'vread', method: 'GET', path: '/fhir/:type/:id/_history/:vid', text: 'a version of the resource', parameters: ofReading, writes: false, extent: 'resource', perform: vread },
  { ...instance, code: 'update', method: 'PUT', text: 'the resource in the place of the one there, or new under its id', reads: JSON_BODY, writes: true, perform: update, capability: { updateCreate: true } },
  { ...instance, code: 'patch', method: 'PATCH', text: 'the resource as a JSON Patch changes it', reads: [PATCH_TYPE], writes: true, perform: patch },
  { ...instance, code: 'delete', method: 'DELETE', text: 'nothing, and nothing is there afterwards', writes: true, perform: remove },
  { ...historical, code: 'history-instance', level: 'instance', path: '/fhir/:type/:id/_history', text: 'the versions of the resource, the newest first' },
  { ...historical, code: 'history-type', level: 'type', path: '/fhir/:type/_history', text: 'the versions of all resources of the type, the newest first' },
  { ...historical, code: 'history-system', level: 'system', path: '/fhir/_history', text: 'the versions of all resources, the newest first' },
  { ...type, code: 'create', method: 'POST', text: 'the resource under an id of the service', reads: JSON_BODY, writes: true, perform: create, capability: { conditionalCreate: true } },
  { ...criteria, code: 'update', method: 'PUT', text: 'the resource in the place of the one that the criteria find, or new', reads: JSON_BODY, writes: true, perform: conditionalUpdate, capability: { conditionalUpdate: true } },
  { ...criteria, code: 'patch', method: 'PATCH', text: 'the resource that the criteria find as a JSON Patch changes it', reads: [PATCH_TYPE], writes: true, perform: conditionalPatch },
  { ...criteria, code: 'delete', method: 'DELETE', text: 'nothing, and nothing is there afterwards that the criteria find', writes: true, perform: conditionalRemove, capability: { conditionalDelete: 'single' } },
  { ...searching, code: 'search-type', level: 'type', method: 'GET', path: '/fhir/:type', text: 'the resources of the type that fit the criteria' },
  { ...searching, code: 'search-type', level: 'type', method: 'POST', path: '/fhir/:type/_search', ...form, text: 'the same, with the criteria as a form' },
  { ...searching, ...within, method: 'GET', path: '/fhir/Patient/:id/:type' },
  { ...searching, ...within, method: 'POST', path: '/fhir/Patient/:id/:type/_search', ...form },
  { ...searching, code: 'search-system', level: 'system', method: 'GET', path: '/fhir', text: 'the resources of all types that fit the criteria' },
  { ...searching, code: 'search-system', level: 'system', method: 'POST', path: '/fhir/_search', ...form, text: 'the same, with the criteria as a form' },
] // prettier-ignore

export interface Performing {
  readonly service: Service
  readonly signal: AbortSignal
}

/** What comes of an interaction by itself. */
export async function perform(act: Act, ask: Ask, { service, signal }: Performing): Promise<Outcome> {
  mustBeAskable(act, ask, service)
  // what was recorded is made findable when it is asked for
  if (isAboutAudit(ask)) await service.store.audit?.publish()
  if (!act.writes) {
    // beside a document, what replaces it is read
    const extent = ask.type === 'Bundle' ? undefined : act.extent
    return service.store.snapshot((reader) => act.perform(ask, reader, service), extent)
  }
  return service.store.transaction(async (writer) => {
    const done = await act.perform(ask, writer, service)
    mustBeAwaited(signal)
    return done
  })
}

/** Whether the audit is asked for, or anything by what it says. */
function isAboutAudit({ type, query }: Ask): boolean {
  return type === AUDIT || query.some((pair) => pair.some((text) => text.includes(AUDIT)))
}

/** Nothing, where someone waits still: who was told that it failed must not find it done. @throws FhirError `timeout` */
export function mustBeAwaited({ aborted }: AbortSignal): void {
  if (aborted) throw fail('timeout', 'The request was given up before it was done')
}

const AUDIT = 'AuditEvent'

/** Nothing, where resources of the type that is asked for are kept. @throws Refusal 405 where it is the audit's to write them */
export function mustBeAskable({ writes }: Act, { type: asked }: Ask, service: Service): void {
  if (asked !== '') mustBeKept(asked, modelOf(service))
  if (!writes || asked !== AUDIT) return
  const text = 'An AuditEvent is written by the service alone, and never changed or deleted by anyone'
  throw refuse(405, 'not-supported', text, { Allow: 'GET, HEAD' })
}
