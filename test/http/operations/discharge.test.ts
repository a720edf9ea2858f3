/** The discharge report over HTTP: complete, preliminary, in the words of its clinician, and true about medication. */

import { beforeAll, describe, expect, it } from 'vitest'
import type { Bundle, Composition, JsonObject, Resource, Section } from '../../../src/fhir/types.ts'
import { course, record } from '../../collect/draft/heart-failure.ts'
import { summaryService, type SummaryService } from './summary-service.ts'

const PATH = '/Encounter/stay/$discharge-report'
let service: SummaryService
let bundle: Bundle

beforeAll(async () => {
  service = await summaryService({ record })
  const { body } = await service.get(`${PATH}?course=${encodeURIComponent(course)}`)
  bundle = body as Bundle
})

function compositionOf({ entry = [] }: Bundle): Composition {
  return entry[0]?.resource as Composition
}

function all(sections: readonly Section[] = []): readonly Section[] {
  return sections.flatMap((section) => [section, ...all(section.section)])
}

function sectionOf(code: string, of: Bundle = bundle): Section | undefined {
  return all(compositionOf(of).section).find((section) => section.code?.coding?.[0]?.code === code)
}

/** The words of a section, row by row. */
function textOf(code: string): string {
  const div = sectionOf(code)?.text?.div ?? ''
  return div
    .replaceAll(/<tbody[^>]*>/g, '\n')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/&#(?:160|8239);/g, ' ')
    .replaceAll(/[ \t]+/g, ' ')
}

function idsIn(code: string): readonly string[] {
  return (sectionOf(code)?.entry ?? []).map(({ reference = '' }) => reference.split('/').at(-1) ?? '')
}

describe('$discharge-report', () => {
  it('is a document of the European profile, preliminary, about the stay', () => {
    expect(bundle).toMatchObject({
      resourceType: 'Bundle',
      type: 'document',
      meta: { profile: ['http://hl7.eu/fhir/hdr/StructureDefinition/bundle-eu-hdr'] },
    })
    const composition = compositionOf(bundle)
    expect(composition).toMatchObject({
      status: 'preliminary',
      type: { coding: [{ code: '34105-7' }] },
      event: [{ period: { start: '2026-03-03T18:20:00+01:00', end: '2026-03-10T11:00:00+01:00' } }],
    })
    expect(composition.encounter?.reference).toMatch(/Encounter\/stay$/)
    expect(composition.custodian?.reference).toMatch(/Organization\/hospital$/)
    expect(composition.attester).toBeUndefined()
  })

  it('has the course as it was written', () => {
    expect(sectionOf('8648-8')?.emptyReason).toBeUndefined()
    expect(sectionOf('8648-8')?.text).toMatchObject({ status: 'additional' })
    expect(sectionOf('8648-8')?.text?.div).toContain('<b>acute heart failure</b>')
    expect(sectionOf('8648-8')?.text?.div).toContain('<li>diuresis of 6.4 kg</li>')
  })

  it('says of a course that is missing that it is, in its section and as an issue', async () => {
    const answer = await fetch(`${service.base}${PATH}`)
    expect(answer.status).toBe(200)
    const without = (await answer.json()) as Bundle
    const section = sectionOf('8648-8', without)
    expect(section?.emptyReason).toMatchObject({ coding: [{ code: 'notstarted' }] })
    expect(section?.text?.div).toContain('has not been written yet')
  })

  it('shows what is hostile in a course as the text that it is', async () => {
    const { body } = await service.post(PATH, {
      resourceType: 'Parameters',
      parameter: [{ name: 'course', valueString: '<script>alert(1)</script> & more' }],
    })
    const div = sectionOf('8648-8', body as Bundle)?.text?.div ?? ''
    expect(div).toContain('&lt;script')
    expect(div).toContain('&amp; more')
    expect(div).not.toContain('<script')
  })

  it.each([
    ['Spironolactone', 'new', '25 mg'],
    ['Furosemide', 'changed: dose', '80 mg'],
    ['Ramipril', 'stopped', 'Cough under ramipril'],
    ['Metformin', 'paused', 'Renal function'],
    ['Bisoprolol', 'unchanged', '2.5 mg'],
    ['Levothyroxine', 'unchanged', '0.075 mg'],
    ['Warfarin 5 mg', 'to be clarified', 'perhaps the same medication as Warfarin Sodium 3 mg tablets'],
  ])('says of %s that it is %s', (name, change, words) => {
    const rows = textOf('75311-1').split('\n').filter((row) => row.trim().startsWith(name)) // prettier-ignore
    expect(rows).toHaveLength(1)
    expect(rows[0]).toContain(change)
    expect(rows[0]).toContain(words)
  })

  it('has what was given in the stay alone apart from what is to be taken', () => {
    expect(idsIn('87232-5')).toEqual(expect.arrayContaining(['furosemide-iv', 'furosemide-given']))
    expect(textOf('75311-1')).not.toContain('inpatient;')
    expect(idsIn('42346-7')).toContain('ramipril-home')
  })

  it('says what is not to be done by the will of the patient, and nothing that is no longer in force', async () => {
    const patient = record.find(({ resourceType }) => resourceType === 'Patient')
    const directive = (id: string, status: string): Resource => ({
      resourceType: 'Consent',
      id,
      status,
      patient: { reference: `Patient/${patient?.id}` },
      scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'adr' }] },
      category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentcategorycodes', code: 'dnr' }] }],
    })
    const all = await summaryService({
      record: [...record, directive('in-force', 'active'), directive('old', 'inactive')],
    })
    const section = sectionOf('42348-3', (await all.get(PATH)).body as Bundle)
    expect(section?.entry).toEqual([{ reference: expect.stringMatching(/Consent\/in-force$/) as string }])
    expect(section?.text?.div).toContain('do not resuscitate')
  })

  it('names the principal diagnosis first, with what it is to the stay', () => {
    expect(idsIn('11535-2')).toEqual(['heart-failure', 'fibrillation'])
    expect(textOf('11535-2')).toMatch(/Discharge diagnosis, rank 1[\s\S]*Comorbidity diagnosis, rank 2/)
    expect(idsIn('67851-6')).toEqual(['stay', 'dyspnoea'])
  })

  it('tells how the stay began in one section and how it ended in another', () => {
    expect(textOf('67851-6')).toContain('From accident/emergency department')
    expect(textOf('67851-6')).not.toContain('Discharge disposition')
    expect(textOf('8650-4')).toContain('Home')
    expect(textOf('8650-4')).toContain('10 Mar 2026')
  })

  it('sets results of the stay side by side, and of vital signs the last, saying how many it does not show', () => {
    expect(idsIn('30954-2')).toHaveLength(6)
    expect(textOf('30954-2')).toMatch(/1\.9 mg\/dL.*1\.6 mg\/dL.*1\.4 mg\/dL/)
    expect(idsIn('8716-3')).toEqual(['weight-2'])
    expect(textOf('8716-3')).toContain('1 older not shown')
  })

  it('has the lasting facts: the statement that no allergy is known, problems, the implant', () => {
    expect(textOf('48765-2')).toContain('No known allergy')
    expect(idsIn('11450-4')).toEqual(['kidney'])
    expect(textOf('46264-8')).toContain('Cardioverter Alpha')
    expect(idsIn('11329-0')).toEqual(['pneumonia'])
  })

  it('has nothing that was entered in error or is of another encounter', () => {
    const text = JSON.stringify(bundle)
    for (const words of ['Diabetes insipidus', 'Sodium in error', 'Glucose of the other visit', 'Paracetamol'])
      expect(text).not.toContain(words)
  })

  it('is a page, XML and PDF too', async () => {
    const types = { 'application/xhtml+xml': '<html', 'application/fhir+xml': '<Bundle', 'application/pdf': '%PDF' }
    for (const [type, start] of Object.entries(types)) {
      const answer = await fetch(`${service.base}${PATH}?lang=de`, { headers: { Accept: type } })
      expect(answer.status).toBe(200)
      expect((await answer.text()).slice(0, 400)).toContain(start)
    }
  })

  it('is final where it is attested, and is not attested without a course', async () => {
    const attester = { name: 'attester', valueString: 'Practitioner/lena' }
    const parameters = (...parameter: readonly JsonObject[]): JsonObject => ({ resourceType: 'Parameters', parameter })
    const bare = await service.post(PATH, parameters(attester))
    expect([bare.status, JSON.stringify(bare.body)]).toEqual([400, expect.stringContaining('course is missing')])
    const { body } = await service.post(PATH, parameters(attester, { name: 'course', valueString: course }))
    expect(compositionOf(body as Bundle)).toMatchObject({ status: 'final', attester: [{ mode: 'professional' }] })
  })

  it('is of the plain kind where its profile is asked for', async () => {
    const profile = encodeURIComponent('http://hl7.org/fhir/StructureDefinition/clinicaldocument')
    const { body } = await service.get(`${PATH}?profile=${profile}`)
    expect(compositionOf(body as Bundle).type).toMatchObject({ coding: [{ code: '18842-5' }] })
    expect(sectionOf('75311-1', body as Bundle)?.entry).toHaveLength(8)
  })

  it('is of a finished stay: what is not there is 404, what never was is 422', async () => {
    expect((await service.get('/Encounter/nothing/$discharge-report')).status).toBe(404)
    const cancelled: Resource = { ...(record[1] as Resource), id: 'cancelled', status: 'cancelled' }
    const other = await summaryService({ record: [record[0] as Resource, cancelled].map(withoutReferences) })
    expect((await other.get('/Encounter/cancelled/$discharge-report')).status).toBe(422)
  })
})

