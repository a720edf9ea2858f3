/** Moments of any precision are compared only as far as both say. */

import { describe, expect, it } from 'vitest'
import { isAfter, isLater } from '../../src/fhir/moment.ts'

describe('isAfter', () => {
  it.each([
    ['2026-03-01T10:00:01Z', '2026-03-01T10:00:00Z', true],
    ['2026-03-01T10:00:00Z', '2026-03-01T10:00:00Z', false],
    ['2026-03-01T11:00:00+01:00', '2026-03-01T10:00:00Z', false],
    ['2026-03-02', '2026-03-01T10:00:00Z', false],
    ['2026-03-03', '2026-03-01T10:00:00Z', true],
    ['2026-04', '2026-03', false],
    ['2026-05', '2026-03', true],
    ['2028', '2026', true],
    ['2026-03', '2026-03-15', false],
  ])('%s lies surely after %s: %s', (one, other, expected) => {
    expect(isAfter(one, other)).toBe(expected)
  })

  it('nothing is after what is absent or no date', () => {
    expect([isAfter(undefined, '2026'), isAfter('2026', undefined), isAfter('soon', '2026')]).toEqual([
      false,
      false,
      false,
    ])
  })
})

describe('isLater', () => {
  it.each([
    ['2026-03-01T10:00:01Z', '2026-03-01T11:00:00+01:00', true],
    ['2026-03-01T10:00:00Z', '2026-03-01T11:00:00+01:00', false],
    ['2026-03-01T23:59:59+01:00', '2026-03-01', false],
    ['2026-03-02T00:00:00+01:00', '2026-03-01', true],
    ['2026-03-02T00:00:00+01:00', '2026-03', false],
    ['2026-04-01T00:00:00Z', '2026-03', true],
  ])('%s is later than %s: %s', (one, other, expected) => {
    expect(isLater(one, other)).toBe(expected)
  })
})
