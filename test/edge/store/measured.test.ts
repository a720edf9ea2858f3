/** A measured store is the store, and tells of every question. */

import { expect, it } from 'vitest'
import { measuredStore } from '../../../src/edge/store/measured.ts'
import { fail } from '../../../src/fhir/error.ts'
import type { Store, StoreWriter } from '../../../src/ports.ts'

const writer = new Proxy({} as StoreWriter, {
  get: (_, name) => (...given: readonly unknown[]) => Promise.resolve([name, ...given]),
}) // prettier-ignore
let ready = 0
const store: Store = {
  snapshot: (work) => work(writer),
  transaction: (work) => work(writer),
  isReady: () => Promise.resolve((ready += 1) > 0),
  close: () => Promise.resolve(),
}

function measured(): { readonly store: Store; readonly told: string[] } {
  const told: string[] = []
  const measure = {
    stored: <T>(operation: string, work: () => Promise<T>): Promise<T> => {
      told.push(operation)
      return work()
    },
    conflicted: () => void told.push('conflict'),
  }
  return { store: measuredStore(store, measure), told }
}

it('every question is passed on with its arguments and told by its name', async () => {
  const { store: one, told } = measured()
  const key = { type: 'Patient', id: '1' }
  const asked = await one.transaction((reader) =>
    Promise.all([
      reader.read([key]),
      reader.versions([key]),
      reader.vread(key, '2'),
      reader.original(key, '3'),
      reader.receipt(key),
      reader.identified([]),
      reader.write({ ...key, method: 'DELETE' }),
    ]),
  )
  const names = ['read', 'versions', 'vread', 'original', 'receipt', 'identified', 'write']
  expect(asked.map((answer) => (answer as unknown as readonly string[])[0])).toEqual(names)
  expect(asked[2]).toEqual(['vread', key, '2'])
  expect(told).toEqual(['transaction', ...names])
})

it('a conflict is counted, another failure is not', async () => {
  const { store: one, told } = measured()
  await expect(one.transaction(() => Promise.reject(fail('conflict', 'x')))).rejects.toThrow('x')
  await expect(one.transaction(() => Promise.reject(fail('no-store', 'y')))).rejects.toThrow('y')
  expect(told).toEqual(['transaction', 'conflict', 'transaction'])
})

it('many probes at a time are one question', async () => {
  const { store: one } = measured()
  const before = ready
  expect(await Promise.all([one.isReady(), one.isReady(), one.isReady()])).toEqual([true, true, true])
  expect(ready - before).toBe(1)
})
