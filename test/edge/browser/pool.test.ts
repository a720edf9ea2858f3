/** A pool keeps its turns, its time and its promise of one second attempt, whatever its browsers do. */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fail } from '../../../src/fhir/error.ts'
import type { Browser } from '../../../src/edge/browser/fleet.ts'
import { pool, type PoolLimits } from '../../../src/edge/browser/pool.ts'
import type { Printer } from '../../../src/ports.ts'

const LIMITS: PoolLimits = { pages: 2, waiting: 3, timeoutMs: 1_000, printsPerBrowser: 1_000 }
const pdf = Uint8Array.of(1)
const code = (expected: string): object => ({ issues: [expect.objectContaining({ code: expected })] })

/** Browsers of paper: what each page does with the pages it is given, by their text. */
interface Paper {
  readonly start: () => Promise<Browser>
  readonly started: { ended: boolean; pages: number; readonly end: () => void }[]
}

function paper(
  print: (text: string, browser: number) => Promise<Uint8Array>,
  closePage = (): Promise<void> => Promise.resolve(),
): Paper {
  const started: Paper['started'] = []
  const start = (): Promise<Browser> => {
    const { promise: gone, resolve } = Promise.withResolvers<void>()
    const number = started.length
    const state = {
      ended: false,
      pages: 0,
      end: () => {
        state.ended = true
        resolve()
      },
    }
    started.push(state)
    const newPage: Browser['newPage'] = () => {
      state.pages++
      return Promise.resolve({ print: (text) => print(text, number), close: closePage })
    }
    return Promise.resolve({ gone, newPage, close: () => Promise.resolve(state.end()) })
  }
  return { start, started }
}

const never = (): Promise<never> => new Promise(() => undefined)
const settled = (printer: Printer, texts: readonly string[]): Promise<PromiseSettledResult<Uint8Array>[]> =>
  Promise.allSettled(texts.map((text) => printer.print(text)))

describe('a page', () => {
  it.each([
    ['serves again after a fault of the document', undefined, 1],
    ['is closed where what the document did to it is not known', new Error('too deep'), 2],
  ])('%s', async (_, cause, pages) => {
    let prints = 0
    const { start, started } = paper(() => {
      prints++
      return prints === 1 ? Promise.reject(fail('exception', 'No page', { cause })) : Promise.resolve(pdf)
    })
    const printer = pool(start, LIMITS)
    await expect(printer.print('a')).rejects.toMatchObject(code('exception'))
    expect(await printer.print('b')).toEqual(pdf)
    expect(started.map((browser) => browser.pages)).toEqual([pages])
    await printer.close()
  })
})

