/** Where a document stands: what it says of itself, and what later ones say of it (H-7). */

import type { Bundle } from '../fhir/types.ts'
import type { Reader } from '../pages.ts'
import type { StoreReader, Successor, Version } from '../ports.ts'
import { successorsOf } from '../successors.ts'
import { documentRow, type DocumentRow } from './rows.ts'

/** What a later document makes of an earlier one, the gravest first. */
const MARKS = [
  ['entered-in-error', 'web.status.in-error', 'grave'],
  ['replaces', 'web.status.replaced', 'grave'],
  ['later', 'web.status.outdated', 'care'],
  ['appends', 'web.status.supplemented', 'care'],
] as const satisfies readonly (readonly [Successor['relation'], string, string])[]

/** Stored documents as rows, each with where it stands. */
export async function documentRows(
  store: StoreReader,
  versions: readonly Version[],
  { base, reader }: { readonly base: string; readonly reader: Reader },
): Promise<readonly DocumentRow[]> {
  const successors = await Promise.all(
    versions.map(async ({ resource }) => (resource === undefined ? [] : successorsOf(store, resource as Bundle, base))),
  )
  return versions.map((version, index) => marked(documentRow(version, reader), successors[index] ?? [], reader))
}

function marked(row: DocumentRow, successors: readonly Successor[], { phrase }: Reader): DocumentRow {
  const mark = MARKS.find(([relation]) => successors.some((one) => one.relation === relation))
  return mark === undefined ? row : { ...row, standing: phrase(mark[1]), standingTone: mark[2] }
}
