/** The record of an invented patient with a stay for heart failure: each resource is there for something that a report must get right. */

import type { JsonObject, Resource } from '../../../src/fhir/types.ts'

const SCT = 'http://snomed.info/sct'
const LOINC = 'http://loinc.org'
const ATC = 'http://www.whocc.no/atc'
const ROLE = 'http://terminology.hl7.org/CodeSystem/diagnosis-role'
const CATEGORY = 'http://terminology.hl7.org/CodeSystem/medicationrequest-category'

const subject = { reference: 'Patient/greta' }
const encounter = { reference: 'Encounter/stay' }
const concept = (system: string, code: string, display: string): JsonObject => ({
  coding: [{ system, code, display }],
  text: display,
})

function condition(id: string, text: string, more: JsonObject = {}): Resource {
  return {
    resourceType: 'Condition',
    id,
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    },
    code: { text },
    subject,
    ...more,
  }
}

const resolved = {
  clinicalStatus: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'resolved' }],
  },
}

function observation(id: string, code: JsonObject, when: string, more: JsonObject): Resource {
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    code,
    subject,
    encounter,
    effectiveDateTime: when,
    ...more,
  }
}

const laboratory = { category: [concept('http://terminology.hl7.org/CodeSystem/observation-category', 'laboratory', 'Laboratory')] } // prettier-ignore
const vital = { category: [concept('http://terminology.hl7.org/CodeSystem/observation-category', 'vital-signs', 'Vital Signs')] } // prettier-ignore
const creatinine = concept(LOINC, '2160-0', 'Creatinine [Mass/volume] in Serum or Plasma')
const potassium = concept(LOINC, '2823-3', 'Potassium [Moles/volume] in Serum or Plasma')
const weight = concept(LOINC, '29463-7', 'Body weight')
const quantity = (value: number, unit: string): JsonObject => ({
  valueQuantity: { value, unit, system: 'http://unitsofmeasure.org', code: unit },
})

