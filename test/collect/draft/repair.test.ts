/** Faults of form are mended where no meaning is taken or added, each is told, and what modifies a meaning is never taken away. */

import { beforeAll, describe, expect, it } from 'vitest'
import { examineResource } from '../../../src/check/resource.ts'
import { repaired, type Faults } from '../../../src/collect/draft/repair.ts'
import { isError } from '../../../src/fhir/issue.ts'
import type { JsonObject, Resource } from '../../../src/fhir/types.ts'
import type { Design } from '../../../src/pipeline.ts'
import { openDesign } from '../../design.ts'

let design: Design
let faults: Faults

beforeAll(async () => {
  design = await openDesign()
  faults = (resource) => examineResource(resource, design.checks).issues
})

function mended(resource: Resource): ReturnType<typeof repaired> {
  const { model } = design.collect
  return repaired(resource, faults, { model, library: design.checks.definitions.library })
}

const SUBJECT = { reference: 'Patient/p' }
const HL7 = 'http://terminology.hl7.org/CodeSystem'
const problem: Resource = { resourceType: 'Condition', id: 'c', subject: SUBJECT, code: { text: 'Asthma' } }
const shot: Resource = { resourceType: 'Immunization', id: 'i', patient: SUBJECT, status: 'completed', vaccineCode: { text: 'BCG' }, occurrenceString: 'once' } // prettier-ignore
const device: Resource = { resourceType: 'Device', id: 'd', patient: SUBJECT }

function observed(members: JsonObject): Resource {
  return { resourceType: 'Observation', id: 'o', status: 'final', subject: SUBJECT, effectiveDateTime: '2026-01-01', category: [{ coding: [{ system: `${HL7}/observation-category`, code: 'vital-signs' }] }], code: { text: 'x' }, ...members } // prettier-ignore
}

function dosed(dosage: JsonObject): Resource {
  return { resourceType: 'MedicationRequest', id: 'm', status: 'active', intent: 'order', subject: SUBJECT, medicationCodeableConcept: { text: 'x' }, dosageInstruction: [dosage] } // prettier-ignore
}

function loinc(code: string): JsonObject {
  return { coding: [{ system: 'http://loinc.org', code }] }
}

