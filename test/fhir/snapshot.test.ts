/** The snapshot of a profile is its base with what the differential changes. */

import { describe, expect, it } from 'vitest'
import { loadDefinitions } from '../../src/edge/packages.ts'
import { FhirError } from '../../src/fhir/error.ts'
import type { ElementDifference } from '../../src/fhir/library.ts'
import { snapshot } from '../../src/fhir/snapshot.ts'

const { library } = await loadDefinitions()
const url = 'https://clinic.example/profile'

function made(type: string, ...differential: readonly ElementDifference[]) {
  return snapshot(
    { url, baseDefinition: `http://hl7.org/fhir/StructureDefinition/${type}`, differential },
    (canonical) => library.structure(canonical),
  )
}

function element(elements: ReturnType<typeof made>, id: string) {
  return elements.find((one) => one.id === id)
}

describe('snapshot', () => {
  it('has every element of the base, changed where the differential says so', () => {
    const elements = made('Patient', { id: 'Patient.birthDate', path: 'Patient.birthDate', min: 1 })
    expect(elements).toHaveLength(library.structure('Patient')?.elements.length ?? 0)
    expect(element(elements, 'Patient.birthDate')).toMatchObject({ min: 1, max: '1', type: [{ code: 'date' }] })
    expect(library.structure('Patient')?.elements.find(({ id }) => id === 'Patient.birthDate')?.min).toBe(0)
  })

  it('gives a slice the children of what is sliced, after it', () => {
    const elements = made(
      'Composition',
      { id: 'Composition.section', path: 'Composition.section', slicing: { rules: 'open' } },
      { id: 'Composition.section:a', path: 'Composition.section', sliceName: 'a', min: 1, max: '1' },
      { id: 'Composition.section:a.title', path: 'Composition.section.title', min: 1 },
    )
    const ids = elements.map(({ id }) => id)
    expect(ids.indexOf('Composition.section:a')).toBeGreaterThan(ids.indexOf('Composition.section.section'))
    expect(element(elements, 'Composition.section:a')).toMatchObject({ sliceName: 'a', min: 1, max: '1', baseMax: '*' })
    expect(element(elements, 'Composition.section:a.title')?.min).toBe(1)
    expect(element(elements, 'Composition.section.title')?.min).toBe(0)
  })

  it('writes out the children of a datatype, of a referred element and of a profile on a type', () => {
    const elements = made(
      'Composition',
      { id: 'Composition.type.coding.system', path: 'Composition.type.coding.system', min: 1 },
      { id: 'Composition.section.section.title', path: 'Composition.section.section.title', min: 1 },
    )
    expect(element(elements, 'Composition.type.coding.code')).toMatchObject({ path: 'Composition.type.coding.code' })
    expect(element(elements, 'Composition.section.section.title')?.min).toBe(1)
    expect(element(elements, 'Composition.section.section')?.contentReference).toBeUndefined()
  })

  it('takes the short name of a choice for a slice of it', () => {
    const elements = made('Observation', { id: 'Observation.valueQuantity', path: 'Observation.valueQuantity', min: 1 })
    expect(element(elements, 'Observation.value[x]:valueQuantity')).toMatchObject({
      min: 1,
      type: [{ code: 'Quantity' }],
    })
    expect(element(elements, 'Observation.value[x]')?.slicing?.discriminator).toEqual([{ type: 'type', path: '$this' }])
  })

  it('knows reslices, and slices extensions by their url', () => {
    const elements = made(
      'Patient',
      {
        id: 'Patient.extension:birthPlace',
        path: 'Patient.extension',
        sliceName: 'birthPlace',
        type: [{ code: 'Extension', profile: ['http://hl7.org/fhir/StructureDefinition/patient-birthPlace'] }],
      },
      { id: 'Patient.identifier:a', path: 'Patient.identifier', sliceName: 'a' },
      { id: 'Patient.identifier:a/b', path: 'Patient.identifier', sliceName: 'a/b', max: '1' },
    )
    expect(element(elements, 'Patient.extension')?.slicing?.discriminator).toEqual([{ type: 'value', path: 'url' }])
    expect(element(elements, 'Patient.extension:birthPlace')?.max).toBe('1')
    expect(element(elements, 'Patient.identifier:a/b')).toMatchObject({ sliceName: 'a/b', max: '1' })
  })

  it('adds constraints to those of the base, and keeps the value set of a binding', () => {
    const rule = { key: 'x-1', severity: 'error', human: 'x', expression: 'true' } as const
    const elements = made('Patient', {
      id: 'Patient.gender',
      path: 'Patient.gender',
      constraint: [rule],
      binding: { strength: 'required' },
    })
    expect(element(elements, 'Patient.gender')).toMatchObject({
      constraint: [rule],
      binding: { strength: 'required', valueSet: 'http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1' },
    })
  })

  it('names a base that is not at hand, and an element that the base has not', () => {
    expect(() => made('NoSuchType')).toThrow(/base .*NoSuchType.* not at hand/)
    expect(() => made('Patient', { id: 'Patient.colour', path: 'Patient.colour' })).toThrow(FhirError)
  })
})
