import { beforeAll, describe, expect, it } from 'vitest'
import { draft, type Draft, type DraftRequest, type Guide } from '../../../src/collect/draft/draft.ts'
import { frozen } from '../../../src/fhir/memo.ts'
import type { JsonObject, Resource, Section } from '../../../src/fhir/types.ts'
import type { Design } from '../../../src/pipeline.ts'
import { openDesign } from '../../design.ts'
import { guideNamed } from '../../guides.ts'
import { allergy, condition, medication, PATIENT, RECORD, result } from '../../record.ts'

const REQUEST: DraftRequest = {
  date: '2026-03-15T10:00:00Z',
  lang: 'en',
  author: { resourceType: 'Device', deviceName: [{ name: 'fhirdoc', type: 'manufacturer-name' }] },
  emptySections: 'emptyReason',
}

const PROBLEMS = '11450-4'
const ALLERGIES = '48765-2'
const MEDICATIONS = '10160-0'
const RESULTS = '30954-2'
const DEVICES = '46264-8'

let design: Design
let guide: Guide

beforeAll(async () => {
  design = await openDesign()
  guide = guideNamed('ips-2.0.0', design)
})

function drafted(resources: readonly Resource[], request: Partial<DraftRequest> = {}, own: Guide = guide): Draft {
  const founds = resources.map((resource) => ({ resource: frozen(resource), source: 'record' }))
  const patient = founds.find(({ resource }) => resource.resourceType === 'Patient')
  if (patient === undefined) throw new TypeError('The record has no patient')
  return draft({ patient, resources: founds }, own, { ...REQUEST, ...request })
}

function sectionOf({ composition }: Draft, code: string): Section | undefined {
  return composition.section?.find((section) => section.code?.coding?.[0]?.code === code)
}

function entriesOf(made: Draft, code: string): readonly (string | undefined)[] | undefined {
  return sectionOf(made, code)?.entry?.map(({ reference }) => reference)
}

function reasonOf({ receipt }: Draft, name: string): string | undefined {
  return receipt.find(({ source }) => source.startsWith(`${name} `) || source.startsWith(`${name}/`))?.reason
}

function madeOf({ resources }: Draft, type: string): Resource | undefined {
  return resources.find(({ resource, original }) => resource.resourceType === type && original === undefined)?.resource
}

