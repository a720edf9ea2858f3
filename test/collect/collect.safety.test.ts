/** What closure must never do to a patient: each hazard is planted, and caught. */

import { describe, expect, it } from 'vitest'
import type { Held } from '../../src/edge/store/memory.ts'
import { indexBundle, resolve } from '../../src/fhir/reference.ts'
import type { JsonObject, Resource } from '../../src/fhir/types.ts'
import {
  at,
  collecting,
  composition,
  decision,
  entryOf,
  errors,
  names,
  patient,
  resource,
  said,
  to,
} from './composing.ts'

describe('H-1: the compartment of another patient', () => {
  const other = resource('Patient/2')
  const strange = resource('Observation/strange', { subject: to('Patient/2') })

  it('is not entered by a direct reference: an error, and nothing of that patient in the document', async () => {
    const collection = await collecting(composition(['Observation/strange']), [patient, other, strange])
    expect(said(collection)).toEqual(['error same-subject Bundle.entry[0].resource.section[0].entry[0]'])
    expect(names(collection)).toEqual(['Composition/c', 'Patient/1'])
    expect(decision(collection, 'Bundle.entry[0].resource.section[0].entry[0]')).toBe('relative refused')
  })

  it('is not entered by a secondary reference: a warning, and the reference stays', async () => {
    const mine = resource('Observation/mine', { subject: to('Patient/1'), hasMember: [to('Observation/strange')] })
    const collection = await collecting(composition(['Observation/mine']), [patient, other, strange, mine])
    expect(said(collection)).toEqual(['warning same-subject Bundle.entry[2].resource.hasMember[0]'])
    expect(names(collection)).toEqual(['Composition/c', 'Patient/1', 'Observation/mine'])
    expect(collection.receipt.resources.at(-1)).toEqual({
      source: 'Observation/strange of records',
      reason: 'its subject is Patient/2, who is not the subject',
    })
  })

  it.each([to('Patient/9'), { reference: 'urn:uuid:9', type: 'Patient' }])(
    'is not entered by a resource whose patient no source has: %j',
    async (subject) => {
      const orphan = resource('Observation/orphan', { subject })
      const collection = await collecting(composition(['Observation/orphan']), [patient, other, orphan])
      expect(names(collection)).toEqual(['Composition/c', 'Patient/1'])
      expect(said(collection)).toContain('error same-subject Bundle.entry[0].resource.section[0].entry[0]')
    },
  )

  it('is not entered by an entry that is the other Patient', async () => {
    const collection = await collecting(composition(['Patient/2']), [patient, other])
    expect(said(collection)).toEqual(['error same-subject Bundle.entry[0].resource.section[0].entry[0]'])
  })

  it.each([
    ['a performer', resource('Observation/mine', { subject: to('Patient/1'), performer: [to('Patient/2')] })],
    ['the focus', resource('Observation/mine', { subject: to('Patient/1'), focus: [to('Patient/2')] })],
  ])('is not entered because that patient comes in as %s', async (_name, mine) => {
    const collection = await collecting(composition(['Observation/mine', 'Observation/strange']), [
      patient,
      other,
      mine,
      strange,
    ])
    expect(names(collection)).toEqual(['Composition/c', 'Patient/1', 'Observation/mine', 'Patient/2'])
    expect(said(collection)).toEqual(['error same-subject Bundle.entry[0].resource.section[0].entry[1]'])
  })

  it.each([
    ['another record of the subject', [{ ...patient, link: [{ other: to('Patient/2') }] }, other]],
    ['a record that links to that of the subject', [patient, { ...other, link: [{ other: to('Patient/1') }] }]],
    [
      'the newborn of the subject',
      [
        { ...patient, link: [{ other: to('RelatedPerson/mother') }] },
        other,
        resource('RelatedPerson/mother', { patient: to('Patient/2') }),
      ],
    ],
    [
      'the mother of the subject',
      [
        patient,
        { ...other, link: [{ other: to('RelatedPerson/mother') }] },
        resource('RelatedPerson/mother', { patient: to('Patient/1') }),
      ],
    ],
    [
      'a donor to the subject',
      [
        patient,
        other,
        resource('Procedure/p', {
          subject: to('Patient/1'),
          extension: [{ url: 'u', valueReference: to('BiologicallyDerivedProduct/b') }],
        }),
        resource('BiologicallyDerivedProduct/b', { collection: { source: to('Patient/2') } }),
      ],
    ],
  ])('may be entered where the patient is %s', async (_name, held) => {
    const product = held.some(({ id }) => id === 'b') ? ['BiologicallyDerivedProduct/b'] : []
    const collection = await collecting(composition([...product, 'Observation/strange']), [...held, strange])
    expect(errors(collection)).toEqual([])
    expect(names(collection)).toEqual(expect.arrayContaining(['Patient/2', 'Observation/strange']))
  })

  it('is not entered by an appointment that the subject has no part in, one that both have is for both', async () => {
    const appointment = (...actors: readonly string[]): Resource =>
      resource('Appointment/a', { participant: actors.map((reference) => ({ actor: to(reference) })) })
    const joint = await collecting(composition(['Appointment/a']), [
      patient,
      other,
      appointment('Patient/1', 'Patient/2'),
    ])
    expect(errors(joint)).toEqual([])
    const theirs = await collecting(composition(['Appointment/a']), [patient, other, appointment('Patient/2')])
    expect(said(theirs)).toEqual(['error same-subject Bundle.entry[0].resource.section[0].entry[0]'])
  })

  it('is known by an identifier that contradicts that of the subject', async () => {
    const known = { ...patient, identifier: [{ system: 'urn:s', value: '1' }] }
    const by = (value: string): Resource =>
      resource(`Observation/${value}`, { subject: { identifier: { system: 'urn:s', value } } })
    const collection = await collecting(composition(['Observation/1', 'Observation/2']), [known, by('1'), by('2')])
    expect(names(collection)).toEqual(['Composition/c', 'Patient/1', 'Observation/1'])
  })

  it('is known by a contained Patient whose identifier contradicts that of the subject', async () => {
    const known = { ...patient, identifier: [{ system: 'urn:s', value: '1' }] }
    const of = (id: string, ...values: readonly string[]): Resource =>
      resource(`Observation/${id}`, {
        contained: [resource('Patient/who', { identifier: values.map((value) => ({ system: 'urn:s', value })) })],
        subject: to('#who'),
      })
    const collection = await collecting(
      composition(['Observation/same', 'Observation/strange', 'Observation/unsaid']),
      [known, of('same', '2', '1'), of('strange', '2', '3'), of('unsaid')],
    )
    expect(names(collection)).toEqual(['Composition/c', 'Patient/1', 'Observation/same', 'Observation/unsaid'])
    expect(said(collection)).toContain('error same-subject Bundle.entry[0].resource.section[0].entry[1]')
  })

  it('is not entered where the same id lies on another server', async () => {
    const held = [
      ...at('http://a/fhir', [patient]),
      ...at('http://b/fhir', [patient, resource('Observation/o', { subject: to('Patient/1') })]),
    ]
    const from = composition(['http://b/fhir/Observation/o'], { subject: to('http://a/fhir/Patient/1') })
    expect(said(await collecting(from, held))).toEqual([
      'error same-subject Bundle.entry[0].resource.section[0].entry[0]',
    ])
  })

  it('is not seen in an older version of the subject, nor in who performed something', async () => {
    const versioned = resource('Observation/v', {
      subject: to('Patient/1/_history/1'),
      performer: [to('Practitioner/d')],
    })
    const collection = await collecting(composition(['Observation/v']), [
      resource('Patient/1/2'),
      versioned,
      resource('Practitioner/d'),
    ])
    expect(errors(collection)).toEqual([])
    expect(names(collection)).toContain('Observation/v')
  })
})

