import { describe, expect, test } from 'vitest'
import { compileChecks } from '../../src/check/check.ts'
import { checkResource } from '../../src/check/resource.ts'
import type { Resource } from '../../src/fhir/types.ts'
import { definitionsWith, profile, url } from './profile/profiling.ts'

const checks = compileChecks(
  definitionsWith([profile('active', 'Patient', [{ id: 'Patient.active', min: 1, max: '1' }])]),
)
const patient: Resource = { resourceType: 'Patient', id: '1', link: [{ other: { reference: 'Patient/2' } }] }

describe('A resource by itself', () => {
  test('is judged as itself, and not as an entry of a document', () => {
    const issues = checkResource(patient, checks).filter(({ severity }) => severity === 'error')
    expect(issues.map(({ rule, expression }) => `${rule} ${expression}`)).toEqual(['missing-element Patient.link[0]'])
  })

  test('is judged by a profile that is asked for', () => {
    const rules = checkResource(patient, checks, { profiles: [url('active'), 'urn:none'] })
    expect(rules).toContainEqual(expect.objectContaining({ rule: 'profile-min', expression: 'Patient' }))
    expect(rules).toContainEqual(
      expect.objectContaining({ rule: 'profile-unknown', expression: 'Patient', severity: 'error' }),
    )
  })

  test('is no resource of another type than the profile is for', () => {
    const rules = checkResource({ resourceType: 'Group' }, checks, { profiles: [url('active')] })
    expect(rules).toContainEqual(expect.objectContaining({ rule: 'profile-type', expression: 'Group' }))
  })
})
