/** Lists that come again with the very same items, each as one list: what was found of it can be remembered by it. */

/** A shorter one is looked at faster than it is found again. */
const FEWEST = 8

/** By its first item the latest list, which goes when that goes. */
const latest = new WeakMap<object, readonly object[]>()

/**
 * The list that has the very same items, the same object each time; undefined where it is short, where an item is missing,
 * or where one is not steady: another by the next time, though it is the same object.
 */
export function alike<T extends object>(
  list: readonly (T | undefined)[],
  isSteady: (item: T) => boolean,
): readonly T[] | undefined {
  const [first] = list
  if (first === undefined || list.length < FEWEST) return undefined
  // what has the same items has items of the same type
  const before = latest.get(first) as readonly T[] | undefined
  if (before !== undefined && isSame(before, list)) return before
  const items = list.filter((item) => item !== undefined && isSteady(item)) as readonly T[]
  if (items.length < list.length) return undefined
  const own = Object.freeze(items)
  latest.set(first, own)
  return own
}

/** Whether two lists hold the very same items. */
export function isSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some === others || (some.length === others.length && some.every((item, at) => item === others[at]))
}
