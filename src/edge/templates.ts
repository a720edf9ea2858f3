/** Folders of templates: read whole, as texts by their path. */

import { glob, readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { fail } from '../fhir/error.ts'

/** Images as `data:` URIs: a page that stands alone fetches nothing. */
const IMAGES: Readonly<Record<string, string>> = { '.svg': 'image/svg+xml', '.png': 'image/png', '.jpg': 'image/jpeg' }

const PATHS = ['*/*.{hbs,css,json}', 'pack/**/*.{hbs,css,json,svg,png,jpg}', 'web/**/*.{hbs,css,json,js}']

async function textOf(path: string): Promise<string> {
  const type = IMAGES[extname(path).toLowerCase()]
  return type === undefined ? readFile(path, 'utf8') : `data:${type};base64,${await readFile(path, 'base64')}`
}

/**
 * The templates, styles, locales and packs in a folder by their path in it: `document/page.hbs`.
 * @throws FhirError `not-found` where the folder holds none
 */
export async function templateFiles(folder: string): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {}
  for await (const path of glob(PATHS, { cwd: folder })) {
    files[path.replaceAll(sep, '/')] = await textOf(join(folder, path))
  }
  const names = Object.keys(files).sort()
  if (names.length === 0)
    throw fail(
      'not-found',
      'The folder of templates has no file such as document/page.hbs, style/page.css, locale/en.json',
    )
  return Object.fromEntries(names.map((name) => [name, files[name] ?? '']))
}
