/** The receipt has a row for every reference of every entry, of every kind, with what became of it and why. */

import { expect, it } from 'vitest'
import { ROWS } from '../../src/collect/reference-kind.ts'
import { occurrences } from '../../src/fhir/occurrence.ts'
import { expressionOf } from '../../src/fhir/walk.ts'
import { model } from '../model.ts'
import { collecting, composition, entryOf, patient, resource, to } from './composing.ts'

const everything = composition(['Observation/o', 'DocumentReference/r'], {
  author: [{ display: 'Dr. Nobody' }, to('#device'), to('#none')],
  custodian: { type: 'Organization', identifier: { system: 'urn:s', value: 'g' } },
  contained: [{ resourceType: 'Device', id: 'device', owner: to('#') }],
  relatesTo: [{ code: 'replaces', targetReference: to('Composition/before') }],
})

const held = [
  patient,
  resource('Observation/o', {
    extension: [
      { url: 'u', valueCanonical: 'http://h/Questionnaire/q|1' },
      { url: 'u', valueReference: { identifier: { value: 'x' } } },
      { url: 'u', valueUri: 'http://h/about' },
      { url: 'u', valueReference: to('Composition/c2') },
    ],
    hasMember: ['Observation/p', 'Observation/v/_history/2', 'http://h/Observation/x', 'urn:uuid:u', 'urn:oid:1.2'].map(
      to,
    ),
    performer: ['Practitioner?identifier=1', 'nonsense', 'Practitioner/gone'].map(to),
    text: {
      status: 'generated',
      div: '<div xmlns="http://www.w3.org/1999/xhtml"><a href="#a">a</a><img src="data:image/png;base64,AAAA" alt=""/><img src="Binary/i" alt=""/><a href="Observation/p">p</a></div>',
    },
  }),
  resource('DocumentReference/r', {
    content: [
      { attachment: { url: 'Binary/b' } },
      { attachment: { url: 'https://h/x.pdf' } },
      { attachment: { url: 'data:,x' } },
      { attachment: { url: 'Binary/b', data: 'AA==' } },
    ],
  }),
  resource('Observation/p'),
  resource('Observation/v/2'),
  { url: 'http://h/Observation/x', resource: resource('Observation/x') },
  { url: 'urn:uuid:u', resource: resource('Observation/u') },
  { url: 'urn:oid:1.2', resource: resource('Observation/oid') },
  resource('Organization/g', { identifier: [{ system: 'urn:s', value: 'g' }] }),
  resource('Binary/b'),
  resource('Provenance/pr', { target: [to('Observation/p')], agent: [{ who: { display: 'x' } }] }),
]

it('names every reference of every entry once, at its place in the document', async () => {
  const { bundle, receipt } = await collecting(everything, held)
  const places = (bundle.entry ?? []).flatMap(({ resource: one }, index) =>
    one === undefined
      ? []
      : occurrences(one, model, `Bundle.entry[${index}].resource`).map(({ node }) => expressionOf(node)),
  )
  expect(receipt.references.map(({ from }) => from)).toEqual(places)
  expect(receipt.references.every(({ reason }) => reason !== '')).toBe(true)
})

it('says for each kind what was decided', async () => {
  const { receipt } = await collecting(everything, held)
  expect(receipt.references.map(({ value, kind, decision }) => `${kind} ${decision} ${value}`).sort()).toEqual(
    [
      'relative included Patient/1',
      'relative included Observation/o',
      'relative included DocumentReference/r',
      'display kept Dr. Nobody',
      'contained contained #device',
      'contained missing #none',
      'contained contained #',
      'identifier included urn:s|g',
      'relative kept Composition/before',
      'canonical kept http://h/Questionnaire/q|1',
      'identifier kept |x',
      'uri kept http://h/about',
      'relative kept Composition/c2',
      'relative included Observation/p',
      'versioned included Observation/v/_history/2',
      'absolute included http://h/Observation/x',
      'urn:uuid included urn:uuid:u',
      'urn:oid included urn:oid:1.2',
      'conditional refused Practitioner?identifier=1',
      'malformed refused nonsense',
      'relative missing Practitioner/gone',
      'link kept #a',
      'link kept data:image/png;base64,',
      'link kept Binary/i',
      'link included Observation/p',
      'attachment included Binary/b',
      'attachment kept https://h/x.pdf',
      'attachment kept data:,',
      'attachment included Binary/b',
      'relative included Observation/p',
      'display kept x',
    ].sort(),
  )
})

it('gives of what was included the entry, the source and the version', async () => {
  const collection = await collecting(everything, held)
  const row = collection.receipt.references.find(({ kind }) => kind === 'versioned')
  expect(row).toEqual({
    from: 'Bundle.entry[2].resource.hasMember[1]',
    value: 'Observation/v/_history/2',
    kind: 'versioned',
    decision: 'included',
    target: entryOf(collection, 'Observation/v').fullUrl,
    source: 'records',
    version: '2',
    reason: 'an included resource refers to it',
  })
})

it('is JSON of the shape that is promised', async () => {
  const { receipt, issues, bundle } = await collecting(everything, held)
  expect(JSON.parse(JSON.stringify(receipt))).toEqual(receipt)
  expect(Object.keys(receipt)).toEqual(['composition', 'document', 'packages', 'references', 'resources', 'issues'])
  expect(receipt.issues).toBe(issues)
  expect(receipt.document).toBe('urn:ietf:rfc:3986|urn:uuid:5b2c8a10-6d7e-4f00-9a11-0123456789ab')
  expect(receipt.resources.filter(({ fullUrl }) => fullUrl !== undefined).map(({ fullUrl }) => fullUrl)).toEqual(
    bundle.entry?.map(({ fullUrl }) => fullUrl),
  )
})

it('the table has no row that nothing meets', async () => {
  const reasons = new Set<string>()
  for (const secondary of ['include', 'direct'] as const) {
    const { receipt } = await collecting(everything, held, { secondary })
    for (const { reason } of receipt.references) reasons.add(reason)
  }
  const unmet = ROWS.filter(
    ({ reason, demand }) => demand !== 'contained' && ![...reasons].some((one) => one.startsWith(reason)),
  )
  expect(unmet.map(({ reason }) => reason)).toEqual([])
})
