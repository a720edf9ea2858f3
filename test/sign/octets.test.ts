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
  expect(() => octets(letter(), `${PLAIN}#static`)).toThrow(FhirError)
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
