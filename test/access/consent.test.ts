/** What consents say, policy by policy. */

import { expect, it } from 'vitest'
import { joined, ruleFor, ruleOf, rulingOf, uniform } from '../../src/access/consent.ts'
import { partsOf } from '../../src/access/matter.ts'
import type { Resource } from '../../src/fhir/types.ts'
import { POLICIES, type PolicyRow } from './policies.ts'

const NOW = '2026-03-01T10:00:00Z'

function consents({ provisions, members }: PolicyRow): readonly Resource[] {
  return provisions.map((provision) => ({
    resourceType: 'Consent',
    status: 'active',
    scope: { coding: [{ code: 'patient-privacy' }] },
    patient: { reference: 'Patient/p' },
    provision,
    ...members,
  }))
}

it.each(POLICIES)('$id: $text', (row) => {
  const { asks, about, ruling } = row
  const asker = {
    names: new Set([asks?.fhirUser ?? 'Practitioner/d']),
    purposes: asks?.purposes ?? ['TREAT'],
    now: NOW,
  }
  const rules = consents(row).flatMap((one) => {
    const rule = ruleOf(one)
    return rule === undefined ? [] : (ruleFor(rule, asker) ?? [])
  })
  const [part] = partsOf(about as unknown as Resource, 'https://a.example/fhir')
  if (part === undefined) throw new TypeError('A resource has a part')
  expect(joined(rules.map((rule) => rulingOf(rule, part)))).toBe(ruling)
  const whole = uniform(rules)
  if (whole !== 'by part') expect(whole).toBe(ruling)
})

it('each policy has an id of its own', () => {
  expect(new Set(POLICIES.map(({ id }) => id)).size).toBe(POLICIES.length)
})
