/** Links among the entries of a transaction, once their resources have new addresses. @see https://hl7.org/fhir/R4/http.html#trules */

import { fail } from '../../fhir/error.ts'
import type { Model } from '../../fhir/model.ts'
import { parseReference, resolve, type BundleIndex } from '../../fhir/reference.ts'
import type { Json, Resource } from '../../fhir/types.ts'
import { expressionOf, rewrite, type Node } from '../../fhir/walk.ts'
import { links, type Range } from '../../fhir/xhtml.ts'
import { excerpt } from '../../shape.ts'
import { isStoredWhole } from './admission.ts'

/** Where an entry will be. */
export interface Address {
  /** `Patient/1` */
  readonly reference: string
  /** The version that is written, where it is the first. */
  readonly versionId?: '1'
}

export interface Addresses {
  readonly index: BundleIndex
  /** By the place of the entry. */
  readonly byEntry: ReadonlyMap<number, Address>
}

/** An entry whose links are looked at. */
export interface Linking {
  readonly resource: Resource
  readonly fullUrl: string | undefined
}

/** Elements that are whole addresses; a canonical names by meaning, not by place, so it stays. */
const ADDRESSES = new Set(['uri', 'url', 'oid', 'uuid'])

/**
 * The resource with its links to other entries as those entries are now called.
 * @throws FhirError `value` where a link could mean several entries, `processing` where a placeholder stands for none
 */
export function relinked({ resource, fullUrl }: Linking, addresses: Addresses, model: Model): Resource {
  const addressOf = (text: string, node: Node): string | undefined => {
    const resolution = resolve(addresses.index, text, { fullUrl, container: node.container })
    if (resolution.outcome === 'ambiguous')
      throw fail('value', `The reference ${excerpt(text)} could mean several entries`)
    const address = resolution.outcome === 'entry' ? addresses.byEntry.get(resolution.entry.index) : undefined
    if (address !== undefined) return addressed(text, address)
    if (isReference(node) && isPlaceholder(text)) throw dangling(text, node)
    return undefined
  }
  return rewriteLinks(resource, model, addressOf)
}

/** What stands for an address only while a transaction is done: stored, nobody could ever follow it. */
function isPlaceholder(text: string): boolean {
  return /^urn:uuid:/i.test(text)
}

function dangling(text: string, node: Node): Error {
  const what = `The reference ${excerpt(text)} is the fullUrl of no entry that is written`
  return fail('processing', `${what}, expected that of one, or the address of a resource`, {
    expression: expressionOf(node),
  })
}

/** What a link becomes; undefined where it stays. */
type AddressOf = (text: string, node: Node) => string | undefined

function rewriteLinks(resource: Resource, model: Model, addressOf: AddressOf): Resource {
  return rewrite(resource, model, (node): Json | undefined => {
    const { value, type } = node
    // what a document says must stay as it was attested
    if (value === node.resource && isStoredWhole(node.resource)) return value
    if (typeof value !== 'string' || node.isShadow) return undefined
    if (isReference(node)) return addressOf(value, node)
    if (type === 'xhtml') return relinkedDiv(value, node, addressOf)
    return ADDRESSES.has(type ?? '') && isAbsolute(value) ? addressOf(value, node) : undefined
  })
}

function isReference({ parent, name }: Node): boolean {
  return parent?.type === 'Reference' && name === 'reference'
}

/** A relative address in an element that is no Reference is not one of FHIR. */
function isAbsolute(text: string): boolean {
  const { form } = parseReference(text)
  return form === 'rest' || form === 'uri'
}

/** An address with the version and fragment that the link had. */
function addressed(text: string, { reference, versionId }: Address): string | undefined {
  const [, version, fragment = ''] = /^[^#]*?(\/_history\/[^#]*)?(#.*)?$/.exec(text) ?? []
  // which version an update makes is known when it is made: a link to one that is there already stays
  if (version !== undefined && versionId === undefined) return undefined
  return `${reference}${version === undefined ? '' : `/_history/${versionId}`}${fragment}`
}

function relinkedDiv(div: string, node: Node, addressOf: AddressOf): string | undefined {
  const changed = links(div).flatMap((link) => {
    const text = addressOf(link.value, node)
    return text === undefined ? [] : [{ ...link, text }]
  })
  return changed.length === 0 ? undefined : changed.reduceRight((text, link) => spliced(text, link), div)
}

/** The range of a link encloses its value. */
function spliced(div: string, { start, end, text }: Range & { readonly text: string }): string {
  const escaped = text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
  return div.slice(0, start) + escaped + div.slice(end)
}

/** References of a resource by criteria, `Patient?identifier=…`, with the places where they stand. */
export function conditionalReferences(resource: Resource, model: Model): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  rewriteLinks(resource, model, (text, node) => {
    if (isReference(node) && parseReference(text).form === 'conditional') found.set(text, expressionOf(node))
    return undefined
  })
  return found
}

/** The resource with other references in the place of those given. */
export function withReferences(resource: Resource, replacements: ReadonlyMap<string, string>, model: Model): Resource {
  return rewriteLinks(resource, model, (text, node) => (isReference(node) ? replacements.get(text) : undefined))
}
