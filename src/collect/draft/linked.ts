/** The other records of a patient, named in a document that has room for one Patient alone. */

import { parseReference, restBase } from '../../fhir/reference.ts'
import { isObject, type Json, type JsonObject, type Reference, type Resource } from '../../fhir/types.ts'
import type { Found } from '../../ports.ts'
import type { RecordIndex } from './record-index.ts'

/** The patient with its links to other Patients by identifier; the very same where it has none. */
export function unlinked(
  patient: Resource,
  found: Found,
  index: RecordIndex,
): { readonly resource: Resource; readonly told: readonly string[] } {
  const { link } = patient
  if (!Array.isArray(link)) return { resource: patient, told: [] }
  const told: string[] = []
  const links = (link as readonly Json[]).map((one): Json => {
    const other = isObject(one) ? one['other'] : undefined
    if (!isObject(one) || !isObject(other)) return one
    const named = byIdentifier(other, found, index)
    if (named === undefined) return one
    told.push(
      `the linked record ${(other as Reference).reference ?? ''} is named by identifier, for the document is about one`,
    )
    return { ...one, other: named }
  })
  return told.length === 0 ? { resource: patient, told } : { resource: { ...patient, link: links }, told }
}

/** Undefined where it stays as it is: a related person, what is contained, what is named by identifier already. */
function byIdentifier(other: JsonObject, holder: Found, index: RecordIndex): JsonObject | undefined {
  const { reference, identifier, ...others } = other as Reference & JsonObject
  if (typeof reference !== 'string' || reference.startsWith('#')) return undefined
  const target = index.resolve(other, holder)
  if (target !== undefined && target.resource.resourceType !== 'Patient') return undefined
  const url = urlOf(reference, holder)
  if (url === undefined && identifier === undefined && others['display'] === undefined)
    return { ...others, type: 'Patient', display: reference }
  const named = identifier ?? (url === undefined ? undefined : { system: 'urn:ietf:rfc:3986', value: url })
  return { ...others, type: 'Patient', ...(named !== undefined && { identifier: named }) }
}

/** An absolute address without version. */
function urlOf(reference: string, { url }: Found): string | undefined {
  const parsed = parseReference(reference)
  if (parsed.form === 'uri' || parsed.form === 'rest') return parsed.url
  const base = restBase(url)
  return parsed.form === 'relative' && base !== undefined ? `${base}/${parsed.type}/${parsed.id}` : undefined
}
