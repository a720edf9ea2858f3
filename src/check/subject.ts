/** A Bundle as rules see it: a plain copy with its index, its Composition and its links. */

import { plain } from '../fhir/decimal.ts'
import type { Definitions } from '../fhir/definitions.ts'
import { lastingMemo } from '../fhir/memo.ts'
import type { Occurrence } from '../fhir/occurrence.ts'
import {
  holderIn,
  indexBundle,
  resolveParsed,
  type BundleIndex,
  type IndexedEntry,
  type Resolution,
} from '../fhir/reference.ts'
import {
  isComposition,
  isObject,
  type Bundle,
  type Entry,
  type Json,
  type JsonObject,
  type Resource,
} from '../fhir/types.ts'
import { contentOf, freshContent, once } from './content.ts'
import { outlineOf } from './outline.ts'
import type { Content, DocumentComposition, Linked, PlacedContent, Subject } from './rule.ts'

/** What rules are asked about; the Bundle given is left as it was. */
export function subjectOf(given: Bundle, definitions: Definitions): Subject {
  const contents = contentsOf(given, definitions)
  const byIndex = new Map<number, Content>()
  for (const { index, content } of contents) byIndex.set(index, content)
  const bundle = plainBundle(given, byIndex)
  const index = indexBundle(bundle)
  const contentAt = (entry: IndexedEntry): Content =>
    byIndex.get(entry.index) ?? freshContent(entry.resource, definitions)
  const resolved = resolver(index)
  const from = new Map<IndexedEntry, readonly Linked[]>()
  const linksFrom = (entry: IndexedEntry): readonly Linked[] => {
    const known = from.get(entry) ?? linksOf(entry, contentAt(entry), resolved)
    from.set(entry, known)
    return known
  }
  const links = once(() => index.entries.flatMap(linksFrom))
  const to = once(() => grouped(links(), ({ named }) => named))
  const owners = once(() => ownersOf(index))
  const outline = once(() => outlineOf(bundle, contents, definitions))
  return {
    given,
    bundle,
    index,
    definitions,
    contents,
    contentOf: contentAt,
    composition: compositionOf(bundle, index),
    get links() {
      return links()
    },
    linksFrom,
    linksTo: (entry) => to().get(entry) ?? [],
    entryOf: (resource) => owners().get(resource),
    get outline() {
      return outline()
    },
  }
}

/** The resource of each entry by itself; one that stands in two entries is looked at in two copies. */
function contentsOf({ entry: entries }: Bundle, definitions: Definitions): readonly PlacedContent[] {
  const seen = new Set<Content>()
  const contents: PlacedContent[] = []
  for (const [index, entry] of listOf<Entry | null>(entries).entries()) {
    const resource = isObject(entry ?? undefined) ? entry?.resource : undefined
    if (!isObject(resource)) continue
    const known = contentOf(resource, definitions)
    const content = seen.has(known) ? freshContent(resource, definitions) : known
    seen.add(content)
    contents.push({ content, index, root: `Bundle.entry[${index}].resource` })
  }
  return contents
}

/** The Bundle with doubles for decimals, its resources the plain copies of their contents. */
function plainBundle(given: Bundle, contents: ReadonlyMap<number, Content>): Bundle {
  const plainEntry = (entry: Json, index: number): unknown => {
    const content = contents.get(index)
    return content !== undefined && isObject(entry) ? plainEntryOf(entry, content) : plain(entry)
  }
  return copyOf(given, (name, value) =>
    name === 'entry' && Array.isArray(value) ? (value as readonly Json[]).map(plainEntry) : plain(value),
  ) as unknown as Bundle
}

/** By the content of its resource, which is the same for one set of definitions and where it stands in a document once. */
const plainEntries = lastingMemo<Content, { readonly entry: JsonObject; readonly copy: object }>()

/** An entry with doubles for decimals: the very same each time for one that cannot change. */
function plainEntryOf(entry: JsonObject, content: Content): object {
  const known = plainEntries.get(content)
  if (known?.entry === entry) return known.copy
  const copy = copyOf(entry, (name, value) => (name === 'resource' ? content.resource : plain(value)))
  if (Object.isFrozen(entry)) plainEntries.set(content, { entry, copy })
  return copy
}

function copyOf(object: JsonObject, member: (name: string, value: Json | undefined) => unknown): object {
  const copy: Record<string, unknown> = {}
  for (const name of Object.keys(object)) copy[name] = member(name, object[name])
  return copy
}

/** Of so many versions of one resource at most it is told apart what refers to them. */
const maxVersions = 100

/** The entries that a reference names, several where it is ambiguous. */
function namedBy(resolution: Resolution | undefined): readonly IndexedEntry[] {
  if (resolution?.outcome === 'entry') return [resolution.entry]
  if (resolution?.outcome === 'no-fragment' && resolution.entry !== undefined) return [resolution.entry]
  return resolution?.outcome === 'ambiguous' ? resolution.entries.slice(0, maxVersions) : NONE
}

const NONE: readonly IndexedEntry[] = []

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

type Resolve = (occurrence: Occurrence, from: IndexedEntry) => Resolution | undefined

/** What occurrences name; many name the same few entries by the same text, so that each text is looked up once for a base. */
function resolver(index: BundleIndex): Resolve {
  const known = new Map<string | undefined, Map<string, Resolution>>()
  return ({ parsed, kind, value, node }, from) => {
    if (parsed === undefined || !RESOLVED.has(kind)) return undefined
    const holder = holderIn(from, node.container)
    if (parsed.form === 'fragment') return resolveParsed(index, parsed, holder)
    let ofBase = known.get(holder.base)
    if (ofBase === undefined) known.set(holder.base, (ofBase = new Map<string, Resolution>()))
    let resolution = ofBase.get(value)
    if (resolution === undefined) ofBase.set(value, (resolution = resolveParsed(index, parsed, holder)))
    return resolution
  }
}

function linksOf(from: IndexedEntry, { occurrences }: Content, resolved: Resolve): readonly Linked[] {
  return occurrences.map((occurrence) => {
    const resolution = resolved(occurrence, from)
    return { occurrence, from, resolution, named: namedBy(resolution) }
  })
}

/** The kinds that name resources of the Bundle by a URL. */
const RESOLVED: ReadonlySet<Occurrence['kind']> = new Set(['reference', 'uri', 'attachment'])

/** A repeating member, whatever JSON stands there. */
function listOf<T>(value: readonly T[] | undefined): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : []
}
