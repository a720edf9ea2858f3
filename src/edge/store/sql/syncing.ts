/** What was written to a file made to outlive a loss of power: whoever waits at one time shares one request to the disk. */

import { open, type FileHandle } from 'node:fs/promises'
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

type Syncable = Pick<FileHandle, 'datasync' | 'close'>

function forWriting(path: string): Promise<Syncable> {
  return open(path, 'r+')
}

/** The same for the file at a path, which is there when it is first asked for. */
export function syncing(path: string, opened: (path: string) => Promise<Syncable> = forWriting): Syncing {
  let file: Promise<Syncable> | undefined
  /** On its way, and what begins when that has ended. */
  let under: Promise<void> | undefined
  let next: Promise<void> | undefined
  let failure: Error | undefined
  const sync = async (): Promise<void> => {
    try {
      if (failure !== undefined) throw failure
      file ??= opened(path)
      await (await file).datasync()
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
      await (next ?? under)?.catch(() => undefined)
      await file?.then((handle) => handle.close()).catch(() => undefined)
    },
  }
}
