/** The clock of this process, and what is done once. */

import { randomUUID } from 'node:crypto'
import type { Instant } from '../fhir/types.ts'
import type { Now } from '../ports.ts'

/** In whole seconds, as signatures have it. */
export function instantOf(date: Date): Instant {
  return `${date.toISOString().slice(0, 19)}Z`
}

/** The clock; with an epoch it stands still. */
export function clock(epoch?: Instant): Now {
  return { now: () => epoch ?? instantOf(new Date()), uuid: () => randomUUID() }
}

/** The function whose work is done at most once for each key. */
export function oncePer<Key, T>(work: (key?: Key) => Promise<T>): (key?: Key) => Promise<T> {
  const results = new Map<Key | undefined, Promise<T>>()
  return (key) => {
    const result = results.get(key) ?? work(key)
    results.set(key, result)
    return result
  }
}
