/**
 * Acts as AuditEvents: each kind is valid, and keeps the pattern of IHE that it claims.
 * @see https://profiles.ihe.net/ITI/BALP/1.1.3/content.html
 */

import { expect, it } from 'vitest'
import type { Act } from '../../src/audit/act.ts'
import { lineOf } from '../../src/audit/act.ts'
import { auditEventOf } from '../../src/audit/event.ts'
import { KINDS } from '../../src/audit/kinds.ts'
import { checkResource } from '../../src/check/resource.ts'
import type { JsonObject, Resource } from '../../src/fhir/types.ts'
import { designOf } from '../../src/main/design.ts'
import { readSettings } from '../../src/settings.ts'

const design = await designOf(readSettings({}))

const WHO = { issuer: 'https://id.example', subject: 'mira', name: 'Mira', client: 'ward', fhirUser: 'Practitioner/m', roles: ['read'] } as const // prettier-ignore
const BASE: Act = { at: '2026-03-01T10:00:00.000Z', kind: 'read', outcome: '0', route: 'GET /x', request: 'r', address: '10.0.0.1', server: 'https://records.example/fhir' } // prettier-ignore

/** Acts of each shape, whatever their kind. */
const SHAPES: readonly (readonly [string, Partial<Act>])[] = [
  ['of one patient', { who: WHO, asked: 'Observation/1', patients: ['Patient/1'], what: ['Observation/1/_history/1'] }],
  ['of nobody', { who: WHO, asked: 'Practitioner/1', what: ['Practitioner/1/_history/1'] }],
  ['of the patient itself', { who: WHO, asked: 'Patient/1', patients: ['Patient/1'], what: ['Patient/1/_history/1'] }],
  ['of a patient elsewhere', { who: WHO, patients: ['urn:a|7'], what: ['Bundle/1/_history/1'] }],
  ['of two patients', { who: WHO, patients: ['Patient/1', 'Patient/2'], what: ['List/1/_history/1'] }],
  ['of a document by its identifier', { who: WHO, patients: ['Patient/1'], what: ['urn:ietf:rfc:3986|urn:uuid:1'] }],
  ['read with an option', { who: WHO, asked: 'Observation/1', query: '_format=json', patients: ['Patient/1'], what: ['Observation/1/_history/1'] }],
  ['with a query', { who: WHO, asked: 'Observation', query: 'patient=1&code=x', patients: ['Patient/1'], what: ['Observation/1/_history/1', 'Observation/2/_history/1'] }],
  ['with a query that finds nothing', { who: WHO, asked: 'Observation', query: 'code=x' }],
  ['with an empty query', { who: WHO, asked: 'Observation', query: '' }],
  ['by nobody known', { asked: 'Observation/1', what: ['Observation/1/_history/1'] }],
  ['for a purpose', { who: WHO, purposes: ['TREAT'], patients: ['Patient/1'], what: ['Observation/1/_history/1'] }],
  ['in an emergency', { who: WHO, purposes: ['TREAT'], emergency: 'unconscious', patients: ['Patient/1'], what: ['Observation/1/_history/1'] }],
  ['that was denied', { who: WHO, asked: 'Observation/1', outcome: '8', status: 403, issue: 'forbidden' }],
  ['that failed', { who: WHO, asked: 'Observation/1', outcome: '4', status: 404, issue: 'not-found' }],
  ['with what an administrator says', { who: WHO, asked: 'Bundle/1', told: { reason: 'law', basis: 'x' }, what: ['Bundle/1/_history/1'] }],
] // prettier-ignore

interface Coded {
  readonly system?: string
  readonly code?: string
}
const listIn = (event: Resource, name: string): readonly JsonObject[] => (event[name] ?? []) as readonly JsonObject[]
const codeOf = (value: unknown): string => {
  const { coding = [], ...own } = (value ?? {}) as Coded & { readonly coding?: readonly Coded[] }
  const { system = '', code = '' } = coding[0] ?? own
  return `${system.split('/').at(-1) ?? ''}#${code}`
}

/** What a pattern asks for: the roles of client and server, the subtypes one of which is needed, the action. */
const PATTERNS: Readonly<Record<string, { readonly agents: readonly [string, string]; readonly subtypes: readonly string[]; readonly action: string; readonly user: readonly string[] }>> = {
  Read: { agents: ['DCM#110152', 'DCM#110153'], subtypes: ['read', 'vread'], action: 'R', user: ['IRCP'] },
  Query: { agents: ['DCM#110153', 'DCM#110152'], subtypes: ['search', 'search-type', 'search-system'], action: 'E', user: ['IRCP'] },
  Create: { agents: ['DCM#110153', 'DCM#110152'], subtypes: ['create'], action: 'C', user: ['AUT', 'INF', 'CST'] },
  Update: { agents: ['DCM#110153', 'DCM#110152'], subtypes: ['update', 'patch'], action: 'U', user: ['AUT', 'INF', 'CST'] },
  Delete: { agents: ['DCM#110153', 'DCM#110152'], subtypes: ['delete'], action: 'D', user: ['AUT', 'INF', 'CST'] },
} // prettier-ignore

