/** What is remembered of a value. */

import { expect, it } from 'vitest'
import { decimal } from '../../src/fhir/decimal.ts'
import { frozen, memoFor, remember, type Memo } from '../../src/fhir/memo.ts'
import type { JsonObject } from '../../src/fhir/types.ts'

it('what was found of a value that cannot change is found once', () => {
  let count = 0
  const memo: Memo<object, string> = new WeakMap()
  const value = Object.freeze({ a: 1 })
  const find = (): string => `found ${(count += 1)}`
  expect([remember(memo, value, find), remember(memo, value, find)]).toEqual(['found 1', 'found 1'])
})

it('a value that may change is looked at each time', () => {
  const memo: Memo<{ a: number }, string> = new WeakMap()
  const value = { a: 1 }
  const first = remember(memo, value, ({ a }) => `a ${a}`)
  value.a = 2
  expect([first, remember(memo, value, ({ a }) => `a ${a}`)]).toEqual(['a 1', 'a 2'])
})

it('there is one memo for each owner', () => {
  const memos = new WeakMap<object, Memo<object, string>>()
  const [one, other] = [{}, {}]
  expect(memoFor(memos, one)).toBe(memoFor(memos, one))
  expect(memoFor(memos, one)).not.toBe(memoFor(memos, other))
})

it('a frozen value is the very value, and nothing in it can change', () => {
  const value: JsonObject = { list: [{ deep: 'x' }], number: decimal('1.50'), nothing: null }
  expect(frozen(value)).toBe(value)
  expect(() => Object.assign((value['list'] as JsonObject[])[0] ?? {}, { deep: 'y' })).toThrow(TypeError)
  expect(Object.isFrozen(value['list'])).toBe(true)
})
