/** A key that may be changed while the service runs: the next signature is made with what the files hold then. */

import { stat } from 'node:fs/promises'
import type { SigningKey } from '../../ports.ts'

export interface Rotation {
  /** The files of the key; when one of them changed the key is opened anew. */
  readonly paths: readonly string[]
  readonly open: () => Promise<SigningKey>
  /** Told when the files changed and hold no key that opens: the one before stays. */
  readonly onFailure: (error: unknown) => void
  /** Told when another key is used from now on. */
  readonly onChange: () => void
}

/** The key of the files, as it is now by `current`. @throws FhirError `security` where it does not open at the start */
export async function rotatingKey({ paths, open, onFailure, onChange }: Rotation): Promise<SigningKey> {
  let mark = await markOf(paths)
  let key = await open()
  let looking: Promise<SigningKey> | undefined
  const look = async (): Promise<SigningKey> => {
    const now = await markOf(paths)
    if (now === mark) return key
    try {
      key = await open()
      onChange()
    } catch (error) {
      onFailure(error)
    }
    // a file that is being written is looked at again once it changes further
    mark = now
    return key
  }
  const current = (): Promise<SigningKey> => (looking ??= look().finally(() => (looking = undefined)))
  return {
    get alg() {
      return key.alg
    },
    get certificates() {
      return key.certificates
    },
    sign: (octets) => key.sign(octets),
    current,
  }
}

/** What changes when a file is written, or another takes its place. */
async function markOf(paths: readonly string[]): Promise<string> {
  const marks = paths.map(async (path) => {
    // A file that is being replaced may be away for a moment: that it is away is a mark too.
    const found = await stat(path, { bigint: true }).catch(() => undefined)
    return found === undefined ? 'none' : `${found.ino} ${found.size} ${found.mtimeNs}`
  })
  return (await Promise.all(marks)).join(', ')
}
