/** The tree of a narrative as it will be written: allowed elements where they may stand, the text of all others. */

import { BLOCKS, CHILDREN, PARENTS, VOID } from '../fhir/xhtml-allowed.ts'
import { withoutOverrides } from '../fhir/xhtml-characters.ts'
import type { OpenTag, Token } from '../fhir/xhtml.ts'
import { attributesOf, type AttributeContext } from './narrative-attributes.ts'
import { fateOf, isActive, type Replacement } from './narrative-elements.ts'

/** An element to be written; none lies deeper than a hundred others and what they imply. */
export interface Element {
  name: string
  /** In their order; addresses and ids as the narrative has them. */
  readonly attributes: readonly (readonly [name: string, value: string])[]
  readonly children: (Element | string)[]
  /** Whether there is something to see or read in it. */
  hasContent: boolean
  /** Its place among the open elements while the tree is built. */
  readonly height: number
}

export interface Tree {
  readonly root: Element
  /** In document order, what links may call each element: its id and, of anchors and maps, its name. */
  readonly ids: readonly (readonly string[])[]
}

interface Builder {
  readonly context: AttributeContext
  readonly root: Element
  /** The elements that are open, the root first. */
  readonly open: Element[]
  /** For each open tag of the source, what it became. */
  readonly sources: (Element | undefined)[]
  readonly ids: (readonly string[])[]
  /** Open tags within a script or style, or 0 outside. */
  dropping: number
}

/** Deeper elements are not written, their text is: browsers and XML readers have limits of their own. */
const maxDepth = 100

/** The tree of a narrative; its root is a `div`. */
export function buildTree(tokens: readonly Token[], outer: Omit<AttributeContext, 'groundOf'>): Tree {
  const open: Element[] = []
  const context: AttributeContext = { ...outer, groundOf: () => (open.some(hasGround) ? 'other' : 'page') }
  const start = tokens.findIndex((token) => token.kind !== 'text' || token.text.trim() !== '')
  const first = tokens[start]
  const isRoot = first?.kind === 'open' && localName(first.name) === 'div'
  const root = element('div', isRoot ? attributesOf('div', first.attributes, context) : [], 0)
  open.push(root)
  const builder: Builder = { context, root, open, sources: [], ids: [], dropping: 0 }
  noteIds(builder, root)
  if (isRoot) builder.sources.push(undefined)
  for (let place = isRoot ? start + 1 : Math.max(start, 0); place < tokens.length; place++) {
    const token = tokens[place]
    if (token) add(builder, token)
  }
  return { root, ids: builder.ids }
}

function hasGround({ attributes }: Element): boolean {
  return attributes.some(([name, value]) => name === 'style' && value.includes('background-color'))
}

function element(name: string, attributes: Element['attributes'], height: number): Element {
  return { name, attributes, children: [], hasContent: false, height }
}

function noteIds({ ids }: Builder, { attributes }: Element): void {
  if (attributes.length === 0) return
  const own = ['id', 'name'].flatMap((name) => attributes.find(([known]) => known === name)?.[1] ?? [])
  if (own.length > 0) ids.push(own)
}

/** Without prefix and in lower case: authors write both, and mean HTML. */
function localName(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1).toLowerCase()
}

function add(builder: Builder, token: Token): void {
  if (builder.dropping > 0 && token.kind !== 'text') builder.dropping += token.kind === 'open' ? 1 : -1
  else if (builder.dropping > 0) return
  else if (token.kind === 'text') addText(builder, token.text)
  else if (token.kind === 'open') addElement(builder, token)
  else closeSource(builder)
}

function closeSource({ open, sources }: Builder): void {
  const source = sources.pop()
  if (source && open[source.height] === source) open.length = source.height
}

function addText(builder: Builder, raw: string): void {
  const text = withoutOverrides(raw)
  if (text !== raw) builder.context.removals.content.add('direction marks')
  if (/\S/.test(text)) {
    makeRoom(builder, '')
    markContent(builder)
  }
  top(builder).children.push(text)
}

function markContent({ open }: Builder): void {
  for (let place = open.length - 1; place >= 0; place--) {
    const one = open[place]
    if (!one || one.hasContent) return
    one.hasContent = true
  }
}