/** What in an event breaks the pattern that it claims; nothing where it claims none. */
function broken(event: Resource): readonly string[] {
  const [profile = ''] = event.meta?.profile ?? []
  const [, patient, name = ''] = /\.(Patient)?(\w+)$/.exec(profile) ?? []
  const pattern = PATTERNS[name]
  if (profile === '') return []
  if (pattern === undefined) return ['a pattern that is none']
  const [agents, entities] = [listIn(event, 'agent'), listIn(event, 'entity')]
  const ofType = (code: string): readonly JsonObject[] => entities.filter(({ type }) => codeOf(type) === code)
  const [objects, people] = [ofType('audit-entity-type#2'), ofType('audit-entity-type#1')]
  const [client, server] = pattern.agents.map((code) => agents.filter(({ type }) => codeOf(type) === code))
  const users = agents.filter(({ network }) => network === undefined)
  const [object] = objects
  const rules: readonly (readonly [string, boolean])[] = [
    ['type', codeOf(event['type']) === 'audit-event-type#rest'],
    ['subtype', listIn(event, 'subtype').some((one) => pattern.subtypes.some((code) => one['code'] === code))],
    ['action', event['action'] === pattern.action],
    ['outcome', event['outcome'] === '0'],
    ['client', client?.length === 1 && client.every(({ who, network }) => who !== undefined && network !== undefined)],
    ['server', server?.length === 1 && server.every(({ who, network }) => who !== undefined && network !== undefined)],
    ['user', users.length <= 1 && users.every((one) => one['requestor'] === true && one['who'] !== undefined && pattern.user.includes(codeOf(one['type']).split('#')[1] ?? ''))],
    ['one object', objects.length === 1],
    ['patient', people.length === (patient === undefined ? 0 : 1)],
    ['a reference to the patient', people.every(({ what }) => /(?:^|\/)Patient\//.test((what as { readonly reference?: string }).reference ?? ''))],
    ['the role of the object', name === 'Query' ? codeOf(object?.['role']) === 'object-role#24' : ['4', '3', '20'].includes(codeOf(object?.['role']).split('#')[1] ?? '')],
    ['the object', name === 'Query' ? object?.['what'] === undefined && object?.['query'] !== undefined && object['detail'] === undefined : object?.['what'] !== undefined],
    ['the request', entities.filter(({ type }) => codeOf(type).endsWith('#XrequestId')).length <= 1],
  ] // prettier-ignore
  return rules.flatMap(([rule, holds]) => (holds ? [] : [`${profile}: ${rule}`]))
}

it.each(Object.keys(KINDS))('%s is valid, and keeps the pattern that it claims', (kind) => {
  for (const [shape, members] of SHAPES) {
    const event = auditEventOf({ text: lineOf({ ...BASE, ...members, kind }), digest: 'a'.repeat(64) })
    const issues = checkResource(event, design.checks).filter(({ severity }) => severity === 'error' || severity === 'fatal') // prettier-ignore
    expect(
      issues.map(({ text, expression }) => `${expression ?? ''} ${text}`),
      shape,
    ).toEqual([])
    expect(broken(event), shape).toEqual([])
  }
})

it('claims a pattern for each successful interaction on one resource of one patient', () => {
  const profileOf = (kind: string, members: Partial<Act>): string | undefined =>
    auditEventOf({ text: lineOf({ ...BASE, ...members, kind }), digest: 'a'.repeat(64) }).meta?.profile?.[0]?.split('.').at(-1) // prettier-ignore
  const one = { who: WHO, asked: 'Observation/1', patients: ['Patient/1'], what: ['Observation/1/_history/1'] }
  expect(['read', 'vread', 'create', 'update', 'patch', 'delete', '$document'].map((kind) => profileOf(kind, one))).toEqual(
    ['PatientRead', 'PatientRead', 'PatientCreate', 'PatientUpdate', 'PatientUpdate', 'PatientDelete', undefined],
  ) // prettier-ignore
  expect(profileOf('read', { ...one, query: '_format=json' })).toBe('PatientRead')
  expect(profileOf('search-type', { ...one, query: 'patient=1' })).toBe('PatientQuery')
  expect(profileOf('search-type', { who: WHO, asked: 'Practitioner', query: 'name=x' })).toBe('Query')
  expect(profileOf('read', { ...one, outcome: '8', status: 403 })).toBeUndefined()
})
