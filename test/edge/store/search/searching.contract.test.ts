import { beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../../../src/ports.ts'
import { stores } from '../sql/stores.ts'
import { BASE, find, index, RECORDS, writeAll } from './records.ts'

const opened = stores()

/** A query, and the ids of what it finds in the order of the record. */
const QUERIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a string': {
    'Patient?name=anna': 'anna',
    'Patient?name=MULLER': 'anna',
    'Patient?name=cleo%20MULLER': 'cleo',
    'Patient?family=mu,be': 'anna bert',
    'Patient?family=uller': '',
    'Patient?family:contains=ULLER': 'anna',
    'Patient?name:contains=lund': 'cleo',
    'Patient?name:contains=%25': '',
    'Patient?family:exact=Müller': 'anna',
    'Patient?family:exact=müller': '',
    'Patient?given=zoe&given=anna': 'anna',
    'Patient?given=zoe&given=cleo': '',
    'Patient?family:missing=true': 'cleo',
    'Patient?family:missing=false': 'anna bert',
    [`Observation?value-string=${'x'.repeat(70)}e`]: 'elsewhere',
    [`Observation?value-string=${'x'.repeat(71)}`]: '',
    [`Observation?value-string:contains=ende`]: 'elsewhere',
    'Practitioner?family=kapodistriass%20quinones': 'words',
    'Practitioner?family=KAPODISTRIASSSON': 'words',
    'Practitioner?family=quinones': 'words',
    'Practitioner?family=diaz': 'words',
    'Practitioner?name=diaz': 'words',
    'Practitioner?family:exact=Quinones-Diaz': '',
    "Practitioner?given=o'neill": 'words',
    'Practitioner?given=oneill': 'words',
    'Practitioner?given=strasse': 'words',
    'Practitioner?given=STRASSE': 'words',
    'Practitioner?given=παπας': 'words',
    'Practitioner?given=istanbul': 'words',
    'Practitioner?given=fish': 'words',
    'Practitioner?given=--': 'words',
    'Practitioner?given=.': '',
    'Practitioner?given=محمد': 'words',
    'Practitioner?given=か': '',
  },
  'a token': {
    'Patient?identifier=A%5C%7C1': 'anna',
    'Patient?identifier=urn:mrn|A%5C|1': 'anna',
    'Patient?identifier=urn:mrn|': 'anna cleo',
    'Patient?identifier=|C': '',
    'Patient?identifier=urn:other|C': '',
    'Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|A%5C|1': 'anna',
    'Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|SS|A%5C|1': '',
    'Patient?identifier:text=record': 'anna',
    'Patient?gender=female': 'anna',
    'Patient?gender=http://hl7.org/fhir/administrative-gender|male': 'bert',
    'Patient?gender:not=male': 'anna cleo',
    'Patient?gender:not=male,female': 'cleo',
    'Patient?active=true': 'anna',
    'Patient?deceased=true': 'bert',
    'Patient?deceased=false': 'anna cleo',
    'Patient?_tag=urn:tags|seen': 'anna',
    'Patient?_id=anna,bert,nobody': 'anna bert',
    'Patient?_id:not=anna': 'bert cleo',
    'Observation?code=8867-4': 'pulse',
    'Observation?code:text=herz': 'pulse weight pressure',
    'Observation?code:text=measure%2088': 'pulse',
    'Observation?code:missing=true': '',
    'Observation?status=amended,registered': 'pulse',
    'ValueSet?version=2.0-beta': 'colours',
    'ValueSet?version=2.0-BETA': 'colours',
    'ValueSet?version=|2.0-Beta': 'colours',
    'Observation?code=A-B': '',
    'Observation?status=FINAL': '',
  },
  'a reference': {
    'Observation?subject=Patient/anna': 'pulse weight',
    'Observation?subject=anna': 'pulse weight',
    'Observation?patient=anna': 'pulse weight',
    [`Observation?subject=${BASE}/Patient/anna`]: 'pulse weight',
    'Observation?subject=https://elsewhere.example/fhir/Patient/anna': 'elsewhere',
    'Observation?subject:Patient=bert': 'pressure',
    'Observation?subject:Group=bert': '',
    'Observation?subject=Patient/bert': 'pressure',
    'Observation?subject=Patient/bert/_history/1': 'pressure',
    'Observation?subject=Patient/bert/_history/2': '',
    'Composition?subject:identifier=urn:mrn|A%5C|1': 'nested',
    'Composition?subject:identifier=urn:mrn|C': '',
    'Composition?subject:missing=true': '',
    'Composition?patient=Patient/anna': 'flat',
  },
  'a date': {
    'Observation?date=2026-01-15': 'pulse',
    'Observation?date=2026-01-15T09:00%2B01:00': 'pulse',
    'Observation?date=2026-01': 'pulse weight',
    'Observation?date=2026-01-01': '',
    'Observation?date=ne2026-01': 'pressure',
    'Observation?date=gt2026-01-20': 'weight',
    'Observation?date=lt2026': 'pressure',
    'Observation?date=ge2026-01-15': 'pulse weight',
    'Observation?date=sa2025-12-31': 'pulse weight',
    'Observation?date=eb2026-01-01': 'pressure',
    'Observation?date=ap2026-02-28': '',
    'Observation?date=ap2026-01-15': 'pulse weight',
    'Observation?date=ge2026-01-10&date=le2026-01-20': 'pulse weight',
    'Patient?birthdate=1970': 'anna',
    'Patient?birthdate=1970-03-01': '',
    'Patient?death-date=2025-12-24': 'bert',
    'Bundle?timestamp=ge2026-02-01T10:00:00Z': 'document',
    'ServiceRequest?occurrence=2026-02': 'course',
    'ServiceRequest?occurrence=2026-02-01': '',
    'ServiceRequest?occurrence=gt2026-02-10': 'course',
    'ServiceRequest?occurrence=sa2026-02-10': '',
  },
  'a number and a quantity': {
    'RiskAssessment?probability=0.25': 'risk',
    'RiskAssessment?probability=0.3': 'risk',
    'RiskAssessment?probability=0.26': '',
    'RiskAssessment?probability=gt0.2': 'risk',
    'RiskAssessment?probability=lt0.25': '',
    'Observation?value-quantity=5.4': 'weight',
    'Observation?value-quantity=5.40': 'weight',
    'Observation?value-quantity=5': 'weight',
    'Observation?value-quantity=5.0': '',
    'Observation?value-quantity=5.4|http://unitsofmeasure.org|mg': 'weight',
    'Observation?value-quantity=5.4|http://unitsofmeasure.org|kg': '',
    'Observation?value-quantity=ge5.4||mg': 'pulse weight',
    'Observation?value-quantity=ap70': 'pulse',
    'Observation?value-quantity=5.4|http://unitsofmeasure.org|': 'weight',
    'Observation?value-quantity=5.4|urn:units|': '',
    'Observation?value-quantity=5e0': '',
    'Observation?value-quantity=5.4e0': 'weight',
    'Observation?value-quantity=ne72': 'weight',
    'Observation?component-value-quantity=gt100': 'pressure',
  },
  'a URI': {
    'ValueSet?url=https://terms.example/ValueSet/colours/warm': 'colours',
    'ValueSet?url=https://terms.example/ValueSet/colours': '',
    'ValueSet?url=https://terms.example/ValueSet/colours/warm|2.0-Beta': 'colours',
    'ValueSet?url=https://terms.example/ValueSet/colours/warm|1.0': '',
    'ValueSet?url:below=https://terms.example/ValueSet/colours': 'colours',
    'ValueSet?url:below=https://terms.example/ValueSet/col': '',
    'ValueSet?url:above=https://terms.example/ValueSet/colours/warm/red': 'colours',
    'Patient?_profile=https://profiles.example/StructureDefinition/p': 'anna',
  },
  'a composite': {
    'Observation?code-value-quantity=http://loinc.org|8867-4$gt70': 'pulse',
    'Observation?code-value-quantity=8867-4$lt70': '',
    'Observation?component-code-value-quantity=8480-6$gt100': 'pressure',
    'Observation?component-code-value-quantity=8462-4$gt100': '',
    'Observation?combo-code-value-quantity=8867-4$72,8462-4$80': 'pulse pressure',
  },
  'a chain': {
    'Observation?subject:Patient.name=mul': 'pulse weight',
    'Observation?subject.name=berg': 'pressure',
    'Observation?patient.identifier=urn:mrn|A%5C|1': 'pulse weight',
    'Observation?patient.general-practitioner:Practitioner.name=lind': 'pulse weight',
    'Observation?patient.gender:not=male': 'pulse weight',
    'Observation?patient.general-practitioner.identifier=urn:hpr|8': '',
    'Composition?patient.identifier=urn:mrn|A%5C|1': 'flat',
  },
  'a chain into what is contained': {
    'MedicationRequest?medication.ingredient-code=abc': 'within',
    'MedicationRequest?medication.ingredient-code=xyz': '',
    'MedicationRequest?medication:Medication.ingredient-code:not=xyz': 'within',
    'MedicationRequest?medication.form:missing=true': 'within',
    'MedicationRequest?medication.manufacturer.name=kräuter': 'within',
    'MedicationRequest?medication.manufacturer.name=garden': '',
    'MedicationRequest?requester:Practitioner.name=abc': '',
    'Patient?_has:MedicationRequest:patient:medication.ingredient-code=abc': 'cleo',
    'Medication?ingredient-code=abc': '',
    'MedicationRequest?medication.ingredient-code=abc&medication.manufacturer.name=kraut': 'within',
  },
  'a chain goes to the types alone that have the parameter': {
    'Observation?subject.gender:not=male': 'pulse weight',
    'List?subject.gender:missing=true': 'mixed',
  },
  'a chain backwards': {
    'Patient?_has:Observation:patient:code=8867-4': 'anna',
    'Patient?_has:Observation:patient:code=85354-9': 'bert',
    'Patient?_has:Observation:patient:code=none': '',
    'Practitioner?_has:Patient:general-practitioner:_has:Observation:patient:code=8867-4': 'lind',
    'Observation?patient._has:Composition:patient:title=flat': 'pulse weight',
  },
  'several types': {
    '?_type=Patient,Practitioner': 'anna bert cleo lind words',
    '?_type=Patient&_tag=seen': 'anna',
    '?_tag=seen': 'anna',
    'Patient?_lastUpdated=gt2020&_id=anna': 'anna',
    'Patient?_lastUpdated=lt2020': '',
  },
}

