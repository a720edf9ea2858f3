/** The definitions that the build has made. */

import { describe, expect, it } from 'vitest'
import { loadDefinitions } from '../../src/edge/packages.ts'

const definitions = await loadDefinitions()

describe('loadDefinitions', () => {
  it('has the element model of R4', () => {
    const { model } = definitions
    expect(model.fhirVersion).toBe('4.0.1')
    expect(Object.values(model.types).filter(({ kind }) => kind === 'resource')).toHaveLength(146)
    expect(model.types['Composition']?.elements['author']).toMatchObject({
      type: 'Reference',
      list: true,
      required: true,
    })
    expect(model.types['Patient']?.elements['id']?.type).toBe('id')
  })

  it('has each constraint once, where it is defined', () => {
    const at = (key: string): unknown => definitions.invariants.filter((one) => one.key === key).map((one) => one.at)
    expect(at('ele-1')).toEqual([['Element']])
    expect(at('ext-1')).toEqual([['Extension']])
    expect(at('bdl-5')).toEqual([['Bundle.entry']])
    expect(at('qty-3')).toEqual([['Age', 'Count', 'Distance', 'Duration', 'Quantity']])
    expect(at('inv-1')).toHaveLength(3)
  })

  it('has constraints of the profiles that the base definitions name', () => {
    expect(definitions.invariants.find(({ key }) => key === 'sqty-1')?.at).toContain('Dosage.doseAndRate.dose[x]')
  })

  it('has the codes of required bindings that the definitions list', () => {
    const { elements, valueSets } = definitions.bindings
    const url = elements['Composition.status'] ?? ''
    expect(valueSets[url]).toEqual({
      'http://hl7.org/fhir/composition-status': ['preliminary', 'final', 'amended', 'entered-in-error'],
    })
    expect(elements['Attachment.contentType']).toBeUndefined()
  })

  it('has the types that a reference may name', () => {
    expect(definitions.targets['Encounter.subject']).toEqual(['Patient', 'Group'])
    expect(definitions.targets['Composition.section.entry']).toBeUndefined()
  })

  it('has a shape for every resource type', () => {
    const { shapes, model } = definitions
    const types = Object.keys(model.types).filter((type) => model.types[type]?.kind === 'resource')
    expect(types.filter((type) => typeof shapes[type] !== 'function')).toEqual([])
    expect(shapes['Basic']?.({ resourceType: 'Basic', code: { text: 'x' } })).toBe(true)
    expect(shapes['Basic']?.({ resourceType: 'Basic' })).toBe(false)
  })
})
