/** The store as the command line opens it. */

import type { SearchIndex } from '../edge/store/sql/search-index.ts'
import type { Cli } from './command.ts'

/** The search index that a store is opened with, which is read on first need. */
export async function indexFor({ settings: { baseUrl: base }, start }: Cli): Promise<SearchIndex> {
  const [{ design, edge }, { openSearch }] = await Promise.all([start(), import('../edge/store/search/open-search.ts')])
  return (await openSearch({ ...design.collect, ...(base !== undefined && { base }) }, edge)).index
}
