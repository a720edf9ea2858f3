/** What the encounter of a document says of the conditions in it: the principal diagnosis, one on admission. */

import { decimalText, isDecimal } from '../fhir/decimal.ts'
import type { Document } from './document.ts'
import { findTarget, wordingFor, type Target } from './refer.ts'
import { joined, objects, shown } from './wording.ts'

/** What the encounter of the document says that a condition is to it: the discharge diagnosis, the first in rank. */
export function rolesOf({ resource }: Target, { composition, holder, reader }: Document): readonly string[] {
  if (resource.resourceType !== 'Condition') return []
  const [reference] = objects(composition.encounter)
  const encounter = reference === undefined ? 'no-reference' : findTarget(reader.index, reference, holder)
  if (typeof encounter === 'string') return []
  const wording = wordingFor(reader, encounter.holder)
  return objects(encounter.resource['diagnosis']).flatMap((diagnosis) => {
    const [condition] = objects(diagnosis['condition'])
    const named = condition === undefined ? 'no-reference' : findTarget(reader.index, condition, encounter.holder)
    if (typeof named === 'string' || named.resource !== resource) return []
    const use = shown(diagnosis, 'Encounter.diagnosis', 'use', wording)
    const { rank } = diagnosis
    const ranked = isDecimal(rank) ? wording.phrase('diagnosis.rank', { rank: decimalText(rank) }) : ''
    return [joined([use, ranked])].filter((text) => text !== '')
  })
}
