/** The order of the entries of a section. */

import type { Guide } from './compiled.ts'
import type { Found } from '../../ports.ts'
import type { OrderRow } from './guide.ts'
import type { Placed } from './placing.ts'
import type { Stay } from './stay.ts'
import { compareDates } from './window.ts'

/** The entries as the guide orders them; those that it does not tell apart stay as they were. */
export function ordered(
  entries: readonly Placed[],
  section: number,
  guide: Guide,
  stay: Stay | undefined,
): readonly Placed[] {
  const rows = guide.row.sections[section]?.order ?? []
  if (rows.length === 0) return entries
  const ranks = new Map(entries.map((entry) => [entry, guide.keys(entry.found.resource, section).ranks]))
  return entries.toSorted((one, other) => {
    let path = 0
    for (const row of rows) {
      const difference = differenceOf(row, one.found, other.found, stay) ?? (ranks.get(one)?.[path] ?? 0) - (ranks.get(other)?.[path] ?? 0) // prettier-ignore
      if ('path' in row) path += 1
      if (difference !== 0) return difference
    }
    return 0
  })
}

/** Undefined where the row is a path. */
function differenceOf(row: OrderRow, one: Found, other: Found, stay: Stay | undefined): number | undefined {
  if ('date' in row) return compareDates(one, other, row.date)
  if ('diagnosis' in row) return (stay?.rankOf(one) ?? 0) - (stay?.rankOf(other) ?? 0)
  return undefined
}
