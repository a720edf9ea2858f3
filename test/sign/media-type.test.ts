/** Media types as targetFormat writes them. */

import { expect, it } from 'vitest'
import { mediaType } from '../../src/sign/media-type.ts'

it.each([
  ['application/fhir+json', { essence: 'application/fhir+json', parameters: {} }],
  [
    'Application/FHIR+JSON ; Canonicalization=a#b',
    { essence: 'application/fhir+json', parameters: { canonicalization: 'a#b' } },
  ],
  ['a/b;c="d e";f=g', { essence: 'a/b', parameters: { c: 'd e', f: 'g' } }],
])('%s is read', (text, expected) => {
  expect(mediaType(text)).toEqual(expected)
})

it.each(['', 'json', 'a/b;', 'a/b;c', 'a/b;c=d;C=e', 'a/b/c'])('%j is none', (text) => {
  expect(mediaType(text)).toBeUndefined()
})
