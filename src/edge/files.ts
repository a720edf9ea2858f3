/** Files by name: read whole, written whole or not at all. */

import { randomBytes } from 'node:crypto'
import { closeSync, openSync, rmSync } from 'node:fs'
import { access, chmod, constants, open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fail, type FhirError } from '../fhir/error.ts'

/** What a file system says no with, in words that follow a name. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  ENOTDIR: 'is not there, a part of its path is a file',
  EISDIR: 'is a folder, expected a file',
  EACCES: 'cannot be used, permission is denied',
  EPERM: 'cannot be used, permission is denied',
  EROFS: 'is on a file system that is read-only',
  ENOSPC: 'does not fit, the disk is full',
  EDQUOT: 'does not fit, the quota is used up',
  ENAMETOOLONG: 'has a name that is too long',
  ELOOP: 'is a link that leads to itself',
  EMFILE: 'cannot be opened, too many files are open',
}

/** The bytes of a file. @throws FhirError `not-found` where there is none, `no-store` where it cannot be read */
export async function readWhole(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw refusal(`The file ${path}`, cause)
  }
}

/** What stands at a path: a file is anything that is no folder. */
export async function kindOf(path: string): Promise<'file' | 'folder' | 'nothing'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file'
  } catch {
    return 'nothing'
  }
}

export interface NewFile {
  readonly path: string
  /** At hand, or as they come. */
  readonly bytes: Uint8Array | string | AsyncIterable<Uint8Array>
}

/** Files that are being written, to be taken away when the process is stopped amidst. */
const unfinished = new Set<string>()

/**
 * Nothing; each file holds its bytes, having replaced what stood there in one step, and only once all could be
 * written. @throws FhirError `no-store` with no file changed
 */
export async function writeWhole(files: readonly NewFile[]): Promise<void> {
  const written: { readonly from: string; readonly to: string }[] = []
  try {
    for (const file of files) {
      const step = await prepare(file)
      if (step !== undefined) written.push(step)
    }
    for (const { from, to } of written) await rename(from, to)
  } finally {
    for (const { from } of written) {
      await rm(from, { force: true })
      unfinished.delete(from)
    }
  }
}

/** Takes away what was not finished; for the moment at which a process is told to stop. */
export function discardUnfinished(): void {
  for (const path of unfinished) rmSync(path, { force: true })
}

/** The file written beside its place; what is no regular file (a pipe, a terminal) is written at once. */
async function prepare({ path, bytes }: NewFile): Promise<{ readonly from: string; readonly to: string } | undefined> {
  try {
    // Why nothing can be seen there, writing tells.
    const old = await stat(path).catch(() => undefined)
    if (old !== undefined && !old.isFile()) {
      await writeFile(path, bytes)
      return undefined
    }
    if (old !== undefined) await access(path, constants.W_OK)
    const to = old === undefined ? path : await realpath(path)
    const from = join(dirname(to), `.fhirdoc-${randomBytes(6).toString('hex')}.part`)
    unfinished.add(from)
    await writeThrough(from, bytes)
    if (old !== undefined) await chmod(from, old.mode)
    return { from, to }
  } catch (cause) {
    throw refusal(`The file ${path}`, cause, 'no-store')
  }
}

/** Written and on the disk before it takes the place of anything. */
async function writeThrough(path: string, bytes: NewFile['bytes']): Promise<void> {
  // Made at once and then only opened: a signal meets a file that is there to be taken away, or none that is still to come.
  closeSync(openSync(path, 'wx'))
  const handle = await open(path, 'r+')
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await handle.close()
  }
}

/** A failed call of the file system as a FhirError: what, then why. */
export function refusal(what: string, cause: unknown, missing: 'not-found' | 'no-store' = 'not-found'): FhirError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const why = missing === 'no-store' && code === 'ENOENT' ? 'cannot be written, its folder is not there' : REASONS[code]
  return fail(
    code === 'ENOENT' || code === 'ENOTDIR' ? missing : 'no-store',
    `${what} ${why ?? `cannot be used (${code})`}`,
    { cause },
  )
}

/** The last part of a path without its ending: `in/a.json` is `a`. */
export function stem(path: string): string {
  return basename(path).replace(/\.[^.]+$/, '')
}
