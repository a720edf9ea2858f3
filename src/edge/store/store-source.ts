/** The store as a source for closure: one snapshot of it, under the base of the service. */

import { parseReference } from '../../fhir/reference.ts'
import type { Found, Key, Source, StoreReader, Target, Version } from '../../ports.ts'

type Literal = Key & { readonly version?: string }

/** The source of what a reader holds; its resources have their URL below `base`, which has no slash at the end. */
export function storeSource(reader: StoreReader, base: string): Source {
  const found = (version: Version | undefined): readonly Found[] => {
    if (version?.resource === undefined) return []
    return [{ resource: version.resource, url: `${base}/${version.type}/${version.id}`, source: NAME }]
  }
  return {
    name: NAME,
    base,
    read: async (targets) => {
      const literals = targets.map((target) => literalOf(target, base))
      const keys = await identifiedKeys(targets, reader)
      const versions = await literalVersions(literals, keys.flat(), reader)
      return targets.map((_, at) => {
        const literal = literals[at]
        if (literal !== undefined) return found(versions.get(nameOf(literal)))
        return (keys[at] ?? []).flatMap((key) => found(versions.get(nameOf(key))))
      })
    },
    ...(reader.withheld !== undefined && { withheld: (targets) => withheldOf(targets, reader, base) }),
    wasDeleted: async (target) => {
      const literal = literalOf(target, base)
      const [version] = literal === undefined ? [] : await reader.read([literal])
      return version !== undefined && version.text === undefined
    },
    provenances: async (targets) => {
      const names = targets.map((target) => localOf(target, base))
      return (await reader.provenances(names)).flatMap(found)
    },
  }
}

const NAME = 'store'

/** Whether the reader keeps a target back, whatever it is named by. */
async function withheldOf(targets: readonly Target[], reader: StoreReader, base: string): Promise<readonly boolean[]> {
  const keys = targets.map((target) => literalOf(target, base))
  const kept = (await reader.withheld?.(keys.filter((key) => key !== undefined))) ?? []
  let next = 0
  return keys.map((key) => key !== undefined && kept[next++] === true)
}

/** What a target names by type and id here; nothing where it is an identifier or lies elsewhere. */
function literalOf(target: Target, base: string): Literal | undefined {
  if (target.by === 'identifier') return undefined
  const version = target.version === undefined ? {} : { version: target.version }
  if (target.by === 'id') return { type: target.type, id: target.id, ...version }
  const parsed = target.url.startsWith(`${base}/`) ? parseReference(target.url.slice(base.length + 1)) : undefined
  if (parsed?.form !== 'relative') return undefined
  return {
    ...(parsed.version !== undefined && { version: parsed.version }),
    ...version,
    type: parsed.type,
    id: parsed.id,
  }
}

/** For each target that is an identifier, whom it names; nobody for the others. */
async function identifiedKeys(targets: readonly Target[], reader: StoreReader): Promise<readonly (readonly Key[])[]> {
  const asked = targets.filter((target) => target.by === 'identifier')
  if (asked.length === 0) return []
  const answers = await reader.identified(asked)
  let next = 0
  return targets.map((target) => (target.by === 'identifier' ? (answers[next++] ?? []) : []))
}

/** The versions that are named, by {@link nameOf}: the current ones at once, of the others those that are not current. */
async function literalVersions(
  literals: readonly (Literal | undefined)[],
  others: readonly Key[],
  reader: StoreReader,
): Promise<ReadonlyMap<string, Version>> {
  const asked = [...literals.filter((literal) => literal !== undefined), ...others]
  const versions = new Map<string, Version>()
  const current = asked.length === 0 ? [] : await reader.read(asked)
  for (const version of current) {
    if (version === undefined) continue
    versions.set(nameOf(version), version)
    versions.set(nameOf({ ...keyOf(version), version: version.versionId }), version)
  }
  for (const literal of literals) {
    if (literal?.version === undefined || versions.has(nameOf(literal))) continue
    const version = await reader.vread(literal, literal.version)
    if (version !== undefined) versions.set(nameOf(literal), version)
  }
  return versions
}

function keyOf({ type, id }: Key): Key {
  return { type, id }
}

function nameOf({ type, id, version }: Literal): string {
  return version === undefined ? `${type}/${id}` : `${type}/${id}/_history/${version}`
}

function localOf(target: string, base: string): string {
  return target.startsWith(`${base}/`) ? target.slice(base.length + 1) : target
}
