/** What was found of a value, remembered by the value itself: it shows in nothing but the time that it saves. */

import { isObject, isResource, type Json } from './types.ts'

/** By value; what is remembered of a value goes when the value goes. */
export interface Memo<Key extends object, Found> {
  readonly get: (key: Key) => Found | undefined
  readonly set: (key: Key, found: Found) => unknown
  readonly has: (key: Key) => boolean
}

/**
 * A memo that lasts as long as the program, or as one design. What it remembers lies with the value itself, out of sight of
 * whoever lists, copies or writes its members: weak maps of many values take the garbage collector ten times as long.
 */
export function lastingMemo<Key extends object, Found>(): Memo<Key, Found> {
  return new Beside<Key, Found>()
}

const NOTES = Symbol('notes')

/** Where the memos note what was found of one value; most values are never asked about. */
interface Notes {
  byMemo: Map<object, unknown> | undefined
}

class Beside<Key extends object, Found> implements Memo<Key, Found> {
  /** Of values that were frozen elsewhere. */
  readonly #others = new WeakMap<Key, Found>()

  get(key: Key): Found | undefined {
    const notes = notesOf(key)
    return notes === undefined ? this.#others.get(key) : (notes.byMemo?.get(this) as Found | undefined)
  }

  has(key: Key): boolean {
    const notes = notesOf(key)
    return notes === undefined ? this.#others.has(key) : notes.byMemo?.has(this) === true
  }

  set(key: Key, found: Found): void {
    const notes = notesOf(Object.isExtensible(key) ? noting(key) : key)
    if (notes === undefined) this.#others.set(key, found)
    else (notes.byMemo ??= new Map<object, unknown>()).set(this, found)
  }
}

function notesOf(key: object): Notes | undefined {
  return (key as { readonly [NOTES]?: Notes })[NOTES]
}

/** The very value, with a place for what is remembered of it: to be made before it is frozen. */
export function noting<T extends object>(value: T): T {
  if (notesOf(value) !== undefined) return value
  const notes: Notes = { byMemo: undefined }
  return Object.defineProperty(value, NOTES, { value: notes })
}

/**
 * What `find` finds of a value. Of one that can never change, as the store hands them out, it is found once; a value that
 * is not frozen may be another by the next time, and is looked at anew.
 */
export function remember<Key extends object, Found extends object | string>(
  known: Memo<Key, Found>,
  value: Key,
  find: (value: Key) => Found,
): Found {
  const before = known.get(value)
  if (before !== undefined) return before
  const found = find(value)
  if (Object.isFrozen(value)) known.set(value, found)
  return found
}

/** What `make` makes of an object, made once for it. */
export function onceFor<Key extends object, Made>(make: (key: Key) => Made): (key: Key) => Made {
  const made = lastingMemo<Key, Made>()
  return (key) => {
    const known = made.get(key)
    if (known !== undefined || made.has(key)) return known as Made
    const fresh = make(key)
    made.set(key, fresh)
    return fresh
  }
}

/** The memo that belongs to something else that the answers depend on, such as the definitions. */
export function memoFor<Owner extends object, Key extends object, Found>(
  memos: WeakMap<Owner, Memo<Key, Found>>,
  owner: Owner,
): Memo<Key, Found> {
  const known = memos.get(owner)
  if (known !== undefined) return known
  const own = lastingMemo<Key, Found>()
  memos.set(owner, own)
  return own
}

/** The very value, made so that neither it nor anything in it can change. */
export function frozen<T extends Json>(value: T): T {
  if (Array.isArray(value)) for (const item of value as readonly Json[]) frozen(item)
  else if (isObject(value)) for (const member of Object.values(value)) if (member !== undefined) frozen(member)
  return Object.freeze(isResource(value) && Object.isExtensible(value) ? noting(value) : value)
}
