/** The folder for what is made once and kept: the user's alone, so that nobody else can have put anything in it. */

import { lstatSync, mkdirSync } from 'node:fs'
import { homedir, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { fail } from '../fhir/error.ts'

/** The first of the user's cache and the temporary folder that is, or can be made, a folder of this user alone. @throws FhirError `transient` where none is */
export function cacheFolder(): string {
  const candidates = [join(homedir(), '.cache', 'fhirdoc'), join(tmpdir(), `fhirdoc-${userInfo().uid}`)]
  const causes: unknown[] = []
  for (const candidate of candidates) {
    try {
      makeOwn(candidate)
      return candidate
    } catch (error) {
      causes.push(error)
    }
  }
  const text = 'There is no folder to keep files in, expected a cache or temporary folder that is the user’s alone'
  throw fail('transient', text, { cause: new AggregateError(causes) })
}

function makeOwn(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const found = lstatSync(path)
  if (!found.isDirectory() || found.uid !== userInfo().uid || (found.mode & 0o022) !== 0)
    throw new Error(`${path} can be written by others, or is no folder`)
}
