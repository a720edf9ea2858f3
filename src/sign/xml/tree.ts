/** XML as a tree that canonical forms are written of and signatures read from: what C14N asks of a document, and no more. */

import { FhirError } from '../../fhir/error.ts'
import { scanXml, type XmlAttribute, type XmlLimits, type XmlTag } from '../../fhir/xml-scan.ts'
import { must } from '../must.ts'

export interface XmlText {
  readonly kind: 'text'
  readonly text: string
}

export interface XmlComment {
  readonly kind: 'comment'
  readonly text: string
}

export interface XmlInstruction {
  readonly kind: 'instruction'
  readonly target: string
  readonly body: string
}

export interface XmlElement {
  readonly kind: 'element'
  /** As it was written: `ds:Signature`. */
  readonly name: string
  readonly prefix: string
  readonly local: string
  readonly uri: string
  readonly attributes: readonly XmlAttribute[]
  readonly children: readonly XmlNode[]
  /** The namespaces in scope by prefix, those of its ancestors too; that of no prefix is under the empty one. */
  readonly namespaces: ReadonlyMap<string, string>
  /** The attributes `xml:…` of its ancestors, the nearest of each name. */
  readonly inherited: readonly XmlAttribute[]
}

export type XmlNode = XmlElement | XmlText | XmlComment | XmlInstruction

export interface XmlDocument {
  readonly root: XmlElement
  /** Comments and instructions before the root, and after it. */
  readonly before: readonly XmlNode[]
  readonly after: readonly XmlNode[]
  /** Every element that has an attribute of the kind of an id, by its value. */
  readonly ids: ReadonlyMap<string, readonly XmlElement[]>
}

interface Open extends XmlElement {
  readonly children: XmlNode[]
}

const MEBIBYTE = 1024 * 1024
const LIMITS: XmlLimits = { maxBytes: 64 * MEBIBYTE, maxDepth: 200, maxAttributes: 100 }
const MOST_NODES = 2_000_000
const NO_NAMESPACES: ReadonlyMap<string, string> = new Map()

/** Names that any rule takes for an id, of whatever case: two that share a value are never told apart by the case. */
const ID_NAMES: ReadonlySet<string> = new Set(['id', 'xml:id'])

/**
 * The tree of a text. @throws FhirError `structure` where it is not well-formed or has a document type, `too-long` or
 * `too-costly` where it is larger than any signature
 */
export function readTree(input: string | Uint8Array): XmlDocument {
  const ids = new Map<string, XmlElement[]>()
  const stack: Open[] = []
  const outside: { readonly before: XmlNode[]; readonly after: XmlNode[] } = { before: [], after: [] }
  let root: XmlElement | undefined
  let count = 0
  const add = (node: XmlNode): void => {
    count += 1
    must(count <= MOST_NODES, `The XML has more than ${MOST_NODES} nodes`, 'too-costly')
    const parent = stack.at(-1)
    if (parent !== undefined) parent.children.push(node)
    else if (node.kind !== 'text') outside[root === undefined ? 'before' : 'after'].push(node)
  }
  scanXml(input, LIMITS, () => ({
    open: (tag) => {
      const element = elementOf(tag, stack.at(-1))
      if (stack.length > 0) add(element)
      else root = element
      stack.push(element)
      for (const { name, value } of element.attributes) {
        if (!ID_NAMES.has(name.toLowerCase())) continue
        const known = ids.get(value)
        if (known === undefined) ids.set(value, [element])
        else known.push(element)
      }
    },
    close: () => void stack.pop(),
    text: (text) => {
      add({ kind: 'text', text })
    },
    comment: (text) => {
      add({ kind: 'comment', text })
    },
    instruction: (target, body) => {
      add({ kind: 'instruction', target, body })
    },
  }))
  must(root !== undefined, 'The XML has no element')
  return { root, ...outside, ids }
}

const XML_PREFIX = 'xml'

function elementOf({ declarations, ...tag }: XmlTag, parent: Open | undefined): Open {
  const outer = parent?.namespaces ?? NO_NAMESPACES
  const namespaces = declarations.length === 0 ? outer : new Map(outer)
  for (const { local, value } of declarations) (namespaces as Map<string, string>).set(local, value)
  return { kind: 'element', ...tag, namespaces, inherited: inheritedFrom(parent), children: [] }
}

const NONE: readonly XmlAttribute[] = []

function inheritedFrom(parent: Open | undefined): readonly XmlAttribute[] {
  if (parent === undefined) return NONE
  const own = parent.attributes.filter(({ prefix }) => prefix === XML_PREFIX)
  if (own.length === 0) return parent.inherited
  return [...own, ...parent.inherited.filter(({ name }) => !own.some((one) => one.name === name))]
}

/** The tree of a text that may be anything; undefined where it is no XML that is taken. */
export function treeOf(input: string | Uint8Array): XmlDocument | undefined {
  try {
    return readTree(input)
  } catch (error) {
    if (error instanceof FhirError) return undefined
    throw error
  }
}

/** The elements among the children. */
export function elementsOf({ children }: XmlElement): readonly XmlElement[] {
  return children.filter((child) => child.kind === 'element')
}

export function isNamed(element: XmlElement, uri: string, local: string): boolean {
  return element.uri === uri && element.local === local
}

/** The child elements of a name. */
export function childrenOf(element: XmlElement, uri: string, local: string): readonly XmlElement[] {
  return elementsOf(element).filter((child) => isNamed(child, uri, local))
}

/** The only child element of a name; undefined where there is none. @throws FhirError `structure` where there are several */
export function childOf(element: XmlElement, uri: string, local: string): XmlElement | undefined {
  const [only, another] = childrenOf(element, uri, local)
  must(another === undefined, `The element ${element.local} has ${local} more than once`)
  return only
}

/** The only child element of a name. @throws FhirError `structure` where there is none, or several */
export function mustHave(element: XmlElement, uri: string, local: string): XmlElement {
  const child = childOf(element, uri, local)
  must(child !== undefined, `The element ${element.local} has no ${local}`)
  return child
}

/** The value of an attribute without namespace. */
export function attributeOf({ attributes }: XmlElement, local: string): string | undefined {
  return attributes.find((one) => one.uri === '' && one.local === local)?.value
}

/**
 * The text of an element that holds nothing else, white space around it left out: a comment inside would let two readers
 * read two values. @throws FhirError `structure`
 */
export function textOf({ local, children }: XmlElement): string {
  must(
    children.every(({ kind }) => kind === 'text'),
    `The element ${local} holds something else than text`,
  )
  return children
    .map((child) => (child.kind === 'text' ? child.text : ''))
    .join('')
    .trim()
}
