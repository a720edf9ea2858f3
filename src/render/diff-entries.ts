/** Which entries of two documents are the same, and which of their elements changed. */

import { isDecimal } from '../fhir/decimal.ts'
import { stringify } from '../fhir/json.ts'
import type { BundleIndex, IndexedEntry } from '../fhir/reference.ts'
import { isObject, type Json, type Resource } from '../fhir/types.ts'
import type { Document } from './document.ts'
import { findTarget, holderOf, titleOf, wordingFor, type Target } from './refer.ts'
import { labelOf, objects, plainText, shown, withoutShadow } from './wording.ts'

/** Two documents and which of their entries are the same. */
export interface Pairing {
  readonly older: Document
  readonly newer: Document
  /** From a resource to the one that it was before, or became. */
  readonly other: ReadonlyMap<Resource, IndexedEntry>
}

/** What tells an entry apart from others, the surest first. */
const IDENTITIES: readonly ((entry: IndexedEntry, document: Document) => readonly string[])[] = [
  ({ entry: { fullUrl } }) => (fullUrl === undefined ? [] : [fullUrl]),
  ({ resource }) =>
    objects(resource['identifier']).flatMap(({ system, value }) =>
      plainText(value) === '' ? [] : [`${resource.resourceType} ${plainText(system)}|${plainText(value)}`],
    ),
  ({ resource }) => (resource.id === undefined ? [] : [`${resource.resourceType}/${resource.id}`]),
  (entry, document) => [`${entry.resource.resourceType} ${titleIn(entry, document)}`],
]

/** The entries of two documents in pairs; an identity that several have tells none of them. */
export function pairingOf(older: Document, newer: Document): Pairing {
  const other = new Map<Resource, IndexedEntry>()
  for (const identity of IDENTITIES) {
    const [left, right] = [older, newer].map((document) => byIdentity(document, identity, other))
    for (const [key, one] of left ?? []) {
      const match = right?.get(key)
      const isPair = one !== undefined && match !== undefined && !other.has(one.resource) && !other.has(match.resource)
      if (!isPair || one.resource.resourceType !== match.resource.resourceType) continue
      other.set(one.resource, match)
      other.set(match.resource, one)
    }
  }
  return { older, newer, other }
}

type ByIdentity = ReadonlyMap<string, IndexedEntry | undefined>

function byIdentity(
  document: Document,
  identity: (typeof IDENTITIES)[number],
  paired: ReadonlyMap<Resource, IndexedEntry>,
): ByIdentity {
  const found = new Map<string, IndexedEntry | undefined>()
  for (const entry of entriesOf(document.reader.index)) {
    if (paired.has(entry.resource)) continue
    for (const key of new Set(identity(entry, document))) found.set(key, found.has(key) ? undefined : entry)
  }
  return found
}

/** All entries but the Composition, which is compared by its sections. */
export function entriesOf({ entries }: BundleIndex): readonly IndexedEntry[] {
  return entries.filter(({ index }) => index > 0)
}

/** The name of an entry for a reader. */
export function titleIn(entry: IndexedEntry, { reader }: Document): string {
  return titleOf(entry.resource, wordingFor(reader, holderOf(entry), 1))
}

/** An element before and after, in words; one is empty where the element was not there. */
export interface ElementChange {
  readonly label: string
  readonly before: string
  readonly after: string
  /** The words are the same, the data behind them is not. */
  readonly isDataOnly?: true
}

type Placed = Pick<Target, 'resource' | 'holder'>

/** The elements of a resource that are not in both versions of it with the same data. */
export function elementChanges(
  before: Placed,
  after: Placed,
  pairing: Pairing,
  quiet: ReadonlySet<string> = QUIET,
): readonly ElementChange[] {
  const { older, newer } = pairing
  const names = new Set([...Object.keys(before.resource), ...Object.keys(after.resource)].map(withoutShadow))
  return [...names].flatMap((name): readonly ElementChange[] => {
    if (quiet.has(name)) return []
    const [left, right] = [dataOf(before, name, older, pairing), dataOf(after, name, newer, pairing)]
    if (left === right) return []
    const label = labelOf(after.resource.resourceType, name, newer.reader.parts)
    const [was, is] = [wordsOf(before, name, older), wordsOf(after, name, newer)]
    return [{ label, before: was, after: is, ...(was === is && { isDataOnly: true }) }]
  })
}

/** What is no statement of the resource: its identity as a version, and text that is compared by itself. */
const QUIET = new Set(['id', 'meta', 'text', 'resourceType'])

function wordsOf({ resource, holder }: Placed, name: string, { reader }: Document): string {
  return shown(resource, resource.resourceType, name, wordingFor(reader, holder, 1))
}

/** The data of an element as text in which neither the order of members counts nor by what address an entry is named. */
function dataOf({ resource, holder }: Placed, name: string, document: Document, pairing: Pairing): string {
  const ordered = (value: Json | undefined): Json => {
    if (Array.isArray(value)) return (value as readonly Json[]).map(ordered)
    if (!isObject(value) || isDecimal(value)) return value ?? null
    const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
    const named =
      typeof value['reference'] === 'string' ? findTarget(document.reader.index, value, holder) : 'no-reference'
    const number = typeof named === 'string' ? undefined : pairNumber(named, pairing)
    return Object.fromEntries(
      members.map(([key, member]) => [key, key === 'reference' && number !== undefined ? number : ordered(member)]),
    )
  }
  return stringify([ordered(resource[name]), ordered(resource[`_${name}`])])
}

/** The same for both entries of a pair: the place of the older one. */
function pairNumber({ entry, resource }: Target, { older, other }: Pairing): string | undefined {
  const match = other.get(resource)
  if (entry === undefined || match === undefined) return undefined
  const isOlder = older.reader.index.entries.includes(entry)
  return `entry ${isOlder ? entry.index : match.index}`
}
