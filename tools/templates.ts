/** The part of the build that precompiles templates/ into one module. */

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { templateFiles } from '../src/edge/templates.ts'
import { templateModule } from '../src/render/templates.ts'

/** Writes the module of a folder of templates. @throws FhirError with every fault of every template */
export async function buildTemplates(folder: string, target: string): Promise<void> {
  const text = templateModule(await templateFiles(folder))
  await mkdir(dirname(target), { recursive: true })
  await writeFile(target, escaped(text))
}

/** The same in ASCII: a text with any other character takes two bytes for each in memory, as long as the process lives. */
function escaped(text: string): string {
  return text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
