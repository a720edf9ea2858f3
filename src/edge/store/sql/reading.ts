/** What a reader reads with, and how a row becomes a version that is remembered. */

import type { Version } from '../../../ports.ts'
import type { VersionCache } from './cache.ts'
import type { View } from './journal.ts'
import type { Query } from './query.ts'
import type { SearchIndex } from './search-index.ts'
import type { Session } from './session.ts'
import { versionOf, type VersionRow } from './versions.ts'

export interface Reading {
  readonly session: Session
  readonly cache: VersionCache
  readonly index: SearchIndex
  /** What is known of the state that is read, where anything is; found out when it is first asked for. */
  readonly view?: () => Promise<View | undefined>
}

/** What {@link versionOf} needs. */
export const VERSION_COLUMNS = [
  'version.name',
  'version.version',
  'version.last_updated',
  'version.method',
  'version.text',
] as const

/** The version of a row: the one that is remembered, or else a new one that is from now on. */
export function remembered(row: VersionRow, cache: VersionCache): Version {
  // what was erased may still be remembered from before
  if (row.text === null) return versionOf(row)
  const known = cache.find(row.name, row.version)
  if (known !== undefined) return known
  const version = versionOf(row)
  cache.add(row.name, row.version, version)
  return version
}

/** The rows of a query about resources that are held from now on; both are asked at once. */
export async function heldRows<T>(names: readonly string[], query: Query<T>, session: Session): Promise<readonly T[]> {
  const held = session.hold(names)
  const [rows] = await Promise.all([session.rows(query), held])
  return rows
}
