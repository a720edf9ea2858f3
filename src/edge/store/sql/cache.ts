/** The latest versions of what was read lately, by their name and number; versions never change, so none grows old. */

import type { Version } from '../../../ports.ts'

export interface VersionCache {
  find(name: string, version: number): Version | undefined
  /** The latest version that is remembered, which need not be the current one. */
  latest(name: string): Version | undefined
  add(name: string, version: number, found: Version): void
  /** Nothing of a resource is remembered. */
  forget(name: string): void
}

/**
 * A parsed resource, with all that is remembered of it once it was in a document, takes about this many bytes for each
 * character of its text.
 */
const BYTES_PER_CHARACTER = 20
const BYTES_PER_VERSION = 500

interface Kept {
  readonly number: number
  readonly version: Version
  readonly bytes: number
}

/**
 * A cache of about `maxBytes`; what was not asked for the longest goes first. Of a resource only the latest of the versions
 * that were read is kept: the others are history.
 */
export function versionCache(maxBytes: number): VersionCache {
  const kept = new Map<string, Kept>()
  let bytes = 0
  const forget = (name: string): void => {
    bytes -= kept.get(name)?.bytes ?? 0
    kept.delete(name)
  }
  return {
    forget,
    latest: (name) => kept.get(name)?.version,
    find: (name, number) => {
      const found = kept.get(name)
      if (found?.number !== number) return undefined
      kept.delete(name)
      kept.set(name, found)
      return found.version
    },
    add: (name, number, version) => {
      const size = BYTES_PER_VERSION + BYTES_PER_CHARACTER * (version.text?.length ?? 0)
      const known = kept.get(name)
      if (size > maxBytes / 4 || (known !== undefined && known.number >= number)) return
      forget(name)
      kept.set(name, { number, version, bytes: size })
      bytes += size
      for (const oldest of kept.keys()) {
        if (bytes <= maxBytes) break
        forget(oldest)
      }
    },
  }
}

/** A cache as one transaction sees it. */
export interface Overlay extends VersionCache {
  /** A version is about to be written. */
  writes(): void
  /** Whether each version that was begun was written to its end. */
  isWhole(): boolean
  /** Keeps a version that the transaction wrote for itself. */
  wrote(name: string, version: number, written: Version): void
  /** The names of what the transaction wrote or emptied. */
  written(): Iterable<string>
  /** The transaction is durable: what it wrote is remembered by all. */
  settle(): void
}

/** What a transaction wrote, over what is remembered by all. */
export function overlay(cache: VersionCache): Overlay {
  const own = new Map<string, { readonly name: string; readonly number: number; readonly version: Version }>()
  const names = new Set<string>()
  let unfinished = 0
  return {
    find: (name, number) =>
      (names.has(name) ? own.get(keyOf(name, number))?.version : undefined) ?? cache.find(name, number),
    latest: (name) => (names.has(name) ? undefined : cache.latest(name)),
    add: (name, number, version) => (names.has(name) ? undefined : cache.add(name, number, version)),
    forget: (name) => {
      names.add(name)
      for (const [key, kept] of own) if (kept.name === name) own.delete(key)
      cache.forget(name)
    },
    writes: () => {
      unfinished += 1
    },
    isWhole: () => unfinished === 0,
    written: () => names,
    wrote: (name, number, version) => {
      unfinished -= 1
      names.add(name)
      own.set(keyOf(name, number), { name, number, version })
    },
    settle: () => {
      for (const { name, number, version } of own.values()) cache.add(name, number, version)
    },
  }
}

function keyOf(name: string, version: number): string {
  return `${name}/${version}`
}
