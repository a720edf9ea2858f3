/** What is remembered of a value. */

import { expect, it } from 'vitest'
import { decimal } from '../../src/fhir/decimal.ts'
import { frozen, lastingMemo, memoFor, onceFor, remember, type Memo } from '../../src/fhir/memo.ts'
import type { JsonObject, Resource } from '../../src/fhir/types.ts'

it('what was found of a value that cannot change is found once', () => {
  let count = 0
  const memo = lastingMemo<object, string>()
  const value = Object.freeze({ a: 1 })
  const find = (): string => `found ${(count += 1)}`
  expect([remember(memo, value, find), remember(memo, value, find)]).toEqual(['found 1', 'found 1'])
})

it('a value that may change is looked at each time', () => {
  const memo = lastingMemo<{ a: number }, string>()
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

it('what is remembered of a value lies beside its members and goes into no copy of it', () => {
  const memo = lastingMemo<object, string>()
  const value = frozen<Resource>({ resourceType: 'Basic', id: '1' })
  memo.set(value, 'found')
  expect(memo.get(value)).toBe('found')
  expect(Object.keys(value)).toEqual(['resourceType', 'id'])
  expect(JSON.stringify(value)).toBe('{"resourceType":"Basic","id":"1"}')
  expect(Reflect.ownKeys({ ...value })).toEqual(['resourceType', 'id'])
  expect(Reflect.ownKeys(structuredClone(value))).toEqual(['resourceType', 'id'])
  expect(memo.get({ ...value })).toBeUndefined()
})

it('two memos know nothing of each other, whoever froze the value', () => {
  const [one, other] = [lastingMemo<object, string>(), lastingMemo<object, string>()]
  for (const value of [frozen<Resource>({ resourceType: 'Basic' }), Object.freeze({}), Object.freeze([]), {}]) {
    one.set(value, 'found')
    expect([one.get(value), one.has(value), other.get(value), other.has(value)]).toEqual([
      'found',
      true,
      undefined,
      false,
    ])
  }
})

it('what is made of an object is made once, though it is nothing', () => {
  const asked: object[] = []
  const made = onceFor((key: object): undefined => void asked.push(key))
  const key = {}
  expect([made(key), made(key), asked]).toEqual([undefined, undefined, [key]])
})
