/** Labels withhold what is not asked for with one of their purposes; docs/access.md tells of all tables. */

import { expect, it } from 'vitest'
import { barredFor, LABELS } from '../../src/access/labels.ts'
import { ROLES } from '../../src/access/roles.ts'
import { NEEDS } from '../../src/http/access/needs.ts'
import type { Need } from '../../src/http/access/need.ts'
import { labelsOf } from '../../src/fhir/concern.ts'
import { POLICIES } from './policies.ts'

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'

it.each(LABELS)('$label is seen with each of its purposes, and not without', ({ label, purposes }) => {
  expect(barredFor({ purposes: [] })).toContain(label)
  expect(barredFor({ purposes: ['HPAYMT'] })).toContain(label)
  for (const purpose of purposes) expect(barredFor({ purposes: [purpose] })).not.toContain(label)
})

it('whoever breaks the glass sees what is for emergencies', () => {
  expect(barredFor({ purposes: [], emergency: { reason: 'x' } })).toEqual([])
})

it('a confidentiality that is not known is the highest', () => {
  const of = (system: string | undefined, code: string): readonly string[] => labelsOf({ resourceType: 'Basic', meta: { security: [{ ...(system !== undefined && { system }), code }] } }) // prettier-ignore
  expect(of(CONFIDENTIALITY, 'X')).toEqual(['V'])
  expect(of(undefined, 'R')).toEqual(['R'])
  expect(of('urn:x', 'R')).toEqual(['R'])
  const security = [{ system: CONFIDENTIALITY, display: 'restricted' }]
  expect(labelsOf({ resourceType: 'Basic', meta: { security } })).toEqual(['V'])
})

it('what holds or refers to something bears its labels', () => {
  const contained = [{ resourceType: 'Observation', meta: { security: [{ code: 'HIV' }] } }]
  expect(labelsOf({ resourceType: 'DiagnosticReport', contained })).toEqual(['HIV'])
  const securityLabel = [{ coding: [{ system: CONFIDENTIALITY, code: 'R' }] }, { coding: [{ code: 'PSY' }] }]
  expect(labelsOf({ resourceType: 'DocumentReference', securityLabel })).toEqual(['R', 'PSY'])
})

it('a document bears the labels of all that it holds', () => {
  const entry = [{ resource: { resourceType: 'Composition', confidentiality: 'R' } }, { resource: { resourceType: 'Observation', meta: { security: [{ code: 'HIV' }] } } }] // prettier-ignore
  expect(labelsOf({ resourceType: 'Bundle', type: 'document', entry })).toEqual(['R', 'HIV'])
})

it('docs/access.md is written from the tables', async () => {
  await expect(page()).toMatchFileSnapshot('../../docs/access.md')
})

function page(): string {
  const lines = [
    '# Who may do what',
    '',
    'Written from the tables of the project by a test; the words are those of `src/access`, `src/http/access/needs.ts` and `test/access/policies.ts`.',
    '',
    'A bearer token (or the session of a page) says who asks. Each route needs what its row says; then every single resource that is read, found, counted, included, led through by a chain, put into a document or written passes one check: scopes, the record of the patient of the token, security labels, consents. What may not be seen is as if it were not there.',
    '',
    '## Rules of the check',
    '',
    '- `patient/` scopes are for the one patient of the claim `patient`; `user/` scopes of a user who is a Patient are for that patient alone, those of a RelatedPerson, and of whoever is not one of the staff (Practitioner, PractitionerRole, Organization, Device), for the patient of the claim.',
    "- A resource is in the record of a patient as the CompartmentDefinition says. A Bundle, a Binary, and what else refers to patients without being of any compartment, is in the record of a patient only where it is that patient's alone. What no patient's record has is for all whose scopes name its type.",
    '- An AuditEvent, and a Group, that tells of several patients is in the record of none of them.',
    '- A consent that names an actor by an identifier permits who has it of the same system (the issuer with the subject or client of the token, or the own resource of the user), and denies who has it of any. What a provision names in no way that can be told counts where it denies, and not where it permits.',
    '- A Provenance is seen where all that it is about may be seen, a Binary where its `securityContext` may; a Binary without one is not for tokens of one patient.',
    '- A document is seen where all of it may be seen: every patient, label and consent of its entries counts.',
    '- A version of the past is seen where it, and the resource as it is now, may be seen.',
    '- Constraints of scopes (`?category=…`) are search parameters of the store; one that is not known grants nothing. Of other servers nothing is read by a constrained scope.',
    '- Only `system/` scopes give new resources ids of their own choice (PUT); others create by POST, so that no address tells whether something lies there.',
    '- A scope over all types (`*`) is over AuditEvent only for the role `administer`; else it must be named.',
    '- `X-Emergency-Reason` with a reason, by a caller with the role `read`, lifts consents and the labels that are for emergencies, never scopes or the record of the token.',
    '- A document that something is withheld from is refused with 403, or says so in its section (`FHIRDOC_WITHHELD`).',
    '',
    '## Roles',
    '',
    ...table(['role', 'what it is for'], Object.entries(ROLES)),
    '',
    '## Routes',
    '',
    ...table(
      ['route', 'scopes', 'role', 'role to store'],
      Object.entries(NEEDS).map(([route, need]) => [
        `\`${route}\``,
        scopesOf(need),
        need.role ?? '',
        need.writing ?? '',
      ]),
    ),
    '',
    '## Security labels',
    '',
    ...table(
      ['label', 'what it says', 'purposes (v3-PurposeOfUse)'],
      LABELS.map(({ label, text, purposes }) => [label, text, purposes.join(', ')]),
    ),
    '',
    '## Consents',
    '',
    'Where no Consent says anything `FHIRDOC_CONSENT_DEFAULT` counts (`permit`). Consents bind everybody, the patient too.',
    '',
    ...table(
      ['id', 'policy', 'source'],
      POLICIES.map(({ id, text, source }) => [id, text, `<${source}>`]),
    ),
    '',
  ]
  return lines.join('\n')
}

function scopesOf({ isPublic, scopes = [] }: Need): string {
  if (isPublic === true) return 'public'
  return scopes.map(({ letters, type }) => `\`${type ?? 'type of the path'}.${letters}\``).join(' ') || 'any caller'
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)]
}
