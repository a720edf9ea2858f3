/** What the resources of a record refer to and no patient's record has: practitioners, organisations, medications. */

import { memberships } from '../../fhir/compartment.ts'
import { occurrences } from '../../fhir/occurrence.ts'
import { parseReference } from '../../fhir/reference.ts'
import type { Key, StoreReader, Version } from '../../ports.ts'
import type { Service } from '../route.ts'

interface Circumstances {
  readonly reader: StoreReader
  readonly service: Service
}

/** The stored targets of all references of the resources given, and theirs again; never of another patient's (H-1). */
export async function referredBy(
  versions: readonly Version[],
  { reader, service }: Circumstances,
): Promise<readonly Version[]> {
  const known = new Set(versions.map(nameOf))
  const found: Version[] = []
  for (let wave = versions; wave.length > 0;) {
    const keys = wave.flatMap((version) => keysIn(version, service)).filter((key) => !known.has(nameOf(key)))
    for (const key of keys) known.add(nameOf(key))
    const answers = await reader.read([...new Map(keys.map((key) => [nameOf(key), key])).values()])
    wave = answers.filter((one) => one !== undefined).filter((one) => belongsToNobody(one, service))
    found.push(...wave)
  }
  return found
}

function nameOf({ type, id }: Key): string {
  return `${type}/${id}`
}

function keysIn({ resource }: Version, { base, design }: Service): readonly Key[] {
  if (resource === undefined) return []
  return occurrences(resource, design.collect.model).flatMap(({ kind, value }): readonly Key[] => {
    if (kind !== 'reference' && kind !== 'attachment') return []
    const parsed = parseReference(value)
    const isOurs = parsed.form === 'relative' || (parsed.form === 'rest' && parsed.base === base)
    return isOurs ? [{ type: parsed.type, id: parsed.id }] : []
  })
}

/** Documents are read by themselves. */
const DOCUMENTS: ReadonlySet<string> = new Set(['Bundle', 'Composition'])

function belongsToNobody({ type, resource }: Version, { design }: Service): boolean {
  if (resource === undefined || type === 'Patient' || DOCUMENTS.has(type)) return false
  return memberships(resource, design.collect.compartment).length === 0
}
