/** Folders of templates: read whole, as texts by their path. */

import { glob, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { fail } from '../fhir/error.ts'

/**
 * The templates, styles and locales in a folder by their path in it: `document/page.hbs`.
 * @throws FhirError `not-found` where the folder holds none
 */
export async function templateFiles(folder: string): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {}
  for await (const path of glob('*/*.{hbs,css,json}', { cwd: folder })) {
    files[path.replaceAll(sep, '/')] = await readFile(join(folder, path), 'utf8')
  }
  const names = Object.keys(files).sort()
  if (names.length === 0)
    throw fail(
      'not-found',
      'The folder of templates has no file such as document/page.hbs, style/page.css, locale/en.json',
    )
  return Object.fromEntries(names.map((name) => [name, files[name] ?? '']))
}