function addElement(builder: Builder, tag: OpenTag): void {
  const { open, sources, context } = builder
  const name = localName(tag.name)
  const fate = fateOf(name)
  if (isActive(name)) context.removals.content.add(`element ${name}`)
  if (fate === 'drop' && !tag.unclosed) {
    builder.dropping = 1
    return
  }
  if (fate === 'drop' || fate === 'unwrap') {
    if (!isActive(name)) context.removals.presentation.add(`element ${name}`)
    sources.push(undefined)
    return
  }
  if (fate.name !== name)
    (name === 'bdo' ? context.removals.content : context.removals.presentation).add(`element ${name}`)
  sources.push(
    open.length > maxDepth && !VOID.has(fate.name) ? flattened(builder, fate.name) : placed(builder, fate, tag),
  )
}

/** In place of an element too deep to be written, a new line. */
function flattened({ open }: Builder, name: string): undefined {
  const children = open.at(-1)?.children
  if (BLOCKS.has(name) && children && children.length > 0) children.push(element('br', [], -1))
}

function placed(builder: Builder, fate: Replacement, tag: OpenTag): Element {
  const name = placeFor(builder, fate.name)
  const isVoid = VOID.has(name)
  const made = element(
    name,
    attributesOf(name, tag.attributes, builder.context, fate.class),
    isVoid ? -1 : builder.open.length,
  )
  top(builder).children.push(made)
  noteIds(builder, made)
  if (isVoid) {
    if (name === 'img') markContent(builder)
  } else builder.open.push(made)
  return made
}

function top({ open, root }: Builder): Element {
  return open.at(-1) ?? root
}

/** The name under which an element can stand where the narrative is, after making room for it. */
function placeFor(builder: Builder, name: string): string {
  const { open } = builder
  if (name === 'a' && open.some((one) => one.name === 'a')) return placeFor(builder, 'span')
  if (HEADINGS.has(name) && open.some((one) => HEADINGS.has(one.name))) return placeFor(builder, 'div')
  if (PARENTS.has(name)) {
    if (!climb(builder, name)) return placeFor(builder, 'div')
    return name
  }
  makeRoom(builder, name)
  if (BLOCKS.has(name)) openParagraph(builder)
  return name
}

export const HEADINGS: ReadonlySet<string> = new Set(['h1', 'h2', 'h3', 'h4', 'h5', 'h6'])

/** A paragraph cannot hold a block: HTML would end it there, so it becomes a div. */
function openParagraph({ open }: Builder): void {
  const block = open.findLast((one) => BLOCKS.has(one.name))
  if (block?.name === 'p') block.name = 'div'
}

/** What ends the search for the list or table that an item, row or cell belongs to. */
const LIMITS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  ['li', 'dt', 'dd'].map((name) => [name, new Set(['td', 'th', 'caption', 'blockquote', 'ul', 'ol', 'dl'])]),
)
const TABLE = new Set(['table'])

/** Closes what stands between an item, row or cell and its list or table; false where it is in none. */
function climb(builder: Builder, name: string): boolean {
  const { open } = builder
  const parents = PARENTS.get(name)
  const limits = LIMITS.get(name) ?? TABLE
  for (let place = open.length - 1; place > 0; place--) {
    const one = open[place]?.name ?? ''
    if (parents?.has(one) === true) {
      open.length = place + 1
      return true
    }
    if (ROW_HOLDERS.has(one) && parents?.has('tr') === true) {
      open.length = place + 1
      imply(builder, 'tr')
      return true
    }
    if (limits.has(one)) return false
  }
  return false
}

const ROW_HOLDERS = new Set(['table', 'thead', 'tbody', 'tfoot'])

/** What has to stand between an element and content that it cannot hold. */
const BETWEEN: ReadonlyMap<string, string> = new Map([
  ['ul', 'li'],
  ['ol', 'li'],
  ['dl', 'dd'],
  ['table', 'tr'],
  ['thead', 'tr'],
  ['tbody', 'tr'],
  ['tfoot', 'tr'],
  ['tr', 'td'],
])

/** Opens the items, rows and cells that content needs where it stands; '' is text. */
function makeRoom(builder: Builder, name: string): void {
  for (let parent = top(builder).name; CHILDREN.get(parent)?.has(name) === false; parent = top(builder).name) {
    const between = BETWEEN.get(parent)
    if (between !== undefined) imply(builder, between)
    else if (parent === 'colgroup') builder.open.pop()
    else return
  }
}

function imply(builder: Builder, name: string): void {
  const made = element(name, name === 'li' ? [['class', 'unlist']] : [], builder.open.length)
  top(builder).children.push(made)
  builder.open.push(made)
}
