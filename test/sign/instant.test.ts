/** Instants and seconds. */

import { expect, it } from 'vitest'
import { instantOf, milliseconds } from '../../src/sign/instant.ts'

it.each([
  ['2026-03-01T10:00:00Z', 1772359200000],
  ['2026-03-01T12:00:00+02:00', 1772359200000],
  ['2026-03-01T10:00:00.250Z', 1772359200250],
])('%s is an instant', (text, expected) => {
  expect(milliseconds(text)).toBe(expected)
})

it.each(['2026-03-01', '2026-03-01T10:00Z', '2026-03-01T10:00:00', 'March 1, 2026', '2026-13-01T10:00:00Z', ''])(
  '%j is none',
  (text) => {
    expect(milliseconds(text)).toBeUndefined()
  },
)

it('seconds are an instant in UTC, the fraction cut off', () => {
  expect(instantOf(1772359200.9)).toBe('2026-03-01T10:00:00Z')
})
