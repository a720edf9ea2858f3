/**
 * The canonical forms of XML that signatures are made over: inclusive 1.0 and 1.1, and exclusive, each with comments or
 * without.
 * @see https://www.w3.org/TR/2001/REC-xml-c14n-20010315
 * @see https://www.w3.org/TR/2008/REC-xml-c14n11-20080502/
 * @see https://www.w3.org/TR/2002/REC-xml-exc-c14n-20020718/
 */

import { attributeText, characterText } from '../../fhir/xml-names.ts'
import type { XmlAttribute } from '../../fhir/xml-scan.ts'
import { must } from '../must.ts'
import type { XmlDocument, XmlElement, XmlNode } from './tree.ts'

/** A canonical form. */
export interface C14n {
  readonly isExclusive: boolean
  readonly hasComments: boolean
  /** Whether attributes `xml:…` of ancestors are taken over as 1.1 does it. */
  readonly is11?: true
  /** Of the exclusive form: prefixes that are treated as in the inclusive one; the empty one is `#default`. */
  readonly inclusivePrefixes?: readonly string[]
}

export const C14N_10 = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'
export const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const C14N_11 = 'http://www.w3.org/2006/12/xml-c14n11'

const FORMS: Readonly<Record<string, C14n>> = {
  [C14N_10]: { isExclusive: false, hasComments: false },
  [`${C14N_10}#WithComments`]: { isExclusive: false, hasComments: true },
  [C14N_11]: { isExclusive: false, hasComments: false, is11: true },
  [`${C14N_11}#WithComments`]: { isExclusive: false, hasComments: true, is11: true },
  [EXCLUSIVE]: { isExclusive: true, hasComments: false },
  [`${EXCLUSIVE}WithComments`]: { isExclusive: true, hasComments: true },
}

/** The canonical form of an algorithm's URI; undefined where it is none of the six. */
export function c14nOf(uri: string): C14n | undefined {
  return Object.hasOwn(FORMS, uri) ? FORMS[uri] : undefined
}

export interface Apex {
  readonly form: C14n
  /** An element that is left out, with all that is in it. */
  readonly without?: XmlElement | undefined
}

/** The canonical octets of an element with all that is in it. @throws FhirError `not-supported` where the form cannot be made */
export function canonicalElement(element: XmlElement, apex: Apex): Uint8Array {
  const out: string[] = []
  writerTo(out, apex).element(element, NOTHING, 'apex')
  return Buffer.from(out.join(''), 'utf8')
}

/** The canonical octets of a document. @throws FhirError as `canonicalElement` */
export function canonicalDocument({ root, before, after }: XmlDocument, apex: Apex): Uint8Array {
  const out: string[] = []
  const write = writerTo(out, apex)
  for (const node of before) if (write.node(node, NOTHING)) out.push('\n')
  write.element(root, NOTHING, 'apex')
  for (const node of after) {
    const place = out.push('\n')
    if (!write.node(node, NOTHING)) out.length = place - 1
  }
  return Buffer.from(out.join(''), 'utf8')
}

/** The namespaces that output ancestors have declared, by prefix. */
type Rendered = ReadonlyMap<string, string>
const NOTHING: Rendered = new Map()

interface Writer {
  readonly element: (element: XmlElement, rendered: Rendered, place: 'apex' | 'inside') => void
  /** Whether anything was written. */
  readonly node: (node: XmlNode, rendered: Rendered) => boolean
}

function writerTo(out: string[], { form, without }: Apex): Writer {
  function element(one: XmlElement, rendered: Rendered, place: 'apex' | 'inside'): void {
    const { name, children } = one
    const declared = form.isExclusive ? exclusive(one, rendered, form) : inclusive(one, rendered)
    const inScope = declared.length === 0 ? rendered : new Map([...rendered, ...declared])
    out.push(`<${name}`)
    for (const [prefix, uri] of declared) out.push(` xmlns${prefix === '' ? '' : `:${prefix}`}="${attributeText(uri)}"`)
    for (const attribute of attributesOf(one, form, place))
      out.push(` ${attribute.name}="${attributeText(attribute.value)}"`)
    out.push('>')
    for (const child of children) node(child, inScope)
    out.push(`</${name}>`)
  }

  function node(one: XmlNode, rendered: Rendered): boolean {
    if (one === without) return false
    if (one.kind === 'element') element(one, rendered, 'inside')
    else if (one.kind === 'text') out.push(characterText(one.text))
    else if (one.kind === 'instruction')
      out.push(`<?${one.target}${one.body === '' ? '' : ` ${one.body.replaceAll('\r', '&#xD;')}`}?>`)
    else if (form.hasComments) out.push(`<!--${one.text.replaceAll('\r', '&#xD;')}-->`)
    else return false
    return true
  }

  return { element, node }
}

type Declaration = readonly [prefix: string, uri: string]

/** Every namespace in scope that the nearest output ancestor has not declared so. */
function inclusive({ namespaces }: XmlElement, rendered: Rendered): readonly Declaration[] {
  return sorted([...namespaces].filter(([prefix, uri]) => isNew(prefix, uri, rendered)))
}

/** The namespaces that the names of the element and of its attributes need, and those asked for. */
function exclusive(
  { prefix, attributes, namespaces }: XmlElement,
  rendered: Rendered,
  { inclusivePrefixes = [] }: C14n,
): readonly Declaration[] {
  const used = [prefix, ...attributes.map((one) => one.prefix).filter((one) => one !== '')]
  const wanted = [...new Set([...used, ...inclusivePrefixes])].filter((one) => one !== 'xml')
  return sorted(
    wanted
      .filter((one) => used.includes(one) || namespaces.has(one))
      .map((one): Declaration => [one, namespaces.get(one) ?? ''])
      .filter(([one, uri]) => isNew(one, uri, rendered)),
  )
}

function isNew(prefix: string, uri: string, rendered: Rendered): boolean {
  if (prefix === 'xml' || (rendered.get(prefix) ?? '') === uri) return false
  must(uri === '' || /^[A-Za-z][A-Za-z0-9+.-]*:/.test(uri), `The namespace ${uri} is no absolute URI`, 'not-supported')
  return true
}

function sorted(declarations: readonly Declaration[]): readonly Declaration[] {
  return declarations.length < 2 ? declarations : declarations.toSorted(([one], [other]) => byCodePoints(one, other))
}

/** In the order of C14N: by namespace, then by name; at the apex of an inclusive form those of ancestors too. */
function attributesOf(element: XmlElement, form: C14n, place: 'apex' | 'inside'): readonly XmlAttribute[] {
  const { attributes } = element
  const all = place === 'apex' && !form.isExclusive ? [...attributes, ...inheritedBy(element, form)] : attributes
  if (all.length < 2) return all
  return all.toSorted((one, other) => byCodePoints(one.uri, other.uri) || byCodePoints(one.local, other.local))
}

/** 1.1 does not take over `xml:id`, and would have to join what `xml:base` says. */
function inheritedBy({ attributes, inherited }: XmlElement, { is11 }: C14n): readonly XmlAttribute[] {
  const missing = inherited.filter(({ name }) => !attributes.some((one) => one.name === name))
  if (is11 !== true) return missing
  must(!inherited.some(({ name }) => name === 'xml:base'), 'An ancestor has xml:base', 'not-supported')
  return missing.filter(({ name }) => name !== 'xml:id')
}

/** JavaScript would order by UTF-16. */
function byCodePoints(one: string, other: string): number {
  return one === other ? 0 : Buffer.compare(Buffer.from(one), Buffer.from(other))
}
