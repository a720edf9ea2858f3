/**
 * References: their forms, where they stand in a resource, and what they resolve to inside a Bundle. The one
 * implementation for every stage.
 * @see https://hl7.org/fhir/R4/references.html
 * @see https://hl7.org/fhir/R4/bundle.html#references
 */

import { onceFor } from './memo.ts'
import {
  isResource,
  type Bundle,
  type Entry,
  type FullUrl,
  type Identifier,
  type Reference,
  type Resource,
} from './types.ts'

export type ParsedReference =
  /** `#x`, or `#` for the container itself (id ''). */
  | { readonly form: 'fragment'; readonly id: string }
  /** `Patient/1`, `Patient/1/_history/2`. */
  | ({ readonly form: 'relative' } & RestTarget)
  /** `https://server/fhir/Patient/1`: an http(s) URL that ends as the RESTful API writes it. */
  | ({ readonly form: 'rest'; readonly url: FullUrl; readonly base: string } & RestTarget)
  /** `urn:uuid:…`, `urn:oid:…`, and any URL that is not RESTful; without version and fragment. */
  | { readonly form: 'uri'; readonly url: FullUrl; readonly fragment?: string }
  /** `Patient?identifier=…`, which is for transactions only. */
  | { readonly form: 'conditional' }
  | { readonly form: 'malformed' }

export interface RestTarget {
  readonly type: string
  readonly id: string
  readonly version?: string
  readonly fragment?: string
}

