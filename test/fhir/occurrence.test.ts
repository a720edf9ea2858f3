/** Every place where a resource refers to something is found, with its kind. */

import { expect, it } from 'vitest'
import { occurrences } from '../../src/fhir/occurrence.ts'
import type { Resource } from '../../src/fhir/types.ts'
import { expressionOf } from '../../src/fhir/walk.ts'
import { model } from '../model.ts'

const rows = (resource: Resource): readonly string[] =>
  occurrences(resource, model).map((one) => `${one.kind} ${expressionOf(one.node)} ${one.value}`)

it('references, identifiers, displays, attachments, canonicals, uris and narrative links are told apart', () => {
  const resource: Resource = {
    resourceType: 'DocumentReference',
    meta: { profile: ['http://h/StructureDefinition/p'] },
    implicitRules: 'urn:rules',
    text: { status: 'generated', div: '<div><a href="Patient/1">x</a><img src="#b" alt=""/></div>' },
    extension: [
      { url: 'urn:e', valueReference: { reference: 'Device/1' } },
      { url: 'urn:f', valueUri: 'Organization/7' },
    ],
    identifier: [{ system: 'urn:s', value: '1' }],
    contained: [
      { resourceType: 'Practitioner', id: 'p', qualification: [{ issuer: { reference: 'Organization/1' } }] },
    ],
    subject: { reference: 'Patient/1', type: 'Patient' },
    custodian: { identifier: { system: 'urn:s', value: '2' }, type: 'Organization' },
    author: [{ display: 'Somebody' }, { reference: '#p' }],
    content: [{ attachment: { url: 'Binary/1' } }],
  }
  expect(rows(resource)).toEqual([
    'canonical DocumentReference.meta.profile[0] http://h/StructureDefinition/p',
    'link DocumentReference.text.div Patient/1',
    'link DocumentReference.text.div #b',
    'reference DocumentReference.extension[0].value Device/1',
    'uri DocumentReference.extension[1].value Organization/7',
    'reference DocumentReference.contained[0].qualification[0].issuer Organization/1',
    'reference DocumentReference.subject Patient/1',
    'identifier DocumentReference.custodian urn:s|2',
    'display DocumentReference.author[0] Somebody',
    'reference DocumentReference.author[1] #p',
    'attachment DocumentReference.content[0].attachment.url Binary/1',
  ])
})

it('a Bundle inside is not entered, and an unknown element with a reference is a Reference', () => {
  expect(
    rows({
      resourceType: 'Bundle',
      entry: [{ resource: { resourceType: 'Bundle', link: [], identifier: { assigner: { reference: 'A/1' } } } }],
    }),
  ).toEqual([])
  const inner: Resource = { resourceType: 'Observation', subject: { reference: 'Patient/1' } }
  expect(rows({ resourceType: 'Bundle', type: 'collection', entry: [{ resource: inner }] })).toEqual([])
  expect(rows({ resourceType: 'Parameters', parameter: [{ name: 'a', resource: inner }] })).toEqual([])
  expect(rows({ resourceType: 'Patient', newElement: { reference: 'Device/1' } })).toEqual([
    'reference Patient.newElement Device/1',
  ])
})

it('the literal kinds have a parsed form', () => {
  const [one, other] = occurrences(
    { resourceType: 'Observation', subject: { reference: 'Patient/1' }, device: { display: 'd' } },
    model,
  )
  expect(one && one.parsed).toEqual({ form: 'relative', type: 'Patient', id: '1' })
  expect(other && other.parsed).toBeUndefined()
})