function withoutReferences({
  diagnosis: _diagnosis,
  participant: _participant,
  serviceProvider: _provider,
  ...rest
}: Resource): Resource {
  return rest
}

describe('a stay of which nothing is known but that it was', () => {
  const bare: Resource = { resourceType: 'Encounter', id: 'bare', status: 'finished', class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' }, subject: { reference: 'Patient/greta' } } // prettier-ignore
  const going: Resource = { ...bare, id: 'going', status: 'in-progress', period: { start: '2026-03-01' } }

  it('has a report without a section about its end', async () => {
    const own = await summaryService({ record: [...record, bare, going] })
    for (const id of ['bare', 'going']) {
      const { status, body } = await own.get(`/Encounter/${id}/$discharge-report?course=x`)
      expect(status, id).toBe(200)
      expect(sectionOf('67851-6', body as Bundle)?.text?.div).toContain('inpatient')
      expect(sectionOf('8650-4', body as Bundle)).toBeUndefined()
    }
  })

  it('is told whole where somebody lists it at its end', async () => {
    const composition = { resourceType: 'Composition', id: 'c', status: 'preliminary', type: { text: 'x' }, title: 'x', date: '2026-03-10', author: [{ display: 'x' }], subject: { reference: 'Patient/greta' }, section: [{ title: 'End', code: { coding: [{ system: 'http://loinc.org', code: '8650-4' }] }, entry: [{ reference: 'Encounter/bare' }] }] } // prettier-ignore
    const own = await summaryService({ record: [...record, bare, composition] })
    const { status, body } = await own.get('/Composition/c/$document')
    expect(status).toBe(200)
    expect(sectionOf('8650-4', body as Bundle)?.text?.div).toContain('finished')
  })
})
