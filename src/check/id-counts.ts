/** The ids of the elements of a resource and of its narratives. */

import { onceFor } from '../fhir/memo.ts'
import { isObject, type Json } from '../fhir/types.ts'
import { idsOf } from './narrative-links.ts'
import type { Content } from './rule.ts'

/** How often each id is there, but for that of the resource itself. */
export const idCountsOf = onceFor(({ resource, narratives }: Content): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  const count = (id: string): void => void counts.set(id, (counts.get(id) ?? 0) + 1)
  const look = (value: Json | undefined): void => {
    if (Array.isArray(value)) for (const item of value as readonly Json[]) look(item)
    if (!isObject(value)) return
    if (value !== resource && typeof value['id'] === 'string') count(value['id'])
    for (const member of Object.values(value)) if (typeof member === 'object') look(member)
  }
  look(resource)
  for (const narrative of narratives) for (const id of idsOf(narrative)) count(id)
  return counts
})
