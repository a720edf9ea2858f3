/** What is read from sources that change meanwhile is one state of them, or a conflict. */

import { describe, expect, it } from 'vitest'
import { steadily } from '../../src/collect/steady.ts'
import type { Source } from '../../src/ports.ts'

const still: Source = { name: 'still', read: () => Promise.resolve([]), provenances: () => Promise.resolve([]) }

/** A source that holds, or does not, as often as it is said to. */
function changing(...holds: readonly boolean[]): Source {
  const answers = [...holds]
  return {
    ...still,
    begin: () => ({ ...still, name: 'reading', holds: () => Promise.resolve(answers.shift() ?? true) }),
  }
}

async function run(...sources: readonly Source[]): Promise<{ readonly result: unknown; readonly count: number }> {
  let count = 0
  const result = await steadily(sources, (readings) => {
    count += 1
    return Promise.resolve(readings.map(({ name }) => name))
  }).catch((error: unknown) => error)
  return { result, count }
}

describe('H-15', () => {
  it('sources that are one state are read once', async () => {
    expect(await run(still, changing(true))).toEqual({ result: ['still', 'reading'], count: 1 })
  })

  it('a change while reading means one more reading', async () => {
    expect(await run(changing(false, true))).toEqual({ result: ['reading'], count: 2 })
    expect(await run(changing(true, true), changing(false, true))).toMatchObject({ count: 2 })
  })

  it('a second change is a conflict', async () => {
    expect(await run(still, changing(false, false))).toMatchObject({
      result: { issues: [{ code: 'conflict' }] },
      count: 2,
    })
  })

  it('an error of the work is no reason for another attempt', async () => {
    let count = 0
    const work = (): Promise<never> => {
      count += 1
      return Promise.reject(new Error('the work'))
    }
    await expect(steadily([changing(false)], work)).rejects.toThrow('the work')
    expect(count).toBe(1)
  })
})
