/** The search index of a store, in the tables that lie beside its own. */

import type { Now } from '../../../ports.ts'
import type { SearchIndex } from '../sql/search-index.ts'
import type { SearchModel } from './definitions.ts'
import { identified } from './identified.ts'
import { indexer } from './indexing.ts'
import { consents, provenances } from './provenances.ts'
import { indexDigest, noteDigest, renew } from './reindexing.ts'
import { search } from './searching.ts'
import { createIndexTables, deleteIndexes, writeIndexes } from './tables.ts'

/** The index that goes by a search model. */
export function searchIndex(model: SearchModel, now: Pick<Now, 'now'>): SearchIndex {
  const indexOf = indexer(model)
  const digest = indexDigest(model)
  // The id is the store's, whatever the resource says.
  const write: SearchIndex['write'] = ({ rid, id, resource }, session) =>
    writeIndexes(session, rid, indexOf({ ...resource, id }))
  return {
    createTables: async (session) => {
      await createIndexTables(session)
      await noteDigest(session, digest)
    },
    renew: (database) =>
      renew(database, digest, async (indexed, session) => {
        await deleteIndexes(session, indexed.rid)
        await write(indexed, session)
      }),
    write,
    remove: (rid, session) => deleteIndexes(session, rid),
    identified,
    provenances,
    consents,
    search: (request, searching) => search(request, { search: model, now: now.now(), ...searching }),
  }
}
