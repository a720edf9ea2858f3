/** Values of a record are made when they are first asked for, and once. */

import { expect, it, vi } from 'vitest'
import { layered, lazyRecord } from '../../src/fhir/lazy-record.ts'

it('makes a value with the first question for it, and keeps it', () => {
  const make = vi.fn((name: string) => ({ name }))
  const record = lazyRecord(['a', 'b'], make)
  expect(Object.keys(record)).toEqual(['a', 'b'])
  expect(Object.hasOwn(record, 'c')).toBe(false)
  expect(make).not.toHaveBeenCalled()
  expect(record['a']).toEqual({ name: 'a' })
  expect(record['a']).toBe(record['a'])
  expect(make.mock.calls).toEqual([['a']])
})

it('asks again where a value could not be made', () => {
  const make = vi.fn((name: string) => name).mockImplementationOnce(() => expect.fail('not yet'))
  const record = lazyRecord(['a'], make)
  expect(() => record['a']).toThrow('not yet')
  expect(record['a']).toBe('a')
})

it('lays records over each other, and makes of a name only the value above', () => {
  const below = vi.fn((name: string) => `below ${name}`)
  const record = layered([lazyRecord(['a', 'b'], below), { b: 'above b', c: 'above c' }])
  expect(Object.keys(record)).toEqual(['a', 'b', 'c'])
  expect(below).not.toHaveBeenCalled()
  expect({ ...record }).toEqual({ a: 'below a', b: 'above b', c: 'above c' })
  expect(below.mock.calls).toEqual([['a']])
})
