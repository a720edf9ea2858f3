/** The head says what the document is, whom it is about and who answers for it, and claims nothing beyond. */

import { describe, expect, it } from 'vitest'
import type { Bundle, JsonObject, Resource } from '../../src/fhir/types.ts'
import { toneOf } from '../../src/render/header.ts'
import { page } from '../../src/render/page.ts'
import { design, documentOf, patient, readable } from './reader.ts'

function head(composition: JsonObject, ...resources: readonly Resource[]): string {
  return headOf(documentOf(composition, ...resources))
}

function headOf(bundle: Bundle): string {
  return readable(/<body>.*<\/header>/s.exec(page(bundle, design).xhtml)?.[0] ?? '')
}

const clinic: Resource = { resourceType: 'Organization', id: 'o', name: 'Clinic' }
const erle: Resource = { resourceType: 'Practitioner', id: 'd', name: [{ family: 'Erle' }] }

describe('the head', () => {
  it('has type, title, status, identifiers and dates', () => {
    const told = head({
      identifier: { system: 'https://a.example', value: '7' },
      category: [{ text: 'Report' }],
      language: 'en',
    })
    for (const words of [
      'Letter A letter Status final',
      'Document identifier urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0',
      'Composition identifier 7 (https://a.example)',
      'Written 1 Mar 2026, 10:00 UTC',
      'Assembled 1 Mar 2026, 11:00 UTC',
      'Category Report',
      'Language en',
    ])
      expect(told).toContain(words)
  })

  it('names authors, attesters with mode and time, custodian, encounter, events and related documents', () => {
    const encounter: Resource = {
      resourceType: 'Encounter',
      id: 'e',
      status: 'cancelled',
      class: { display: 'inpatient' },
      period: { start: '2026-02-28' },
      location: [{ location: { display: 'Ward 3' } }],
    }
    const told = head(
      {
        author: [{ reference: 'Practitioner/d' }, { display: 'A device' }],
        attester: [{ mode: 'legal', time: '2026-03-01', party: { reference: 'Practitioner/d' } }, { mode: 'personal' }],
        custodian: { reference: 'Organization/o' },
        encounter: { reference: 'Encounter/e' },
        event: [{ code: [{ text: 'operation' }], period: { start: '2026-02-28' } }],
        relatesTo: [{ code: 'replaces', targetIdentifier: { system: 'urn:ietf:rfc:3986', value: 'urn:uuid:old' } }],
      },
      clinic,
      erle,
      encounter,
    )
    for (const words of [
      'Author Erle A device',
      'Attested by Erle legally, 1 Mar 2026 somebody who is not named personally',
      'Custodian Clinic',
      'Encounter inpatient, since 28 Feb 2026 cancelled Ward 3',
      'Event Code: operation; Period: since 28 Feb 2026',
      'Other documents replaces: urn:uuid:old',
    ])
      expect(told).toContain(words)
  })

  it('says where nobody attested', () => {
    expect(head({})).toContain('Attested by no attester is named')
  })

  it('has the patient with names, identifiers, birth date and modifiers', () => {
    const told = head(
      {},
      {
        ...patient,
        active: true,
        name: [
          { use: 'official', family: 'Ahorn' },
          { use: 'old', family: 'Linde' },
        ],
        identifier: [
          { type: { text: 'MRN' }, value: '12' },
          { type: { text: 'Passport' }, value: 'X1' },
        ],
        deceasedBoolean: false,
      },
    )
    for (const words of [
      'Ahorn Use of the name official',
      'Other names Linde (no longer used)',
      'Born 12 Mar 1961',
      'MRN 12 Passport X1',
      'Record in use yes',
      'Deceased no',
    ])
      expect(told).toContain(words)
  })

  it('has a subject that is no patient, and several subjects', () => {
    const device: Resource = {
      resourceType: 'Device',
      id: 'v',
      deviceName: [{ name: 'Pump 7', type: 'user-friendly-name' }],
      status: 'entered-in-error',
    }
    const told = head({ subject: [{ reference: 'Patient/p' }, { reference: 'Device/v' }] }, device)
    expect(told).toContain('Clara Ahorn')
    expect(told).toContain('Pump 7')
    expect(told).toContain('Status: entered in error')
  })

  it('says why a birth date is absent', () => {
    const extension = [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }]
    expect(head({}, { resourceType: 'Patient', id: 'p', _birthDate: { extension } })).toContain('Born withheld')
  })
})

describe('a signature', () => {
  const signed = (who: JsonObject, code: string): string =>
    headOf({ ...documentOf({}, erle, clinic), signature: { type: [{ code }], when: '2026-03-01T11:00:00Z', who } })
  const author = '1.2.840.10065.1.12.1.1'
  const verification = '1.2.840.10065.1.12.1.5'

  it('of a person is stated, and not called verified', () => {
    expect(signed({ reference: 'https://h.example/fhir/Practitioner/d' }, author)).toContain(
      'A signature of 1 Mar 2026, 11:00 UTC by Erle is stated; it is not verified on this page.',
    )
  })

  it('of an organisation is a seal whatever its type, and so is a verification by nobody who is there (H-4)', () => {
    for (const told of [
      signed({ reference: 'https://h.example/fhir/Organization/o' }, author),
      signed({ display: 'CN=Clinic' }, verification),
    ]) {
      expect(told).toContain('A seal of')
      expect(told).not.toContain('A signature of')
    }
  })

  it('is not spoken of where there is none', () => {
    expect(head({})).not.toContain('Signature')
  })
})

describe('toneOf', () => {
  it('takes no status for final that it does not know', () => {
    expect(['final', 'amended', 'entered-in-error', 'preliminary', '', 'constructor'].map(toneOf)).toEqual([
      'final',
      'changed',
      'error',
      'draft',
      'draft',
      'draft',
    ])
  })
})