describe('a draft', () => {
  it('has what is active in its section, and past problems in theirs', () => {
    const made = drafted(RECORD)
    expect(entriesOf(made, PROBLEMS)).toEqual(['Condition/c2', 'Condition/c1'])
    expect(entriesOf(made, '11348-0')).toEqual(['Condition/c3'])
    expect(entriesOf(made, MEDICATIONS)).toEqual(['MedicationRequest/m3', 'MedicationStatement/m1'])
    expect(entriesOf(made, '11369-6')).toEqual(['Immunization/i1'])
    expect(entriesOf(made, '104605-1')).toEqual(['Flag/f1'])
  })

  it('has allergies by criticality', () => {
    expect(entriesOf(drafted(RECORD), ALLERGIES)).toEqual(['AllergyIntolerance/a2', 'AllergyIntolerance/a1'])
  })

  it('says of every resource of the record where it is or why it is not', () => {
    const made = drafted(RECORD)
    expect(made.receipt).toHaveLength(RECORD.length)
    expect(reasonOf(made, 'Condition/c4')).toBe('it was refuted')
    expect(reasonOf(made, 'Condition/c5')).toBe('it was entered in error')
    expect(reasonOf(made, 'AllergyIntolerance/a3')).toBe('it is resolved')
    expect(reasonOf(made, 'MedicationStatement/m2')).toBe('its course is completed')
    expect(reasonOf(made, 'Account/ac1')).toBe('Account is in no section of this guide')
    expect(made.receipt.every(({ section, reason }) => section !== undefined || reason !== '')).toBe(true)
  })

  it('takes no device for one of the patient that only measured, or made a document', () => {
    const meter: Resource = { resourceType: 'Device', id: 'meter', type: { text: 'Glucometer' } }
    const made = drafted([PATIENT, meter, result('r', '2339-0', { device: { reference: 'Device/meter' } })])
    expect(sectionOf(made, DEVICES)).toBeUndefined()
    expect(madeOf(made, 'DeviceUseStatement')).toBeUndefined()
  })

  it('lists a panel once and its members with it', () => {
    const made = drafted(RECORD)
    expect(entriesOf(made, RESULTS)).toEqual(['Observation/r1', 'DiagnosticReport/panel', 'Observation/r3'])
    expect(reasonOf(made, 'Observation/r4')).toContain('told with DiagnosticReport/panel')
  })

  it('counts what is older than the window, and keeps the latest of each kind', () => {
    const made = drafted(RECORD)
    const place = made.composition.section?.findIndex(({ code }) => code?.coding?.[0]?.code === RESULTS) ?? -1
    expect(made.notes[place]).toEqual([{ phrase: 'window.since.latest', slots: { count: '1', start: '2025-03-15' } }])
    expect(reasonOf(made, 'Observation/r2')).toContain('before 2025-03-15')
  })

  it('counts the days of the window in the zone of the site', () => {
    const late = result('r9', '2345-7', { effectiveDateTime: '2025-03-15' })
    const at = (zone: string): readonly (string | undefined)[] | undefined =>
      entriesOf(drafted([PATIENT, late, result('r8', '2345-7')], { date: '2026-03-15T23:30:00Z', zone }), RESULTS)
    expect(at('America/New_York')).toContain('Observation/r9')
    expect(at('Asia/Tokyo')).toContain('Observation/r9')
    const old = result('r9', '2345-7', { effectiveDateTime: '2025-03-13' })
    const made = drafted([PATIENT, old, result('r8', '2345-7')], { date: '2026-03-15T23:30:00Z', zone: 'Asia/Tokyo' })
    expect(entriesOf(made, RESULTS)).toEqual(['Observation/r8'])
  })

  it('has an implant that no statement of its use names', () => {
    const made = drafted(RECORD)
    expect(entriesOf(made, DEVICES)).toHaveLength(2)
    expect(madeOf(made, 'DeviceUseStatement')).toMatchObject({
      status: 'active',
      subject: { reference: 'Patient/p' },
      device: { reference: 'Device/pacemaker' },
      _timingDateTime: { extension: [{ valueCode: 'unknown' }] },
    })
    expect(reasonOf(made, 'Device/hip')).toContain('DeviceUseStatement/use')
  })

  it('is the same for the same record, and changes nothing of it', () => {
    const before = JSON.stringify(RECORD)
    expect(JSON.stringify(drafted(RECORD))).toBe(JSON.stringify(drafted(RECORD)))
    expect(JSON.stringify(RECORD)).toBe(before)
  })

  it('is preliminary and by the software, until somebody reviews it', () => {
    const { composition } = drafted(RECORD)
    expect(composition).toMatchObject({ status: 'preliminary', author: [{ reference: expect.stringMatching(/^urn:uuid:/) as string }] }) // prettier-ignore
    const reviewed = drafted(RECORD, { reviewer: { reference: 'Practitioner/d' } })
    expect(reviewed.composition.author?.[0]).toEqual({ reference: 'Practitioner/d' })
  })

  it('has titles in the language asked for', () => {
    const heading = (code: string): string | undefined => (code === PROBLEMS ? 'Problemliste' : undefined)
    const made = drafted(RECORD, { lang: 'de', heading })
    expect(sectionOf(made, PROBLEMS)?.title).toBe('Problemliste')
    expect(sectionOf(made, ALLERGIES)?.title).toBe('Allergies and intolerances')
    expect(made.composition.language).toBe('de')
  })
})

