/** References are told by what they name; nothing is guessed, and what was found by less than the rules says so (H-2). */

import { describe, expect, it } from 'vitest'
import { loadDefinitions } from '../../src/edge/packages.ts'
import { indexBundle } from '../../src/fhir/reference.ts'
import type { Bundle, JsonObject, Reference, Resource } from '../../src/fhir/types.ts'
import { findTarget, summary, titleOf, wordingFor, type Reader } from '../../src/render/refer.ts'
import { wording } from './reader.ts'

const erle: Resource = {
  resourceType: 'Practitioner',
  id: 'd',
  identifier: [{ system: 'urn:s', value: '1' }],
  name: [{ prefix: ['Dr.'], family: 'Erle' }],
}
const clinic: Resource = { resourceType: 'Organization', id: 'o', active: false, name: 'Clinic' }
const role: Resource = {
  resourceType: 'PractitionerRole',
  id: 'r',
  practitioner: { reference: 'Practitioner/d' },
  organization: { reference: 'Organization/o' },
  code: [{ text: 'Surgeon' }],
}
const clara: Resource = {
  resourceType: 'Patient',
  id: 'p',
  identifier: [{ system: 'urn:s', value: '9' }],
  name: [{ use: 'old', family: 'Linde' }, { family: 'Ahorn' }],
}
const drug: Resource = {
  resourceType: 'Medication',
  id: 'm',
  code: { text: 'Bisoprolol' },
  form: { text: 'tablet' },
  status: 'entered-in-error',
}

function bundleOf(base: string, ...resources: readonly Resource[]): Bundle {
  return {
    resourceType: 'Bundle',
    entry: resources.map((resource, place) => ({
      fullUrl: base === '' ? `urn:uuid:${place}` : `${base}/${resource.resourceType}/${resource.id}`,
      resource,
    })),
  }
}

const base = 'https://h.example/fhir'
const all = [erle, clinic, role, clara, drug]
const { locale, phrase, model } = wording

function readerOf(fullUrls: string): { reader: Reader; holder: { fullUrl: string; container: Resource } } {
  const bundle = bundleOf(fullUrls, ...all)
  return {
    reader: { index: indexBundle(bundle), parts: { locale, phrase, model } },
    holder: { fullUrl: bundle.entry?.[2]?.fullUrl ?? '', container: role },
  }
}

function told(reference: Reference, fullUrls = base): string {
  const { reader, holder } = readerOf(fullUrls)
  return wordingFor(reader, holder).refer(reference)
}

describe('a Device of R5', () => {
  it('has a name of its own kind', async () => {
    const { model } = await loadDefinitions({ fhirVersion: '5.0.0' })
    const device: Resource = { resourceType: 'Device', id: 'd', name: [{ value: 'Pacer', type: 'user-friendly-name' }] }
    expect(summary(device, { ...wording, model })).toContain('Pacer')
  })
})

describe('a reference is told', () => {
  it.each([
    ['by its display', { reference: 'Practitioner/d', display: 'The doctor' }, 'The doctor'],
    ['by what it names', { reference: 'Practitioner/d' }, 'Dr. Erle'],
    [
      'by what that names in turn',
      { reference: 'PractitionerRole/r' },
      'Dr. Erle, Surgeon, Clinic [Record in use: no]',
    ],
    ['by the name that a person bears now', { reference: 'Patient/p' }, 'Ahorn'],
    [
      'in full for a medication, with what turns it',
      { reference: 'Medication/m', display: 'Bisoprolol' },
      'Bisoprolol, tablet [Status: entered in error]',
    ],
    [
      'with both where display and data differ',
      { reference: 'Medication/m', display: 'Aspirin' },
      'Aspirin: Bisoprolol, tablet [Status: entered in error]',
    ],
    ['as not in the document', { reference: 'Patient/gone' }, 'Patient/gone (not in this document)'],
    ['by its identifier', { type: 'Device', identifier: { system: 'urn:s', value: '7' } }, 'Device 7 (urn:s)'],
    [
      'by whom its identifier alone finds',
      { type: 'Practitioner', identifier: { system: 'urn:s', value: '1' } },
      'Dr. Erle [found by its identifier]',
    ],
    ['as naming nothing', {}, 'nothing is named'],
  ])('%s', (_, reference, words) => {
    expect(told(reference as Reference)).toBe(words)
  })

  it('never without end', () => {
    const loop: Resource = {
      resourceType: 'PractitionerRole',
      id: 'l',
      practitioner: { reference: 'PractitionerRole/l' },
    }
    const reader: Reader = { index: indexBundle(bundleOf(base, loop)), parts: { locale, phrase, model } }
    expect(
      wordingFor(reader, { fullUrl: `${base}/PractitionerRole/l`, container: loop }).refer({
        reference: 'PractitionerRole/l',
      }),
    ).toBe('PractitionerRole/l')
  })
})

describe('findTarget', () => {
  const find = (reference: Reference, fullUrls = base): unknown => {
    const { reader, holder } = readerOf(fullUrls)
    const target = findTarget(reader.index, reference, holder)
    return typeof target === 'string' ? target : [target.resource.id, target.by]
  }

  it('finds by the rules', () => {
    expect(find({ reference: 'Patient/p' })).toEqual(['p', 'rule'])
    expect(find({ reference: `${base}/Patient/p` })).toEqual(['p', 'rule'])
  })

  it('finds by type and id alone where the rules give no base, and says so', () => {
    expect(find({ reference: 'Patient/p' }, '')).toEqual(['p', 'type-and-id'])
    expect(find({ reference: 'Patient/q' }, '')).toBe('no-base')
  })

  it('takes none of two with one type and id', () => {
    const bundle = bundleOf('', clara, { ...clara })
    expect(
      findTarget(indexBundle(bundle), { reference: 'Patient/p' }, { fullUrl: 'urn:uuid:9', container: role }),
    ).toBe('no-base')
  })

  it('finds by identifier with system, value and type, but never a Patient', () => {
    const identifier = { system: 'urn:s', value: '9' }
    expect(find({ type: 'Practitioner', identifier: { system: 'urn:s', value: '1' } })).toEqual(['d', 'identifier'])
    expect(find({ type: 'Patient', identifier })).toBe('no-reference')
    expect(find({ identifier })).toBe('no-reference')
    expect(find({ type: 'Practitioner', identifier: { value: '1' } })).toBe('no-reference')
  })

  it('says why it finds nothing', () => {
    expect(find({ reference: 'Patient/p/_history/2' })).toBe('other-version')
    expect(find({ reference: '#x' })).toBe('no-fragment')
    expect(find({ reference: 'nonsense' })).toBe('malformed')
    expect(find({ reference: 'https://other.example/Patient/p' })).toBe('outside')
  })
})

describe('summary and titleOf', () => {
  const say = (resource: JsonObject): readonly string[] => [
    summary(resource as Resource, wording),
    titleOf(resource as Resource, wording),
  ]

  it.each([
    [
      { resourceType: 'Observation', code: { text: 'Pulse' }, valueQuantity: { value: 70, unit: '/min' } },
      ['Pulse, 70\u00a0/min', 'Pulse'],
    ],
    [
      { resourceType: 'Encounter', class: { display: 'inpatient' }, period: { start: '2026' } },
      ['inpatient, since 2026', 'inpatient, since 2026'],
    ],
    [{ resourceType: 'Basic', id: '1' }, ['Basic 1', 'Basic 1']],
    [{ resourceType: 'Unheard', id: '1' }, ['Unheard 1', 'Unheard 1']],
  ])('%j', (resource, words) => {
    expect(say(resource)).toEqual(words)
  })
})
