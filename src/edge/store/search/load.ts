/** The search definitions that the build has compiled, read from build/. */

import { readFile } from 'node:fs/promises'
import type { SearchDefinitions } from './definitions.ts'

const built = new URL('../../../../build/r4/search.json', import.meta.url)

/** The search definitions of R4. @throws Error where `npm run build` has not run */
export async function loadSearchDefinitions(): Promise<SearchDefinitions> {
  try {
    return JSON.parse(await readFile(built, 'utf8')) as SearchDefinitions
  } catch (cause) {
    throw new Error('The search definitions are not built, run npm run build', { cause })
  }
}
