/** The policies of consents as rows: what a Consent says, who asks for what, and the answer; docs/access.md is written from them. */

import type { JsonObject } from '../../src/fhir/types.ts'

export interface PolicyRow {
  readonly id: string
  readonly text: string
  readonly source: string
  /** What the consents of the patient provide; more than one where there are several. */
  readonly provisions: readonly JsonObject[]
  readonly members?: JsonObject
  readonly asks?: { readonly fhirUser?: string; readonly purposes?: readonly string[]; readonly emergency?: true }
  readonly about?: JsonObject
  readonly ruling: 'permit' | 'deny' | undefined
}

const PAGE = 'https://hl7.org/fhir/R4/consent-definitions.html#Consent'
const OBSERVATION = {
  resourceType: 'Observation',
  id: 'o',
  code: { coding: [{ system: 'http://loinc.org', code: '55277-8' }] },
  subject: { reference: 'Patient/p' },
  encounter: { reference: 'Encounter/e' },
  effectiveDateTime: '2026-02-01',
  meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' }] },
} as const

const DENY = { type: 'deny' } as const
const PERMIT = { type: 'permit' } as const
const actor = (reference: string): JsonObject => ({ actor: [{ role: { text: 'x' }, reference: { reference } }] })
const purpose = (code: string): JsonObject => ({ purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code }] }) // prettier-ignore
/** What a provision is about, told in words or otherwise so that no program can tell it. */
const UNCLEAR: readonly JsonObject[] = [
  { class: [{ display: 'Laboratory' }] },
  { code: [{ text: 'HIV' }] },
  { securityLabel: [{ display: 'secret' }] },
  { purpose: [{ display: 'research' }] },
  { action: [{ text: 'look at' }] },
  { data: [{ meaning: 'instance', reference: { display: 'the report of March' } }] },
]
const row = (id: string, text: string, element: string, rest: Omit<PolicyRow, 'id' | 'text' | 'source'>): PolicyRow => ({ id, text, source: `${PAGE}.${element}`, about: OBSERVATION, ...rest }) // prettier-ignore

