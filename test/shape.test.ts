/** The shapes of written values. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as shape from '../src/shape.ts'

describe('shapes read what they say and nothing else', () => {
  it.each([
    [shape.wholeNumber(1, 10), '10', 10],
    [shape.wholeNumber(1, 10), '11', undefined],
    [shape.wholeNumber(1, 10), '1.0', undefined],
    [shape.wholeNumber(1, 10), '-1', undefined],
    [shape.byteSize, '32 MiB', 33_554_432],
    [shape.byteSize, '500kib', 512_000],
    [shape.byteSize, '1000', 1000],
    [shape.byteSize, '0', undefined],
    [shape.byteSize, '3 parsecs', undefined],
    [shape.httpUrl, 'https://documents.example/fhir/', 'https://documents.example/fhir'],
    [shape.httpUrl, 'https://user:secret@documents.example/fhir', undefined],
    [shape.httpUrl, 'https://documents.example/fhir?a=b', undefined],
    [shape.httpUrl, 'ftp://documents.example', undefined],
    [shape.origin, 'https://app.example', 'https://app.example'],
    [shape.origin, 'https://app.example/', undefined],
    [shape.origin, '*', undefined],
    [shape.instant, '2026-03-01T10:00:00Z', '2026-03-01T10:00:00Z'],
    [shape.instant, '2026-03-01T10:00:00.123+01:00', '2026-03-01T10:00:00.123+01:00'],
    [shape.instant, '2026-03-01', undefined],
    [shape.instant, '2026-13-01T10:00:00Z', undefined],
    [shape.language, 'de-AT', 'de-AT'],
    [shape.language, '../de', undefined],
    [shape.reference, 'Practitioner/1', 'Practitioner/1'],
    [shape.reference, 'urn:uuid:4f2d1f0e-4f5e-4d2c-9b73-4ee2a6b1a111', 'urn:uuid:4f2d1f0e-4f5e-4d2c-9b73-4ee2a6b1a111'],
    [shape.reference, 'nonsense', undefined],
    [shape.word, 'page', 'page'],
    [shape.word, '../page', undefined],
    [shape.yesNo, 'true', true],
    [shape.yesNo, 'yes', undefined],
    [shape.oneOf(['a', 'b']), 'b', 'b'],
    [shape.oneOf(['a', 'b']), 'B', undefined],
    [shape.listOf(shape.wholeNumber(0, 9)), '1, 2 3', [1, 2, 3]],
    [shape.listOf(shape.wholeNumber(0, 9)), '1, x', undefined],
    [shape.text('file'), ' ', undefined],
  ])('%#: %o reads %j', (of, value, expected) => {
    expect(of.read(value)).toEqual(expected)
  })
})

it('a value to come is told from a wrong one', () => {
  const level = shape.oneOf(['B'], ['T'])
  expect(shape.mismatch('--level', 'T', level)).toBe('--level T is not supported yet, supported: B')
  expect(shape.mismatch('--level', 'X', level)).toBe('--level has the value "X", expected B')
})

it('the nearest name is one that may have been meant', () => {
  const names = ['--full-url', '--source', '--secondary', '--out']
  expect(shape.nearest('--fullurl', names)).toBe('--full-url')
  expect(shape.nearest('--sorce', names)).toBe('--source')
  expect(shape.nearest('--passphrase-of-the-key', names)).toBeUndefined()
  expect(shape.nearest('--x', [])).toBeUndefined()
})

it('no text breaks a shape or the search for the nearest name', () => {
  const all = [shape.byteSize, shape.httpUrl, shape.origin, shape.instant, shape.language, shape.word, shape.yesNo]
  fc.assert(
    fc.property(fc.string({ maxLength: 300, unit: 'binary' }), (value) => {
      for (const { read } of all) read(value)
      shape.nearest(value, ['--full-url', value])
    }),
  )
})
