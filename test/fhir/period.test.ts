import { describe, expect, it } from 'vitest'
import { earlier, later } from '../../src/fhir/period.ts'

describe('A period', () => {
  it.each([
    ['2024-02-29T10:00:00Z', 'P1Y', '2025-02-28T10:00:00.000Z'],
    ['2026-01-31T10:00:00Z', 'P1M', '2026-02-28T10:00:00.000Z'],
    ['2026-03-01T00:00:00+02:00', 'P10Y', '2036-02-28T22:00:00.000Z'],
    ['2026-01-01T00:00:00Z', 'P1Y2M1W3D', '2027-03-11T00:00:00.000Z'],
  ])('after %s of %s ends at %s', (from, period, end) => {
    expect(later(from, period)).toBe(end)
  })

  it('goes back the same way', () => {
    expect(earlier('2026-03-31T10:00:00Z', 'P1M')).toBe('2026-02-28T10:00:00.000Z')
    expect(earlier('2026-03-31T10:00:00Z', 'P90D')).toBe('2025-12-31T10:00:00.000Z')
  })

  it.each(['', 'P', '1Y', 'PT1H', 'P-1Y'])('is none as %j', (period) => {
    expect(() => later('2026-03-01T10:00:00Z', period)).toThrow('expected such as P10Y')
  })
})
