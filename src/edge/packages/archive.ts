/** The files of a package's .tgz, read in memory within limits: nothing is ever written by the names that it holds. */

import { gunzipSync } from 'node:zlib'
import { fail } from '../../fhir/error.ts'
import { tarFiles } from '../browser/tar.ts'

/** A file of a package with what names it in messages. */
export interface PackageFile {
  readonly name: string
  readonly bytes: () => Uint8Array
}

const MAX_UNPACKED_BYTES = 512 * 1024 * 1024
const MAX_FILES = 50_000

/** The regular files. @throws FhirError `invalid` naming the package where it is no archive, too large, or has a name that leaves it */
export function packageFiles(archive: Uint8Array, packageName: string): readonly PackageFile[] {
  const files: PackageFile[] = []
  for (const { name, bytes } of tarFiles(unpacked(archive, packageName))) {
    if (name.startsWith('/') || name.split('/').includes('..'))
      throw fail('invalid', `The package ${packageName} names a file outside itself, expected names below package/`)
    if (files.length >= MAX_FILES)
      throw fail('invalid', `The package ${packageName} has too many files, expected at most ${MAX_FILES}`)
    files.push({ name, bytes: () => bytes })
  }
  if (!files.some(({ name }) => /^(?:package\/)?package\.json$/.test(name)))
    throw fail('invalid', `The package ${packageName} has no package.json, expected it below package/`)
  return files
}

function unpacked(archive: Uint8Array, packageName: string): Uint8Array {
  try {
    return gunzipSync(archive, { maxOutputLength: MAX_UNPACKED_BYTES })
  } catch (cause) {
    const text = `The package ${packageName} cannot be unpacked, expected gzip of at most ${MAX_UNPACKED_BYTES} bytes`
    throw fail('invalid', text, { cause })
  }
}