function dosage(value: number, perDay: number, more: JsonObject = {}): JsonObject {
  return {
    timing: { repeat: { frequency: perDay, period: 1, periodUnit: 'd' } },
    route: concept(SCT, '26643006', 'Oral route'),
    doseAndRate: [{ doseQuantity: { value, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' } }],
    ...more,
  }
}

function prescription(id: string, medicine: JsonObject, category: string, more: JsonObject): Resource {
  return {
    resourceType: 'MedicationRequest',
    id,
    status: 'active',
    intent: 'order',
    category: [{ coding: [{ system: CATEGORY, code: category }] }],
    medicationCodeableConcept: medicine,
    subject,
    ...more,
  }
}

const furosemide = concept(ATC, 'C03CA01', 'Furosemide')
const before = { authoredOn: '2025-06-02' }
const atDischarge = { authoredOn: '2026-03-09T10:00:00+01:00', encounter }

export const medication: readonly Resource[] = [
  prescription('furosemide-home', furosemide, 'community', { ...before, dosageInstruction: [dosage(40, 1)] }),
  prescription('furosemide-new', furosemide, 'discharge', { ...atDischarge, dosageInstruction: [dosage(80, 1)], reasonCode: [{ text: 'Congestion' }] }), // prettier-ignore
  prescription('ramipril-home', concept(ATC, 'C09AA05', 'Ramipril'), 'community', { ...before, dosageInstruction: [dosage(5, 1)] }), // prettier-ignore
  {
    resourceType: 'MedicationStatement',
    id: 'ramipril-stopped',
    status: 'stopped',
    statusReason: [{ text: 'Cough under ramipril' }],
    medicationCodeableConcept: concept(ATC, 'C09AA05', 'Ramipril'),
    subject,
    context: encounter,
    effectivePeriod: { start: '2025-06-02', end: '2026-03-04' },
    dateAsserted: '2026-03-04',
  },
  prescription('bisoprolol-home', concept(ATC, 'C07AB07', 'Bisoprolol'), 'community', { ...before, dosageInstruction: [dosage(2.5, 1)] }), // prettier-ignore
  prescription('bisoprolol-new', concept(ATC, 'C07AB07', 'Bisoprolol'), 'discharge', { ...atDischarge, dosageInstruction: [dosage(2.5, 1)] }), // prettier-ignore
  prescription('metformin-home', concept(ATC, 'A10BA02', 'Metformin'), 'community', { ...before, dosageInstruction: [dosage(500, 2)] }), // prettier-ignore
  prescription('metformin-paused', concept(ATC, 'A10BA02', 'Metformin'), 'discharge', { ...atDischarge, status: 'on-hold', statusReason: { text: 'Renal function' }, dosageInstruction: [dosage(500, 2)] }), // prettier-ignore
  prescription('levothyroxine-home', concept(ATC, 'H03AA01', 'Levothyroxine'), 'community', { ...before, dosageInstruction: [dosage(0.075, 1)] }), // prettier-ignore
  prescription('spironolactone-new', concept(ATC, 'C03DA01', 'Spironolactone'), 'discharge', { ...atDischarge, dosageInstruction: [dosage(25, 1)], reasonReference: [{ reference: 'Condition/heart-failure' }] }), // prettier-ignore
  prescription('warfarin-home', { text: 'Warfarin 5 mg' }, 'community', {
    ...before,
    dosageInstruction: [{ text: 'by INR' }],
  }),
  prescription('warfarin-new', { text: 'Warfarin Sodium 3 mg tablets' }, 'discharge', { ...atDischarge, dosageInstruction: [{ text: 'by INR' }] }), // prettier-ignore
  prescription('furosemide-iv', furosemide, 'inpatient', { authoredOn: '2026-03-03', encounter, status: 'completed' }),
  {
    resourceType: 'MedicationAdministration',
    id: 'furosemide-given',
    status: 'completed',
    medicationCodeableConcept: furosemide,
    subject,
    context: encounter,
    effectiveDateTime: '2026-03-03T20:00:00+01:00',
    dosage: {
      route: { text: 'Intravenous' },
      dose: { value: 40, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' },
    },
  },
  prescription('amoxicillin-old', concept(ATC, 'J01CA04', 'Amoxicillin'), 'community', { authoredOn: '2024-01-10', status: 'completed' }), // prettier-ignore
  prescription('error', concept(ATC, 'N02BE01', 'Paracetamol'), 'discharge', {
    ...atDischarge,
    status: 'entered-in-error',
  }),
]

export const patient: Resource = {
  resourceType: 'Patient',
  id: 'greta',
  name: [{ family: 'Beispiel', given: ['Greta'] }],
  gender: 'female',
  birthDate: '1948-11-02',
}

export const stay: Resource = {
  resourceType: 'Encounter',
  id: 'stay',
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
  type: [{ text: 'Inpatient stay, cardiology' }],
  subject,
  period: { start: '2026-03-03T18:20:00+01:00', end: '2026-03-10T11:00:00+01:00' },
  reasonCode: [{ text: 'Worsening dyspnoea' }],
  participant: [
    { type: [concept('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'ADM', 'admitter')], individual: { reference: 'Practitioner/lena' } }, // prettier-ignore
    { type: [concept('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'DIS', 'discharger')], individual: { reference: 'Practitioner/lena' } }, // prettier-ignore
  ],
  diagnosis: [
    { condition: { reference: 'Condition/fibrillation' }, use: concept(ROLE, 'CM', 'Comorbidity diagnosis'), rank: 2 },
    { condition: { reference: 'Condition/heart-failure' }, use: concept(ROLE, 'DD', 'Discharge diagnosis'), rank: 1 },
    { condition: { reference: 'Condition/dyspnoea' }, use: concept(ROLE, 'AD', 'Admission diagnosis') },
  ],
  hospitalization: {
    admitSource: concept(
      'http://terminology.hl7.org/CodeSystem/admit-source',
      'emd',
      'From accident/emergency department',
    ),
    dischargeDisposition: concept('http://terminology.hl7.org/CodeSystem/discharge-disposition', 'home', 'Home'),
  },
  serviceProvider: { reference: 'Organization/hospital' },
}

/** All of the record, the patient first. */
export const record: readonly Resource[] = [
  patient,
  stay,
  { resourceType: 'Encounter', id: 'ward', status: 'finished', class: { code: 'IMP' }, subject, partOf: encounter, period: { start: '2026-03-03T18:20:00+01:00', end: '2026-03-05T09:00:00+01:00' } }, // prettier-ignore
  { resourceType: 'Encounter', id: 'elsewhere', status: 'finished', class: { code: 'AMB' }, subject, period: { start: '2026-03-04T08:00:00+01:00', end: '2026-03-04T08:30:00+01:00' } }, // prettier-ignore
  { resourceType: 'Organization', id: 'hospital', name: 'Klinikum am Beispielsee' },
  { resourceType: 'Practitioner', id: 'lena', name: [{ family: 'Muster', given: ['Lena'], prefix: ['Dr.'] }] },
  condition('heart-failure', 'Acute decompensated heart failure', { encounter, onsetDateTime: '2026-03-01' }),
  condition('fibrillation', 'Atrial fibrillation', { onsetDateTime: '2023' }),
  condition('dyspnoea', 'Dyspnoea at rest', { encounter }),
  condition('kidney', 'Chronic kidney disease, stage 3', { onsetDateTime: '2021-05' }),
  condition('pneumonia', 'Pneumonia', { ...resolved, onsetDateTime: '2019-02-01', abatementDateTime: '2019-03-01' }),
  condition('mistake', 'Diabetes insipidus', { encounter, clinicalStatus: undefined, verificationStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'entered-in-error' }] } }), // prettier-ignore
  {
    resourceType: 'AllergyIntolerance',
    id: 'no-allergy',
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
    },
    code: concept(SCT, '716186003', 'No known allergy'),
    patient: subject,
  },
  ...medication,
  { resourceType: 'Procedure', id: 'echo', status: 'completed', code: { text: 'Transthoracic echocardiography' }, subject, encounter: { reference: 'Encounter/ward' }, performedDateTime: '2026-03-04T09:00:00+01:00' }, // prettier-ignore
  { resourceType: 'Procedure', id: 'implantation', status: 'completed', code: { text: 'Implantation of a defibrillator' }, subject, performedDateTime: '2024-08-20' }, // prettier-ignore
  { resourceType: 'Device', id: 'icd', status: 'active', deviceName: [{ name: 'Cardioverter Alpha', type: 'user-friendly-name' }], type: { text: 'Implantable cardioverter-defibrillator' }, patient: subject, serialNumber: 'A-7731' }, // prettier-ignore
  observation('creatinine-1', creatinine, '2026-03-03T19:00:00+01:00', { ...laboratory, ...quantity(1.9, 'mg/dL') }),
  observation('creatinine-2', creatinine, '2026-03-06T07:00:00+01:00', { ...laboratory, ...quantity(1.6, 'mg/dL') }),
  observation('creatinine-3', creatinine, '2026-03-10T07:00:00+01:00', { ...laboratory, ...quantity(1.4, 'mg/dL') }),
  observation('potassium-1', potassium, '2026-03-03T19:00:00+01:00', { ...laboratory, ...quantity(3.4, 'mmol/L') }),
  observation('potassium-2', potassium, '2026-03-10T07:00:00+01:00', { ...laboratory, ...quantity(4.2, 'mmol/L') }),
  { ...observation('troponin', { text: 'Troponin T' }, '2026-03-03T19:05:00+01:00', { ...laboratory, ...quantity(14, 'ng/L') }), encounter: undefined } as JsonObject as Resource, // prettier-ignore
  { ...observation('glucose-elsewhere', { text: 'Glucose of the other visit' }, '2026-03-04T08:10:00+01:00', { ...laboratory, ...quantity(101, 'mg/dL') }), encounter: { reference: 'Encounter/elsewhere' } }, // prettier-ignore
  { ...observation('bnp-old', { text: 'NT-proBNP of last year' }, '2025-01-10', { ...laboratory, ...quantity(900, 'pg/mL') }), encounter: undefined } as JsonObject as Resource, // prettier-ignore
  { ...observation('sodium-error', { text: 'Sodium in error' }, '2026-03-06T07:00:00+01:00', { ...laboratory, ...quantity(99, 'mmol/L') }), status: 'entered-in-error' }, // prettier-ignore
  observation('weight-1', weight, '2026-03-03T19:30:00+01:00', { ...vital, ...quantity(82.5, 'kg') }),
  observation('weight-2', weight, '2026-03-10T07:30:00+01:00', { ...vital, ...quantity(76.1, 'kg') }),
  { resourceType: 'CarePlan', id: 'plan', status: 'active', intent: 'plan', title: 'Heart failure nurse follow-up', subject, encounter }, // prettier-ignore
  { resourceType: 'Appointment', id: 'visit', status: 'booked', description: 'Cardiology clinic', start: '2026-03-24T09:00:00+01:00', end: '2026-03-24T09:30:00+01:00', participant: [{ actor: subject, status: 'accepted' }] }, // prettier-ignore
  {
    resourceType: 'Goal',
    id: 'goal',
    lifecycleStatus: 'active',
    description: { text: 'Body weight below 77 kg' },
    subject,
  },
  { resourceType: 'ServiceRequest', id: 'bloods', status: 'active', intent: 'order', code: { text: 'Potassium and creatinine in one week' }, subject, encounter }, // prettier-ignore
  { resourceType: 'Immunization', id: 'flu', status: 'completed', vaccineCode: { text: 'Influenza vaccine' }, patient: subject, occurrenceDateTime: '2025-10-10' }, // prettier-ignore
].map((resource) => JSON.parse(JSON.stringify(resource)) as Resource)

export const course =
  '## Summary\n\nAdmitted with **acute heart failure**.\n\n- diuresis of 6.4 kg\n- ramipril stopped for cough'
