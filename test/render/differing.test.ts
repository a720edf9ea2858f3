/** What entries of one thing say differently is what comparing each with each finds. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { differencesAmong } from '../../src/render/differing.ts'

const item = fc.record({
  keys: fc.subarray(['k', 'l', 'm']),
  says: fc.dictionary(fc.constantFrom('dose', 'route', 'status'), fc.constantFrom('1', '2'), { noNullPrototype: true }),
})

describe('entries that share a name', () => {
  it('differ in all in which one of the others says another thing, and are none where nobody shares it', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 6 }), (drawn) => {
        const items = drawn.map(({ keys, says }) => ({ keys, says: new Map(Object.entries(says)) }))
        const found = differencesAmong(items, { keys: ({ keys }) => keys, says: ({ says }) => says })
        for (const one of items) {
          const others = items.filter((other) => other !== one && other.keys.some((key) => one.keys.includes(key)))
          const names = ['dose', 'route', 'status'].filter((name) =>
            others.some(({ says }) => says.get(name) !== one.says.get(name)),
          )
          expect(found.get(one)?.toSorted()).toEqual(others.length === 0 ? undefined : names)
        }
      }),
    )
  })
})
