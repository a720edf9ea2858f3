/** Codes in words where there are words, identifiers with what they are, bytes never as text. */

import { describe, expect, it } from 'vitest'
import { show } from './reader.ts'

const LOINC = 'http://loinc.org'

describe('a CodeableConcept', () => {
  it.each([
    [{ text: 'Fever', coding: [{ system: LOINC, code: '1-1', display: 'Fever NOS' }] }, 'Fever'],
    [{ coding: [{ display: 'Fever' }, { display: 'Pyrexia' }, { system: LOINC, code: '1-1' }] }, 'Fever / Pyrexia'],
    [{ coding: [{ display: 'Fever' }, { display: 'Fever' }] }, 'Fever'],
    [{ coding: [{ system: LOINC, code: '1-1' }] }, '1-1 (loinc.org)'],
    [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'entered-in-error' }] },
      'entered in error',
    ],
    [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] }, 'Medical record number'],
    [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', code: 'HM' }] },
      'HM (v3-ObservationInterpretation)',
    ],
    [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', code: 'HH' }] },
      'critically high',
    ],
    [{ coding: [{ system: 'urn:oid:1.2.3', code: 'final' }] }, 'final (1.2.3)'],
    [{ coding: [{ system: LOINC, code: '42348-3' }] }, 'Advance directives'],
    [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentcategorycodes', code: 'dnr' }] },
      'do not resuscitate',
    ],
    [{ coding: [{ system: 'urn:ietf:bcp:47', code: 'de-CH' }] }, 'German (Switzerland)'],
    [{ coding: [{ system: 'urn:ietf:bcp:47', code: 'x-own' }] }, 'x-own'],
    [{ coding: [{ system: 'urn:ietf:bcp:47', code: '!' }] }, '!'],
    [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/list-empty-reason', code: 'nilknown' }] },
      'no items are known, after reasonable investigation',
    ],
    [
      { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }] },
      'unknown',
    ],
  ])('%j is %s', (concept, printed) => {
    expect(show(concept, 'CodeableConcept')).toBe(printed)
  })
})

describe('an Identifier', () => {
  it.each([
    [{ type: { text: 'MRN' }, system: 'https://a.example', value: '12' }, 'MRN 12'],
    [{ system: 'https://a.example', value: '12' }, '12 (https://a.example)'],
    [{ system: 'urn:ietf:rfc:3986', value: 'urn:uuid:1' }, 'urn:uuid:1'],
    [{ value: '12', use: 'old', assigner: { display: 'Clinic' } }, '12 (no longer used, Assigner: Clinic)'],
  ])('%j is %s', (identifier, printed) => {
    expect(show(identifier, 'Identifier')).toBe(printed)
  })
})

describe('Annotation, Attachment, Extension', () => {
  it('an Annotation has its author and time', () => {
    const note = { text: 'No rash.', authorString: 'Dr. Erle', time: '2026-03' }
    expect(show(note, 'Annotation')).toBe('No rash. (Dr. Erle, Mar\u00a02026)')
  })

  it('an Attachment is told by title, type and size', () => {
    const attachment = { contentType: 'application/pdf', data: 'JVBERi0xLjQK', title: 'Letter', language: 'de' }
    expect(show(attachment, 'Attachment')).toBe('Letter (application/pdf, 9 bytes, Language: de)')
    expect(show({ url: 'Binary/1' }, 'Attachment')).toBe('Binary/1')
    expect(show({}, 'Attachment')).toBe('Attachment')
  })

  it('an Extension is told by the end of its address, with all that is in it', () => {
    const extension = {
      url: 'https://a.example/fhir/birth-place',
      extension: [
        { url: 'city', valueString: 'Ulm' },
        { url: 'year', valueDate: '1961' },
      ],
    }
    expect(show(extension, 'Extension')).toBe('birth-place: city: Ulm, year: 1961')
  })
})
