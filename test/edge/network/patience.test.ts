/** What a server asks to wait is read as HTTP writes it. */

import { expect, it } from 'vitest'
import { retryAfterMs } from '../../../src/edge/network/patience.ts'

const nowMs = Date.parse('2026-03-15T10:00:00Z')

it.each([
  ['2', 2_000],
  ['0', 0],
  ['Sun, 15 Mar 2026 10:00:05 GMT', 5_000],
  ['Sunday, 15-Mar-26 10:00:05 GMT', 5_000],
  ['Sun, 15 Mar 2026 09:00:00 GMT', 0],
  ['-1', undefined],
  ['1.5', undefined],
  ['soon', undefined],
  [undefined, undefined],
])('Retry-After %s is %s ms', (header, ms) => {
  expect(retryAfterMs(header, nowMs)).toBe(ms)
})
