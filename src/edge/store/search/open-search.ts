/** What a store is searched by, as a service opens it: the index, and the parameters that it tells of. */

import type { Now } from '../../../ports.ts'
import type { SearchIndex } from '../sql/search-index.ts'
import { searchParametersOf, type SearchModel } from './definitions.ts'
import { loadSearchDefinitions } from './load.ts'
import { searchIndex } from './search-index.ts'

export interface Search {
  readonly index: SearchIndex
  /** The parameters of a type, or those of all types where none is named. */
  readonly parameters: (type?: string) => readonly NamedParameter[]
}

export interface NamedParameter {
  readonly name: string
  readonly type: string
  /** The URL of the published definition. */
  readonly definition: string
}

/** The search of R4. @throws Error where `npm run build` has not run */
export async function openSearch(of: Omit<SearchModel, 'definitions'>, now: Pick<Now, 'now'>): Promise<Search> {
  const search = { ...of, definitions: await loadSearchDefinitions() }
  const ofAll = Object.entries(search.definitions.types['Resource'] ?? {})
  return {
    index: searchIndex(search, now),
    parameters: (type) => {
      const asked = type === undefined ? ofAll : searchParametersOf(search, type)
      return asked.map(([name, { type: kind, url }]) => ({ name, type: kind, definition: url }))
    },
  }
}
