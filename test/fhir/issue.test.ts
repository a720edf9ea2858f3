/** Issues become OperationOutcomes, and every code has a status. */

import { expect, it } from 'vitest'
import { FhirError, fail } from '../../src/fhir/error.ts'
import { isError, one, outcome, STATUS } from '../../src/fhir/issue.ts'

it('an issue is a row with its rule, text, place and source', () => {
  const [issue] = outcome([
    {
      severity: 'error',
      code: 'invariant',
      text: 'No identifier',
      expression: 'Bundle',
      rule: 'bdl-9',
      source: 'https://hl7.org/fhir/R4/bundle.html',
    },
  ])['issue'] as object[]
  expect(issue).toEqual({
    severity: 'error',
    code: 'invariant',
    details: { coding: [{ system: 'https://fhirdoc.example/CodeSystem/rule', code: 'bdl-9' }], text: 'No identifier' },
    diagnostics: 'See https://hl7.org/fhir/R4/bundle.html',
    expression: ['Bundle'],
  })
})

it('no issue at all is said, for an OperationOutcome has at least one', () => {
  expect(outcome([])['issue']).toEqual([
    { severity: 'information', code: 'informational', details: { text: 'No issue was found' } },
  ])
})

it('the status of a FhirError is that of its first error, not of a warning before it', () => {
  const error = new FhirError([
    { severity: 'warning', code: 'not-found', text: 'w' },
    { severity: 'error', code: 'invariant', text: 'e' },
  ])
  expect(error.status).toBe(422)
  expect(error.issues.filter(isError)).toHaveLength(1)
  expect(fail('not-found', 'x').status).toBe(404)
  expect(Object.values(STATUS).every((status) => status >= 200 && status < 600)).toBe(true)
})

it('a type is told with the article that it is spoken with', () => {
  expect(['Observation', 'Encounter', 'Immunization', 'Patient', 'Bundle'].map(one)).toEqual([
    'an Observation',
    'an Encounter',
    'an Immunization',
    'a Patient',
    'a Bundle',
  ])
})
