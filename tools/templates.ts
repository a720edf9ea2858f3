/** The part of the build that precompiles templates/ into one module, beside which the files of each language lie. */

import { join } from 'node:path'
import { templateFiles } from '../src/edge/templates.ts'
import { isOfLanguage, templateModule } from '../src/render/templates.ts'
import { write } from './written.ts'

/** Writes the module of a folder of templates. @throws FhirError with every fault of every template */
export async function buildTemplates(folder: string, target: string): Promise<void> {
  const files = await templateFiles(folder)
  const text = templateModule(files)
  for (const [path, content] of Object.entries(files).filter(([name]) => isOfLanguage(name)))
    write(join(target, 'templates', path), JSON.stringify(JSON.parse(content)))
  write(join(target, 'templates.js'), escaped(text))
}

/** The same in ASCII: a text with any other character takes two bytes for each in memory, as long as the process lives. */
function escaped(text: string): string {
  return text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
