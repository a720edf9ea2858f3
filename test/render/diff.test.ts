/** The comparison of two documents tells every change of text and data, and nothing that is the same. */

import { describe, expect, it } from 'vitest'
import { parseJson } from '../../src/fhir/json.ts'
import type { Bundle, JsonObject, Resource } from '../../src/fhir/types.ts'
import { comparison } from '../../src/render/diff.ts'
import { design, documentOf, readable, text } from './reader.ts'

const identifier = { system: 'urn:x', value: 'series' }

function statement(id: string, dose: string, more: JsonObject = {}): Resource {
  return parseJson(
    `{"resourceType":"MedicationStatement","id":"${id}","status":"active","subject":{"reference":"Patient/p"},
    "medicationCodeableConcept":{"text":"Ramipril"},"dosage":[{"doseAndRate":[{"doseQuantity":{"value":${dose},"unit":"mg"}}]}],
    "note":${JSON.stringify(more['note'] ?? null)}}`.replace(/,\s*"note":null/, ''),
  ) as Resource
}

function documentWith(section: readonly JsonObject[], ...resources: readonly Resource[]): Bundle {
  return documentOf({ identifier, section }, ...resources)
}

function told(older: Bundle, newer: Bundle): string {
  return readable(comparison(older, newer, design).xhtml)
}

const medication = { title: 'Medication', entry: [{ reference: 'MedicationStatement/m' }] }

describe('two documents that are the same', () => {
  const bundle = documentWith([{ ...medication, text: text('<p>Ramipril</p>') }], statement('m', '5'))

  it('are said to be', () => {
    expect(told(bundle, bundle)).toContain('Text and data of both documents are the same.')
  })

  it('are the same by other addresses too', () => {
    const moved = parseJson(JSON.stringify(bundle).replaceAll('h.example/fhir', 'other.example/fhir')) as Bundle
    expect(told(bundle, moved)).toContain('Text and data of both documents are the same.')
  })
})

describe('a change', () => {
  const older = documentWith([{ ...medication, text: text('<p>Ramipril 5 mg daily</p>') }], statement('m', '5'))

  it('of a dose is told in text and data', () => {
    const newer = documentWith([{ ...medication, text: text('<p>Ramipril 10 mg daily</p>') }], statement('m', '10'))
    const page = comparison(older, newer, design).xhtml
    expect(page).toContain('Ramipril <del>5 </del><ins>10 </ins>mg daily')
    expect(readable(page)).toMatch(/changed Medication : Ramipril .* Dosage 5 mg 10 mg/)
  })

  it('of the written form of a number is told', () => {
    const newer = documentWith([{ ...medication, text: text('<p>Ramipril 5 mg daily</p>') }], statement('m', '5.0'))
    expect(told(older, newer)).toContain('the same words, but other data')
  })

  it('is an entry that came, and one that went', () => {
    const two = { title: 'Medication', entry: [{ reference: 'MedicationStatement/n' }] }
    const other = { ...statement('n', '2'), medicationCodeableConcept: { text: 'Bisoprolol' } }
    const page = told(documentWith([medication], statement('m', '5')), documentWith([two], other))
    expect(page).toContain('added Medication : Bisoprolol')
    expect(page).toContain('removed Medication : Ramipril')
  })

  it('is a section that came, and one that went', () => {
    const page = told(
      documentWith([{ title: 'Old', text: text('<p>gone</p>') }]),
      documentWith([{ title: 'New', text: text('<p>here</p>') }]),
    )
    expect(page).toContain('added New')
    expect(page).toContain('removed Old')
  })

  it('of status and of an entry that no section lists is told', () => {
    const observation: Resource = { resourceType: 'Observation', id: 'o', status: 'final', code: { text: 'Pulse' } }
    const newer = documentOf({ identifier, status: 'amended' }, { ...observation, valueString: '60' })
    const page = told(documentOf({ identifier }, observation), newer)
    expect(page).toMatch(/Status final amended/)
    expect(page).toMatch(/changed Observations : Pulse .* Value – 60/)
  })
})

describe('a warning', () => {
  it('stands over documents that do not say that they belong together, or are given in the wrong order', () => {
    const one = documentOf({ date: '2026-03-02' })
    const other = documentOf({ date: '2026-03-01' })
    const page = told(one, other)
    expect(page).toContain('Nothing in these documents says that they are versions of one document.')
    expect(page).toContain('The document given as older was written after the other.')
  })

  it('does not stand over a document that names the one that it replaces', () => {
    const old = documentOf({})
    const relatesTo = [{ code: 'replaces', targetIdentifier: old.identifier as JsonObject }]
    expect(told(old, documentOf({ relatesTo }))).not.toContain('Nothing in these documents says')
  })

  it('stands over documents about two people', () => {
    const other: Resource = {
      resourceType: 'Patient',
      id: 'p',
      name: [{ text: 'Uwe Birke' }],
      identifier: [{ value: '7' }],
    }
    const page = told(
      documentOf({ subject: { reference: 'Patient/p' } }),
      documentOf({ subject: { reference: 'Patient/q' } }, { ...other, id: 'q' }),
    )
    expect(page).toContain('The subjects of these documents are not known to be the same.')
    expect(page).toContain('Uwe Birke')
    expect(told(documentOf({}), documentOf({}))).not.toContain('The subjects of these documents')
  })
})