export const POLICIES: readonly PolicyRow[] = [
  row('con-1', 'A consent that denies without saying what denies all', 'provision.type', { provisions: [DENY], ruling: 'deny' }),
  row('con-2', 'A consent that permits without saying what permits all', 'provision.type', { provisions: [PERMIT], ruling: 'permit' }),
  row('con-3', 'Of several consents one that denies wins', 'provision.type', { provisions: [PERMIT, DENY], ruling: 'deny' }),
  row('con-4', 'A consent that is not active says nothing', 'status', { provisions: [DENY], members: { status: 'inactive' }, ruling: undefined }),
  row('con-5', 'A consent to treatment or an advance directive says nothing of data', 'scope', { provisions: [DENY], members: { scope: { coding: [{ code: 'treatment' }] } }, ruling: undefined }),
  row('con-6', 'Without a type the policy of the consent counts: who opted out denies', 'policyRule', { provisions: [{}], members: { policyRule: { coding: [{ code: 'OPTOUT' }] } }, ruling: 'deny' }),
  row('con-7', 'A provision within another is an exception to it', 'provision.provision', { provisions: [{ ...DENY, provision: [{ ...PERMIT, ...actor('Practitioner/d') }] }], ruling: 'permit' }),
  row('con-8', 'Of exceptions beside each other one that denies wins', 'provision.provision', { provisions: [{ ...PERMIT, provision: [{ ...PERMIT, class: [{ code: 'Observation' }] }, { ...DENY, class: [{ code: 'Observation' }] }] }], ruling: 'deny' }),
  row('con-9', 'A denial of somebody else says nothing', 'provision.actor', { provisions: [{ ...DENY, ...actor('Practitioner/x') }], ruling: undefined }),
  row('con-10', 'A denial of whoever asks denies', 'provision.actor', { provisions: [{ ...DENY, ...actor('Practitioner/d') }], ruling: 'deny' }),
  row('con-11', 'A denial for another purpose says nothing', 'provision.purpose', { provisions: [{ ...DENY, ...purpose('HRESCH') }], asks: { purposes: ['TREAT'] }, ruling: undefined }),
  row('con-12', 'A denial for the purpose that is stated denies', 'provision.purpose', { provisions: [{ ...DENY, ...purpose('HRESCH') }], asks: { purposes: ['HRESCH'] }, ruling: 'deny' }),
  row('con-13', 'Whoever states no purpose asks for treatment', 'provision.purpose', { provisions: [{ ...DENY, ...purpose('TREAT') }], asks: { purposes: [] }, ruling: 'deny' }),
  row('con-14', 'A purpose lies within a wider one', 'provision.purpose', { provisions: [{ ...DENY, ...purpose('TREAT') }], asks: { purposes: ['ETREAT'] }, ruling: 'deny' }),
  row('con-15', 'A denial of a type denies resources of it', 'provision.class', { provisions: [{ ...DENY, class: [{ code: 'Observation' }] }], ruling: 'deny' }),
  row('con-16', 'A denial of another type says nothing', 'provision.class', { provisions: [{ ...DENY, class: [{ code: 'Condition' }] }], ruling: undefined }),
  row('con-17', 'A denial of a code denies what bears it anywhere', 'provision.code', { provisions: [{ ...DENY, code: [{ coding: [{ system: 'http://loinc.org', code: '55277-8' }] }] }], ruling: 'deny' }),
  row('con-18', 'A denial of a code of another system says nothing', 'provision.code', { provisions: [{ ...DENY, code: [{ coding: [{ system: 'http://snomed.info/sct', code: '55277-8' }] }] }], ruling: undefined }),
  row('con-19', 'A denial of a label denies what bears it', 'provision.securityLabel', { provisions: [{ ...DENY, securityLabel: [{ code: 'HIV' }] }], ruling: 'deny' }),
  row('con-20', 'A denial of an instance denies that', 'provision.data', { provisions: [{ ...DENY, data: [{ meaning: 'instance', reference: { reference: 'Observation/o' } }] }], ruling: 'deny' }),
  row('con-21', 'A denial of what depends on something denies what refers to it', 'provision.data', { provisions: [{ ...DENY, data: [{ meaning: 'dependents', reference: { reference: 'Encounter/e' } }] }], ruling: 'deny' }),
  row('con-22', 'A denial of an instance says nothing of what refers to it', 'provision.data', { provisions: [{ ...DENY, data: [{ meaning: 'instance', reference: { reference: 'Encounter/e' } }] }], ruling: undefined }),
  row('con-23', 'A denial of a time denies what is of it', 'provision.dataPeriod', { provisions: [{ ...DENY, dataPeriod: { start: '2026-01-01', end: '2026-03-01' } }], ruling: 'deny' }),
  row('con-24', 'A denial of another time says nothing', 'provision.dataPeriod', { provisions: [{ ...DENY, dataPeriod: { end: '2025-01-01' } }], ruling: undefined }),
  row('con-25', 'A denial of a time denies what does not say of when it is', 'provision.dataPeriod', { provisions: [{ ...DENY, dataPeriod: { end: '2025-01-01' } }], about: { resourceType: 'Observation', id: 'o', subject: { reference: 'Patient/p' } }, ruling: 'deny' }),
  row('con-26', 'A permission of a time says nothing of what does not say of when it is', 'provision.dataPeriod', { provisions: [{ ...PERMIT, dataPeriod: { end: '2025-01-01' } }], about: { resourceType: 'Observation', id: 'o', subject: { reference: 'Patient/p' } }, ruling: undefined }),
  row('con-27', 'A provision that is over, or not begun, says nothing', 'provision.period', { provisions: [{ ...DENY, period: { end: '2020-01-01' } }], ruling: undefined }),
  row('con-28', 'A provision about collecting or correcting alone says nothing of seeing', 'provision.action', { provisions: [{ ...DENY, action: [{ coding: [{ code: 'collect' }] }] }], ruling: undefined }),
  row('con-29', 'Where several things are named all of them must hold', 'provision', { provisions: [{ ...DENY, class: [{ code: 'Observation' }], ...actor('Practitioner/x') }], ruling: undefined }),
  row('con-30', 'A permission of a time permits what is of it', 'provision.dataPeriod', { provisions: [{ ...PERMIT, dataPeriod: { start: '2026-02', end: '2026-02-01' } }], ruling: 'permit' }),
  row('con-31', 'A permission of a time says nothing of the day after it', 'provision.dataPeriod', { provisions: [{ ...PERMIT, dataPeriod: { end: '2026-01-31' } }], ruling: undefined }),
  row('con-32', 'A permission of a time says nothing of what may be of another', 'provision.dataPeriod', { provisions: [{ ...PERMIT, dataPeriod: { start: '2026-01-01', end: '2026-03-01' } }], about: { resourceType: 'Observation', id: 'o', subject: { reference: 'Patient/p' }, effectiveDateTime: '2026' }, ruling: undefined }),
  row('con-33', 'A permission of a time says nothing of what is partly of another', 'provision.dataPeriod', { provisions: [{ ...PERMIT, dataPeriod: { end: '2026-03-01' } }], about: { resourceType: 'Encounter', id: 'e', subject: { reference: 'Patient/p' }, period: { start: '2026-02-01' } }, ruling: undefined }),
  row('con-34', 'A permission of what is named in no way that can be told permits nothing', 'provision', { provisions: UNCLEAR.map((what) => ({ ...PERMIT, ...what })), ruling: undefined }),
  ...UNCLEAR.map((what, at) => row(`con-35-${at + 1}`, `A denial of what is named in no way that can be told denies (${Object.keys(what).join()})`, 'provision', { provisions: [{ ...DENY, ...what }], ruling: 'deny' })),
  row('con-36', 'A permission of something, and of what cannot be told, permits that alone', 'provision.class', { provisions: [{ ...PERMIT, class: [{ code: 'Observation' }, { display: 'x' }] }], ruling: 'permit' }),
  row('con-37', 'A denial for research denies each kind of it', 'provision.purpose', { provisions: [{ ...DENY, ...purpose('HRESCH') }], asks: { purposes: ['CLINTRCHPC'] }, ruling: 'deny' }),
  row('con-38', 'A permission for treatment says nothing of operations of the house', 'provision.purpose', { provisions: [{ ...PERMIT, ...purpose('TREAT') }], asks: { purposes: ['CAREMGT'] }, ruling: undefined }),
  row('con-39', 'A denial of an action that is not known to show nothing denies', 'provision.action', { provisions: [{ ...DENY, action: [{ coding: [{ system: 'urn:x', code: 'look-at' }] }] }], ruling: 'deny' }),
  row('con-40', 'A permission of an action that is not known permits nothing', 'provision.action', { provisions: [{ ...PERMIT, action: [{ coding: [{ system: 'urn:x', code: 'look-at' }] }] }], ruling: undefined }),
] // prettier-ignore
