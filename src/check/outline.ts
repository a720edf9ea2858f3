/**
 * The outline of a document: how its entries are named, and what refers to what. Rules that see nothing else of a document
 * say the same of two documents with the same outline, whatever the values in their resources are.
 */

import type { Definitions } from '../fhir/definitions.ts'
import { sha256Hex } from '../fhir/digest.ts'
import { lastingMemo, onceFor } from '../fhir/memo.ts'
import { isObject, isResource, type Bundle, type Json, type Resource } from '../fhir/types.ts'
import { expressionOf } from '../fhir/walk.ts'
import { idCountsOf } from './id-counts.ts'
import type { Content, Outline, PlacedContent } from './rule.ts'

/** Rules read all of these: who the document is about, what it says, and what it is signed by. */
const WHOLE: ReadonlySet<string> = new Set(['Composition', 'Patient', 'Provenance'])

/** What an outline says of a resource. */
interface Traits {
  readonly digest: string
  /** Something in it names a version. */
  readonly isVersioned: boolean
}

const traitsOf = onceFor((content: Content): Traits => {
  const { resource } = content
  const text = JSON.stringify(WHOLE.has(resource.resourceType) ? resource : namedAndReferring(content))
  return { digest: digestOf(text), isVersioned: text.includes('/_history/') }
})

/** Whether two resources are the same to all others: by their names, by all that they refer to and by their labels. */
export function isSameToOthers(one: Content, other: Content): boolean {
  return traitsOf(one).digest === traitsOf(other).digest
}

/** Whether something in a resource names a version, so that another version of what it names is not the same to it. */
export function namesVersion(content: Content): boolean {
  return traitsOf(content).isVersioned
}

/** A resource by its names and by all that refers from it. */
function namedAndReferring(content: Content): unknown {
  const { resource, occurrences, memberships } = content
  return [
    named(resource),
    resource['url'],
    resource['contentType'],
    resource.meta?.security,
    isTold(resource),
    (Array.isArray(resource.contained) ? (resource.contained as readonly Json[]) : []).map((one) =>
      isResource(one, 'Patient') ? one : named(one),
    ),
    occurrences.map(({ kind, value, node, reference }) => [
      kind,
      value,
      expressionOf(node),
      node.parent?.type,
      reference,
    ]),
    memberships.map(({ element, expression, reference }) => [element, expression, reference]),
    [...idCountsOf(content)],
  ]
}

function named(resource: Json): readonly unknown[] {
  return isObject(resource) ? [resource['resourceType'], resource['id']] : []
}

/** Whether it has a narrative. */
function isTold({ text }: Resource): boolean {
  return isObject(text) && typeof text['div'] === 'string' && text['div'] !== ''
}

/** As many as are asked for at once by far; the one that was asked for longest ago is forgotten first. */
const MOST_OUTLINES = 200
const outlines = lastingMemo<Definitions, Map<string, Outline>>()

/**
 * The outline of a Bundle with these contents, all by one set of definitions. It is told from others only where it is
 * likely to come again: of resources that cannot change, as the store hands them out.
 */
export function outlineOf(bundle: Bundle, contents: readonly PlacedContent[], definitions: Definitions): Outline {
  if (!contents.every(({ content }) => Object.isFrozen(content.given))) return {}
  const all = contents.map(({ content }) => traitsOf(content))
  const isVersioned = all.some((one) => one.isVersioned)
  const { type, id, link, entry } = bundle
  const parts = [
    JSON.stringify([type, id, link, (Array.isArray(entry) ? (entry as readonly Json[]) : []).map(nameOfEntry)]),
    ...contents.map(({ index }, at) => `${index} ${all[at]?.digest ?? ''}`),
    ...(isVersioned ? contents.map(({ content }) => JSON.stringify(content.resource.meta?.versionId)) : []),
  ]
  return theOne(parts.join('\n'), definitions)
}

/** A fullUrl, whatever JSON stands for it; an entry that is no object has none. */
function nameOfEntry(entry: Json): unknown {
  return isObject(entry) ? [entry['fullUrl']] : null
}

function theOne(text: string, definitions: Definitions): Outline {
  const known = outlines.get(definitions) ?? new Map<string, Outline>()
  outlines.set(definitions, known)
  const outline = known.get(text) ?? { text }
  known.delete(text)
  known.set(text, outline)
  for (const oldest of known.keys()) {
    if (known.size <= MOST_OUTLINES) break
    known.delete(oldest)
  }
  return outline
}

function digestOf(text: string): string {
  return sha256Hex(text)
}

const made = onceFor((_outline: Outline) => new Map<object, unknown>())

/** What is made of an outline alone, made once for it: `maker` says what it is. */
export function onceForOutline<Made>(outline: Outline, maker: object, make: () => Made): Made {
  const own = made(outline)
  if (own.has(maker)) return own.get(maker) as Made
  const fresh = make()
  own.set(maker, fresh)
  return fresh
}