describe('a section with nothing to list', () => {
  it('says that the record says nothing, never that there is nothing', () => {
    const made = drafted([PATIENT])
    expect(sectionOf(made, ALLERGIES)).toMatchObject({
      emptyReason: { coding: [{ code: 'unavailable' }], text: expect.stringContaining('no statement') as string },
    })
    expect(sectionOf(made, RESULTS)).toBeUndefined()
  })

  it('has an entry that says that nothing is known, where the deployment wants it so', () => {
    const made = drafted([PATIENT], { emptySections: 'absent-unknown' })
    expect(madeOf(made, 'AllergyIntolerance')).toMatchObject({
      code: { coding: [{ code: 'no-allergy-info' }] },
      patient: { reference: 'Patient/p' },
    })
    expect(madeOf(made, 'MedicationStatement')).toMatchObject({
      status: 'unknown',
      _effectiveDateTime: { extension: [{ valueCode: 'unknown' }] },
    })
  })

  it('has it always where the guide knows no other way', () => {
    const made = drafted([PATIENT], {}, guideNamed('ips-1.1.0', design))
    expect(madeOf(made, 'Condition')).toMatchObject({ code: { coding: [{ code: 'no-problem-info' }] } })
  })

  it('says what a list of the record says', () => {
    const none = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/list-empty-reason', code: 'nilknown' }] }
    const list = {
      resourceType: 'List',
      id: 'l',
      status: 'current',
      mode: 'working',
      code: { coding: [{ system: 'http://loinc.org', code: ALLERGIES }] },
      subject: { reference: 'Patient/p' },
      emptyReason: none,
    }
    expect(sectionOf(drafted([PATIENT, list]), ALLERGIES)?.emptyReason).toEqual(none)
  })

  it('lists a statement that there is none as what it is', () => {
    const none = allergy('n', 'No known allergy', { code: { coding: [{ code: '716186003' }] } })
    const made = drafted([PATIENT, none])
    expect(entriesOf(made, ALLERGIES)).toEqual(['AllergyIntolerance/n'])
    expect(made.issues.filter(({ rule }) => rule === 'none-beside-some')).toEqual([])
  })

  it('warns of a statement that there is none beside something', () => {
    const none = allergy('n', 'No known allergy', { code: { coding: [{ code: '716186003' }] } })
    const made = drafted([PATIENT, none, allergy('a', 'Peanut')])
    expect(entriesOf(made, ALLERGIES)).toHaveLength(2)
    expect(made.issues.map(({ rule }) => rule)).toContain('none-beside-some')
  })

  it('says that what is withheld is withheld', () => {
    const patient = { resource: PATIENT, source: 'record' }
    const gaps = [{ type: 'Condition', reason: 'withheld' }] as const
    const made = draft({ patient, resources: [], gaps }, guide, REQUEST)
    expect(sectionOf(made, PROBLEMS)?.emptyReason?.coding?.[0]?.code).toBe('withheld')
    expect(sectionOf(made, ALLERGIES)?.emptyReason?.coding?.[0]?.code).toBe('unavailable')
  })

  it('says so beside what may be shown', () => {
    const founds = [PATIENT, condition('c', 'Gout')].map((resource) => ({ resource, source: 'record' }))
    const gaps = [{ type: 'Condition', reason: 'withheld' }] as const
    const made = draft({ patient: founds[0] as (typeof founds)[number], resources: founds, gaps }, guide, REQUEST)
    expect(made.notes[0]).toEqual([{ phrase: 'gap.withheld', slots: {} }])
  })
})

describe('what a profile requires', () => {
  const changed = (made: Draft, type: string): JsonObject | undefined =>
    made.resources.find(({ resource, original }) => resource.resourceType === type && original !== undefined)?.resource

  it('is told as absent where the record lacks it, and no value is made up', () => {
    const { birthDate: _birthDate, ...patient } = PATIENT
    const made = drafted([patient])
    expect(changed(made, 'Patient')).toMatchObject({ _birthDate: { extension: [{ valueCode: 'unknown' }] } })
    expect(changed(made, 'Patient')).not.toHaveProperty('birthDate')
  })

  it('makes a changed entry no version of its source any more', () => {
    const { birthDate: _birthDate, ...patient } = PATIENT
    const made = drafted([patient])
    expect(changed(made, 'Patient')?.['meta']).not.toHaveProperty('versionId')
    expect(made.receipt[0]).toMatchObject({ changed: 'birthDate is told as absent, was version 3' })
  })

  it('is named by what then keeps it', () => {
    const { performer: _performer, ...bare } = result('r', '2345-7', { meta: { versionId: '1' } })
    const made = drafted([PATIENT, bare])
    expect(changed(made, 'Observation')).toMatchObject({
      meta: { profile: [expect.stringContaining('Observation-results-laboratory-pathology-uv-ips') as string] },
      performer: [{ extension: [{ valueCode: 'unknown' }] }],
    })
  })

  it('leaves alone what has it all', () => {
    expect(changed(drafted([PATIENT, medication('m', 'Metformin')]), 'MedicationStatement')).toBeUndefined()
  })
})

