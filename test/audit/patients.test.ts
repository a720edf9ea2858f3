import { beforeAll, describe, expect, it } from 'vitest'
import { patientsBy, type PatientsOf } from '../../src/audit/patients.ts'
import { loadDefinitions } from '../../src/edge/packages.ts'
import type { Reference, Resource } from '../../src/fhir/types.ts'

let patientsOf: PatientsOf
beforeAll(async () => {
  const { compartment } = await loadDefinitions()
  patientsOf = patientsBy(compartment, () => 'https://our.example/fhir')
})

function observation(subject: Reference): Resource {
  return { resourceType: 'Observation', id: 'o', subject }
}

describe('The patients of a resource', () => {
  it('are those whom it is about, by address, URL or identifier', () => {
    expect(patientsOf({ resourceType: 'Patient', id: '1' })).toEqual(['Patient/1'])
    expect(patientsOf(observation({ reference: 'Patient/1/_history/3' }))).toEqual(['Patient/1'])
    expect(patientsOf(observation({ reference: 'https://our.example/fhir/Patient/1' }))).toEqual(['Patient/1'])
    expect(patientsOf(observation({ reference: 'https://else.example/Patient/1' }))).toEqual([
      'https://else.example/Patient/1',
    ])
    expect(patientsOf(observation({ identifier: { system: 'urn:s', value: '7' } }))).toEqual(['urn:s|7'])
  })

  it('are none where somebody else is meant', () => {
    expect(patientsOf(observation({ reference: 'Group/1' }))).toEqual([])
    expect(patientsOf({ resourceType: 'Organization', id: '1' })).toEqual([])
    const event: Resource = { resourceType: 'AuditEvent', entity: [{ what: { identifier: { value: 'request' } } }] }
    expect(patientsOf(event)).toEqual([])
  })

  it('are the subject of a document, by identifier where its address says nothing elsewhere', () => {
    const patient = { resourceType: 'Patient', identifier: [{ system: 'urn:s', value: '7' }] }
    const document = (fullUrl: string): Resource => ({
      resourceType: 'Bundle',
      type: 'document',
      entry: [
        { resource: { resourceType: 'Composition', subject: { reference: fullUrl } } },
        { fullUrl: 'urn:uuid:other', resource: { resourceType: 'Patient', id: 'other' } },
        { fullUrl, resource: patient },
      ],
    })
    expect(patientsOf(document('urn:uuid:1'))).toEqual(['urn:s|7'])
    expect(patientsOf(document('https://our.example/fhir/Patient/1'))).toEqual(['Patient/1'])
  })
})