/** The peers' failures by their numbers, and what belongs to them. */
const DOCUMENTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'hapi 2846: Bundle?composition. search goes on into the document': {
    'Bundle?composition.patient.identifier=urn:mrn|in-document': 'document',
    'Bundle?composition.patient.identifier=urn:mrn|C': '',
    'Bundle?composition.type=http://loinc.org|34133-9': 'document',
    'Bundle?composition.type=60591-5': '',
    'Bundle?composition.type:not=60591-5': 'document',
    'Bundle?composition.subject:Patient.name=innen': 'document',
    'Bundle?composition.subject:Patient.name=anna': '',
    'Bundle?composition.date=2026-02-01': 'document',
    'Bundle?composition.encounter:missing=true': 'document',
    'Bundle?composition.date:missing=true': '',
    'Bundle?composition.entry:Condition.code=38341003': 'document',
    'Bundle?composition.entry:Condition.patient.name=innen': 'document',
    'Bundle?composition.author:Practitioner.name=keeper': 'document',
    'Bundle?composition.author:PractitionerRole.organization.name=above': 'document',
    'Bundle?composition.author:Practitioner.name=above': '',
    'Bundle?composition.subject:Patient.name=keeper': '',
  },
  'a reference that leads out of the document goes on to the stored resource of that address': {
    'Bundle?composition.author:Practitioner.name=lind': 'document',
    'Bundle?composition.author:Practitioner.name=berg': '',
    'Bundle?composition.patient.general-practitioner:Practitioner.identifier=urn:hpr|9': 'document',
  },
  'a document is found by its own elements and by its Composition': {
    'Bundle?identifier=urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0': 'document',
    'Bundle?type=document': 'document',
    'Bundle?composition=inner': 'document',
    'Bundle?composition=Composition/inner': 'document',
    'Bundle?composition=urn:uuid:11111111-1111-4111-8111-111111111111': 'document',
    'Bundle?composition=Composition/nested': '',
    'Bundle?message.event=urn:event': 'message',
    'Bundle?message.event=urn:other': '',
  },
  'hapi 2660: entries of nested sections are found at every depth': {
    'Composition?entry=Observation/pulse': 'nested',
    'Composition?entry=Observation/weight': 'flat',
    'Composition?entry:Observation.code=8867-4': 'nested',
    'Composition?entry:Observation.status=amended': 'nested',
  },
}

