/** FHIRPath over R4 data. */

import { describe, expect, it } from 'vitest'
import { compilePath } from '../../src/fhir/path.ts'

describe('compilePath', () => {
  it('evaluates an expression against a resource', () => {
    const patient = { resourceType: 'Patient', name: [{ given: ['Erika', 'Maria'] }, { given: ['Eri'] }] }
    expect(compilePath('name.given')(patient)).toEqual(['Erika', 'Maria', 'Eri'])
    expect(compilePath('Patient.name.first().given.count()')(patient)).toEqual([2])
  })

  it('knows the types of choices', () => {
    const observation = { resourceType: 'Observation', valueQuantity: { value: 1 } }
    expect(compilePath('value is Quantity')(observation)).toEqual([true])
    expect(compilePath('value.ofType(string)')(observation)).toEqual([])
  })

  it('evaluates against an element whose type or place is named', () => {
    expect(compilePath('start.hasValue()', 'Period')({ start: '2026' })).toEqual([true])
    expect(compilePath('value is boolean', 'Extension')({ url: 'x', valueBoolean: true })).toEqual([true])
  })

  it('takes %resource and %rootResource from the caller', () => {
    const path = compilePath('%resource.id | %rootResource.id', 'Reference')
    const variables = {
      resource: { resourceType: 'Device', id: 'a' },
      rootResource: { resourceType: 'Observation', id: 'b' },
    }
    expect(path({ reference: '#' }, variables)).toEqual(['a', 'b'])
  })

  it('resolves references by the caller alone', () => {
    const path = compilePath('member.resolve().ofType(Practitioner).id', 'CareTeam.participant')
    const known: Record<string, unknown> = { 'Practitioner/1': { resourceType: 'Practitioner', id: '1' } }
    const resolve = (reference: string): unknown => known[reference]
    expect(path({ member: { reference: 'Practitioner/1' } }, { resolve })).toEqual(['1'])
    expect(path({ member: { reference: 'Practitioner/2' } }, { resolve })).toEqual([])
  })

  it('writes nothing to the console when an expression traces', () => {
    const spoken: unknown[] = []
    const { log } = console
    console.log = (...texts) => void spoken.push(texts)
    try {
      expect(compilePath("id.trace('id')")({ resourceType: 'Patient', id: '1' })).toEqual(['1'])
    } finally {
      console.log = log
    }
    expect(spoken).toEqual([])
  })

  it('refuses what is no FHIRPath', () => {
    expect(() => compilePath('name.where(')).toThrow(TypeError)
  })
})
