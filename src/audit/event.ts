/**
 * An act as an AuditEvent, by the Basic Audit Log Patterns of IHE.
 * @see https://hl7.org/fhir/R4/auditevent.html
 * @see https://profiles.ihe.net/ITI/BALP/1.1.3/content.html
 */

import { toBase64 } from '../fhir/digest.ts'
import type { Coding, JsonObject, Reference, Resource } from '../fhir/types.ts'
import type { Act, Agent } from './act.ts'
import { actOf } from './act.ts'
import type { Link } from './chain.ts'
import { DENIED, EMERGENCY, kindOf, type Kind } from './kinds.ts'

/** Counts how events are made: whoever changes that takes the next, so that those which are there are made anew. */
export const MAKING = 2

const PROFILE = 'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit'
const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason'
const DICOM = 'http://dicom.nema.org/resources/ontology/DCM'
const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType'
const ENTITY_TYPE = 'http://terminology.hl7.org/CodeSystem/audit-entity-type'
const OBJECT_ROLE = 'http://terminology.hl7.org/CodeSystem/object-role'
const RESOURCE_TYPE = 'http://hl7.org/fhir/resource-types'

const SOURCE: Coding = { system: DICOM, code: '110153', display: 'Source Role ID' }
const DESTINATION: Coding = { system: DICOM, code: '110152', display: 'Destination Role ID' }
const RECIPIENT: Coding = { system: PARTICIPATION, code: 'IRCP', display: 'information recipient' }
const AUTHOR: Coding = { system: PARTICIPATION, code: 'AUT', display: 'author (originator)' }
const PERSON: Coding = { system: ENTITY_TYPE, code: '1', display: 'Person' }
const OBJECT: Coding = { system: ENTITY_TYPE, code: '2', display: 'System Object' }
const REQUEST: Coding = {
  system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType',
  code: 'XrequestId',
}
const OBSERVER: Reference = { display: 'fhirdoc' }

/** The AuditEvent of a line; its id is the digest of the line, so that whoever has it can find the line in the chain. */
export function auditEventOf({ text, digest }: Pick<Link, 'text' | 'digest'>): Resource {
  const act = actOf(text)
  const kind = kindOf(act.kind)
  const profile = profileOf(act, kind)
  return {
    resourceType: 'AuditEvent',
    id: digest,
    ...(profile !== undefined && { meta: { profile: [profile] } }),
    type: isDenied(act) ? DENIED : kind.type,
    subtype: [...subtypesOf(act, kind), ...(act.emergency === undefined ? [] : [EMERGENCY])],
    action: kind.action,
    recorded: act.at,
    outcome: act.outcome,
    ...failureOf(act),
    ...purposesOf(act),
    agent: agentsOf(act, kind),
    source: { observer: OBSERVER, type: [{ system: 'http://terminology.hl7.org/CodeSystem/security-source-type', code: '4', display: 'Application Server' }] },
    ...listed('entity', entitiesOf(act, kind)),
  } // prettier-ignore
}

function isDenied({ status }: Act): boolean {
  return status === 401 || status === 403
}

/** An operation bears its own code too. */
function subtypesOf({ kind: name }: Act, { subtype }: Kind): readonly Coding[] {
  return name.startsWith('$') ? [...subtype, { system: 'urn:fhirdoc:operation', code: name }] : subtype
}