describe.each(['sqlite in memory', 'postgres'] as const)('search in %s', (kind) => {
  let store: Store
  beforeAll(async () => {
    store = await opened.open(await opened.url(kind), { index })
    await writeAll(store, RECORDS)
  })

  describe.each(Object.entries({ ...QUERIES, ...DOCUMENTS }))('%s', (_name, queries) => {
    it.each(Object.entries(queries))('%s finds %j', async (query, ids) => {
      const { found, result } = await find(store, query)
      expect(found.map((name) => name.split('/')[1]).join(' ')).toBe(ids)
      expect(result.total).toBe(found.length)
    })
  })

  it('is the same where a filter has too many resources to begin with', async () => {
    const many = Array.from({ length: 1100 }, (_one, place) => ({ resourceType: 'Basic', id: `b${place}`, code: { coding: [{ code: place % 2 === 0 ? 'even' : 'odd' }] }, meta: { tag: [{ code: 'all' }] } })) // prettier-ignore
    await writeAll(store, many)
    const { found, result } = await find(store, 'Basic?_tag=all&code=even')
    expect(found.slice(0, 2)).toEqual(['Basic/b0', 'Basic/b2'])
    expect(result.total).toBe(550)
    expect((await find(store, 'Basic?_tag=all')).result.total).toBe(1100)
    expect((await find(store, 'Basic?_tag=all,none&_total=none')).result.total).toBeUndefined()
  })

  it('an update and a deletion take the old values out of the index', async () => {
    await writeAll(store, [{ resourceType: 'Location', id: 'l', name: 'Ward one' }])
    expect((await find(store, 'Location?name=ward')).found).toEqual(['Location/l'])
    await writeAll(store, [{ resourceType: 'Location', id: 'l', name: 'Clinic' }])
    expect((await find(store, 'Location?name=ward')).found).toEqual([])
    expect((await find(store, 'Location?name=clinic')).found).toEqual(['Location/l'])
    await store.transaction((writer) => writer.write({ type: 'Location', id: 'l', method: 'DELETE' }))
    expect((await find(store, 'Location?name=clinic')).found).toEqual([])
    expect((await find(store, 'Location?')).result.total).toBe(0)
  })

  it('texts that a database cannot hold are indexed and found', async () => {
    const value = `${'long'.repeat(2000)}\uD800\0`
    await writeAll(store, [{ resourceType: 'Device', id: 'd', identifier: [{ system: 'urn:x', value }], deviceName: [{ name: value, type: 'other' }] }]) // prettier-ignore
    const parameters = [['identifier', value]] as const
    expect((await find(store, 'Device?', { parameters })).found).toEqual(['Device/d'])
    expect((await find(store, 'Device?device-name=longlong')).found).toEqual(['Device/d'])
    expect((await find(store, 'Device?', { parameters: [['identifier', 'long'.repeat(2000)]] })).found).toEqual([])
  })

  it('inclusions go forward, backward and on', async () => {
    const forward = await find(store, 'Observation?_id=pulse&_include=Observation:subject')
    expect(forward.included).toEqual(['Patient/anna'])
    const on = await find(store, 'Observation?_id=pulse&_include=Observation:subject&_include:iterate=Patient:general-practitioner') // prettier-ignore
    expect(on.included).toEqual(['Patient/anna', 'Practitioner/lind'])
    const once = await find(store, 'Observation?_id=pulse&_include=Observation:subject&_include=Patient:general-practitioner') // prettier-ignore
    expect(once.included).toEqual(['Patient/anna'])
    const typed = await find(store, 'Observation?_id=pulse&_include=Observation:subject:Group')
    expect(typed.included).toEqual([])
    const back = await find(store, 'Patient?_id=anna&_revinclude=Observation:patient')
    expect(back.included).toEqual(['Observation/pulse', 'Observation/weight'])
    const all = await find(store, 'Composition?_id=flat&_include=*')
    expect(all.included).toEqual(['Patient/anna', 'Observation/weight'])
    const any = await find(store, 'Patient?_id=anna&_revinclude=*')
    expect(any.included).toEqual(['Observation/pulse', 'Observation/weight', 'Composition/flat', 'RiskAssessment/risk'])
    expect(any.result.total).toBe(1)
  })

  it('the order follows several keys, and what has none comes last', async () => {
    const order = async (sort: string): Promise<string> =>
      (await find(store, `Patient?_sort=${sort}`)).found.map((name) => name.split('/')[1]).join(' ')
    expect(await order('family')).toBe('bert anna cleo')
    expect(await order('-family')).toBe('anna bert cleo')
    expect(await order('-_id')).toBe('cleo bert anna')
    expect(await order('gender,-_id')).toBe('anna bert cleo')
    expect(await order('-birthdate,-_id')).toBe('anna cleo bert')
    expect((await find(store, 'Observation?_sort=date')).found[0]).toBe('Observation/pressure')
    expect((await find(store, 'Observation?_sort=-value-quantity')).found[0]).toBe('Observation/pulse')
  })

  it('the compartment of a patient is the patient and all about the patient', async () => {
    const compartment = { type: 'Patient', id: 'anna' }
    const { found } = await find(store, '?', { compartment })
    expect(found).toEqual(['Patient/anna', 'Observation/pulse', 'Observation/weight', 'Composition/flat', 'RiskAssessment/risk']) // prettier-ignore
    expect((await find(store, 'Observation?code=8867-4', { compartment })).found).toEqual(['Observation/pulse'])
    expect((await find(store, '?', { compartment: { type: 'Patient', id: 'bert' } })).found).toEqual(['Patient/bert', 'Observation/pressure']) // prettier-ignore
  })

  it('resources are identified many at once', async () => {
    const asked = [
      { system: 'urn:mrn', value: 'A|1' },
      { system: 'urn:mrn', value: 'C', type: 'Practitioner' },
      { system: 'urn:hpr', value: '9', type: 'Practitioner' },
      { system: 'urn:other', value: 'C' },
    ]
    const keys = await store.snapshot((reader) => reader.identified(asked))
    expect(keys).toEqual([[{ type: 'Patient', id: 'anna' }], [], [{ type: 'Practitioner', id: 'lind' }], []])
  })
})
