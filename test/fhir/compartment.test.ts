/** Whose data a resource is, by the published compartment of the patient. */

import { describe, expect, it } from 'vitest'
import { loadDefinitions } from '../../src/edge/packages.ts'
import { compileCompartment, memberships } from '../../src/fhir/compartment.ts'
import type { Resource } from '../../src/fhir/types.ts'

const { compartment } = await loadDefinitions()

function places(resource: Resource): readonly (readonly [string, string, string | undefined])[] {
  return memberships(resource, compartment).map(({ element, expression, reference }) => [
    element,
    expression,
    reference.reference,
  ])
}

describe('memberships', () => {
  it('gives each reference that puts a resource into the compartment', () => {
    const observation = {
      resourceType: 'Observation',
      subject: { reference: 'Patient/1' },
      performer: [{ reference: 'Practitioner/1' }, { reference: 'Patient/2' }],
      focus: [{ reference: 'Patient/3' }],
    }
    expect(places(observation)).toEqual([
      ['subject', 'subject', 'Patient/1'],
      ['performer', 'performer[0]', 'Practitioner/1'],
      ['performer', 'performer[1]', 'Patient/2'],
    ])
  })

  it('goes into backbones', () => {
    const appointment = {
      resourceType: 'Appointment',
      participant: [{ status: 'accepted' }, { actor: { reference: 'Patient/1' } }],
    }
    expect(places(appointment)).toEqual([['participant.actor', 'participant[1].actor', 'Patient/1']])
  })

  it('gives nothing for a type outside the compartment, or an odd value', () => {
    expect(places({ resourceType: 'Organization', partOf: { reference: 'Patient/1' } })).toEqual([])
    expect(places({ resourceType: 'toString' })).toEqual([])
    expect(
      places({ resourceType: 'Observation', subject: 'Patient/1', performer: { reference: 'Patient/2' } }),
    ).toEqual([['performer', 'performer', 'Patient/2']])
  })
})

describe('compileCompartment', () => {
  const definition = {
    resourceType: 'CompartmentDefinition',
    code: 'Patient',
    resource: [{ code: 'Flag', param: ['patient', '{def}'] }, { code: 'Slot' }],
  }
  const parameter = { resourceType: 'SearchParameter', code: 'patient', base: ['Flag', 'Goal'] }

  it('takes the path of each type from the search parameter', () => {
    const expression = 'Goal.subject | Flag.subject.where(resolve() is Patient)'
    expect(compileCompartment(definition, [{ ...parameter, expression }])).toEqual({
      code: 'Patient',
      elements: { Flag: ['subject'] },
    })
  })

  it('refuses a parameter that is no plain path, or is not there', () => {
    expect(() => compileCompartment(definition, [{ ...parameter, expression: "Flag.extension('x').value" }])).toThrow(
      TypeError,
    )
    expect(() => compileCompartment(definition, [])).toThrow(TypeError)
  })

  it('every type of the published compartment has a path', () => {
    expect(Object.keys(compartment.elements).length).toBeGreaterThan(60)
    expect(Object.entries(compartment.elements).filter(([, paths]) => paths.length === 0)).toEqual([])
  })
})
