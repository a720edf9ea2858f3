/** A patient's record of our own making, with one of everything that a summary may or may not have. */

import type { JsonObject, Resource } from '../src/fhir/types.ts'

const LOINC = 'http://loinc.org'
const subject = { reference: 'Patient/p' }

/** A CodeableConcept of LOINC, or of no system at all. */
export function concept(code: string, display: string, system: string | undefined = LOINC): JsonObject {
  return { coding: [{ ...(system !== undefined && { system }), code, display }] }
}

function status(code: string, system: string): JsonObject {
  return { coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }] }
}

/** A Condition about the patient. */
export function condition(id: string, text: string, members: JsonObject = {}): Resource {
  return {
    resourceType: 'Condition',
    id,
    clinicalStatus: status('active', 'condition-clinical'),
    code: { text },
    subject,
    ...members,
  }
}

/** A laboratory result about the patient. */
export function result(id: string, code: string, members: JsonObject = {}): Resource {
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    category: [concept('laboratory', 'Laboratory', 'http://terminology.hl7.org/CodeSystem/observation-category')],
    code: { coding: [{ system: LOINC, code }], text: `Result ${id}` },
    subject,
    effectiveDateTime: '2026-02-01',
    performer: [{ reference: 'Practitioner/d' }],
    valueQuantity: { value: 5, unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' },
    ...members,
  }
}

/** An AllergyIntolerance about the patient. */
export function allergy(id: string, text: string, members: JsonObject = {}): Resource {
  return {
    resourceType: 'AllergyIntolerance',
    id,
    clinicalStatus: status('active', 'allergyintolerance-clinical'),
    code: { text },
    patient: subject,
    ...members,
  }
}

/** A MedicationStatement about the patient. */
export function medication(id: string, text: string, members: JsonObject = {}): Resource {
  return {
    resourceType: 'MedicationStatement',
    id,
    status: 'active',
    medicationCodeableConcept: { text },
    subject,
    effectivePeriod: { start: '2025-06-01' },
    dosage: [{ text: 'one tablet each morning' }],
    ...members,
  }
}

export const PATIENT: Resource = {
  resourceType: 'Patient',
  id: 'p',
  meta: { versionId: '3', lastUpdated: '2026-01-01T00:00:00Z' },
  identifier: [{ system: 'urn:oid:1.2.3', value: '4711' }],
  name: [{ family: 'Novak', given: ['Eva'] }],
  gender: 'female',
  birthDate: '1961-04-02',
  managingOrganization: { reference: 'Organization/o' },
}

const resolved = { clinicalStatus: status('resolved', 'condition-clinical') }
const refuted = { verificationStatus: status('refuted', 'condition-ver-status') }
const mistaken = { verificationStatus: status('entered-in-error', 'condition-ver-status') }

/** The whole record: what is in a summary of 15 March 2026 bears a text of its own, and so does what is not. */
export const RECORD: readonly Resource[] = [
  PATIENT,
  { resourceType: 'Practitioner', id: 'd', name: [{ family: 'Lang', given: ['Ida'] }] },
  { resourceType: 'Organization', id: 'o', name: 'Clinic of the Lake' },
  condition('c1', 'Type 2 diabetes', { onsetDateTime: '2019-05-01' }),
  condition('c2', 'High blood pressure', { onsetDateTime: '2021' }),
  condition('c3', 'Fracture of the wrist', { ...resolved, onsetDateTime: '2010', abatementDateTime: '2011' }),
  condition('c4', 'Asthma', refuted),
  condition('c5', 'Gout', mistaken),
  allergy('a1', 'Penicillin', { criticality: 'low' }),
  allergy('a2', 'Peanut', { criticality: 'high' }),
  allergy('a3', 'Latex', { clinicalStatus: status('resolved', 'allergyintolerance-clinical') }),
  medication('m1', 'Metformin 500 mg'),
  medication('m2', 'Amoxicillin 1 g', { status: 'completed' }),
  {
    resourceType: 'MedicationRequest',
    id: 'm3',
    status: 'active',
    intent: 'order',
    medicationReference: { reference: 'Medication/x' },
    subject,
    authoredOn: '2026-01-10',
    requester: { reference: 'Practitioner/d' },
  },
  { resourceType: 'Medication', id: 'x', code: { text: 'Ramipril 5 mg' } },
  {
    resourceType: 'Device',
    id: 'pacemaker',
    status: 'active',
    type: { text: 'Pacemaker' },
    patient: subject,
  },
  { resourceType: 'Device', id: 'hip', status: 'active', type: { text: 'Hip prosthesis' }, patient: subject },
  {
    resourceType: 'DeviceUseStatement',
    id: 'use',
    status: 'active',
    subject,
    timingDateTime: '2020-02-02',
    device: { reference: 'Device/hip' },
  },
  result('r1', '2345-7'),
  result('r2', '2345-7', { effectiveDateTime: '2024-01-01' }),
  result('r3', '718-7', { effectiveDateTime: '2023-01-01' }),
  result('r4', '2951-2'),
  result('r5', '2823-3'),
  {
    resourceType: 'DiagnosticReport',
    id: 'panel',
    status: 'final',
    code: { coding: [{ system: LOINC, code: '24326-1' }], text: 'Electrolytes' },
    subject,
    effectiveDateTime: '2026-02-01',
    result: [{ reference: 'Observation/r4' }, { reference: 'Observation/r5' }],
  },
  {
    resourceType: 'Observation',
    id: 'v1',
    status: 'final',
    category: [concept('vital-signs', 'vital-signs', 'http://terminology.hl7.org/CodeSystem/observation-category')],
    code: { coding: [{ system: LOINC, code: '8867-4' }], text: 'Heart rate' },
    subject,
    effectiveDateTime: '2026-03-01',
    valueQuantity: { value: 72, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
  },
  {
    resourceType: 'Observation',
    id: 's1',
    status: 'final',
    code: { coding: [{ system: LOINC, code: '72166-2' }], text: 'Tobacco smoking status' },
    subject,
    effectiveDateTime: '2026-01-01',
    valueCodeableConcept: { text: 'Never smoked' },
  },
  {
    resourceType: 'Immunization',
    id: 'i1',
    status: 'completed',
    vaccineCode: { text: 'Tetanus vaccine' },
    patient: subject,
    occurrenceDateTime: '2022-05-05',
  },
  {
    resourceType: 'Procedure',
    id: 'pr1',
    status: 'completed',
    code: { text: 'Hip replacement' },
    subject,
    performedDateTime: '2020-02-02',
  },
  { resourceType: 'CarePlan', id: 'cp1', status: 'active', intent: 'plan', title: 'Diabetes care', subject },
  { resourceType: 'Flag', id: 'f1', status: 'active', code: { text: 'Fall risk' }, subject },
  { resourceType: 'Account', id: 'ac1', status: 'active', subject: [subject] },
]

/** A transaction that stores resources under their ids. */
export function storing(resources: readonly Resource[]): Resource {
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: resources.map((resource) => ({
      fullUrl: `https://records.example/fhir/${resource.resourceType}/${resource.id}`,
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    })),
  }
}
