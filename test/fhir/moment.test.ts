/** Moments of any precision are compared only as far as both say. */

import { describe, expect, it } from 'vitest'
import { isAfter, isAfterAsWritten, isLater, isWithin } from '../../src/fhir/moment.ts'

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

describe('isAfterAsWritten', () => {
  it.each([
    ['2026-03-02T01:00:00+02:00', '2026-03-01', true],
    ['2026-03-01T23:30:00-05:00', '2026-03-01', false],
    ['2026-03-02T01:00:00Z', '2026-03-01', false],
    ['2026-03-02', '2026-03-01T23:30:00-05:00', true],
    ['2026-03-02', '2026-03-01T23:30:00Z', false],
    ['2026-03-02', '2026-03-02T00:00:00-05:00', false],
    ['2026-03-02', '2026-03-01', true],
    ['2026-03-01', '2026-03-01', false],
    ['2026-04', '2026-03', true],
    ['2026-03', '2026-03-15', false],
    ['2026-03-01T10:00:01Z', '2026-03-01T11:00:00+01:00', true],
  ])('%s lies after %s: %s', (one, other, expected) => {
    expect(isAfterAsWritten(one, other)).toBe(expected)
  })

  it('nothing is after what is absent', () => {
    expect([isAfterAsWritten(undefined, '2026'), isAfterAsWritten('2026', undefined)]).toEqual([false, false])
  })
})

describe('isWithin', () => {
  const year = { start: '2026', end: '2026' }
  const spring = { start: '2026-03-01', end: '2026-05-31' }
  it.each([
    [{ start: '2026-03-01', end: '2026-03-01' }, spring, true],
    [{ start: '2026-05-31T23:30:00-05:00', end: '2026-05-31T23:30:00-05:00' }, spring, true],
    [{ start: '2026-06-01', end: '2026-06-01' }, spring, false],
    [{ start: '2026-02-28', end: '2026-03-05' }, spring, false],
    [{ start: '2026-03-02' }, spring, false],
    [{ start: '2026-03-02' }, { start: '2026-03-01' }, true],
    [{ start: '2026', end: '2026' }, spring, false],
    [{ start: '2026-04', end: '2026-04' }, spring, true],
    [{ start: '2026-04-01', end: '2026' }, year, true],
    [{ start: '2026-03-01', end: '2026-03-01' }, { start: '2026-03-01T08:00:00Z' }, false],
    [{ start: '2026-03-02', end: '2026-03-02' }, { start: '2026-03-01T08:00:00Z' }, true],
    [{ start: '2026-03-01T08:00:00Z', end: '2026-03-01T08:00:00Z' }, { end: '2026-03-01T09:00:00+01:00' }, true],
    [{}, spring, false],
    [{}, {}, true],
  ])('%j lies surely within %j: %s', (one, other, expected) => {
    expect(isWithin(one, other)).toBe(expected)
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
