/** Files for tests of the sources that read them. */

import { mkdtempSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { Source } from '../../../src/ports.ts'

/** A folder of this test file, which is removed at its end. */
export const root = mkdtempSync(join(tmpdir(), 'fhirdoc-files-'))
afterAll(() => rm(root, { recursive: true }))

export const patient = (id: string, more = ''): string => `{"resourceType":"Patient","id":"${id}"${more}}`

export async function folder(name: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const path = join(root, name)
  for (const [file, text] of Object.entries(files)) {
    await mkdir(join(path, file, '..'), { recursive: true })
    await writeFile(join(path, file), text)
  }
  return path
}

export async function idsOf(source: Source, ...ids: readonly string[]): Promise<readonly number[]> {
  const answers = await source.read(ids.map((id) => ({ by: 'id', type: 'Patient', id })))
  return answers.map(({ length }) => length)
}
