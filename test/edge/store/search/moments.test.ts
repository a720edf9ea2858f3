import { describe, expect, it } from 'vitest'
import { spanOf } from '../../../../src/edge/store/search/moments.ts'

const iso = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString())

describe('the span of a moment', () => {
  it.each([
    ['2026', '2026-01-01T00:00:00.000Z', '2026-12-31T23:59:59.999Z'],
    ['2024-02', '2024-02-01T00:00:00.000Z', '2024-02-29T23:59:59.999Z'],
    ['2026-03-01', '2026-03-01T00:00:00.000Z', '2026-03-01T23:59:59.999Z'],
    ['2026-03-01T10:00', '2026-03-01T10:00:00.000Z', '2026-03-01T10:00:59.999Z'],
    ['2026-03-01T10:00:05Z', '2026-03-01T10:00:05.000Z', '2026-03-01T10:00:05.999Z'],
    ['2026-03-01T10:00:05.5Z', '2026-03-01T10:00:05.500Z', '2026-03-01T10:00:05.599Z'],
    ['2026-03-01T10:00:05.1234567Z', '2026-03-01T10:00:05.123Z', '2026-03-01T10:00:05.123Z'],
    ['2026-03-01T10:00:00+05:30', '2026-03-01T04:30:00.000Z', '2026-03-01T04:30:00.999Z'],
    ['0001-01-01', '0001-01-01T00:00:00.000Z', '0001-01-01T23:59:59.999Z'],
  ])('%s is as long as it is precise', (text, low, high) => {
    const span = spanOf(text)
    expect([iso(span?.low), iso(span?.high)]).toEqual([low, high])
  })

  it.each(['', '26', '2026-1', '2026-13', '2026-02-29', '2026-03-01T25:00', '2026-03-01T10', 'today', '2026-03-01 '])(
    '%j has none',
    (text) => {
      expect(spanOf(text)).toBeUndefined()
    },
  )
})
