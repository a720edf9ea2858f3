/** Lists that come again are the same list, and never another one. */

import { describe, expect, it } from 'vitest'
import { alike, isSame } from '../../src/fhir/alike.ts'

interface Item {
  readonly name: string
}

const ITEMS: readonly Item[] = Array.from({ length: 12 }, (_, at) => Object.freeze({ name: `${at}` }))
const steadily = (item: Item): boolean => Object.isFrozen(item)

describe('a list that comes again', () => {
  it('is the very same list for as long as its items are', () => {
    const first = alike([...ITEMS], steadily)
    expect(first).toEqual(ITEMS)
    expect(alike([...ITEMS], steadily)).toBe(first)
    expect(alike(first ?? [], steadily)).toBe(first)
    expect(Object.isFrozen(first)).toBe(true)
  })

  it('is another one as soon as an item is another, though it looks alike, or one more or less is there', () => {
    const first = alike(ITEMS, steadily)
    const changed = ITEMS.with(7, Object.freeze({ name: '7' }))
    expect(alike(changed, steadily)).not.toBe(first)
    expect(alike(changed, steadily)).toEqual(changed)
    expect(alike(ITEMS.slice(0, -1), steadily)).toHaveLength(ITEMS.length - 1)
    expect(alike([...ITEMS, Object.freeze({ name: 'more' })], steadily)).toHaveLength(ITEMS.length + 1)
  })

  it('is none where it is short, where an item is missing, or where one may be another by the next time', () => {
    expect(alike([], steadily)).toBeUndefined()
    expect(alike(ITEMS.slice(0, 3), steadily)).toBeUndefined()
    expect(alike([...ITEMS, undefined], steadily)).toBeUndefined()
    expect(alike([...ITEMS, { name: 'unsteady' }], steadily)).toBeUndefined()
  })

  it('is left as it was given', () => {
    const given = [...ITEMS]
    alike(given, steadily)
    expect(Object.isFrozen(given)).toBe(false)
  })
})

describe('two lists', () => {
  it('are the same where every item is the same object', () => {
    expect(isSame(ITEMS, [...ITEMS])).toBe(true)
    expect(isSame(ITEMS, ITEMS.with(0, { name: '0' }))).toBe(false)
    expect(isSame(ITEMS, ITEMS.slice(1))).toBe(false)
  })
})
