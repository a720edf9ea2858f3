/** The guides of the project and of the deployment: JSON files in profiles/guides and in the folder of the settings. */

import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fail } from '../fhir/error.ts'
import { parseJson } from '../fhir/json.ts'
import { isObject, type Json } from '../fhir/types.ts'

/** A file that is to be a guide. */
export interface GuideFile {
  readonly name: string
  readonly value: Json
}

/**
 * The guides in folders, the files of a later folder in the place of those of the same name before. In a folder itself
 * only JSON that has sections is one; in its folder `guides` each file is.
 * @throws FhirError `invalid` where a file is no JSON
 */
export function guideFiles(folders: readonly string[]): readonly GuideFile[] {
  const files = folders.filter(existsSync).flatMap((folder) => [...filesIn(folder), ...filesIn(join(folder, 'guides'))])
  const guides = files.flatMap((path): readonly GuideFile[] => {
    const isMeant = basename(join(path, '..')) === 'guides'
    const value = jsonIn(path)
    const isGuide = isObject(value) && Array.isArray(value['sections'])
    return isMeant || isGuide ? [{ name: basename(path), value }] : []
  })
  return [...new Map(guides.map((file) => [file.name, file])).values()]
}

function filesIn(folder: string): readonly string[] {
  return globSync('*.json', { cwd: folder })
    .toSorted()
    .map((name) => join(folder, name))
}

function jsonIn(path: string): Json {
  try {
    return parseJson(readFileSync(path))
  } catch (cause) {
    throw fail('invalid', `The file ${basename(path)} among the profiles is no JSON, expected a guide`, { cause })
  }
}
