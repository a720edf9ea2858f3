/** A gate lets in so many, keeps a line of so many, and turns away the others. */

import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { Refusal } from '../../src/http/answer.ts'
import { gate, type Crowd, type Gate } from '../../src/http/gate.ts'

const nobody = new AbortController().signal
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Work that ends when it is told to. */
function held(
  one: Gate,
  client: AbortSignal = nobody,
): { readonly end: () => void; readonly result: Promise<unknown> } {
  const { promise, resolve } = Promise.withResolvers<string>()
  const result = one.run(() => promise, client).catch((error: unknown) => error)
  return { result, end: () => resolve('done') }
}

describe('work that is late', () => {
  it('says so, also where it only heeds its signal', async () => {
    const one = gate({ concurrency: 1, timeoutMs: 20 })
    const heeding = one.run(
      (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
      nobody,
    )
    await expect(heeding).rejects.toMatchObject({ issues: [{ code: 'timeout' }] })
  })
})

describe('the line', () => {
  it('is served in its order as places become free', async () => {
    const order: number[] = []
    const one = gate({ concurrency: 1, timeoutMs: 1_000, waiting: 3 })
    const works = [1, 2, 3, 4].map((name) =>
      one.run(async () => {
        await tick()
        order.push(name)
      }, nobody),
    )
    await Promise.all(works)
    expect(order).toEqual([1, 2, 3, 4])
  })

  it('has an end: one more is turned away at once, with when to come again', async () => {
    const onRefusal = vi.fn()
    const one = gate({ concurrency: 1, timeoutMs: 1_000, waiting: 1, onRefusal })
    const works = [held(one), held(one)]
    const refused = await held(one).result
    expect(refused).toBeInstanceOf(Refusal)
    expect(refused).toMatchObject({ status: 503, headers: { 'Retry-After': '1' } })
    expect(onRefusal).toHaveBeenCalledTimes(1)
    works.forEach(({ end }) => end())
    expect(await Promise.all(works.map(({ result }) => result))).toEqual(['done', 'done'])
  })

  it('is not waited in for ever', async () => {
    const one = gate({ concurrency: 1, timeoutMs: 1_000, waiting: 1, waitMs: 20 })
    const first = held(one)
    expect(await held(one).result).toMatchObject({ status: 503 })
    first.end()
    expect(await first.result).toBe('done')
    const next = held(one)
    next.end()
    expect(await next.result).toBe('done')
  })

  it('is left by a client that is gone, whose work never begins', async () => {
    const one = gate({ concurrency: 1, timeoutMs: 1_000, waiting: 2 })
    const first = held(one)
    const client = new AbortController()
    const work = vi.fn(() => Promise.resolve())
    const gone = one.run(work, client.signal).catch(() => 'gone')
    const last = held(one)
    client.abort()
    expect(await gone).toBe('gone')
    first.end()
    last.end()
    expect(await last.result).toBe('done')
    expect(work).not.toHaveBeenCalled()
  })
})

it('tells how many are inside and wait, and never lets in more than its limit', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 0, max: 4 }),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.boolean()), { maxLength: 20 }),
      async (concurrency, waiting, arrivals) => {
        let inside = 0
        let told: Crowd = { inside: 0, waiting: 0 }
        const one = gate({ concurrency, timeoutMs: 1_000, waiting, onChange: (crowd) => (told = crowd) })
        const works = arrivals.map(async ([turns, isGone]) => {
          const client = new AbortController()
          const work = async (): Promise<void> => {
            inside += 1
            expect(inside).toBeLessThanOrEqual(concurrency)
            for (let turn = 0; turn < turns; turn += 1) await tick()
            inside -= 1
          }
          const running = one.run(work, client.signal).catch(() => undefined)
          if (isGone) client.abort()
          await running
        })
        await Promise.all(works)
        await tick()
        expect([inside, told]).toEqual([0, { inside: 0, waiting: 0 }])
      },
    ),
    { numRuns: 60 },
  )
})
