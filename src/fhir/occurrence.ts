/** Where a resource refers to something: References, uri values, attachments, canonicals and links in its narratives. */

import type { Model } from './model.ts'
import { parseReference, type ParsedReference } from './reference.ts'
import { isObject, type Expression, type Json, type Reference, type Resource } from './types.ts'
import { walk, type Node } from './walk.ts'
import { links, type Link } from './xhtml.ts'

export type OccurrenceKind =
  /** Reference.reference */
  | 'reference'
  /** A Reference that has an identifier but no literal reference. */
  | 'identifier'
  /** A Reference that has only a display, or nothing but extensions. */
  | 'display'
  | 'attachment'
  | 'canonical'
  /** A uri or url value that may name a resource. */
  | 'uri'
  /** An href or src in a narrative. */
  | 'link'

export interface Occurrence {
  readonly kind: OccurrenceKind
  /** The literal text; of an identifier `system|value`, of a display its text. */
  readonly value: string
  /** What the literal text says; undefined for the kinds without. */
  readonly parsed: ParsedReference | undefined
  /** The element: the Reference, the primitive, or the narrative's div. */
  readonly node: Node
  /** The whole Reference, for the first three kinds. */
  readonly reference?: Reference
  /** The place in the div, for links. */
  readonly link?: Link
}

/**
 * Every occurrence in a resource and its contained ones, in document order. What a Bundle or Parameters holds is not
 * entered: it refers to its own neighbours, and `Patient/1` there is another one's.
 */
export function occurrences(resource: Resource, model: Model, root?: Expression): readonly Occurrence[] {
  const found: Occurrence[] = []
  walk(
    resource,
    model,
    (node) => {
      const isInner = node.parent !== undefined && node.value === node.resource
      if (isInner && (CLOSED.has(node.resource.resourceType) || CLOSED.has(resource.resourceType))) return false
      const kind = kindOf(node) ?? ''
      const read = Object.hasOwn(READERS, kind) ? READERS[kind] : undefined
      if (read !== undefined) found.push(...read(node))
      return undefined
    },
    root,
  )
  return found
}

const CLOSED = new Set(['Bundle', 'Parameters'])

/** Elements of type uri or url that name no resource: namespaces, types and endpoints. */
const NAMES_NOTHING = new Set([
  'Resource.implicitRules',
  'Meta.source',
  'Reference.type',
  'Extension.url',
  'Endpoint.address',
  'Bundle.link.url',
  'Bundle.entry.fullUrl',
])

function kindOf({ type, name, parent, value }: Node): string | undefined {
  if (type === undefined) return isObject(value) && typeof value['reference'] === 'string' ? 'Reference' : undefined
  if (type !== 'uri' && type !== 'url') return type
  if (name === 'system' || name === 'implicitRules') return undefined
  if (parent?.type === 'Attachment') return 'Attachment.url'
  return NAMES_NOTHING.has(`${parent?.type}.${name}`) ? undefined : 'uri'
}

/** What each datatype holds, as a row. */
const READERS: Readonly<Record<string, (node: Node) => readonly Occurrence[]>> = {
  Reference: (node) => (isObject(node.value) ? [ofReference(node, node.value)] : []),
  canonical: (node) => text(node, 'canonical'),
  uri: (node) => text(node, 'uri'),
  'Attachment.url': (node) => text(node, 'attachment'),
  xhtml: (node) =>
    typeof node.value === 'string'
      ? links(node.value).map((link) => ({ ...literalOf('link', link.value, node), link }))
      : [],
}

function ofReference(node: Node, reference: Reference): Occurrence {
  const { reference: literal, identifier, display } = reference
  if (typeof literal === 'string') return { ...literalOf('reference', literal, node), reference }
  if (isObject(identifier))
    return {
      kind: 'identifier',
      value: `${asText(identifier['system'])}|${asText(identifier['value'])}`,
      parsed: undefined,
      node,
      reference,
    }
  return { kind: 'display', value: asText(display), parsed: undefined, node, reference }
}

function asText(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

function text(node: Node, kind: OccurrenceKind): readonly Occurrence[] {
  return typeof node.value === 'string' ? [literalOf(kind, node.value, node)] : []
}

function literalOf(kind: OccurrenceKind, value: string, node: Node): Occurrence {
  return { kind, value, parsed: parseReference(value), node }
}
