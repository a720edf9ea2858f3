/** Whoever logs in is who the provider says, in a form that is understood or not. */

import { expect, it } from 'vitest'
import { grantsOn, rightsOf } from '../../../src/access/rights.ts'
import { callerFrom, type CallerRules } from '../../../src/edge/login/caller.ts'
import type { Json } from '../../../src/fhir/types.ts'

const rules: CallerRules = {
  issuer: 'https://login.example',
  client: 'fhirdoc',
  rolesOf: () => [],
  isOverResources: (scope) => scope.includes('/'),
  purpose: 'TREAT',
}

function patientsOf(claims: Readonly<Record<string, Json>>): readonly unknown[] {
  const caller = callerFrom({ claims: { sub: 's', ...claims }, scope: 'openid user/*.rs', idToken: '' }, rules)
  return grantsOn(rightsOf(caller, 'https://records.example/fhir'), 'r', 'Observation').map(({ patient }) => patient)
}

it.each([
  [{ fhirUser: 'Practitioner/d' }],
  [{ fhirUser: 'https://records.example/fhir/PractitionerRole/d' }],
  [{ profile: 'Practitioner/d' }],
  [{ profile: 'https://people.example/anna' }],
  [{}],
])('one of the staff, or whom nothing tells, may ask for anybody: %j', (claims) => {
  expect(patientsOf(claims)).toEqual([undefined])
})

it.each<[Readonly<Record<string, Json>>]>([
  [{ fhirUser: 'Patient/a/' }],
  [{ fhirUser: ['Practitioner/d'] }],
  [{ fhirUser: 5 }],
  [{ fhirUser: '' }],
  [{ fhirUser: 'Person/d' }],
  [{ fhirUser: 'Patient/a?x', profile: 'Practitioner/d' }],
])('who is said to be somebody that is not understood may ask for nobody: %j', (claims) => {
  expect(patientsOf(claims)).toEqual([])
})

it('a patient may ask for themselves', () => {
  expect(patientsOf({ fhirUser: 'Patient/a' })).toEqual([['a', 'https://records.example/fhir/Patient/a']])
})
