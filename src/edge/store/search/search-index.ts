/** The search index of a store, in the tables that lie beside its own. */

import type { Now } from '../../../ports.ts'
import type { Indexed, SearchIndex } from '../sql/search-index.ts'
import type { SearchModel } from './definitions.ts'
import { identified } from './identified.ts'
import { indexer } from './indexing.ts'
import { consents, provenances } from './provenances.ts'
import { indexDigest, noteDigest, renew } from './reindexing.ts'
import { contentOf, createIndexRoutine } from './routines.ts'
import type { IndexRows } from './rows.ts'
import { search } from './searching.ts'
import { createIndexTables, deleteIndexes, replaceIndexes, writeIndexes } from './tables.ts'

/** The index that goes by a search model. */
export function searchIndex(model: SearchModel, now: Pick<Now, 'now'>): SearchIndex {
  const indexOf = indexer(model)
  const digest = indexDigest(model)
  // The id is the store's, whatever the resource says.
  const rowsOf = ({ id, resource }: Pick<Indexed, 'id' | 'resource'>): IndexRows => indexOf({ ...resource, id })
  const replace: SearchIndex['replace'] = (indexed, session) => replaceIndexes(session, indexed.rid, rowsOf(indexed))
  return {
    createTables: async (session) => {
      await createIndexTables(session)
      await noteDigest(session, digest)
    },
    createRoutine: createIndexRoutine,
    content: ({ id }, resource) => contentOf(rowsOf({ id, resource }), digest),
    renew: (database) => renew(database, digest, replace),
    write: (indexed, session) => writeIndexes(session, indexed.rid, rowsOf(indexed)),
    replace,
    remove: (rid, session) => deleteIndexes(session, rid),
    identified,
    provenances,
    consents,
    search: (request, searching) => search(request, { search: model, now: now.now(), ...searching }),
  }
}