/** What it is before, what must stand in its place, and a word of what is told. */
const MENDED: readonly (readonly [name: string, before: Resource, after: JsonObject, told: string])[] = [
  [
    'a code in capitals is that of its system',
    { ...problem, clinicalStatus: { coding: [{ system: `${HL7}/condition-clinical`, code: 'ACTIVE' }] } },
    { clinicalStatus: { coding: [{ system: `${HL7}/condition-clinical`, code: 'active' }] } },
    'the code ACTIVE is written active',
  ],
  [
    'an annotated unit of a vital sign is written as its profile asks, and its words stay',
    observed({ code: loinc('8867-4'), valueQuantity: { value: 72, unit: 'beats', system: 'http://unitsofmeasure.org', code: '{beats}/min' } }), // prettier-ignore
    { valueQuantity: { value: 72, unit: 'beats', code: '/min' } },
    'is written /min',
  ],
  [
    'a vital sign in words keeps them as a note, and its value is told to be text',
    observed({ code: loinc('9279-1'), effectiveDateTime: '2026-01-01', valueString: 'about 16' }),
    { valueString: undefined, note: [{ text: 'about 16' }], dataAbsentReason: { coding: [{ code: 'as-text' }] } },
    'stands as a note',
  ],
  [
    'a vital sign without a time tells that it is absent',
    observed({ code: loinc('29463-7'), effectiveDateTime: undefined, valueQuantity: { value: 70, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' } }), // prettier-ignore
    { effectivePeriod: { extension: [{ valueCode: 'unknown' }] } },
    'is told as absent',
  ],
  [
    'an extension that FHIR does not know is left out and told',
    { ...problem, extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/NarrativeLink', valueUrl: '#a' }] },
    { extension: undefined },
    'NarrativeLink',
  ],
  [
    'a translation beside a code stands with the display',
    { ...problem, code: { coding: [{ system: 'urn:x:y', code: 'A', display: 'Asthma', extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/translation', extension: [{ url: 'lang', valueCode: 'es' }, { url: 'content', valueString: 'Asma' }] }] }] } }, // prettier-ignore
    {
      code: {
        coding: [{ display: 'Asthma', _display: { extension: [{ extension: [{}, { valueString: 'Asma' }] }] } }],
      },
    },
    'translation',
  ],
  [
    'a code system by the name of its value set has its own',
    { ...problem, clinicalStatus: { coding: [{ system: 'http://hl7.org/fhir/ValueSet/condition-clinical', code: 'active' }] } }, // prettier-ignore
    { clinicalStatus: { coding: [{ system: `${HL7}/condition-clinical`, code: 'active' }] } },
    'is written',
  ],
  [
    'the namespace of an identifier that is a mere word becomes its type',
    { ...device, identifier: [{ system: 'stock', value: '7' }] },
    { identifier: [{ system: undefined, type: { text: 'stock' }, value: '7' }] },
    'stock',
  ],
  [
    'the code of a unit without its system gives way, and the unit stays',
    observed({ valueQuantity: { value: 5, unit: 'drops', code: 'd' } }),
    { valueQuantity: { value: 5, unit: 'drops', code: undefined } },
    'names no system',
  ],
  [
    'a unit of which there is the code alone is written by it',
    observed({ valueQuantity: { value: 5, code: 'mg' } }),
    { valueQuantity: { value: 5, unit: 'mg' } },
    'names no system',
  ],
  [
    'a code with a stray character is written without',
    { ...device, status: 'active"' },
    { status: 'active' },
    'active"',
  ],
  [
    'an empty text is left out',
    { ...problem, code: { text: '', coding: [{ system: 'urn:x:y', code: 'A' }] } },
    { code: { text: undefined } },
    'empty',
  ],
  ['an id that is none is left out', { ...problem, id: 'x'.repeat(80) }, { id: undefined }, 'xxx'],
  [
    'an element that says false to what an older version asked is left out',
    { ...shot, notGiven: false },
    { notGiven: undefined },
    'notGiven',
  ],
  [
    'a heart rate has the code of its unit',
    observed({ code: loinc('8867-4'), valueQuantity: { value: 60, unit: 'bpm' } }),
    { valueQuantity: { value: 60, unit: 'bpm', code: '/min', system: 'http://unitsofmeasure.org' } },
    '/min',
  ],
  [
    'a systolic pressure alone is a panel with the diastolic unknown',
    observed({ code: loinc('8480-6'), valueQuantity: { value: 110, unit: 'mm[Hg]' } }),
    { component: [{ valueQuantity: { value: 110, code: 'mm[Hg]' } }, { dataAbsentReason: { coding: [{ code: 'unknown' }] } }] }, // prettier-ignore
    'panel',
  ],
  [
    'what is contained and nowhere named is left out and told',
    { ...problem, contained: [{ resourceType: 'Organization', id: 'lost', name: 'Clinic' }] },
    { contained: undefined },
    'Clinic',
  ],
  ['a profile that it does not keep is claimed no more', observed({ meta: { profile: ['http://hl7.org/fhir/StructureDefinition/bp'] } }), { meta: undefined }, 'claims it no more'], // prettier-ignore
  [
    'a narrative that cannot be shown is left out',
    {
      ...problem,
      text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div>' },
    },
    { text: undefined },
    'own text',
  ],
  ['a boolean in quotes is one', { ...device, resourceType: 'Patient', patient: undefined, multipleBirthBoolean: 'true' }, { multipleBirthBoolean: true }, 'quotes'], // prettier-ignore
]

/** Each member as it is expected, and none where undefined is. */
function expectLike(found: unknown, expected: unknown): void {
  if (typeof expected !== 'object' || expected === null) {
    expect(found).toEqual(expected)
    return
  }
  for (const [name, value] of Object.entries(expected)) expectLike((found as Record<string, unknown>)[name], value)
}

describe('a fault of form', () => {
  it.each(MENDED)('%s', (_, before, after, told) => {
    const given = JSON.parse(JSON.stringify(before)) as Resource
    expect(faults(given).some(isError), 'has a fault').toBe(true)
    const { resource, mended: words } = mended(given)
    expectLike(resource, after)
    expect(faults(resource).filter(isError)).toEqual([])
    expect(words.join('; ')).toContain(told)
    expect(given).toEqual(JSON.parse(JSON.stringify(before)))
  })

  it.each([
    ['an old element that may say that nothing was given', { ...shot, notGiven: true }],
    ['a status that is no code', { ...shot, status: 'perhaps' }],
    ['a verification in a system of its own', { ...problem, verificationStatus: { coding: [{ system: 'http://hl7.org/fhir/nowhere', code: 'refuted' }] } }], // prettier-ignore
    ['a day of the week, without which a dose would be one for each day', dosed({ timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd', dayOfWeek: ['Monday'] } } })], // prettier-ignore
    ['a frequency of none, without which a dose would be given', dosed({ timing: { repeat: { frequency: 0, period: 1, periodUnit: 'd' } } })], // prettier-ignore
    ['a dose as an older version has it', dosed({ doseQuantity: { value: 5, unit: 'mg' } })],
    ['the end of a treatment, without which it would go on', { ...dosed({ text: 'one' }), dispenseRequest: { validityPeriod: { start: '2025-01', end: '2025-13' } } }], // prettier-ignore
    ['a result that is no date', { ...observed({}), valueDateTime: '2026-02-30' }],
    ['a modifier that is no boolean', { resourceType: 'MedicationRequest', id: 'm', status: 'active', intent: 'order', subject: SUBJECT, medicationCodeableConcept: { text: 'x' }, doNotPerform: 'yes' }], // prettier-ignore
  ] as readonly (readonly [string, Resource])[])('that changes a meaning stays and is an issue: %s', (_, given) => {
    const { resource, mended: words } = mended(given)
    expect(resource).toEqual(given)
    expect(words).toEqual([])
    expect(faults(resource).some(isError)).toBe(true)
  })

  it('is not looked for where there is none', () => {
    expect(mended(problem).resource).toBe(problem)
  })
})
