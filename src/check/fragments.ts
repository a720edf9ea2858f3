/** The rule of links into an entry: a URL with a fragment names one element of the entry by its id. */

import { parseReference } from '../fhir/reference.ts'
import { isObject, type Json } from '../fhir/types.ts'
import { expressionOf, placed } from '../fhir/walk.ts'
import { idsOf } from './narrative-links.ts'
import type { Content, DocumentRule, Finding, Linked, Subject } from './rule.ts'
import { resourceExpression } from './subject.ts'

/** Of each entry that is asked for, how often each id is there. */
const counted = new WeakMap<Content, ReadonlyMap<string, number>>()

function countsOf(content: Content): ReadonlyMap<string, number> {
  const known = counted.get(content)
  if (known !== undefined) return known
  const counts = new Map<string, number>()
  const count = (id: string): void => void counts.set(id, (counts.get(id) ?? 0) + 1)
  const look = (value: Json | undefined): void => {
    if (Array.isArray(value)) for (const item of value as readonly Json[]) look(item)
    if (!isObject(value)) return
    if (value !== content.resource && typeof value['id'] === 'string') count(value['id'])
    for (const member of Object.values(value)) if (typeof member === 'object') look(member)
  }
  look(content.resource)
  for (const narrative of content.narratives) for (const id of idsOf(narrative)) count(id)
  counted.set(content, counts)
  return counts
}

function findingOf({ occurrence, resolution, from }: Linked, document: Subject): readonly Finding[] {
  if (occurrence.kind !== 'uri' || resolution?.outcome !== 'no-fragment' || resolution.entry === undefined) return []
  const parsed = parseReference(occurrence.value)
  const fragment = 'fragment' in parsed ? (parsed.fragment ?? '') : ''
  const count = countsOf(document.contentOf(resolution.entry)).get(fragment) ?? 0
  if (count === 1) return []
  const found = count === 0 ? 'no element' : `${count} elements`
  const text = `The entry has ${found} with the id ${fragment.slice(0, 80)}, expected one`
  return [{ expression: placed(expressionOf(occurrence.node), resourceExpression(from)), text }]
}

export const fragmentRule: DocumentRule = {
  id: 'link-fragment',
  severity: 'error',
  code: 'not-found',
  scope: 'resource',
  human: 'A URL with a fragment that names an entry names one element of it by its id',
  source: 'https://hl7.org/fhir/R4/narrative.html#id',
  broken: (document) => document.links.flatMap((linked) => findingOf(linked, document)),
}
