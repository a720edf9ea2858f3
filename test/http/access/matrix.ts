/** The matrix: for each route, how it is asked about something, so that what is hidden can be asked for like what is not there. */

import type { Sent } from './access-service.ts'

/** What is asked about: ids of each type, whether they are there, hidden, or not there. */
export interface Subject {
  readonly Patient: string
  readonly Observation: string
  readonly Composition: string
  readonly Bundle: string
  readonly Binary: string
  readonly Encounter: string
}

/** How a route is asked. */
export interface Row {
  readonly ask: (subject: Subject) => Sent
  /** Nothing is said of what is stored: what is asked about came with the request. */
  readonly isOfItself?: true
  /** It is answered by what the service is, to everybody. */
  readonly isPublic?: true
  /** For those who administer it reaches what they may not read: what is erased on lawful request is nobody's secret to keep. */
  readonly isForAll?: true
  /** The office without which it is not for the caller. */
  readonly role?: true
}

const JSON_PATCH = { 'Content-Type': 'application/json-patch+json' }
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' }

const get = (path: (subject: Subject) => string): Row => ({ ask: (subject) => ({ path: path(subject) }) })
const post = (path: (subject: Subject) => string): Row => ({
  ask: (subject) => ({ method: 'POST', path: path(subject) }),
})
const sent = (path: string, body: object, headers: Readonly<Record<string, string>> = {}): Row => ({
  ask: () => ({ method: 'POST', path, body, headers }),
  isOfItself: true,
})

const OBSERVATION = {
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'Pulse' },
  subject: { reference: 'Patient/nobody' },
} as const
const observation = (id: string): object => ({ ...OBSERVATION, id })
const binary = (id: string): object => ({ resourceType: 'Binary', id, contentType: 'text/plain', data: 'QQ==' })
const NO_DOCUMENT = { resourceType: 'Bundle', type: 'document' } as const
const PATCH = [{ op: 'replace', path: '/status', value: 'amended' }] as const

const document =
  (suffix: string) =>
  (subject: Subject): string =>
    `/fhir/Bundle/${subject.Bundle}/${suffix}`

