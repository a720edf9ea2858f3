/** No two treatments become one, and none looks like another without a word (H-11). */

import { describe, expect, it } from 'vitest'
import { parseJson, stringify } from '../../src/fhir/json.ts'
import type { JsonObject, Resource } from '../../src/fhir/types.ts'
import { page } from '../../src/render/page.ts'
import { design, documentOf, readable } from './reader.ts'

const base = parseJson(`{"resourceType":"MedicationStatement","status":"active","subject":{"reference":"Patient/p"},
  "medicationCodeableConcept":{"coding":[{"system":"urn:atc","code":"C09AA05"}],"text":"Ramipril"},"effectivePeriod":{"start":"2025-06-01"},
  "dosage":[{"route":{"text":"oral"},"timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d"}},
  "doseAndRate":[{"doseQuantity":{"value":5,"unit":"mg"}}]}]}`) as Resource

function told(...resources: readonly Resource[]): string {
  const named = resources.map((resource, index) => ({ ...resource, id: `m${index}` }))
  const entry = named.map(({ resourceType, id }) => ({ reference: `${resourceType}/${id}` }))
  return readable(page(documentOf({ section: [{ title: 'S', entry }] }, ...named), design).xhtml)
}

function changed(from: string, to: string): Resource {
  const text = stringify(base)
  expect(text).toContain(from)
  return parseJson(text.replace(from, to)) as Resource
}

const DIFFERS = 'the same medication stands in another row, which differs in'

describe('two statements of one medication', () => {
  it.each([
    ['dose', changed('"value":5', '"value":10')],
    ['dose', changed('"value":5', '"value":5.0')],
    ['dose', changed('"unit":"mg"', '"unit":"g"')],
    ['route', changed('oral', 'rectal')],
    ['timing', changed('"frequency":1', '"frequency":2')],
    ['status', changed('"status":"active"', '"status":"stopped"')],
    ['period', changed('2025-06-01', '2025-07-01')],
    ['code', changed('"text":"Ramipril"', '"text":"Ramipril AL"')],
  ])('that differ in %s are two rows which say so', (aspect, other) => {
    const text = told(base, other)
    expect(text.split(`${DIFFERS} ${aspect}`)).toHaveLength(3)
  })

  it('that agree in all are one row, which says how often', () => {
    const text = told(base, base)
    expect(text.split('Ramipril')).toHaveLength(2)
    expect(text).toContain('recorded 2 times, alike in all that is shown here')
  })

  it('that agree in these but not in all are two rows which say so', () => {
    const text = told(base, { ...base, note: [{ text: 'by the neighbour' }] })
    expect(text).toContain('the same medication stands in another row, alike in code, strength, dose')
    expect(text).toContain('by the neighbour')
  })

  it('of which one was changed later than attested stay two', () => {
    const later: JsonObject = { lastUpdated: '2027-01-01T00:00:00Z' }
    expect(told(base, { ...base, meta: later })).not.toContain('recorded 2 times')
  })

  it('are known by the code of another resource, and by its strength', () => {
    const medication =
      parseJson(`{"resourceType":"Medication","id":"x","code":{"coding":[{"system":"urn:atc","code":"C09AA05"}]},
      "ingredient":[{"itemCodeableConcept":{"text":"Ramipril"},"strength":{"numerator":{"value":5,"unit":"mg"}}}]}`) as Resource
    const { medicationCodeableConcept: _concept, ...rest } = base
    const other = {
      ...rest,
      resourceType: 'MedicationStatement',
      id: 'n',
      medicationReference: { reference: 'Medication/x' },
    } as Resource
    const entry = [{ reference: 'MedicationStatement/m' }, { reference: 'MedicationStatement/n' }]
    const bundle = documentOf({ section: [{ title: 'S', entry }] }, { ...base, id: 'm' }, other, medication)
    expect(readable(page(bundle, design).xhtml)).toContain(`${DIFFERS} code, strength`)
  })
})

it('two medications say nothing of each other', () => {
  const text = told(base, changed('"C09AA05"}],"text":"Ramipril"', '"C07AB07"}],"text":"Bisoprolol"'))
  expect(text).not.toContain('the same medication')
})
