/** What was found of a value, remembered by the value itself: it shows in nothing but the time that it saves. */

import { isObject, type Json } from './types.ts'

/** By value; what is remembered of a value goes when the value goes. */
export type Memo<Key extends object, Found> = WeakMap<Key, Found>

/**
 * What `find` finds of a value. Of one that can never change, as the store hands them out, it is found once; a value that
 * is not frozen may be another by the next time, and is looked at anew.
 */
export function remember<Key extends object, Found extends object | string>(
  memo: Memo<Key, Found>,
  value: Key,
  find: (value: Key) => Found,
): Found {
  const known = memo.get(value)
  if (known !== undefined) return known
  const found = find(value)
  if (Object.isFrozen(value)) memo.set(value, found)
  return found
}

/** What `make` makes of an object, made once for it. */
export function onceFor<Key extends object, Made>(make: (key: Key) => Made): (key: Key) => Made {
  const memo: Memo<Key, Made> = new WeakMap()
  return (key) => {
    const known = memo.get(key)
    if (known !== undefined || memo.has(key)) return known as Made
    const made = make(key)
    memo.set(key, made)
    return made
  }
}

/** The memo that belongs to something else that the answers depend on, such as the definitions. */
export function memoFor<Owner extends object, Key extends object, Found>(
  memos: WeakMap<Owner, Memo<Key, Found>>,
  owner: Owner,
): Memo<Key, Found> {
  const known = memos.get(owner)
  if (known !== undefined) return known
  const memo: Memo<Key, Found> = new WeakMap()
  memos.set(owner, memo)
  return memo
}

/** The very value, made so that neither it nor anything in it can change. */
export function frozen<T extends Json>(value: T): T {
  if (Array.isArray(value)) for (const item of value as readonly Json[]) frozen(item)
  else if (isObject(value)) for (const member of Object.values(value)) if (member !== undefined) frozen(member)
  return Object.freeze(value)
}