describe('H-10: what a search cut off', () => {
  it('is no resource for a document: an error names the entry', async () => {
    const cut = resource('Observation/cut', {
      subject: to('Patient/1'),
      meta: { tag: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }] },
    })
    const collection = await collecting(composition(['Observation/cut']), [patient, cut])
    expect(said(collection)).toEqual(['error subsetted Bundle.entry[2].resource.meta.tag'])
  })
})

describe('H-2: no target is guessed', () => {
  const identified = resource('Organization/g', { identifier: [{ system: 'urn:s', value: 'g' }] })
  const by = (type: string | undefined, value = 'g'): Resource =>
    resource('Observation/o', {
      performer: [{ ...(type !== undefined && { type }), identifier: { system: 'urn:s', value } }],
    })

  it('an identifier finds by system, value and type: the entry comes in and the reference names it', async () => {
    const collection = await collecting(composition(['Observation/o']), [patient, identified, by('Organization')])
    const { fullUrl } = entryOf(collection, 'Organization/g')
    expect(entryOf(collection, 'Observation/o').resource).toMatchObject({
      performer: [{ reference: fullUrl, type: 'Organization', identifier: { value: 'g' } }],
    })
    expect(decision(collection, 'Bundle.entry[2].resource.performer[0]')).toBe('identifier included')
  })

  it.each([
    ['without type', by(undefined)],
    ['with another type', by('Practitioner')],
    ['with another value', by('Organization', 'h')],
  ])('an identifier %s stays as it is, and is in the receipt', async (_name, observation) => {
    const collection = await collecting(composition(['Observation/o']), [patient, identified, observation])
    expect(entryOf(collection, 'Observation/o').resource).toBe(observation)
    expect(decision(collection, 'Bundle.entry[2].resource.performer[0]')).toBe('identifier kept')
  })

  it('one identifier of two resources finds neither', async () => {
    const twin = resource('Organization/h', { identifier: [{ system: 'urn:s', value: 'g' }] })
    const collection = await collecting(composition(['Observation/o']), [patient, identified, twin, by('Organization')])
    expect(names(collection)).toEqual(['Composition/c', 'Patient/1', 'Observation/o'])
    expect(decision(collection, 'Bundle.entry[2].resource.performer[0]')).toBe('identifier kept')
  })

  it('what a Bundle among the entries holds refers to its own neighbours, never to an entry of that name', async () => {
    const inner = resource('Observation/inner', { subject: to('Patient/1') })
    const nested = resource('Bundle/b', {
      type: 'collection',
      entry: [{ fullUrl: 'https://lab.example/fhir/Observation/inner', resource: inner }],
    })
    const collection = await collecting(composition(['Bundle/b']), [patient, nested])
    expect(entryOf(collection, 'Bundle/b').resource).toBe(nested)
    expect(said(collection)).toEqual([])
  })

  it('an identifier never finds a patient or a subject, not even the only one', async () => {
    const known = { ...patient, identifier: [{ system: 'urn:s', value: 'p' }] }
    const device = resource('Device/d', { identifier: [{ system: 'urn:s', value: 'p' }] })
    const identifier = { system: 'urn:s', value: 'p' }
    const from = composition([], {
      subject: { type: 'Patient', identifier },
      author: [{ type: 'Patient', identifier }],
      section: [{ focus: { type: 'Device', identifier } }],
    })
    const collection = await collecting(from, [known, device])
    expect(names(collection)).toEqual(['Composition/c'])
    expect(decision(collection, 'Bundle.entry[0].resource.subject')).toBe('identifier kept')
  })
})

