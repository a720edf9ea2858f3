/** What is remembered of what was read. */

import { expect, it } from 'vitest'
import { overlay, versionCache } from '../../../../src/edge/store/sql/cache.ts'
import { versionOf } from '../../../../src/edge/store/sql/versions.ts'
import type { Version } from '../../../../src/ports.ts'

function version(name: string, number = 1, length = 1_000): Version {
  const text = `{"resourceType":"Basic","text":"${'x'.repeat(length)}"}`
  return versionOf({ name, version: number, last_updated: 0, method: 'PUT', text })
}

it('what was not asked for the longest is forgotten first', () => {
  const cache = versionCache(200_000)
  for (let id = 1; id <= 100; id += 1) {
    cache.add(`Basic/${id}`, 1, version(`Basic/${id}`))
    expect(cache.find('Basic/1', 1)).toBeDefined()
  }
  const isKept = Array.from({ length: 100 }, (_, at) => cache.find(`Basic/${at + 1}`, 1) !== undefined)
  const firstKept = isKept.indexOf(true, 1)
  expect(firstKept).toBeGreaterThan(50)
  expect(isKept.slice(1)).toEqual(Array.from({ length: 99 }, (_, at) => at + 1 >= firstKept))
})

it('what alone would take much of the room is not kept', () => {
  const cache = versionCache(40_000)
  cache.add('Basic/1', 1, version('Basic/1', 1, 30_000))
  expect(cache.find('Basic/1', 1)).toBeUndefined()
})

it('what a transaction wrote is its own until it is durable', () => {
  const cache = versionCache(100_000)
  const own = overlay(cache)
  own.writes()
  expect(own.isWhole()).toBe(false)
  const written = version('Basic/1', 2)
  own.wrote('Basic/1', 2, written)
  expect(own.isWhole()).toBe(true)
  expect([own.find('Basic/1', 2), cache.find('Basic/1', 2)]).toEqual([written, undefined])
  own.add('Basic/1', 3, version('Basic/1', 3))
  expect(cache.find('Basic/1', 3)).toBeUndefined()
  own.settle()
  expect(cache.find('Basic/1', 2)).toBe(written)
})
