/** Beside an entry stands what a reader must know of it and its text may not say (H-1, H-2, H-3). */

import { describe, expect, it } from 'vitest'
import type { JsonObject, Resource } from '../../src/fhir/types.ts'
import { loadDefinitions } from '../../src/edge/packages.ts'
import { page } from '../../src/render/page.ts'
import { design, documentOf, readable, text } from './reader.ts'

const r5 = await loadDefinitions({ fhirVersion: '5.0.0' })
const other: Resource = { resourceType: 'Patient', id: 'q', name: [{ text: 'Emma Linde' }] }

function observation(members: JsonObject): Resource {
  return {
    resourceType: 'Observation',
    id: 'x',
    status: 'final',
    code: { text: 'Pulse' },
    subject: { reference: 'Patient/p' },
    ...members,
  }
}

/** The page of one section with an entry that text speaks for, and of one that is made from its data. */
function pages(entry: Resource, composition: JsonObject = {}): readonly string[] {
  const section = { title: 'S', entry: [{ reference: `${entry.resourceType}/${entry.id}` }] }
  return [{ ...section, text: text('<p>Words.</p>') }, section].map((one) =>
    readable(page(documentOf({ section: [one], ...composition }, entry, other), design).xhtml),
  )
}

const newer = 'changed after the document was attested'

describe('a Bundle among the entries', () => {
  const nested = (...entry: readonly Resource[]): Resource => ({
    resourceType: 'Bundle',
    id: 'b',
    type: 'collection',
    entry: entry.map((resource) => ({
      fullUrl: `https://lab.example/fhir/${resource.resourceType}/${resource.id}`,
      resource,
    })),
  })
  const system = 'https://h.example/patients'
  const known: Resource = {
    resourceType: 'Patient',
    id: 'p',
    name: [{ text: 'Clara' }],
    identifier: [{ system, value: '1' }],
  }
  const told = (entry: Resource): string =>
    readable(
      page(documentOf({ section: [{ title: 'S', entry: [{ reference: 'Bundle/b' }] }] }, entry, known), design).xhtml,
    )

  it('that tells of another patient says of whom', () => {
    const stranger = { ...other, identifier: [{ system, value: '2' }] }
    expect(told(nested(stranger))).toContain('not about the subject of this document, but Emma Linde')
    expect(told(nested(observation({ subject: { reference: 'Patient/z', display: 'Zora' } })))).toContain(
      'about Zora, whose record is not in this document',
    )
  })

  it('that tells of the subject says nothing', () => {
    const same = { ...other, identifier: [{ system, value: '1' }] }
    const words = told(nested(same, observation({ subject: { reference: 'Patient/q' } })))
    expect(words).not.toContain('not about the subject')
    expect(words).not.toContain('whose record is not')
  })
})

describe('a medicine that is not taken, as R5 says it', () => {
  const { model, compartment } = r5
  const told = (code: string, words: JsonObject = {}): string => {
    const statement: Resource = {
      resourceType: 'MedicationStatement',
      id: 'x',
      status: 'recorded',
      subject: { reference: 'Patient/p' },
      medication: { concept: { text: 'Warfarin' } },
      adherence: { code: { coding: [{ code }] }, reason: { text: 'bleeding' } },
    }
    const section = { title: 'S', entry: [{ reference: 'MedicationStatement/x' }], ...words }
    return page(documentOf({ section: [section] }, statement), { ...design, model, compartment }).xhtml
  }

  it('stands out in its row, and beside a text', () => {
    expect(told('not-taking')).toContain('<strong>not-taking (bleeding)</strong>')
    expect(readable(told('stopped', { text: text('<p>Warfarin</p>') }))).toContain('Adherence: stopped (bleeding)')
  })

  it('is no other than one that is taken', () => {
    expect(told('taking')).not.toContain('<strong>taking')
    expect(told('taking')).not.toContain('<strong>recorded')
    expect(readable(told('taking', { text: text('<p>Warfarin</p>') }))).not.toContain('Adherence')
  })
})

