/** The resources of a record by what names them: once each, whatever source they are from. */

import { canonical } from '../../fhir/canonical.ts'
import { sha256, toBase64url } from '../../fhir/digest.ts'
import { parseReference, restBase } from '../../fhir/reference.ts'
import { isObject, type Json, type Reference } from '../../fhir/types.ts'
import type { Found } from '../../ports.ts'
import type { PatientRecord } from './record.ts'

export interface RecordIndex {
  /** The patient left out. */
  readonly all: readonly Found[]
  /** The resource that a reference names from where it stands; undefined where the record has none. */
  readonly resolve: (reference: Json | undefined, holder: Found) => Found | undefined
  /** The same for the reference in a member, the first where there are several. */
  readonly target: (holder: Found, member: string) => Found | undefined
}

/** What names a resource among those of all sources. */
export function recordName({ resource, url, source }: Found): string {
  const { resourceType, id } = resource
  if (url !== undefined) return url
  return id === undefined
    ? `${source} ${resourceType} ${toBase64url(sha256(canonical(resource)))}`
    : `${source} ${resourceType}/${id}`
}

/** How a reader tells a resource from others, with its version: the words of the receipt. */
export function sourceName({ resource, url, source }: Found): string {
  const { resourceType, id, meta } = resource
  const version = meta?.versionId
  const name = url ?? `${resourceType}/${id ?? '(no id)'}`
  return `${name}${version === undefined ? '' : `/_history/${version}`}${url === undefined ? ` of ${source}` : ''}`
}

/** The index of a record. A resource that stands in it several times counts once. */
export function indexRecord({ patient, resources }: PatientRecord): RecordIndex {
  const byName = new Map<string, Found>([[recordName(patient), patient]])
  for (const found of resources) {
    const name = recordName(found)
    if (!byName.has(name)) byName.set(name, found)
  }
  const byTypeAndId = new Map<string, Found>()
  for (const found of byName.values()) {
    const key = `${found.resource.resourceType}/${found.resource.id ?? ''}`
    if (!byTypeAndId.has(key)) byTypeAndId.set(key, found)
  }
  const resolve = (reference: Json | undefined, holder: Found): Found | undefined => {
    const literal = isObject(reference) ? (reference as Reference).reference : undefined
    if (typeof literal !== 'string') return undefined
    const parsed = parseReference(literal)
    if (parsed.form === 'uri' || parsed.form === 'rest') return byName.get(parsed.url)
    if (parsed.form !== 'relative') return undefined
    const base = restBase(holder.url)
    const key = `${parsed.type}/${parsed.id}`
    return base === undefined ? byTypeAndId.get(key) : byName.get(`${base}/${key}`)
  }
  return {
    all: [...byName.values()].filter((found) => found !== patient),
    resolve,
    target: (holder, member) => {
      const value = holder.resource[member]
      return resolve(Array.isArray(value) ? (value as readonly Json[])[0] : value, holder)
    },
  }
}
