/** A store in a file, and a file in an empty store. */

import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { createGunzip, createGzip } from 'node:zlib'
import { fail, FhirError } from '../../fhir/error.ts'
import { kindOf, writeWhole } from '../files.ts'
import { fileOf, openDatabase } from './open-store.ts'
import { backupLines, contentOf } from './sql/backup.ts'
import { restoreLines } from './sql/restore.ts'
import { migrate } from './sql/schema.ts'
import type { SearchIndex } from './sql/search-index.ts'
import type { Database } from './sql/session.ts'

export interface StoreAndFile {
  /** The URL of the store. */
  readonly url: string
  /** The file of the backup: gzip of lines of JSON, the same for every kind of store. */
  readonly path: string
  readonly index: SearchIndex
}

/**
 * The number of versions that the file now holds: all that was in the store at one moment, while others may write on.
 * @throws FhirError `not-found` where there is no store, `no-store` where it cannot be read or the file not be written
 */
export async function backup({ url, path, index }: StoreAndFile): Promise<number> {
  const file = fileOf(url)
  if (file !== undefined && (await kindOf(file)) !== 'file')
    throw fail('not-found', 'There is no store to back up, expected the one that the setting names')
  return within({ url, index }, async (database) => {
    const gzip = createGzip({ level: 6 })
    const take = async (line: string): Promise<void> => {
      if (!gzip.write(line)) await once(gzip, 'drain')
    }
    const lines = backupLines(database, take).then(
      (versions) => {
        gzip.end()
        return versions
      },
      (error: unknown) => {
        gzip.destroy(error as Error)
        throw error
      },
    )
    const [versions] = await Promise.all([lines, writeWhole([{ path, bytes: gzip }])])
    return versions
  })
}

/**
 * The number of versions that the store now holds, each as it was when the backup was made.
 * @throws FhirError `conflict` where the store is not empty, `structure` where the file is no whole backup; nothing is restored then
 */
export function restore({ url, path, index, tombstones }: StoreAndFile & Later): Promise<number> {
  const restoring = {
    lines: contentOf(linesOf(path)),
    ...(tombstones !== undefined && { tombstones: contentOf(linesOf(tombstones)) }),
    now: new Date().toISOString(),
  }
  return within({ url, index }, (database) => restoreLines(database, restoring, index))
}

interface Later {
  /** The file of a later backup: what it says was erased is not restored. */
  readonly tombstones?: string
}

async function within<T>(
  { url, index }: Omit<StoreAndFile, 'path'>,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(url)
  try {
    await migrate(database, index)
    return await work(database)
  } finally {
    await database.close()
  }
}

/** The lines of a packed file, without their ends. */
async function* linesOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path)
  const text = createGunzip()
  file.once('error', (error) => text.destroy(error))
  file.pipe(text)
  let rest = ''
  try {
    for await (const chunk of text.setEncoding('utf8')) {
      const [first = '', ...others] = String(chunk).split('\n')
      rest += first
      for (const next of others) {
        yield rest
        rest = next
      }
    }
  } catch (cause) {
    throw unreadable(cause)
  } finally {
    file.destroy()
  }
  if (rest !== '') yield rest
}

function unreadable(cause: unknown): FhirError {
  if (cause instanceof FhirError) return cause
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (code === 'ENOENT') return fail('not-found', 'The file of the backup is not there', { cause })
  if (code.startsWith('Z_')) return fail('structure', 'The backup is not whole: it cannot be unpacked', { cause })
  return fail('no-store', `The file of the backup cannot be read (${code})`, { cause })
}