/** The pattern that a successful act of one patient, or of none, keeps. */
function profileOf(act: Act, { pattern }: Kind): string | undefined {
  const { outcome, patients = [], what = [], emergency, query } = act
  if (pattern === undefined || outcome !== '0' || patients.length > 1 || emergency !== undefined) return undefined
  if (pattern === 'Query' ? query === undefined : what.length !== 1) return undefined
  const isOwn = patients.every((name) => /^Patient\//.test(name))
  return isOwn ? `${PROFILE}.${patients.length === 1 ? 'Patient' : ''}${pattern}` : undefined
}

function failureOf({ status, issue }: Act): JsonObject {
  return status === undefined ? {} : { outcomeDesc: `HTTP ${status}${issue === undefined ? '' : ` ${issue}`}` }
}

function purposesOf({ purposes = [], emergency }: Act): JsonObject {
  const codes = purposes.map((code): JsonObject => ({ coding: [{ system: ACT_REASON, code }] }))
  const broken = emergency === undefined ? [] : [{ coding: [{ system: ACT_REASON, code: 'BTG' }], text: emergency }]
  return listed('purposeOfEvent', [...codes, ...broken])
}

function listed(name: string, values: readonly JsonObject[]): JsonObject {
  return values.length === 0 ? {} : { [name]: values }
}

function agentsOf({ who, address, server, purposes = [] }: Act, { pattern }: Kind): readonly JsonObject[] {
  // in the patterns the client of a read is where the data goes; of all else it is where the request comes from
  const [ofClient, ofServer] = pattern === 'Read' ? [DESTINATION, SOURCE] : [SOURCE, DESTINATION]
  const isWriting = pattern === 'Create' || pattern === 'Update' || pattern === 'Delete'
  const user = who === undefined ? [] : [userOf(who, { type: isWriting ? AUTHOR : RECIPIENT, purposes })]
  return [
    { type: typed(ofClient), who: clientOf(who), requestor: who === undefined, ...networkOf(address, '2') },
    { type: typed(ofServer), who: OBSERVER, requestor: false, ...networkOf(server, '5') },
    ...user,
  ]
}

function networkOf(address: string | undefined, type: '2' | '5'): JsonObject {
  return address === undefined ? {} : { network: { address, type } }
}

function typed(coding: Coding): JsonObject {
  return { coding: [coding] }
}

function clientOf(who: Agent | undefined): Reference {
  if (who === undefined) return { display: 'unauthenticated, loopback' }
  return who.client === undefined
    ? { display: 'unnamed application' }
    : { identifier: { system: who.issuer, value: who.client } }
}

interface Using {
  readonly type: Coding
  readonly purposes: readonly string[]
}

function userOf({ issuer, subject, name, fhirUser, roles }: Agent, { type, purposes }: Using): JsonObject {
  const person: Reference = {
    ...(fhirUser !== undefined && { reference: fhirUser }),
    identifier: { system: issuer, value: subject },
    ...(name !== undefined && { display: name }),
  }
  return {
    type: typed(type),
    ...listed('role', roles.map((text) => ({ text }))),
    who: person,
    ...(name !== undefined && { name }),
    requestor: true,
    ...listed('purposeOfUse', purposes.map((code) => typed({ system: ACT_REASON, code }))),
  } // prettier-ignore
}

function entitiesOf(act: Act, kind: Kind): readonly JsonObject[] {
  const { patients = [], what = [], query, request, asked, told } = act
  const role = (code: string): Coding => ({ system: OBJECT_ROLE, code })
  const isPlace =
    asked !== undefined && /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}(?:\/_history\/[A-Za-z0-9.-]+)?$/.test(asked)
  const seen = what.length > 0 || !isPlace || patients.includes(asked) ? what : [asked]
  // in the patterns there is one object alone: what is beside it has no type
  const beside = kind.pattern === undefined ? { type: OBJECT } : {}
  const ofQuery = kind.pattern === 'Query' ? { type: OBJECT } : beside
  // of a query it says what is searched
  const isLoose = query === undefined && what.length === 0 && asked !== undefined && !isPlace
  const searched = asked === undefined ? {} : { description: asked }
  return [
    ...(request === undefined ? [] : [{ what: { identifier: { value: request } }, type: REQUEST }]),
    ...patients.map((name) => ({ what: named(name, 'Patient'), type: PERSON, role: role('1') })),
    ...(query === undefined ? [] : [{ ...ofQuery, role: role('24'), ...searched, query: toBase64(query === '' ? '?' : query) }]),
    ...seen.map((name) => ({ what: named(name), type: typeOf(name, kind), role: role(isDocument(name) ? '3' : '4') })),
    ...(isLoose ? [{ type: OBJECT, role: role('4'), name: asked }] : []),
    ...(told === undefined ? [] : [{ ...beside, role: role('20'), detail: Object.entries(told).map(([type, valueString]) => ({ type, valueString })) }]),
  ] // prettier-ignore
}

/** In the patterns one object is the resource itself; what a search finds must not be taken for its query. */
function typeOf(name: string, { pattern }: Kind): Coding {
  const [, type] = /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9.-]+(?:\/_history\/[^/]+)?$/.exec(name) ?? []
  const isData = pattern !== undefined && pattern !== 'Query'
  return isData || type === undefined ? OBJECT : { system: RESOURCE_TYPE, code: type }
}

function isDocument(name: string): boolean {
  return name.startsWith('Bundle/') || name.includes('|')
}

/** A name as a reference: an address, or an identifier by `system|value`. */
function named(name: string, type?: string): Reference {
  const bar = name.lastIndexOf('|')
  if (bar < 0) return { reference: name }
  const system = name.slice(0, bar)
  return {
    ...(type !== undefined && { type }),
    identifier: { ...(system !== '' && { system }), value: name.slice(bar + 1) },
  }
}
