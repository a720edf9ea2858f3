/** What two sources record alike stands once with both, and what they record differently twice, saying so (H-11). */

import { describe, expect, it } from 'vitest'
import type { JsonObject, Resource } from '../../src/fhir/types.ts'
import { page } from '../../src/render/page.ts'
import { design, documentOf, readable } from './reader.ts'

function told(...resources: readonly Resource[]): string {
  const named = resources.map((resource, index) => ({ ...resource, id: `r${index}` }))
  const entry = named.map(({ resourceType, id }) => ({ reference: `${resourceType}/${id}` }))
  return readable(page(documentOf({ section: [{ title: 'S', entry }] }, ...named), design).xhtml)
}

function coded(code: string, text: string): JsonObject {
  return { coding: [{ system: 'urn:codes', code }], text }
}

const SUBJECT = { reference: 'Patient/p' }
const problem: Resource = {
  resourceType: 'Condition',
  subject: SUBJECT,
  code: coded('J45', 'Asthma'),
  onsetDateTime: '2011',
}
const allergy: Resource = {
  resourceType: 'AllergyIntolerance',
  patient: SUBJECT,
  code: coded('763875007', 'Penicillin'),
  criticality: 'high',
}
const shot: Resource = {
  resourceType: 'Immunization',
  patient: SUBJECT,
  status: 'completed',
  vaccineCode: coded('J07BC01', 'Hepatitis B'),
  occurrenceDateTime: '2020-04-01',
}
const operation: Resource = {
  resourceType: 'Procedure',
  subject: SUBJECT,
  status: 'completed',
  code: coded('80146002', 'Appendectomy'),
  performedDateTime: '2015-06-01',
}
const result: Resource = { resourceType: 'Observation', subject: SUBJECT, status: 'final', code: coded('718-7', 'Haemoglobin'), effectiveDateTime: '2026-01-02', valueQuantity: { value: 13.5, unit: 'g/dL' } } // prettier-ignore

const WORDS: readonly (readonly [Resource, string])[] = [[problem, 'Asthma'], [allergy, 'Penicillin'], [shot, 'Hepatitis B'], [operation, 'Appendectomy'], [result, 'Haemoglobin']] // prettier-ignore
const DIFFERS = 'the same entry stands in another row, which differs in:'

function past(year: string): Resource {
  return { ...problem, clinicalStatus: { coding: [{ code: 'resolved' }] }, onsetDateTime: year }
}

describe('two records of one thing', () => {
  it.each(WORDS)('that agree are one row, which says how often (%#)', (resource, word) => {
    const text = told(resource, { ...resource, identifier: [{ value: 'of another system' }] }, resource)
    expect(text.split(word)).toHaveLength(2)
    expect(text).toContain('recorded 3 times')
  })

  it('by two people on two days are one row with both', () => {
    const of = (display: string, recordedDate: string): Resource => ({
      ...problem,
      recorder: { display },
      recordedDate,
    })
    const text = told(of('Dr Lang', '2020-01-01'), of('Dr Kurz', '2021-02-02'))
    expect(text.split('Asthma')).toHaveLength(2)
    expect(text).toMatch(/Recorded by: .*Dr Lang.*Dr Kurz/)
    expect(text).toMatch(/2020.*2021/)
  })

  it.each([
    [problem, { onsetDateTime: '2012' }, 'Onset'],
    [problem, { clinicalStatus: { coding: [{ code: 'active' }] } }, 'Clinical status'],
    [allergy, { criticality: 'low' }, 'Criticality'],
    [shot, { lotNumber: 'X1' }, 'Lot'],
    [operation, { outcome: { text: 'a fistula' } }, 'Outcome'],
    [result, { interpretation: [{ text: 'low' }] }, 'Interpretation'],
  ])('that differ are two rows which say in what (%#)', (resource, change, label) => {
    const text = told(resource, { ...resource, ...(change as JsonObject) })
    expect(text.split(`${DIFFERS} ${label}`), text).toHaveLength(3)
  })

  it('is no word where an act happened twice, or a problem came again', () => {
    expect(told(shot, { ...shot, occurrenceDateTime: '2020-10-01' })).not.toContain(DIFFERS)
    expect(told(past('2011'), past('2014'))).not.toContain(DIFFERS)
    expect(told(result, { ...result, valueQuantity: { value: 9, unit: 'g/dL' } })).not.toContain(DIFFERS)
  })

  it('is never taken from a name alone where the codes differ', () => {
    const text = told(problem, { ...problem, code: coded('J46', 'Asthma') })
    expect(text).not.toContain('recorded 2 times')
    expect(text.split('Asthma')).toHaveLength(3)
  })

  it('are compared in time that grows with their number alone', { timeout: 30_000 }, () => {
    const all = Array.from({ length: 4_000 }, (_, at) => ({ ...problem, note: [{ text: `note ${at}` }] }))
    const start = performance.now()
    const text = told(...all)
    expect(performance.now() - start).toBeLessThan(15_000)
    expect(text.split(DIFFERS)).toHaveLength(4_001)
  })
})
