/** Every reference names its target in the document, wherever it stands, and nothing else changes. */

import { describe, expect, it } from 'vitest'
import type { Held } from '../../src/edge/store/memory.ts'
import { stringify, parseJson } from '../../src/fhir/json.ts'
import type { JsonObject, Resource } from '../../src/fhir/types.ts'
import { at, collecting, composition, decision, entryOf, names, patient, resource, to } from './composing.ts'

const div = (inner: string): JsonObject => ({
  status: 'generated',
  div: `<div xmlns="http://www.w3.org/1999/xhtml">${inner}</div>`,
})

/** The resource of `Observation/o` in a document that also holds Device/d and Binary/b. */
async function rewrittenIn(
  members: JsonObject,
  more: readonly (Resource | Held)[] = [],
): Promise<{ readonly observation: JsonObject; readonly device: string }> {
  const held = [
    patient,
    resource('Observation/o', { ...members, device: to('Device/d') }),
    resource('Device/d'),
    ...more,
  ]
  const collection = await collecting(composition(['Observation/o']), held)
  return {
    observation: entryOf(collection, 'Observation/o').resource ?? {},
    device: entryOf(collection, 'Device/d').fullUrl ?? '',
  }
}

describe('an entry named by UUID is named so by', () => {
  it('references in extensions, and in the extensions of primitives', async () => {
    const { observation, device } = await rewrittenIn({
      status: 'final',
      extension: [{ url: 'u', extension: [{ url: 'v', valueReference: to('Device/d') }] }],
      _status: { extension: [{ url: 'u', valueReference: to('Device/d') }] },
    })
    expect(observation).toMatchObject({
      status: 'final',
      extension: [{ extension: [{ valueReference: { reference: device } }] }],
      _status: { extension: [{ valueReference: { reference: device } }] },
    })
  })

  it('a reference inside a reference', async () => {
    const { observation, device } = await rewrittenIn({
      performer: [{ reference: 'Device/d', extension: [{ url: 'u', valueReference: to('Device/d') }] }],
    })
    expect(observation['performer']).toEqual([
      { reference: device, extension: [{ url: 'u', valueReference: to(device) }] },
    ])
  })

  it('uri and url values that name it, and by no other text', async () => {
    const { observation, device } = await rewrittenIn({
      identifier: [{ system: 'Device/d', value: 'Device/d' }],
      extension: [
        { url: 'Device/d', valueUri: 'Device/d' },
        { url: 'u', valueUrl: 'Device/d#part' },
        { url: 'u', valueString: 'Device/d' },
        { url: 'u', valueCanonical: 'Device/d' },
        { url: 'u', valueUri: 'Device/e' },
      ],
    })
    expect(observation).toMatchObject({
      identifier: [{ system: 'Device/d', value: 'Device/d' }],
      extension: [
        { url: 'Device/d', valueUri: device },
        { valueUrl: `${device}#part` },
        { valueString: 'Device/d' },
        { valueCanonical: 'Device/d' },
        { valueUri: 'Device/e' },
      ],
    })
  })

  it('links and images of narratives, with everything around them as it was', async () => {
    const inner =
      "<p title='a &amp; b'>é &#160;<a href = \"Device/d\">x</a> <a href='#o'>y</a> <img src='Device/d' alt=''/><a href=\"https://h/?a=1&amp;b=2\">z</a></p>"
    const { observation, device } = await rewrittenIn({ text: div(inner) })
    expect(observation['text']).toEqual(div(inner.replaceAll('Device/d', device)))
  })

  it('contained resources, whose references mean what they would in their container', async () => {
    const { observation, device } = await rewrittenIn({
      contained: [{ resourceType: 'Specimen', id: 's', collection: { collector: to('Device/d') }, parent: [to('#s')] }],
      specimen: to('#s'),
    })
    expect(observation).toMatchObject({
      contained: [{ collection: { collector: to(device) }, parent: [to('#s')] }],
      specimen: to('#s'),
    })
  })

  it('an address with characters that markup reserves', async () => {
    const device = { url: 'urn:x:a&b"c', resource: resource('Device/d') }
    const linked = (href: string): Held => ({
      url: 'urn:x:o',
      resource: resource('Observation/o', { device: to(device.url), text: div(`<a href="${href}">x</a>`) }),
    })
    const written = linked('urn:x:a&amp;b&quot;c')
    const [still, changed] = await Promise.all(
      [written, linked('Device/d')].map((held) => collecting(composition(['urn:x:o']), [patient, device, held])),
    )
    expect(still && entryOf(still, 'Observation/o').resource).toBe(written.resource)
    expect(changed && entryOf(changed, 'Observation/o').resource).toEqual(written.resource)
  })
})

