/** What a profile found of a resource that cannot change is told of it again only where what it rests on is the same. */

import { beforeAll, describe, expect, it } from 'vitest'
import { check, compileChecks, type Checks } from '../../../src/check/check.ts'
import { loadDefinitions } from '../../../src/edge/packages.ts'
import { frozen } from '../../../src/fhir/memo.ts'
import type { Bundle, JsonObject, Resource } from '../../../src/fhir/types.ts'

const PROFILE = 'http://hl7.org/fhir/uv/ips/StructureDefinition/Condition-uv-ips'
const PATIENT = 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e1'

const problem = frozen({
  resourceType: 'Condition',
  meta: { profile: [PROFILE] },
  clinicalStatus: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
  },
  code: { text: 'Asthma' },
  subject: { reference: PATIENT },
}) as Resource

let checks: Checks

beforeAll(async () => {
  checks = compileChecks(await loadDefinitions())
})

/** The rules that a Bundle of the problem and a patient breaks in the problem. */
function brokenBeside(patient: JsonObject): readonly (string | undefined)[] {
  const bundle: Bundle = {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [
      { fullUrl: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e2', resource: problem },
      { fullUrl: PATIENT, resource: frozen({ ...patient, resourceType: 'Patient' }) },
    ],
  }
  return check(bundle, checks)
    .filter(({ severity, expression }) => severity === 'error' && expression?.startsWith('Bundle.entry[0]') === true)
    .map(({ rule }) => rule)
}

describe('an outcome that is remembered', () => {
  it('is another where the resource that a reference names is another', () => {
    const whole = { name: [{ text: 'Eva' }], birthDate: '1961' }
    expect(brokenBeside(whole)).toEqual([])
    expect(brokenBeside({ birthDate: '1961' })).toEqual(['profile-target'])
    expect(brokenBeside(whole)).toEqual([])
  })

  it('is another where that resource has an error by itself', () => {
    const faulty = { name: [{ text: 'Eva' }], birthDate: '1961', gender: 'perhaps' }
    expect(brokenBeside(faulty)).toEqual(['profile-target'])
  })
})
