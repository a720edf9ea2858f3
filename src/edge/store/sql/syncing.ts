/** What was written to a file made to outlive a loss of power: whoever waits at one time shares one request to the disk. */

import { fdatasyncSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { fail } from '../../../fhir/error.ts'

export interface Syncing {
  /**
   * Nothing; all that the file held when it was called is on the disk. Nobody else is kept from working meanwhile.
   * @throws FhirError `no-store` where that cannot be had, and ever after: the system may have dropped what it could not write
   * @see https://www.sqlite.org/wal.html
   */
  readonly synced: () => Promise<void>
  /** Whether what is written can still be made durable, as far as is known. */
  readonly isSound: () => boolean
  readonly close: () => Promise<void>
}

/** What can be made durable. */
export interface Syncable {
  /** Once another thread has waited for the disk. */
  readonly datasync: () => Promise<void>
  /** Everything else here stands still until the disk has answered. */
  readonly datasyncNow?: () => void
  readonly close: () => Promise<void>
}

async function forWriting(path: string): Promise<Syncable> {
  const handle = await open(path, 'r+')
  return {
    datasync: () => handle.datasync(),
    datasyncNow: () => fdatasyncSync(handle.fd),
    close: () => handle.close(),
  }
}

/** A disk that answers so soon as a rule is waited for here: to wake another thread, and to be woken by it, takes as long. */
const QUICK_MS = 1
/** So much of what is the rule each answer makes. */
const WEIGHT = 1 / 16
/** A disk that is slower is waited for elsewhere so many times before it is tried again, and twice as often where it still is. */
const LEAST_PATIENCE = 100
const MOST_PATIENCE = 10_000

/** How the disk is asked; what it is like shows by the way. */
function asking(clock: () => number): (file: Syncable) => Promise<void> {
  let patience = LEAST_PATIENCE
  let left = 0
  /** How long it takes as a rule, as far as that was found out since it was tried. */
  let usualMs: number | undefined
  return async (file) => {
    if (file.datasyncNow === undefined || left > 0) {
      left = Math.max(0, left - 1)
      return file.datasync()
    }
    const startMs = clock()
    file.datasyncNow()
    const tookMs = clock() - startMs
    if (usualMs === undefined && tookMs <= QUICK_MS) patience = LEAST_PATIENCE
    usualMs = usualMs === undefined ? tookMs : usualMs + WEIGHT * (tookMs - usualMs)
    if (usualMs <= QUICK_MS) return
    left = patience
    patience = Math.min(2 * patience, MOST_PATIENCE)
    usualMs = undefined
  }
}

/** The same for the file at a path, which is there when it is first asked for. */
export function syncing(
  path: string,
  opened: (path: string) => Promise<Syncable> = forWriting,
  clock: () => number = () => performance.now(),
): Syncing {
  const ask = asking(clock)
  let file: Promise<Syncable> | undefined
  /** On its way, and what begins when that has ended. */
  let under: Promise<void> | undefined
  let next: Promise<void> | undefined
  let failure: Error | undefined
  const sync = async (): Promise<void> => {
    try {
      if (failure !== undefined) throw failure
      file ??= opened(path)
      await ask(await file)
    } catch (cause) {
      failure ??= fail('no-store', 'What was written cannot be made durable', { cause })
      throw failure
    }
  }
  const begin = async (): Promise<void> => {
    next = undefined
    under = sync()
    try {
      await under
    } finally {
      if (next === undefined) under = undefined
    }
  }
  return {
    // what is on its way may have begun before the last bytes were written
    synced: () => (under === undefined ? begin() : (next ??= under.then(begin, begin))),
    isSound: () => failure === undefined,
    close: async () => {
      // Who waits for the disk was told that it failed; nothing is left to be kept by a file that is closed.
      await (next ?? under)?.catch(() => undefined)
      await file?.then((handle) => handle.close()).catch(() => undefined)
    },
  }
}
