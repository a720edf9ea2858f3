/** Work that waits its turn. */

import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { readersAndWriters, turns } from '../../../../src/edge/store/sql/turns.ts'

it('one work follows the other, also after one that failed', async () => {
  const turn = turns()
  const told: string[] = []
  const work = (name: string) => async (): Promise<string> => {
    told.push(`${name} begins`)
    await pause(2)
    told.push(`${name} ends`)
    if (name === 'b') throw new RangeError(name)
    return name
  }
  const results = await Promise.allSettled(['a', 'b', 'c'].map((name) => turn(work(name))))
  expect(told).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})

it('readers go on together, a writer alone', async () => {
  const { reading, writing } = readersAndWriters()
  const counts = { readers: 0, writers: 0, most: 0 }
  const read = (): Promise<void> =>
    reading(async () => {
      counts.readers += 1
      counts.most = Math.max(counts.most, counts.readers)
      expect(counts.writers).toBe(0)
      await pause(2)
      counts.readers -= 1
    })
  const write = (): Promise<void> =>
    writing(async () => {
      counts.writers += 1
      expect([counts.readers, counts.writers]).toEqual([0, 1])
      await pause(1)
      counts.writers -= 1
    })
  await Promise.all([read(), read(), write(), read(), write(), read(), read()])
  expect(counts.most).toBe(2)
  await expect(reading(() => Promise.reject(new RangeError('no')))).rejects.toThrow(RangeError)
  await expect(writing(() => Promise.resolve('still'))).resolves.toBe('still')
})
