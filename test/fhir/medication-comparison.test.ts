/** What became of each medicine between two lists: what is surely one stands in one row, what may be one is never merged. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareMedication } from '../../src/fhir/medication-comparison.ts'
import type { TreatmentRecord } from '../../src/fhir/medicine.ts'
import type { JsonObject } from '../../src/fhir/types.ts'

const ATC = 'http://www.whocc.no/atc'
const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm'

function coded(system: string, code: string, display: string, more: JsonObject = {}): TreatmentRecord {
  const medicationCodeableConcept = { coding: [{ system, code, display }] }
  return { resource: { resourceType: 'MedicationRequest', status: 'active', intent: 'order', medicationCodeableConcept, ...more } } // prettier-ignore
}

function named(text: string, more: JsonObject = {}): TreatmentRecord {
  return { resource: { resourceType: 'MedicationStatement', status: 'active', medicationCodeableConcept: { text }, ...more } } // prettier-ignore
}

function taken(value: number, perDay: number, more: JsonObject = {}): JsonObject {
  const doseAndRate = [{ doseQuantity: { value, unit: 'mg', code: 'mg' } }]
  return { dosageInstruction: [{ doseAndRate, timing: { repeat: { frequency: perDay, period: 1, periodUnit: 'd' } }, ...more }] } // prettier-ignore
}

const furosemide = (more: JsonObject = {}): TreatmentRecord => coded(ATC, 'C03CA01', 'Furosemide', more)

/** `changed: dose` of each row. */
function told(before: readonly TreatmentRecord[], after: readonly TreatmentRecord[]): readonly string[] {
  return compareMedication(before, after).map(({ change, aspects }) => [change, ...aspects].join(' '))
}

describe('compareMedication', () => {
  it('tells what is new, stopped, paused and unchanged', () => {
    const going = furosemide(taken(40, 1))
    expect(told([], [going])).toEqual(['new'])
    expect(told([going], [])).toEqual(['stopped'])
    expect(told([going], [going])).toEqual(['unchanged'])
    expect(told([going], [furosemide({ ...taken(40, 1), status: 'on-hold' })])).toEqual(['paused'])
    expect(told([going], [furosemide(taken(40, 1))])).toEqual(['unchanged'])
  })

  it.each([
    ['another dose', taken(80, 1), 'changed dose'],
    ['another rhythm', taken(40, 2), 'changed timing'],
    ['another route', taken(40, 1, { route: { coding: [{ system: 'urn:r', code: 'iv' }] } }), 'changed route'],
    ['only as needed', taken(40, 1, { asNeededBoolean: true }), 'changed timing'],
    ['no dosage', {}, 'unclear dose timing'],
    ['words for a dosage', { dosageInstruction: [{ text: '40 mg in the morning' }] }, 'unclear dose timing'],
  ])('takes %s for what it is', (_, more, expected) => {
    const before = furosemide(taken(40, 1, { route: { coding: [{ system: 'urn:r', code: 'po' }] } }))
    const after = furosemide('dosageInstruction' in more ? more : {})
    expect(told([before], [after])).toEqual([expected])
  })

  it('takes 50 and 50.0, and an abbreviation and its rhythm, for the same', () => {
    const one = furosemide(taken(40, 2))
    const dose = { doseQuantity: { value: JSON.rawJSON('40.0'), unit: 'mg', code: 'mg' } }
    const other = furosemide({
      dosageInstruction: [{ doseAndRate: [dose], timing: { code: { coding: [{ code: 'BID' }] } } }],
    })
    expect(told([one], [other])).toEqual(['unchanged'])
  })

  it('sees doses that changed places between morning and evening', () => {
    const regimen = (morning: number, evening: number): JsonObject => ({
      dosageInstruction: [
        ...(taken(morning, 1, { timing: { repeat: { when: ['MORN'] } } })['dosageInstruction'] as JsonObject[]),
        ...(taken(evening, 1, { timing: { repeat: { when: ['EVE'] } } })['dosageInstruction'] as JsonObject[]),
      ],
    })
    expect(told([furosemide(regimen(10, 14))], [furosemide(regimen(14, 10))])).toEqual(['changed dose'])
  })

  it('finds one medicine by the ingredients in the name of RxNorm, and its strength changed', () => {
    const before = coded(RXNORM, '313988', 'Furosemide 40 MG Oral Tablet', taken(40, 1))
    const after = coded(RXNORM, '310429', 'Furosemide 20 MG Oral Tablet', taken(20, 1))
    expect(told([before], [after])).toEqual(['changed strength dose'])
  })

  it('keeps a combination apart from its part, and says that they may be one', () => {
    const single = coded(RXNORM, '1', 'Losartan 50 MG Oral Tablet')
    const both = coded(RXNORM, '2', 'Losartan 50 MG / Hydrochlorothiazide 12.5 MG Oral Tablet')
    const rows = compareMedication([single], [both])
    expect(rows.map(({ change }) => change)).toEqual(['unclear', 'unclear'])
    expect(rows.map(({ perhaps }) => perhaps)).toEqual([[both], [single]])
  })

  it('does not take a combination of ATC for one substance', () => {
    const codeine = coded(ATC, 'N02BE51', 'Paracetamol with codeine')
    expect(told([codeine], [coded(ATC, 'N02BE51', 'Paracetamol with caffeine')])).not.toContain('unchanged')
  })

  it('leaves to be clarified what only its name makes alike', () => {
    expect(told([named('Warfarin 5 mg')], [named('Warfarin sodium 3 mg')])).toEqual(['unclear', 'unclear'])
    expect(told([named('Aspirin')], [named('Atorvastatin')])).toEqual(['new', 'stopped'])
  })

  it('takes an explicit stop for one, and leaves open what contradicts itself', () => {
    const home = furosemide(taken(40, 1))
    const stop = {
      ...furosemide(),
      resource: { ...furosemide().resource, resourceType: 'MedicationStatement', status: 'stopped' },
    }
    expect(told([home], [stop])).toEqual(['stopped'])
    expect(told([home, stop], [home])).toEqual(['unclear status'])
    expect(told([home], [furosemide({ doNotPerform: true })])).toEqual(['stopped'])
    const notTaken = { resource: { ...stop.resource, status: 'not-taken' } }
    expect(told([home], [notTaken])).toEqual(['unclear status'])
  })

  it('does not choose among records of one time that contradict each other', () => {
    const before = [furosemide(taken(40, 1)), furosemide(taken(80, 1))]
    expect(told(before, [furosemide(taken(80, 1))])).toEqual(['unclear dose'])
  })

  it('has every record in exactly one row, whatever the lists, and changes none of them', () => {
    const record = fc
      .record({
        code: fc.constantFrom('C03CA01', 'C09AA05', 'N02BE51'),
        mg: fc.constantFrom(5, 10),
        status: fc.constantFrom('active', 'on-hold', 'stopped'),
      }) // prettier-ignore
      .map(({ code, mg, status }) => coded(ATC, code, code, { ...taken(mg, 1), status }))
    fc.assert(
      fc.property(fc.array(record, { maxLength: 6 }), fc.array(record, { maxLength: 6 }), (before, after) => {
        const text = JSON.stringify([before, after])
        const rows = compareMedication(before, after)
        expect(rows.flatMap((row) => row.before)).toHaveLength(before.length)
        expect(rows.flatMap((row) => row.after)).toHaveLength(after.length)
        expect(JSON.stringify([before, after])).toBe(text)
      }),
    )
  })
})
