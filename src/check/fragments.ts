/** The rule of links into an entry: a URL with a fragment names one element of the entry by its id. */

import { parseReference } from '../fhir/reference.ts'
import { expressionOf, placed } from '../fhir/walk.ts'
import { idCountsOf } from './id-counts.ts'
import type { DocumentRule, Finding, Linked, Subject } from './rule.ts'
import { resourceExpression } from './subject.ts'

function findingOf({ occurrence, resolution, from }: Linked, document: Subject): readonly Finding[] {
  if (occurrence.kind !== 'uri' || resolution?.outcome !== 'no-fragment' || resolution.entry === undefined) return []
  const parsed = parseReference(occurrence.value)
  const fragment = 'fragment' in parsed ? (parsed.fragment ?? '') : ''
  const count = idCountsOf(document.contentOf(resolution.entry)).get(fragment) ?? 0
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
  looks: 'outline',
  broken: (document) => document.links.flatMap((linked) => findingOf(linked, document)),
}