/** An id longer than FHIR allows still names its resource: that it is too long is for the checks to say. */
const REST =
  /^(?:(https?:\/\/[^\s?#]+)\/)?([A-Z][A-Za-z]*)\/([A-Za-z0-9.-]+)(?:\/_history\/([A-Za-z0-9.-]+))?(?:#(.*))?$/
const ABSOLUTE = /^([A-Za-z][A-Za-z0-9+.-]*:[^\s#]+)(?:#(.*))?$/

/** Those asked for lately: a document names the same few again and again. */
const PARSED = new Map<string, ParsedReference>()
const MOST_PARSED = 20_000

/** A literal reference by its form. Case and every character count; nothing is normalised. */
export function parseReference(text: string): ParsedReference {
  const known = PARSED.get(text)
  if (known !== undefined) return known
  // a text of any length may be sent
  if (text.length >= 300) return parsedNow(text)
  const own = byItself(text)
  const parsed = Object.freeze(parsedNow(own))
  if (PARSED.size >= MOST_PARSED) PARSED.clear()
  PARSED.set(own, parsed)
  return parsed
}

/** The same text, no part of another: a part keeps all of the body that it was read from in memory. */
function byItself(text: string): string {
  return text.split('').join('')
}

function parsedNow(text: string): ParsedReference {
  if (text.startsWith('#')) return { form: 'fragment', id: text.slice(1) }
  const [, base, type, id, version, fragment] = REST.exec(text) ?? []
  if (type !== undefined && id !== undefined) {
    const target = { type, id, ...(version !== undefined && { version }), ...(fragment !== undefined && { fragment }) }
    return base === undefined
      ? { form: 'relative', ...target }
      : { form: 'rest', url: `${base}/${type}/${id}`, base, ...target }
  }
  if (/^[A-Z][A-Za-z]*\?/.test(text)) return { form: 'conditional' }
  const [, url, part] = ABSOLUTE.exec(text) ?? []
  if (url === undefined) return { form: 'malformed' }
  return { form: 'uri', url, ...(part !== undefined && { fragment: part }) }
}

/** The REST base of a fullUrl such as `https://server/fhir/Patient/1`; undefined for `urn:uuid:…` and the like (REF-4). */
export function restBase(fullUrl: FullUrl | undefined): string | undefined {
  if (typeof fullUrl !== 'string') return undefined
  const parsed = parseReference(fullUrl)
  return parsed.form === 'rest' ? parsed.base : undefined
}

/** An entry of a Bundle with its place. */
export interface IndexedEntry {
  readonly index: number
  readonly entry: Entry
  readonly resource: Resource
  /** What its fullUrl says; undefined where it has none. */
  readonly named: ParsedReference | undefined
}

export interface BundleIndex {
  readonly entries: readonly IndexedEntry[]
  readonly byFullUrl: ReadonlyMap<FullUrl, readonly IndexedEntry[]>
  readonly byTypeAndId: ReadonlyMap<string, readonly IndexedEntry[]>
}

/** The entries of a Bundle that hold a resource, by what names them. */
export function indexBundle(bundle: Bundle): BundleIndex {
  const entries: IndexedEntry[] = []
  for (const [index, entry] of listOf(bundle.entry).entries()) {
    if (!isResource(entry?.resource)) continue
    const { fullUrl, resource } = entry
    entries.push({ index, entry, resource, named: typeof fullUrl === 'string' ? parseReference(fullUrl) : undefined })
  }
  // many a document has been looked through before, and nothing in it is resolved
  let byFullUrl: BundleIndex['byFullUrl'] | undefined
  let byTypeAndId: BundleIndex['byTypeAndId'] | undefined
  return {
    entries,
    get byFullUrl() {
      return (byFullUrl ??= grouped(entries, ({ entry }) => entry.fullUrl))
    },
    get byTypeAndId() {
      return (byTypeAndId ??= grouped(entries, ({ resource }) =>
        resource.id === undefined ? undefined : `${resource.resourceType}/${resource.id}`,
      ))
    },
  }
}

/** The items of a repeating member, whatever JSON stands there: what is wrong is for the checks to say. */
function listOf<T>(member: readonly T[] | undefined): readonly T[] {
  return Array.isArray(member) ? (member as readonly T[]) : []
}

/** The items by key, those without one left out, each group in the order given. */
function grouped<T>(items: readonly T[], keyOf: (item: T) => string | undefined): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    if (key === undefined) continue
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}

export type Resolution =
  | { readonly outcome: 'entry'; readonly entry: IndexedEntry; readonly contained?: Resource }
  | { readonly outcome: 'contained'; readonly contained: Resource }
  /** The bare `#`: the resource that contains the one with the reference. */
  | { readonly outcome: 'container' }
  /** No contained resource, or none in the target, has the id of the fragment. */
  | { readonly outcome: 'no-fragment'; readonly entry?: IndexedEntry }
  /** No entry has the URL; it may be fetched from elsewhere. */
  | { readonly outcome: 'outside'; readonly url: FullUrl; readonly version?: string }
  /** The entry is there, but in another version or without a versionId (REF-5). */
  | { readonly outcome: 'other-version'; readonly entries: readonly IndexedEntry[] }
  /** Several versions of the entry and a reference that names none (REF-6). */
  | { readonly outcome: 'ambiguous'; readonly entries: readonly IndexedEntry[] }
  /** A relative reference in an entry whose fullUrl is not RESTful (REF-4); candidates have its type and id. */
  | { readonly outcome: 'no-base'; readonly candidates: readonly IndexedEntry[] }
  | { readonly outcome: 'malformed' }

/** Where a reference stands: the fullUrl of the entry, and the entry's resource (for contained ones: their container). */
export interface Holder {
  readonly fullUrl?: FullUrl | undefined
  readonly container: Resource
}

/** What a literal reference names inside the Bundle, by REF-1 to REF-9; Bundle first, nothing is fetched. */
export function resolve(index: BundleIndex, text: string, { fullUrl, container }: Holder): Resolution {
  return resolveParsed(index, parseReference(text), { base: restBase(fullUrl), container })
}

/** The place of references that stand in an entry. */
export function holderIn({ named, resource }: IndexedEntry, container = resource): ParsedHolder {
  // a fullUrl that ends with another type or id says nothing of where the resource is
  const isOwn =
    (named?.form === 'rest' || named?.form === 'relative') &&
    named.type === resource.resourceType &&
    named.id === resource.id
  if (!isOwn) return { base: undefined, container }
  // that a fullUrl is relative is a fault of its own; what is relative like it means the entries beside it
  return { base: named.form === 'rest' ? named.base : '', container }
}

/** Where a reference stands: the REST base of the entry's fullUrl, where it has one, and the entry's resource. */
export interface ParsedHolder {
  readonly base: string | undefined
  readonly container: Resource
}

/** The same of a reference that was read before. */
export function resolveParsed(
  index: BundleIndex,
  parsed: ParsedReference,
  { base, container }: ParsedHolder,
): Resolution {
  switch (parsed.form) {
    case 'fragment':
      return resolveFragment(parsed.id, container)
    case 'relative': {
      const local = `${parsed.type}/${parsed.id}`
      if (base !== undefined) return resolveUrl(index, base === '' ? local : `${base}/${local}`, parsed)
      return { outcome: 'no-base', candidates: index.byTypeAndId.get(local) ?? [] }
    }
    case 'rest':
    case 'uri':
      return resolveUrl(index, parsed.url, parsed)
    case 'conditional':
    case 'malformed':
      return { outcome: 'malformed' }
  }
}

function resolveFragment(id: string, container: Resource): Resolution {
  if (id === '') return { outcome: 'container' }
  const contained = containedById(container).get(id)
  return contained === undefined ? { outcome: 'no-fragment' } : { outcome: 'contained', contained }
}

/** The first of each id; as many references may ask as there are contained resources. */
const containedById = onceFor((container: Resource): ReadonlyMap<unknown, Resource> => {
  const byId = new Map<unknown, Resource>()
  for (const resource of listOf(container.contained))
    if (resource?.id !== undefined && !byId.has(resource.id)) byId.set(resource.id, resource)
  return byId
})

function resolveUrl(
  index: BundleIndex,
  url: FullUrl,
  { version, fragment }: { readonly version?: string; readonly fragment?: string },
): Resolution {
  const entries = index.byFullUrl.get(url) ?? []
  if (entries.length === 0) return { outcome: 'outside', url, ...(version !== undefined && { version }) }
  const matches =
    version === undefined ? entries : entries.filter(({ resource }) => resource.meta?.versionId === version)
  const [entry, another] = matches
  if (entry === undefined) return { outcome: 'other-version', entries }
  if (another !== undefined) return { outcome: 'ambiguous', entries: matches }
  if (fragment === undefined || fragment === '') return { outcome: 'entry', entry }
  const contained = containedById(entry.resource).get(fragment)
  return contained === undefined ? { outcome: 'no-fragment', entry } : { outcome: 'entry', entry, contained }
}

/**
 * The entries that an identifier-only reference may mean (REF-7): same system, value and, where the reference says it, type.
 * @see https://hl7.org/fhir/R4/references.html#logical
 */
export function matchIdentifier(index: BundleIndex, { identifier, type }: Reference): readonly IndexedEntry[] {
  if (identifier === undefined) return []
  return index.entries.filter(
    ({ resource }) =>
      (type === undefined || resource.resourceType === type) &&
      identifiersOf(resource).some((own) => sameIdentifier(own, identifier)),
  )
}

/** Whether two identifiers have the same system and the same value, both being there. */
export function sameIdentifier(one: Identifier, other: Identifier): boolean {
  return one.system !== undefined && one.value !== undefined && one.system === other.system && one.value === other.value
}

/** The business identifiers of a resource, whether its type has one or many. */
export function identifiersOf(resource: Resource): readonly Identifier[] {
  const { identifier } = resource
  if (Array.isArray(identifier)) return identifier as readonly Identifier[]
  return identifier === undefined ? [] : [identifier as Identifier]
}