/** By method and path: a route that has no row fails the test. */
export const MATRIX: Readonly<Record<string, Row>> = {
  'POST /fhir/$compose': { ...sent('/fhir/$compose', { resourceType: 'Bundle', type: 'collection' }), role: true },
  'POST /fhir/$convert': sent('/fhir/$convert', OBSERVATION),
  'GET /fhir/Composition/:id/$document': get(({ Composition }) => `/fhir/Composition/${Composition}/$document`),
  'POST /fhir/Composition/:id/$document': post(({ Composition }) => `/fhir/Composition/${Composition}/$document?persist=true`),
  'GET /fhir/Composition/$document': get(({ Composition }) => `/fhir/Composition/$document?id=${Composition}`),
  'POST /fhir/Composition/$document': post(({ Composition }) => `/fhir/Composition/$document?id=${Composition}`),
  'POST /fhir/Bundle/$validate': sent('/fhir/Bundle/$validate', NO_DOCUMENT),
  'GET /fhir/Bundle/:id/$validate': get(document('$validate')),
  'POST /fhir/Bundle/:id/$validate': post(document('$validate')),
  'POST /fhir/:type/$validate': sent('/fhir/Observation/$validate', OBSERVATION),
  'GET /fhir/:type/:id/$validate': get(({ Observation }) => `/fhir/Observation/${Observation}/$validate`),
  'POST /fhir/:type/:id/$validate': post(({ Observation }) => `/fhir/Observation/${Observation}/$validate`),
  'POST /fhir/Bundle/$sign': { ...sent('/fhir/Bundle/$sign', NO_DOCUMENT), role: true },
  'POST /fhir/Bundle/:id/$sign': { ...post(document('$sign')), role: true },
  'POST /fhir/Bundle/$verify': sent('/fhir/Bundle/$verify', NO_DOCUMENT),
  'GET /fhir/Bundle/:id/$verify': get(document('$verify')),
  'POST /fhir/Bundle/:id/$verify': post(document('$verify')),
  'POST /fhir/Bundle/$render': sent('/fhir/Bundle/$render', NO_DOCUMENT),
  'GET /fhir/Bundle/:id/$render': get(document('$render')),
  'POST /fhir/Bundle/:id/$render': post(document('$render')),
  'POST /fhir/$extract': { ask: () => ({ method: 'POST', path: '/fhir/$extract', body: '%PDF-1.7', headers: { 'Content-Type': 'application/pdf' } }), isOfItself: true },
  'POST /fhir/$octets': sent('/fhir/$octets', NO_DOCUMENT),
  'GET /fhir/Bundle/:id/$receipt': get(document('$receipt')),
  'POST /fhir/Bundle/:id/$receipt': post(document('$receipt')),
  'GET /fhir/Bundle/:id/$original': get(document('$original')),
  'POST /fhir/Bundle/:id/$original': post(document('$original')),
  'GET /fhir/Patient/:id/$everything': get(({ Patient }) => `/fhir/Patient/${Patient}/$everything`),
  'POST /fhir/Patient/:id/$everything': post(({ Patient }) => `/fhir/Patient/${Patient}/$everything`),
  'GET /fhir/Patient/:id/$summary': get(({ Patient }) => `/fhir/Patient/${Patient}/$summary`),
  'POST /fhir/Patient/:id/$summary': post(({ Patient }) => `/fhir/Patient/${Patient}/$summary?persist=true`),
  'GET /fhir/Patient/$summary': get(({ Patient }) => `/fhir/Patient/$summary?identifier=urn:a|${Patient}`),
  'POST /fhir/Patient/$summary': post(({ Patient }) => `/fhir/Patient/$summary?identifier=urn:a|${Patient}`),
  'GET /fhir/Encounter/:id/$discharge-report': get(({ Encounter }) => `/fhir/Encounter/${Encounter}/$discharge-report`),
  'POST /fhir/Encounter/:id/$discharge-report': post(({ Encounter }) => `/fhir/Encounter/${Encounter}/$discharge-report`),
  'GET /fhir/DocumentReference/$docref': get(({ Patient }) => `/fhir/DocumentReference/$docref?patient=${Patient}`),
  'POST /fhir/DocumentReference/$docref': post(({ Patient }) => `/fhir/DocumentReference/$docref?patient=${Patient}`),
  'POST /fhir/:type/:id/$erase': { ...post(({ Observation }) => `/fhir/Observation/${Observation}/$erase?reason=x&basis=y`), role: true, isForAll: true },
  'POST /fhir/:type/:id/$hold': { ...post(({ Observation }) => `/fhir/Observation/${Observation}/$hold?reason=x`), role: true, isForAll: true },
  'POST /fhir/:type/:id/$release': { ...post(({ Observation }) => `/fhir/Observation/${Observation}/$release?reason=x`), role: true, isForAll: true },
  'GET /fhir/Bundle/$due': { ...get(() => '/fhir/Bundle/$due'), role: true },
  'POST /fhir/Bundle/$due': { ...post(() => '/fhir/Bundle/$due'), role: true },
  'POST /fhir/Bundle/$erase-due': { ...post(() => '/fhir/Bundle/$erase-due?reason=x&basis=y'), role: true },
  'GET /fhir/Binary/:id': get(({ Binary }) => `/fhir/Binary/${Binary}`),
  'GET /fhir/Binary/:id/_history/:vid': get(({ Binary }) => `/fhir/Binary/${Binary}/_history/1`),
  'PUT /fhir/Binary/:id': { ask: ({ Binary }) => ({ method: 'PUT', path: `/fhir/Binary/${Binary}`, body: binary(Binary) }) },
  'POST /fhir/Binary': { ask: () => ({ method: 'POST', path: '/fhir/Binary', body: binary('x'), headers: { Prefer: 'return=minimal' } }), isOfItself: true },
  'GET /fhir/:type/:id': get(({ Observation }) => `/fhir/Observation/${Observation}`),
  'GET /fhir/:type/:id/_history/:vid': get(({ Observation }) => `/fhir/Observation/${Observation}/_history/1`),
  'PUT /fhir/:type/:id': { ask: ({ Observation }) => ({ method: 'PUT', path: `/fhir/Observation/${Observation}`, body: observation(Observation) }) },
  'PATCH /fhir/:type/:id': { ask: ({ Observation }) => ({ method: 'PATCH', path: `/fhir/Observation/${Observation}`, body: PATCH, headers: JSON_PATCH }) },
  'DELETE /fhir/:type/:id': { ask: ({ Observation }) => ({ method: 'DELETE', path: `/fhir/Observation/${Observation}` }) },
  'GET /fhir/:type/:id/_history': get(({ Observation }) => `/fhir/Observation/${Observation}/_history`),
  'GET /fhir/:type/_history': get(() => '/fhir/Observation/_history'),
  'GET /fhir/_history': get(() => '/fhir/_history'),
  'POST /fhir/:type': { ask: ({ Observation }) => ({ method: 'POST', path: '/fhir/Observation', body: OBSERVATION, headers: { Prefer: 'return=minimal', 'If-None-Exist': `_id=${Observation}` } }), isOfItself: true },
  'PUT /fhir/:type': { ask: ({ Observation }) => ({ method: 'PUT', path: `/fhir/Observation?_id=${Observation}`, body: observation(Observation) }) },
  'PATCH /fhir/:type': { ask: ({ Observation }) => ({ method: 'PATCH', path: `/fhir/Observation?_id=${Observation}`, body: PATCH, headers: JSON_PATCH }) },
  'DELETE /fhir/:type': { ask: ({ Observation }) => ({ method: 'DELETE', path: `/fhir/Observation?_id=${Observation}` }) },
  'GET /fhir/:type': get(({ Observation }) => `/fhir/Observation?_id=${Observation}&_include=*&_revinclude=*`),
  'POST /fhir/:type/_search': { ask: ({ Observation }) => ({ method: 'POST', path: '/fhir/Observation/_search', body: `_id=${Observation}`, headers: FORM }) },
  'GET /fhir/Patient/:id/:type': get(({ Patient, Observation }) => `/fhir/Patient/${Patient}/Observation?_id=${Observation}`),
  'POST /fhir/Patient/:id/:type/_search': { ask: ({ Patient, Observation }) => ({ method: 'POST', path: `/fhir/Patient/${Patient}/Observation/_search`, body: `_id=${Observation}`, headers: FORM }) },
  'GET /fhir': get(({ Observation }) => `/fhir?_id=${Observation}`),
  'POST /fhir/_search': { ask: ({ Observation }) => ({ method: 'POST', path: '/fhir/_search', body: `_id=${Observation}`, headers: FORM }) },
  'POST /fhir': {
    ask: ({ Observation, Bundle, Patient }) => ({
      method: 'POST',
      path: '/fhir',
      body: {
        resourceType: 'Bundle',
        type: 'batch',
        entry: [
          { request: { method: 'GET', url: `Observation/${Observation}` } },
          { request: { method: 'GET', url: `Observation?_id=${Observation}` } },
          { request: { method: 'GET', url: `Patient/${Patient}` } },
          { request: { method: 'GET', url: `Bundle/${Bundle}/_history` } },
          { request: { method: 'DELETE', url: `Observation/${Observation}` } },
          { request: { method: 'PUT', url: `Observation/${Observation}` }, resource: observation(Observation) },
        ],
      },
    }),
  },
  'GET /fhir/metadata': { ...get(() => '/fhir/metadata'), isPublic: true },
  'GET /fhir/OperationDefinition/:id': get(({ Observation }) => `/fhir/OperationDefinition/${Observation}`),
  'GET /openapi.json': { ...get(() => '/openapi.json'), isPublic: true },
  'GET /healthz': { ...get(() => '/healthz'), isPublic: true },
  'GET /readyz': { ...get(() => '/readyz'), isPublic: true },
  'GET /.well-known/smart-configuration': { ...get(() => '/.well-known/smart-configuration'), isPublic: true },
  'GET /fhir/.well-known/smart-configuration': { ...get(() => '/fhir/.well-known/smart-configuration'), isPublic: true },
  'GET /metrics': { ...get(() => '/metrics'), role: true },
} // prettier-ignore
