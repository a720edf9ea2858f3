import { describe, expect, it } from 'vitest'
import { inStep } from '../../../src/http/access/step.ts'

/** How long it is kept after work that took so long. */
async function kept(answer: Parameters<typeof inStep>[0], tookMs: number): Promise<number> {
  const start = performance.now()
  await inStep(answer, start - tookMs)
  return tookMs + performance.now() - start
}

describe('An answer', () => {
  it.each([{ status: 404 }, { status: 204 }, { status: 200, isEmpty: true }])(
    'that tells of nothing leaves no sooner after less work: %o',
    async (answer) => {
      for (const tookMs of [0.1, 0.9, 2.5, 4.9]) expect(await kept(answer, tookMs)).toBeGreaterThanOrEqual(4.5)
      expect(await kept(answer, 6)).toBeGreaterThanOrEqual(9.5)
    },
  )

  it.each([{ status: 200 }, { status: 200, isEmpty: false }, { status: 403 }, { status: 410 }])(
    'that tells of something leaves at once: %o',
    async (answer) => {
      const times = await Promise.all(Array.from({ length: 20 }, () => kept(answer, 0)))
      expect(Math.min(...times)).toBeLessThan(2)
    },
  )
})
