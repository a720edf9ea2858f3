/** Beside an entry stands what a reader must know of it and its text may not say (H-1, H-2, H-3). */

import { describe, expect, it } from 'vitest'
import type { JsonObject, Resource } from '../../src/fhir/types.ts'
import { page } from '../../src/render/page.ts'
import { design, documentOf, readable, text } from './reader.ts'

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

describe('an entry changed after the attestation', () => {
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
