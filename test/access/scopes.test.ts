/** Scopes are read as SMART App Launch has them; what is not understood grants nothing. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isConstraining, LETTERS, parseScope, scopeText, type Scope } from '../../src/access/scopes.ts'

describe('a scope', () => {
  it.each([
    ['patient/Observation.rs', 'patient', 'Observation', 'rs'],
    ['user/*.cruds', 'user', '*', 'cruds'],
    ['system/Patient.read', 'system', 'Patient', 'rs'],
    ['system/Patient.write', 'system', 'Patient', 'cud'],
    ['patient/*.*', 'patient', '*', 'cruds'],
  ])('%s grants its letters', (text, context, type, letters) => {
    expect(parseScope(text)).toEqual({ context, type, letters: [...letters], criteria: [] })
  })

  it.each(['openid', 'launch/patient', 'patient/Observation', 'patient/Observation.', 'patient/Observation.sr', 'patient/Observation.rr', 'patient/Observation.x', 'practitioner/Observation.rs', 'patient/observation.rs', 'PATIENT/Observation.rs', 'patient/Observation.read?category=x', 'patient/Observation.rs?', 'patient/Observation.rs?category', 'patient/Observation.rs?=x', 'patient/Observation.rs?a=b&', ' patient/*.rs', 'patient/*.rs\n', '', 'patient/*.constructor', 'patient/*.toString'])('%j grants nothing over resources', (text) => {
    expect(parseScope(text)).toBeUndefined()
  })

  it('has constraints, each of which counts', () => {
    const scope = parseScope('patient/Observation.rs?category=http://a|b&status=final')
    expect(scope?.criteria).toEqual([['category', 'http://a|b'], ['status', 'final']]) // prettier-ignore
  })

  it.each([['_count=1', false], ['_include=*', false], ['_id=1', true], ['_tag=x', true], ['_has:Task:patient:status=x', true]])('with ?%s constrains resources: %s', (query, is) => {
    const scope = parseScope(`system/*.rs?${query}`)
    expect(scope && isConstraining(scope)).toBe(is)
  })
}) // prettier-ignore

const scopes: fc.Arbitrary<Scope> = fc.record({
  context: fc.constantFrom('patient', 'user', 'system'),
  type: fc.constantFrom('*', 'Patient', 'Observation'),
  letters: fc.subarray([...LETTERS], { minLength: 1 }),
  criteria: fc.array(fc.tuple(fc.stringMatching(/^[a-z_][a-z:.-]{0,8}$/), fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' })), { maxLength: 3 }), // prettier-ignore
})

describe('any scope', () => {
  it('is what its text says', () => {
    fc.assert(
      fc.property(scopes, (scope) => {
        expect(parseScope(scopeText(scope))).toEqual(scope)
      }),
    )
  })

  it('is read or is none, whatever the text is', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('', 'patient/', 'user/*.', 'system/Patient.rs?'), (text, before) => {
        const scope = parseScope(before + text)
        if (scope !== undefined) expect(scope.letters.length).toBeGreaterThan(0)
      }),
    )
  })

  it('grants no letter that is not in its text', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,6}$/), (letters) => {
        const scope = parseScope(`system/Patient.${letters}`)
        for (const letter of scope?.letters ?? [])
          expect(['read', 'write'].includes(letters) || letters.includes(letter)).toBe(true)
      }),
    )
  })
})