describe('an entry changed after the attestation', () => {
  it('is no such thing in a draft, which nobody has attested', () => {
    const meta = { lastUpdated: '2026-03-09T09:00:00Z' }
    for (const told of pages(observation({ meta }), { status: 'preliminary' })) expect(told).not.toContain(newer)
    for (const told of pages(observation({ meta }))) expect(told).toContain(newer)
  })

  it.each([
    ['after the latest attester', '2026-03-02T09:00:01Z', true],
    ['in another zone, but after', '2026-03-02T10:00:01+01:00', true],
    ['at the very time', '2026-03-02T09:00:00Z', false],
    ['before the latest, after the first attester', '2026-03-01T12:00:00Z', false],
  ])('%s', (_, lastUpdated, isMarked) => {
    const attester = [
      { mode: 'personal', time: '2026-03-01T11:00:00Z' },
      { mode: 'legal', time: '2026-03-02T09:00:00Z' },
    ]
    for (const told of pages(observation({ meta: { lastUpdated } }), { attester }))
      expect(told.includes(newer)).toBe(isMarked)
  })

  it('is measured by the date of the Composition where no attester gives a time', () => {
    const late = observation({ meta: { lastUpdated: '2026-03-01T10:00:01Z' } })
    for (const told of pages(late, { attester: [{ mode: 'legal' }] })) expect(told).toContain(newer)
  })

  it('is not claimed within the day of a date', () => {
    const sameDay = observation({ meta: { lastUpdated: '2026-03-01T23:00:00Z' } })
    for (const told of pages(sameDay, { date: '2026-03-01' })) expect(told).not.toContain(newer)
    for (const told of pages(observation({ meta: { lastUpdated: '2026-03-04T00:00:00Z' } }), { date: '2026-03-01' }))
      expect(told).toContain(newer)
  })
})

describe('an entry that is not about the subject', () => {
  it.each([
    [
      'about another patient',
      observation({ subject: { reference: 'Patient/q' } }),
      'not about the subject of this document, but Emma Linde',
    ],
    [
      'about a patient who is not there',
      observation({ subject: { reference: 'Patient/gone', display: 'Somebody' } }),
      'about Somebody, whose record is not in this document',
    ],
    ['another patient', { ...other, id: 'r' }, 'a patient who is not the subject of this document'],
  ])('%s', (_, entry, mark) => {
    for (const told of pages(entry)) expect(told).toContain(mark)
  })

  it('is not claimed of one about the subject, or with a practitioner in it', () => {
    const own = observation({ performer: [{ reference: 'Practitioner/d' }] })
    for (const told of pages(own)) expect(told).not.toContain('subject of this document, but')
  })

  it('says what it looks at', () => {
    expect(pages(observation({ focus: [{ display: 'the donor' }] }))[0]).toContain('about the donor: Pulse')
  })
})

describe('an entry whose status the text may not tell', () => {
  it.each([
    ['entered in error', { status: 'entered-in-error' }, 'Status: entered in error: Pulse'],
    ['preliminary', { status: 'preliminary' }, 'Status: preliminary: Pulse'],
    ['amended', { status: 'amended' }, 'Status: amended: Pulse'],
  ])('%s', (_, members, mark) => {
    expect(pages(observation(members))[0]).toContain(mark)
  })

  it('refuted, or not to be done', () => {
    const allergy: Resource = {
      resourceType: 'AllergyIntolerance',
      id: 'a',
      code: { text: 'Nuts' },
      patient: { reference: 'Patient/p' },
      verificationStatus: { coding: [{ code: 'refuted' }] },
    }
    expect(pages(allergy)[0]).toContain('Verification: refuted: Nuts')
    const order: Resource = {
      resourceType: 'ServiceRequest',
      id: 's',
      status: 'active',
      intent: 'order',
      doNotPerform: true,
      code: { text: 'MRI' },
      subject: { reference: 'Patient/p' },
    }
    expect(pages(order)[0]).toContain('Do not perform: yes: MRI')
  })

  it('is not told of a final one', () => {
    expect(pages(observation({}))[0]).not.toContain('Status: final')
  })
})

describe('marks of many entries', () => {
  const many = ['a', 'b', 'c'].map((id) => ({
    ...observation({ meta: { lastUpdated: '2026-04-01T00:00:00Z' }, code: { text: id } }),
    id,
  }))
  const section = { title: 'S', entry: many.map(({ id }) => ({ reference: `Observation/${id}` })) }

  it('are one sentence', () => {
    for (const one of [section, { ...section, text: text('<p>Words.</p>') }]) {
      const told = readable(page(documentOf({ section: [one] }, ...many), design).xhtml)
      expect(told.split(newer)).toHaveLength(2)
      expect(told).toContain('All entries')
    }
  })
})
