import { describe, expect, test } from 'vitest'
import type { Terminology } from '../../../src/check/profile/terminology.ts'
import type { JsonObject } from '../../../src/fhir/types.ts'
import { claiming, found, issuesOf, profile } from './profiling.ts'

const AT = 'Bundle.entry[0].resource.code'
const VALUE_SET = 'http://example.org/fhir/ValueSet/ab'

/** Knows the codes a and b, and nothing of c. */
const terminology: Terminology = {
  judge: (valueSet, { code = '' }) =>
    valueSet !== VALUE_SET || code === 'c' ? 'unknown' : ['a', 'b'].includes(code) ? 'in' : 'out',
}

const bound = (binding: JsonObject): Parameters<typeof found>[1] => ({
  structures: [profile('p', 'Observation', [{ id: 'Observation.code', min: 1, max: '1', binding }])],
  terminology,
})
const coded = (...codes: readonly string[]): JsonObject =>
  claiming('p', { resourceType: 'Observation', code: { coding: codes.map((code) => ({ system: 'urn:s', code })) } })

describe('A binding of a profile', () => {
  const required = bound({ strength: 'required', valueSet: VALUE_SET })

  test('that is required is kept by one code of the value set', () => {
    expect(found([coded('x', 'a')], required)).toEqual([])
    expect(found([coded('x', 'y')], required)).toEqual([`profile-required-binding ${AT}`])
  })

  test('that is required wants a code where there is a text alone', () => {
    const text = claiming('p', { resourceType: 'Observation', code: { text: 'x' } })
    expect(found([text], required)).toEqual([`profile-required-binding ${AT}`])
  })

  test('says nothing where it cannot be told', () => {
    expect(found([coded('c')], required)).toEqual([])
    expect(found([coded('x')], bound({ strength: 'required', valueSet: 'urn:other' }))).toEqual([])
  })

  test('that is extensible warns', () => {
    expect(issuesOf([coded('x')], bound({ strength: 'extensible', valueSet: VALUE_SET }))).toMatchObject([
      { severity: 'warning', rule: 'profile-extensible-binding', expression: AT },
    ])
  })

  test('that is preferred or an example asks nothing', () => {
    expect(found([coded('x')], bound({ strength: 'preferred', valueSet: VALUE_SET }))).toEqual([])
    expect(found([coded('x')], bound({ strength: 'example', valueSet: VALUE_SET }))).toEqual([])
  })

  test('has a greatest value set, outside of which no code may be', () => {
    const url = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet'
    const extension = [{ url, valueCanonical: VALUE_SET }]
    const most = bound({ strength: 'preferred', valueSet: 'urn:other', extension })
    expect(found([coded('a')], most)).toEqual([])
    expect(found([coded('x')], most)).toEqual([`profile-required-binding ${AT}`])
  })
})
