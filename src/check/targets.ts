/** What references may name: resources of the types that the definitions allow. @see https://hl7.org/fhir/R4/references.html#Reference */

import type { Definitions } from '../fhir/definitions.ts'
import { lastingMemo } from '../fhir/memo.ts'
import type { Occurrence } from '../fhir/occurrence.ts'
import type { Resolution } from '../fhir/reference.ts'
import type { Linked, Subject } from './rule.ts'

/** What is wrong with the type of the resource that a reference names. */
export function wrongTarget({ occurrence }: Linked, resolution: Resolution, document: Subject): string | undefined {
  const { definitions } = document
  if (resolution.outcome === 'no-base') return otherByUuid(occurrence, document)
  const type = typeOf(resolution)
  if (type === undefined) return undefined
  const allowed = allowedAt(occurrence, definitions)
  if (allowed !== ANY && !allowed.includes(type))
    return `The reference names a ${type}, expected ${allowed.join(' or ')}`
  const said = occurrence.reference?.type
  return said !== undefined && said !== type
    ? `The reference names a ${type}, expected the ${said} that its type says`
    : undefined
}

/** A relative reference whose id is the UUID of an entry of another type; R5 does not look for entries so. */
function otherByUuid({ value }: Occurrence, { index, definitions: { model } }: Subject): string | undefined {
  if (model.fhirVersion.startsWith('5.')) return undefined
  const [, type, id] = /^([A-Z][A-Za-z]*)\/([0-9a-f-]{36})$/.exec(value) ?? []
  const [entry] = id === undefined ? [] : (index.byFullUrl.get(`urn:uuid:${id}`) ?? [])
  return entry === undefined || entry.resource.resourceType === type
    ? undefined
    : `The reference names a ${type}, and the entry with that UUID is a ${entry.resource.resourceType}`
}

const ANY: readonly string[] = []
/** An occurrence is that of one content, and a content is read by one set of definitions. */
const allowedTypes = lastingMemo<Occurrence, readonly string[]>()

/** The types that the element of a reference allows. */
function allowedAt(occurrence: Occurrence, { targets }: Definitions): readonly string[] {
  const known = allowedTypes.get(occurrence)
  if (known !== undefined) return known
  const { parent, model, name } = occurrence.node
  const allowed = targets[`${parent?.type}.${model?.choice === undefined ? name : `${model.choice}[x]`}`] ?? ANY
  allowedTypes.set(occurrence, allowed)
  return allowed
}

function typeOf(resolution: Resolution): string | undefined {
  if (resolution.outcome === 'contained') return resolution.contained.resourceType
  return resolution.outcome === 'entry' ? (resolution.contained ?? resolution.entry.resource).resourceType : undefined
}
