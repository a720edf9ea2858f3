/** A Bundle as rules see it: a plain copy with its index, its Composition and its links. */

import { plain } from '../fhir/decimal.ts'
import type { Definitions } from '../fhir/definitions.ts'
import { occurrences, type Occurrence } from '../fhir/occurrence.ts'
import { indexBundle, resolve, type BundleIndex, type IndexedEntry, type Resolution } from '../fhir/reference.ts'
import { isComposition, type Bundle, type Resource } from '../fhir/types.ts'
import type { DocumentComposition, Linked, Subject } from './rule.ts'

/** What rules are asked about; the Bundle given is left as it was. */
export function subjectOf(given: Bundle, definitions: Definitions): Subject {
  const bundle = plain(given) as Bundle
  const index = indexBundle(bundle)
  const from = once(() => new Map(index.entries.map((entry) => [entry, linksOf(entry, index, definitions)])))
  const links = once(() => [...from().values()].flat())
  const to = once(() => grouped(links(), ({ resolution }) => namedBy(resolution)))
  const owners = once(() => ownersOf(index))
  return {
    given,
    bundle,
    index,
    definitions,
    composition: compositionOf(bundle, index),
    get links() {
      return links()
    },
    linksFrom: (entry) => from().get(entry) ?? [],
    linksTo: (entry) => to().get(entry) ?? [],
    entryOf: (resource) => owners().get(resource),
  }
}

/** Of so many versions of one resource at most it is told apart what refers to them. */
const maxVersions = 100

/** The entries that a reference names, several where it is ambiguous. */
export function namedBy(resolution: Resolution | undefined): readonly IndexedEntry[] {
  if (resolution?.outcome === 'entry') return [resolution.entry]
  return resolution?.outcome === 'ambiguous' ? resolution.entries.slice(0, maxVersions) : []
}

/** A value that is made when it is first asked for. */
function once<T extends object>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

function grouped<T, Key>(items: readonly T[], keysOf: (item: T) => readonly Key[]): ReadonlyMap<Key, readonly T[]> {
  const groups = new Map<Key, T[]>()
  for (const item of items) {
    for (const key of keysOf(item)) {
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [item])
      else group.push(item)
    }
  }
  return groups
}

function ownersOf({ entries }: BundleIndex): ReadonlyMap<Resource, IndexedEntry> {
  const owners = new Map<Resource, IndexedEntry>()
  for (const entry of entries) {
    owners.set(entry.resource, entry)
    for (const contained of listOf(entry.resource.contained)) owners.set(contained, entry)
  }
  return owners
}

/** The place of an entry's resource: `Bundle.entry[3].resource`. */
export function resourceExpression({ index }: IndexedEntry): string {
  return `Bundle.entry[${index}].resource`
}

function compositionOf(bundle: Bundle, { entries }: BundleIndex): DocumentComposition | undefined {
  if (bundle.type !== 'document') return undefined
  const entry = entries.find(({ resource }) => resource.resourceType === 'Composition')
  if (entry === undefined || !isComposition(entry.resource)) return undefined
  return { entry, resource: entry.resource, expression: resourceExpression(entry) }
}

function linksOf(from: IndexedEntry, index: BundleIndex, { model }: Definitions): readonly Linked[] {
  return occurrences(from.resource, model, resourceExpression(from)).map((occurrence) => ({
    occurrence,
    from,
    resolution: RESOLVED.has(occurrence.kind)
      ? resolve(index, occurrence.value, { fullUrl: from.entry.fullUrl, container: occurrence.node.container })
      : undefined,
  }))
}

/** The kinds that name resources of the Bundle by a URL. */
const RESOLVED: ReadonlySet<Occurrence['kind']> = new Set(['reference', 'uri', 'attachment'])

/** A repeating member, whatever JSON stands there. */
function listOf<T>(value: readonly T[] | undefined): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : []
}
