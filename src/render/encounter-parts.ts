/** What a discharge report tells of its encounter: in one section how it began, in another how it ended. */

import { isObject, type JsonObject, type Resource } from '../fhir/types.ts'
import type { ListView } from './blocks.ts'
import type { Document } from './document.ts'
import { listOf } from './entries.ts'
import { findTarget, wordingFor, type Target } from './refer.ts'
import type { Item } from './resource.ts'
import { objects, shown } from './wording.ts'

type Part = 'admission' | 'discharge'

/** By the LOINC code of a section. */
const PARTS: Readonly<Record<string, Part>> = { '67851-6': 'admission', '8650-4': 'discharge' }

/** The part of an encounter that a section with these codes tells; undefined where it tells all. */
export function encounterPart(codes: readonly string[]): Part | undefined {
  return codes.map((code) => PARTS[code]).find((part) => part !== undefined)
}

/** The encounter as a list of what belongs to its beginning or its end, the heading of the section says what it is; all of it where nothing does. */
export function encounterList(target: Target, part: Part, document: Document): ListView {
  const { phrase } = document.reader.parts
  const resource = partOf(target.resource, part, document, target)
  const list = listOf({ ...target, resource }, document, ['period'])
  const [period = {}] = objects(target.resource['period'])
  const wording = wordingFor(document.reader, target.holder)
  const text = shown(period, 'Period', part === 'admission' ? 'start' : 'end', wording)
  const moment: readonly Item[] = text === '' ? [] : [{ label: phrase(`encounter.${part}`), text }]
  const items = [...moment, ...list.items]
  return items.length === 0 ? listOf(target, document) : { ...list, type: '', title: '', items }
}

/** Elements and parts of them that tell how the stay ended; all else tells how it began. */
const AT_END: ReadonlySet<string> = new Set(['length'])
const HOSPITALIZATION_AT_END: ReadonlySet<string> = new Set(['destination', 'dischargeDisposition'])
const DISCHARGER = 'DIS'

function partOf(resource: Resource, part: Part, document: Document, target: Target): Resource {
  const isEnd = part === 'discharge'
  const kept = Object.entries(resource).filter(([name]) => name === 'resourceType' || AT_END.has(name.replace(/^_/, '')) === isEnd) // prettier-ignore
  const { hospitalization: _stay, participant: _people, diagnosis, ...rest } = Object.fromEntries(kept) as Resource
  const stay = isObject(resource['hospitalization']) ? membersIn(resource['hospitalization'], isEnd) : {}
  const people = objects(resource['participant']).filter((one) => isDischarger(one) === isEnd)
  return {
    ...rest,
    ...(Object.keys(stay).length > 0 && { hospitalization: stay }),
    ...(people.length > 0 && { participant: people }),
    ...(diagnosis !== undefined && !areEntries(resource, target, document) && { diagnosis }),
  }
}

function membersIn(value: JsonObject, isEnd: boolean): JsonObject {
  return Object.fromEntries(
    Object.entries(value).filter(([name]) => HOSPITALIZATION_AT_END.has(name.replace(/^_/, '')) === isEnd),
  )
}

function isDischarger({ type }: JsonObject): boolean {
  return objects(type).some(({ coding }) => objects(coding).some(({ code }) => code === DISCHARGER))
}

/** Whether all diagnoses are in the document, where each says beside it what it is to the encounter. */
function areEntries(resource: Resource, { holder }: Target, { reader }: Document): boolean {
  return objects(resource['diagnosis']).every(({ condition }) => {
    const [reference] = objects(condition)
    return reference !== undefined && typeof findTarget(reader.index, reference, holder) !== 'string'
  })
}