describe('H-17: attachments', () => {
  const holding = (attachment: object): Resource =>
    resource('DocumentReference/r', { content: [{ attachment }] } as never)
  const place = 'Bundle.entry[2].resource.content[0].attachment.url'

  it.each(['include', 'direct'] as const)(
    'a Binary that an attachment names is in the document, secondary %s',
    async (secondary) => {
      const collection = await collecting(
        composition(['DocumentReference/r']),
        [patient, holding({ url: 'Binary/b' }), resource('Binary/b')],
        { secondary },
      )
      expect(names(collection)).toContain('Binary/b')
      expect(entryOf(collection, 'DocumentReference/r').resource).toMatchObject({
        content: [{ attachment: { url: entryOf(collection, 'Binary/b').fullUrl } }],
      })
    },
  )

  it.each(['Binary/b', 'https://elsewhere.invalid/fhir/Binary/b', 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0'])(
    'a Binary that no source has is an error: %s',
    async (url) => {
      const collection = await collecting(composition(['DocumentReference/r']), [patient, holding({ url })])
      expect(said(collection)).toEqual([`error missing-reference ${place}`])
      expect(errors(collection)[0]).toContain(url)
    },
  )

  it('a Binary beyond the limit of bytes is an error that names the limit', async () => {
    const big = resource('Binary/b', { data: 'A'.repeat(4_000) })
    const limits = { entries: 10, depth: 10, bytes: 3_000 }
    const collection = await collecting(
      composition(['DocumentReference/r']),
      [patient, holding({ url: 'Binary/b' }), big],
      { limits },
    )
    expect(said(collection)).toEqual(['error limit-bytes Bundle'])
  })

  it('content beside or within the address is no matter, content elsewhere is a warning', async () => {
    const kept = async (attachment: object): Promise<readonly string[]> =>
      said(await collecting(composition(['DocumentReference/r']), [patient, holding(attachment)]))
    expect(await kept({ url: 'Binary/b', data: 'AAAA' })).toEqual([])
    expect(await kept({ url: 'data:text/plain;base64,AAAA' })).toEqual([])
    expect(await kept({ url: 'https://elsewhere.invalid/report.pdf' })).toEqual([
      `warning attachment-elsewhere ${place}`,
    ])
  })
})

describe('H-3: versions', () => {
  it('an entry that was changed loses versionId and lastUpdated, the receipt keeps the version, and references to it name the entry', async () => {
    const held = [
      patient,
      resource('Observation/a', {
        meta: { versionId: '7', lastUpdated: '2026-01-01T00:00:00Z', profile: ['p'] },
        subject: to('Patient/1'),
      }),
      resource('Observation/b', { hasMember: [to('Observation/a/_history/7')] }),
      resource('Organization/still/4'),
    ]
    const collection = await collecting(
      composition(['Observation/a', 'Observation/b'], { custodian: to('Organization/still') }),
      held,
    )
    expect(entryOf(collection, 'Observation/a').resource?.meta).toEqual({ profile: ['p'] })
    expect(entryOf(collection, 'Organization/still').resource).toBe(held[3])
    expect(entryOf(collection, 'Observation/b').resource).toMatchObject({
      hasMember: [to(String(entryOf(collection, 'Observation/a').fullUrl))],
    })
    const row = collection.receipt.resources.find(({ source }) => source.startsWith('Observation/a'))
    expect(row).toMatchObject({
      source: 'Observation/a/_history/7 of records',
      reason: 'the Composition refers to it; references rewritten, was version 7',
    })
  })

  it('a versioned reference to an entry that stays is left, one to an entry that changes is rewritten, however far', async () => {
    const group = resource('Organization/g/1', { identifier: [{ system: 'urn:s', value: 'g' }] })
    const held = (performer: readonly JsonObject[]): readonly Held[] =>
      at('http://h', [
        patient,
        group,
        resource('Observation/a/1', { hasMember: [to('Observation/b/_history/1')] }),
        resource('Observation/b/1', { hasMember: [to('http://h/Observation/c/_history/1')] }),
        resource('Observation/c/1', { performer }),
      ])
    const from = composition(['http://h/Observation/a'], { subject: to('http://h/Patient/1') })
    const still = held([to('Organization/g/_history/1')])
    const kept = await collecting(from, still, { fullUrl: 'rest' })
    expect(['a', 'b', 'c'].map((id) => entryOf(kept, `Observation/${id}`).resource)).toEqual(
      still.slice(2).map((one) => one.resource),
    )
    const changed = await collecting(
      from,
      held([{ type: 'Organization', identifier: { system: 'urn:s', value: 'g' } }]),
      { fullUrl: 'rest' },
    )
    const [a, b, c] = ['a', 'b', 'c'].map((id) => entryOf(changed, `Observation/${id}`).resource)
    expect(c).toMatchObject({ performer: [{ reference: 'http://h/Organization/g' }] })
    expect([a?.['hasMember'], b?.['hasMember']]).toEqual([
      [to('http://h/Observation/b')],
      [to('http://h/Observation/c')],
    ])
    expect([a?.meta, b?.meta, c?.meta]).toEqual([undefined, undefined, undefined])
    expect(entryOf(changed, 'Organization/g').resource).toBe(group)
  })

  const versions = [
    patient,
    resource('Observation/o/1', { status: 'preliminary' }),
    resource('Observation/o/2', { status: 'final', subject: to('Patient/1') }),
  ]
  const from = composition(['Observation/o/_history/1', 'Observation/o/_history/2', 'Observation/o/_history/1'])

  it.each(['rest', 'uuid'] as const)(
    'two versions of a resource both come in, keep their versionIds and stay apart in %s',
    async (fullUrl) => {
      const collection = await collecting(from, versions, { fullUrl, base: 'http://h/fhir' })
      expect(collection.issues).toEqual([])
      const index = indexBundle(collection.bundle)
      const [composed] = collection.bundle.entry ?? []
      const statuses = (
        (composed?.resource?.['section'] as readonly { entry: { reference: string }[] }[])[0]?.entry ?? []
      ).map(({ reference }) => {
        const resolution = resolve(index, reference, {
          fullUrl: composed?.fullUrl,
          container: composed?.resource as Resource,
        })
        return resolution.outcome === 'entry'
          ? `${resolution.entry.resource['status'] as string} ${resolution.entry.resource.meta?.versionId ?? ''}`
          : resolution.outcome
      })
      expect(statuses).toEqual(['preliminary 1', 'final 2', 'preliminary 1'])
    },
  )

  it('a version that no source has is missing, though another is there', async () => {
    const collection = await collecting(composition(['Observation/o/_history/3']), versions)
    expect(said(collection)).toEqual(['error missing-reference Bundle.entry[0].resource.section[0].entry[0]'])
  })

  it('a reference without version among several is not guessed', async () => {
    const collection = await collecting(composition(['Observation/o']), versions)
    expect(said(collection)).toEqual(['error ambiguous-reference Bundle.entry[0].resource.section[0].entry[0]'])
  })
})
