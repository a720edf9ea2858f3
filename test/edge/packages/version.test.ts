/** Versions have an order, and a version asked for has a nearest one. */

import { expect, it } from 'vitest'
import { compareVersions, isVersion, nearest } from '../../../src/edge/packages/version.ts'

it('numbers are ordered by value, and a pre-release stands before its release', () => {
  const ordered = ['1.2.0', '1.10.0-ballot', '1.10.0', '1.10.1', '2.0.0']
  expect(ordered.toReversed().toSorted(compareVersions)).toEqual(ordered)
  expect(compareVersions('1.0.0', '1.0.0')).toBe(0)
})

it.each([
  ['1.0.3', '1.0.x', true],
  ['1.0.3', '1.0', true],
  ['1.0.3', 'current', true],
  ['1.0.3', '1.1.x', false],
  ['1.10.0', '1.1', false],
])('%s is %s: %s', (version, wanted, expected) => {
  expect(isVersion(version, wanted)).toBe(expected)
})

it('the nearest is the one asked for, else of the same major version, else the latest', () => {
  const all = ['1.0.0', '1.2.0', '3.0.0']
  const near = (wanted: string) => nearest(all, (one) => one, wanted)
  expect([near('1.0.0'), near('1.1.0'), near('2.0.0')]).toEqual(['1.0.0', '1.2.0', '3.0.0'])
  expect(nearest([], String, '1')).toBeUndefined()
})