describe('turns', () => {
  it('are for so many at once, on as many pages of one browser', async () => {
    let atOnce = 0
    let most = 0
    const { start, started } = paper(async () => {
      most = Math.max(most, ++atOnce)
      await new Promise((resolve) => setTimeout(resolve, 5))
      atOnce--
      return pdf
    })
    const printer = pool(start, LIMITS)
    await settled(printer, ['a', 'b', 'c', 'd', 'e'])
    expect([most, started.length, started[0]?.pages]).toEqual([2, 1, 2])
  })

  it('are refused as throttled beyond those who may wait, and given again later', async () => {
    const gate = Promise.withResolvers<void>()
    const printer = pool(paper(() => gate.promise.then(() => pdf)).start, LIMITS)
    const first = settled(printer, ['a', 'b', 'c', 'd', 'e'])
    await expect(printer.print('f')).rejects.toMatchObject(code('throttled'))
    gate.resolve()
    expect((await first).map(({ status }) => status)).toEqual(Array(5).fill('fulfilled'))
    expect(await printer.print('g')).toBe(pdf)
  })

  it('are lost neither by those who leave the line nor by those who fail', async () => {
    const gate = Promise.withResolvers<void>()
    const printer = pool(
      paper(async (text) => {
        await gate.promise
        if (text === 'bad') throw fail('too-costly', 'Too many')
        return pdf
      }).start,
      LIMITS,
    )
    const work = settled(printer, ['bad', 'bad', 'a'])
    const reason = new Error('left')
    const controller = new AbortController()
    const leaving = expect(printer.print('b', { signal: controller.signal })).rejects.toBe(reason)
    controller.abort(reason)
    await leaving
    await expect(printer.print('c', { signal: controller.signal })).rejects.toBe(reason)
    gate.resolve()
    expect((await work).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
    expect((await settled(printer, ['d', 'e', 'f', 'g', 'h'])).every(({ status }) => status === 'fulfilled')).toBe(true)
  })
})

describe('a browser', () => {
  it('that breaks is replaced, and the print made again once', async () => {
    const { start, started } = paper((_, browser) =>
      browser === 0 ? Promise.reject(new Error('crash')) : Promise.resolve(pdf),
    )
    const printer = pool(start, LIMITS)
    expect(await printer.print('a')).toBe(pdf)
    expect(started.map(({ ended }) => ended)).toEqual([true, false])
  })

  it('that ends silently amidst prints costs none of them', async () => {
    const { start, started } = paper((_, browser) => (browser === 0 ? never() : Promise.resolve(pdf)))
    const printer = pool(start, LIMITS)
    const work = settled(printer, ['a', 'b', 'c'])
    await vi.waitFor(() => expect(started[0]?.pages).toBe(2))
    started[0]?.end()
    expect((await work).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
    expect(started).toHaveLength(2)
  })

  it('that breaks twice makes a print fail as transient, with its cause', async () => {
    const cause = new Error('crash')
    const { start, started } = paper(() => Promise.reject(cause))
    const printer = pool(start, LIMITS)
    await expect(printer.print('a')).rejects.toMatchObject({ ...code('transient'), cause })
    expect(started.map(({ ended }) => ended)).toEqual([true, true])
  })

  it('is not blamed for a page that is refused', async () => {
    const { start, started } = paper(() => Promise.reject(fail('too-costly', 'Too many')))
    const printer = pool(start, LIMITS)
    await expect(printer.print('a')).rejects.toMatchObject(code('too-costly'))
    expect(started.map(({ ended, pages }) => [ended, pages])).toEqual([[false, 1]])
  })

  it('that does not start is tried again by the next print', async () => {
    const { start } = paper(() => Promise.resolve(pdf))
    let attempts = 0
    const printer = pool(() => (++attempts === 1 ? Promise.reject(fail('transient', 'No browser')) : start()), LIMITS)
    await expect(printer.print('a')).rejects.toMatchObject(code('transient'))
    expect(await printer.print('b')).toBe(pdf)
  })

  it('is replaced after its share of prints, once those at work are done', async () => {
    const { start, started } = paper(() => Promise.resolve(pdf))
    const printer = pool(start, { ...LIMITS, printsPerBrowser: 2 })
    for (const text of ['a', 'b', 'c']) await printer.print(text)
    expect(started.map(({ ended }) => ended)).toEqual([true, false])
    await printer.close()
    expect(started.map(({ ended }) => ended)).toEqual([true, true])
  })
})

describe('time', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  const patient: PoolLimits = { ...LIMITS, pages: 1, timeoutMs: 30 }

  it('ends a print, closes its page and leaves its browser to the others', async () => {
    const closed = vi.fn(() => Promise.resolve())
    const { start, started } = paper((text) => (text === 'slow' ? never() : Promise.resolve(pdf)), closed)
    const printer = pool(start, patient)
    await expect(printer.print('slow')).rejects.toMatchObject(code('timeout'))
    expect(closed).toHaveBeenCalledOnce()
    expect(await printer.print('a')).toBe(pdf)
    expect(started.map(({ ended, pages }) => [ended, pages])).toEqual([[false, 2]])
  })

  it('ends the browser too whose page does not even close', async () => {
    const { start, started } = paper((text) => (text === 'slow' ? never() : Promise.resolve(pdf)), never)
    const printer = pool(start, patient)
    await expect(printer.print('slow')).rejects.toMatchObject(code('timeout'))
    await vi.advanceTimersByTimeAsync(2_000)
    expect(started.map(({ ended }) => ended)).toEqual([true])
    expect(await printer.print('a')).toBe(pdf)
  })

  it('does not run while a print waits for its turn', async () => {
    const { start } = paper((text) => (text === 'slow' ? never() : Promise.resolve(pdf)))
    const printer = pool(start, patient)
    const work = settled(printer, ['slow', 'slow', 'a'])
    expect((await work).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
  })
})

it('nothing is kept of what was printed', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const printer = pool(paper(() => Promise.resolve(new Uint8Array(1_000_000))).start, LIMITS)
  const held = async (): Promise<number> => {
    // Buffers are freed by a finalizer, which runs between tasks.
    for (let pass = 0; pass < 3; pass++) {
      collectGarbage()
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    return process.memoryUsage().arrayBuffers
  }
  await printer.print('a')
  const before = await held()
  for (let print = 0; print < 50; print++) await printer.print('a')
  expect((await held()) - before).toBeLessThan(10_000_000)
})

describe('closing', () => {
  it('turns away those who wait, those at work and those who come', async () => {
    const { start, started } = paper((_, browser) => (browser >= 0 ? never() : Promise.resolve(pdf)))
    const printer = pool(start, LIMITS)
    const work = settled(printer, ['a', 'b', 'c'])
    await vi.waitFor(() => expect(started[0]?.pages).toBe(2))
    await printer.close()
    for (const result of await work) expect(result).toMatchObject({ status: 'rejected', reason: code('transient') })
    await expect(printer.print('d')).rejects.toMatchObject(code('transient'))
    expect(started.map(({ ended }) => ended)).toEqual([true])
  })

  it('needs no browser to have been started', async () => {
    const { start, started } = paper(() => Promise.resolve(pdf))
    await pool(start, LIMITS).close()
    expect(started).toEqual([])
  })
})
