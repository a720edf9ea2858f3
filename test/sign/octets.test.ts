/** The octets that a signature covers, in each form. */

import { describe, expect, it } from 'vitest'
import { FhirError } from '../../src/fhir/error.ts'
import { parseJson } from '../../src/fhir/json.ts'
import { DOCUMENT_FORM, formOf, formsOf, octets, otherForms } from '../../src/sign/octets.ts'
import { bundleOf, letter } from '../signing.ts'

const PLAIN = 'http://hl7.org/fhir/canonicalization/json'

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}

const small = bundleOf(
  parseJson(`{ "type": "document", "resourceType": "Bundle", "signature": { "data": "x" }, "meta": { "tag": [] }, "id": "b",
    "entry": [{ "resource": { "resourceType": "Basic", "meta": { "versionId": "1" }, "id": "e", "n": 1.50, "s": "a\\u00a0b" } }] }`),
)

describe('the form #document', () => {
  it('leaves out the signature and the id and meta of the Bundle, but not those of its entries', () => {
    expect(text(octets(small, DOCUMENT_FORM))).toBe(
      '{"entry":[{"resource":{"id":"e","meta":{"versionId":"1"},"n":1.5,"resourceType":"Basic","s":"a\u00a0b"}}],"resourceType":"Bundle","type":"document"}',
    )
  })

  it('is that of a document which bears no signature', () => {
    const { signature: _, ...unsigned } = small
    expect(octets(unsigned)).toEqual(octets(small, DOCUMENT_FORM))
  })
})

it('the plain form leaves out the signature alone', () => {
  expect(text(octets(small, PLAIN))).toContain('"id":"b","meta":{"tag":[]},"resourceType":"Bundle"')
  expect(text(octets(small, PLAIN))).not.toContain('signature')
})

it('a form that is not known has no octets', () => {
  expect(() => octets(letter(), `${PLAIN}#narrative`)).toThrow(FhirError)
})

it('the forms #data and #static look no deeper than the Bundle, as R4 has them', () => {
  expect(octets(small, `${PLAIN}#data`)).toEqual(octets(small, PLAIN))
  const fixed = text(octets(small, `${PLAIN}#static`))
  expect(fixed).toContain('"id":"b","resourceType":"Bundle"')
  expect(fixed).toContain('"meta":{"versionId":"1"}')
})

it('what R6 takes for them covers no narrative, and is for diagnosis', () => {
  const deep = otherForms(letter(), `${PLAIN}#data`).filter(({ name }) => name.includes('R6'))
  expect(deep).toHaveLength(1)
  expect(text(octets(letter(), PLAIN))).toContain('"div"')
  expect(text(deep[0]?.octets() ?? new Uint8Array())).not.toContain('"div"')
  expect(otherForms(letter(), PLAIN).some(({ name }) => name.includes('R6'))).toBe(false)
})

it('the declared form is the only one; without one every known form may be meant', () => {
  const declaring = { ...small, signature: { targetFormat: `application/fhir+json;canonicalization=${PLAIN}` } }
  expect(formsOf(declaring)).toEqual([PLAIN])
  expect(formsOf(small)).toEqual([DOCUMENT_FORM, PLAIN])
  expect(formsOf({ ...small, type: 'collection' })).toEqual([PLAIN, DOCUMENT_FORM])
  expect(formsOf(declaring, DOCUMENT_FORM)).toEqual([DOCUMENT_FORM])
})

it('a targetFormat that is not JSON declares a form that nothing is known of', () => {
  expect(formOf({ targetFormat: 'application/fhir+xml' })).toBe('application/fhir+xml')
  expect(formOf({ targetFormat: 'application/fhir+json' })).toBeUndefined()
  expect(formOf({ targetFormat: 'no media type' })).toBe('(unreadable)')
})

it('the writing of Unicode spaces as escapes is another form, for diagnosis', () => {
  const escaped = otherForms(small, DOCUMENT_FORM).filter(({ name }) => name.includes('escaped'))
  expect(escaped.map(({ octets: made }) => text(made()).includes('a\\u00a0b'))).toEqual([true, true])
})
