/** Copies of a resource with other texts in some of its references: nothing else is copied, and the input stays as it was. */

import type { Occurrence } from '../fhir/occurrence.ts'
import { isObject, type Json, type JsonArray, type Resource } from '../fhir/types.ts'
import type { Node } from '../fhir/walk.ts'

/** A reference and the text that it is to have. */
export interface Edit {
  readonly occurrence: Occurrence
  readonly text: string
}

type Copy = Record<string, Json | undefined>
type Copies = Map<Node, Copy>

/** The resource with every edit done; the very resource where there is none. */
export function edited(resource: Resource, edits: readonly Edit[]): Resource {
  const copies: Copies = new Map()
  for (const [node, ofNode] of Map.groupBy(edits, ({ occurrence }) => occurrence.node)) {
    if (isObject(node.value)) copyOf(node, copies)['reference'] = ofNode[0]?.text
    else if (node.parent !== undefined) put(copyOf(node.parent, copies), node, textFor(node.value, ofNode))
  }
  for (const [node, copy] of copies) if (node.parent === undefined) return copy as Resource
  return resource
}

/** The one copy of an element, which stands in the copies of all that hold it. */
function copyOf(node: Node, copies: Copies): Copy {
  const known = copies.get(node)
  if (known !== undefined) return known
  const copy: Copy = isObject(node.value) ? { ...node.value } : {}
  copies.set(node, copy)
  if (node.parent !== undefined) put(copyOf(node.parent, copies), node, copy)
  return copy
}

function put(copy: Copy, { name, index, isShadow, parent }: Node, value: Json): void {
  const member = isShadow ? `_${name}` : name
  if (index === undefined) {
    copy[member] = value
    return
  }
  const original = isObject(parent?.value) ? parent.value[member] : undefined
  if (copy[member] === original) copy[member] = [...(original as JsonArray)]
  const list = copy[member] as Json[]
  list[index] = value
}

/** A primitive's new text; of a div, its markup with the new addresses. */
function textFor(value: Json, edits: readonly Edit[]): string {
  const [first] = edits
  return first?.occurrence.link !== undefined && typeof value === 'string'
    ? relinked(value, edits)
    : (first?.text ?? '')
}

/** A div with other addresses; from its end, so that the places of the others stay right. */
function relinked(div: string, edits: readonly Edit[]): string {
  let text = div
  for (const { occurrence, text: address } of edits.toReversed()) {
    const { start = 0, end = 0 } = occurrence.link ?? {}
    text = text.slice(0, start) + escaped(address) + text.slice(end)
  }
  return text
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '"': '&quot;', "'": '&#39;' }

function escaped(address: string): string {
  return address.replace(/[&<"']/g, (character) => ESCAPES[character] ?? character)
}