describe('other records of the patient', () => {
  const linked: Resource = {
    ...PATIENT,
    link: [
      { other: { reference: 'https://ehr.example/fhir/Patient/q/_history/2' }, type: 'seealso' },
      { other: { reference: 'RelatedPerson/r' }, type: 'seealso' },
    ],
  }
  const related: Resource = { resourceType: 'RelatedPerson', id: 'r', patient: { reference: 'Patient/p' } }

  it('are named by identifier in a summary, which has room for one Patient', () => {
    const made = drafted([linked, related])
    const patient = made.resources.find(({ resource }) => resource.resourceType === 'Patient')?.resource
    expect(patient?.['link']).toEqual([
      { other: { type: 'Patient', identifier: { system: 'urn:ietf:rfc:3986', value: 'https://ehr.example/fhir/Patient/q' } }, type: 'seealso' }, // prettier-ignore
      { other: { reference: 'RelatedPerson/r' }, type: 'seealso' },
    ])
    expect(made.receipt[0]?.changed).toContain('named by identifier')
  })

  it('are told by their reference where no address is known', () => {
    const near = { ...PATIENT, link: [{ other: { reference: 'Patient/q' }, type: 'refer' }] }
    const made = drafted([near])
    const patient = made.resources.find(({ resource }) => resource.resourceType === 'Patient')?.resource
    expect(patient?.['link']).toEqual([{ other: { type: 'Patient', display: 'Patient/q' }, type: 'refer' }])
  })
})

describe('what comes along', () => {
  it('says with what', () => {
    const plan: Resource = { resourceType: 'CarePlan', id: 'cp', status: 'active', intent: 'plan', subject: { reference: 'Patient/p' }, goal: [{ reference: 'Goal/g' }] } // prettier-ignore
    const goal: Resource = { resourceType: 'Goal', id: 'g', lifecycleStatus: 'active', description: { text: 'walk' }, subject: { reference: 'Patient/p' } } // prettier-ignore
    expect(reasonOf(drafted([PATIENT, plan, goal]), 'Goal/g')).toBe('comes along with CarePlan/cp of record')
    expect(reasonOf(drafted([PATIENT, goal]), 'Goal/g')).toBe('Goal is in no section of this guide')
  })
})

describe('a list that states that there is nothing', () => {
  const list = (code: string): Resource => ({
    resourceType: 'List',
    id: 'l',
    status: 'current',
    mode: 'working',
    code: { coding: [{ code: ALLERGIES }] },
    emptyReason: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/list-empty-reason', code }] },
  })
  const absenceIn = (made: Draft): unknown => madeOf(made, 'AllergyIntolerance')?.['code']

  it('is the known absence of a guide that takes no emptyReason, and no more than that nothing is known else', () => {
    const strict = guideNamed('ips-1.1.0', design)
    expect(absenceIn(drafted([PATIENT, list('nilknown')], {}, strict))).toMatchObject({ coding: [{ code: 'no-known-allergies' }] }) // prettier-ignore
    expect(absenceIn(drafted([PATIENT, list('notasked')], {}, strict))).toMatchObject({ coding: [{ code: 'no-allergy-info' }] }) // prettier-ignore
    expect(absenceIn(drafted([PATIENT], {}, strict))).toMatchObject({ coding: [{ code: 'no-allergy-info' }] })
    const made = drafted([PATIENT, list('nilknown')], {}, strict)
    expect(sectionOf(made, ALLERGIES)?.emptyReason).toBeUndefined()
  })

  it('is told where the section has something all the same', () => {
    const rules = (made: Draft): unknown => made.issues.filter(({ rule }) => rule === 'none-beside-some').length
    expect(rules(drafted([PATIENT, list('nilknown'), allergy('a', 'Nuts')]))).toBe(1)
    expect(rules(drafted([PATIENT, list('notasked'), allergy('a', 'Nuts')]))).toBe(0)
  })
})