describe('a reference to what is not in the document', () => {
  const base = 'http://h/fhir'
  const held = at(base, [
    patient,
    resource('Observation/o', {
      subject: to('Patient/1'),
      device: to('Device/gone'),
      performer: [to('http://elsewhere.invalid/Practitioner/1'), to('#none')],
      text: div('<a href="Device/gone">x</a> <a href="page.html">y</a> <a href="Docs/page">z</a>'),
    }),
  ])
  const from = composition([`${base}/Observation/o`], { subject: to(`${base}/Patient/1`) })

  it('names its source in full where entries have other names there', async () => {
    const observation = entryOf(await collecting(from, held), 'Observation/o').resource
    expect(observation).toMatchObject({
      device: to(`${base}/Device/gone`),
      performer: [to('http://elsewhere.invalid/Practitioner/1'), to('#none')],
      text: div(`<a href="${base}/Device/gone">x</a> <a href="page.html">y</a> <a href="Docs/page">z</a>`),
    })
  })

  it('stays where the base is still the same', async () => {
    expect(entryOf(await collecting(from, held, { fullUrl: 'rest' }), 'Observation/o').resource).toBe(held[1]?.resource)
  })

  it('stays where no base is known', async () => {
    const observation = resource('Observation/o', { device: to('Device/gone') })
    const collection = await collecting(composition(['Observation/o']), [patient, observation])
    expect(entryOf(collection, 'Observation/o').resource).toBe(observation)
  })

  it('names the source though the target is there, where secondary references are not followed', async () => {
    const collection = await collecting(from, [...held, ...at(base, [resource('Device/gone')])], {
      secondary: 'direct',
    })
    expect(entryOf(collection, 'Observation/o').resource).toMatchObject({
      device: to(`${base}/Device/gone`),
      subject: to(entryOf(collection, 'Patient/1').fullUrl ?? ''),
    })
    expect(decision(collection, 'Bundle.entry[2].resource.device')).toBe('relative kept')
  })
})

it('decimals keep their text through a change, and the input is left as it was', async () => {
  const observation = parseJson(
    '{"resourceType":"Observation","id":"o","subject":{"reference":"Patient/1"},"valueQuantity":{"value":1.50}}',
  ) as Resource
  const before = stringify(observation)
  const collection = await collecting(composition(['Observation/o']), [patient, observation])
  expect(stringify(entryOf(collection, 'Observation/o').resource ?? null)).toContain('"value":1.50')
  expect(stringify(observation)).toBe(before)
})

it('only what changes is copied', async () => {
  const observation = resource('Observation/o', { subject: to('Patient/1'), code: { text: 'x' } })
  const collection = await collecting(composition(['Observation/o']), [patient, observation])
  const copy = entryOf(collection, 'Observation/o').resource
  expect(copy).not.toBe(observation)
  expect(copy?.['code']).toBe(observation['code'])
  expect(entryOf(collection, 'Patient/1').resource).toBe(patient)
})

it('references of every form name the same entry', async () => {
  const base = 'http://h/fhir'
  const held = [
    ...at(base, [
      resource('Patient/1/1'),
      resource('Observation/o/5', {
        hasMember: [
          'Device/d',
          `${base}/Device/d`,
          'Device/d/_history/2',
          `${base}/Device/d/_history/2`,
          'Device/d#part',
        ].map(to),
      }),
      resource('Device/d/2'),
    ]),
  ]
  const collection = await collecting(
    composition([`${base}/Observation/o/_history/5`], { subject: to(`${base}/Patient/1`) }),
    held,
  )
  expect(names(collection)).toEqual(['Composition/c', 'Patient/1', 'Observation/o', 'Device/d'])
  const device = entryOf(collection, 'Device/d').fullUrl ?? ''
  expect(entryOf(collection, 'Observation/o').resource?.['hasMember']).toEqual(
    [device, device, device, device, `${device}#part`].map(to),
  )
})
