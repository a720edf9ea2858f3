/** The tree of a narrative as text: ids made unique on the page, links and images resolved, headings and tables made accessible. */

import { IMAGE_DATA, RUNNING, schemeOf, VOID } from '../fhir/xhtml-allowed.ts'
import { escapeAttribute, escapeText } from '../fhir/xhtml-text.ts'
import { nameIn, type Removals } from './narrative-removals.ts'
import { HEADINGS, type Element, type Tree } from './narrative-tree.ts'

export interface WriteContext {
  /** Of this narrative on the page: ids become `<prefix>-<id>`; '' leaves them as they are. */
  readonly prefix: string
  /** Of the heading above the narrative; its own headings follow below, without gaps. */
  readonly headingLevel: number
  /** The `data:` URI of an image that the document holds, by the address in the narrative: `#x`, `Binary/1`, a fullUrl. */
  readonly image?: (src: string) => string | undefined
  /** The id on the page of what an address names that is not in this narrative: a fullUrl, `Type/id`, `#x`. */
  readonly anchor?: (href: string) => string | undefined
}

interface Writer {
  /** What is written so far. */
  text: string
  readonly context: WriteContext
  readonly removals: Removals
  readonly ids: Ids
  /** The levels of the headings around, as the narrative has them. */
  readonly levels: number[]
}

interface Ids {
  /** The ids on the page by the ids of the narrative. */
  readonly onPage: ReadonlyMap<string, string>
  /** Those already written: of several elements with one id, the first has it. */
  readonly written: Set<string>
  /** An id that is not taken: this one, or with a number behind. */
  readonly free: (id: string) => string
}

/** The id on the page of an id in a narrative. */
export function pageId(prefix: string, id: string): string {
  const plain = id.replace(/\s+/g, '-')
  return prefix === '' ? plain : `${prefix}-${plain}`
}

/** The narrative in XHTML that parsers of XML and of HTML read alike. */
export function writeTree({ root, ids }: Tree, context: WriteContext, removals: Removals): string {
  const writer: Writer = { text: '', context, removals, ids: pageIds(ids, context.prefix), levels: [] }
  writeElement(writer, root, NO_ROW)
  return writer.text
}

/** The tree is never deep: see {@link Element}. */
function writeElement(writer: Writer, element: Element, row: Row): void {
  const { name, children } = element
  if (name === 'img') {
    writer.text += imageText(writer, element)
    return
  }
  const written = HEADINGS.has(name) ? headingName(writer, element) : headsNothing(element) ? 'td' : name
  writer.text += `<${written}${attributesText(writer, element, row)}`
  if (VOID.has(name)) {
    writer.text += '/>'
    return
  }
  writer.text += '>'
  const within = rowOf(element, row)
  for (const child of name === 'table' ? inReadingOrder(children) : children) {
    if (typeof child === 'string') writer.text += escapeText(child)
    else writeElement(writer, child, within)
  }
  writer.text += `</${written}>`
}

/** The foot of a table last: HTML 4 has it before the body and shows it below, print shows rows where they stand. */
function inReadingOrder(children: Element['children']): Element['children'] {
  const isFoot = (child: Element | string): boolean => typeof child !== 'string' && child.name === 'tfoot'
  return children.some(isFoot) ? [...children.filter((child) => !isFoot(child)), ...children.filter(isFoot)] : children
}

/** The attributes with ids, links and scopes of the page. */
function attributesText(writer: Writer, element: Element, row: Row): string {
  let text = ''
  const isHeader = element.name === 'th' && !headsNothing(element)
  for (const [name, value] of element.attributes) {
    if (OF_HEADERS.has(name) && !isHeader) continue
    const resolve = RESOLVED.get(name)
    text += resolve ? resolve(writer, element, value) : attributeText(name, value)
  }
  return isHeader && valueOf(element, 'scope') === undefined ? text + attributeText('scope', row.scope) : text
}

const OF_HEADERS: ReadonlySet<string> = new Set(['scope', 'abbr'])

/** Whether a header cell is empty: it names nothing to those who hear the table. */
function headsNothing(element: Element): boolean {
  return element.name === 'th' && !hasContent(element)
}

function hasContent({ children }: Element): boolean {
  return children.some((child) =>
    typeof child === 'string' ? child.trim() !== '' : child.name === 'img' || hasContent(child),
  )
}

function attributeText(name: string, value: string): string {
  return ` ${name}="${escapeAttribute(value)}"`
}

function valueOf({ attributes }: Element, name: string): string | undefined {
  return attributes.find(([own]) => own === name)?.[1]
}

/** What header cells of a row head: the column where all cells do, else the row. */
interface Row {
  readonly isInHead: boolean
  readonly scope: 'col' | 'row'
}

const NO_ROW: Row = { isInHead: false, scope: 'col' }

const TABLE_PARTS = new Set(['table', 'thead', 'tbody', 'tfoot', 'tr'])

function rowOf({ name, children }: Element, row: Row): Row {
  if (!TABLE_PARTS.has(name)) return row
  if (name === 'thead') return { isInHead: true, scope: 'col' }
  if (name !== 'tr') return NO_ROW
  if (row.isInHead) return row
  const hasData = children.some((child) => typeof child !== 'string' && child.name === 'td')
  return { isInHead: false, scope: hasData ? 'row' : 'col' }
}

/** Levels as they are nested, one below the other; a heading without content is none. */
function headingName({ levels, context }: Writer, { name, hasContent }: Element): string {
  if (!hasContent) return 'div'
  const level = Number(name.slice(1))
  while ((levels.at(-1) ?? 0) >= level) levels.pop()
  levels.push(level)
  return `h${Math.min(6, context.headingLevel + levels.length)}`
}

function pageIds(ids: readonly (readonly string[])[], prefix: string): Ids {
  const onPage = new Map<string, string>()
  const free = freeIds()
  for (const own of ids) {
    const [first = ''] = own
    const target = onPage.get(first) ?? free(pageId(prefix, first))
    for (const id of own) if (!onPage.has(id)) onPage.set(id, target)
  }
  return { onPage, written: new Set(), free }
}

function freeIds(): (id: string) => string {
  const taken = new Set<string>()
  const counts = new Map<string, number>()
  return (id) => {
    let free = id
    for (let count = counts.get(id) ?? 2; taken.has(free); count++) {
      free = `${id}-${count}`
      counts.set(id, count + 1)
    }
    taken.add(free)
    return free
  }
}

/** Attributes whose values name something on the page: the text to write for each. */
const RESOLVED: ReadonlyMap<string, (writer: Writer, element: Element, value: string) => string> = new Map([
  ['id', (writer, _, value) => attributeText('id', ownId(writer, value))],
  ['name', nameText],
  ['href', linkText],
  ['headers', headersText],
])

function ownId({ ids: { onPage, written, free } }: Writer, id: string): string {
  const known = onPage.get(id) ?? id
  const own = written.has(known) ? free(known) : known
  written.add(own)
  return own
}

/** The name of an anchor becomes its id, where it has none; that of a map is what images call it. */
function nameText(writer: Writer, element: Element, name: string): string {
  const text = element.name === 'map' ? attributeText('name', writer.ids.onPage.get(name) ?? name) : ''
  return valueOf(element, 'id') === undefined ? text + attributeText('id', ownId(writer, name)) : text
}

function headersText({ ids }: Writer, _: Element, headers: string): string {
  const known = headers.split(/\s+/).flatMap((id) => ids.onPage.get(id) ?? [])
  return known.length > 0 ? attributeText('headers', known.join(' ')) : ''
}

/** Addresses that a reader may follow by hand; nothing is fetched for them. */
const OUTSIDE = /^(?:https?:\/\/|mailto:)[^\s<>"'\\^`{|}\p{Cc}\p{Cf}]+$/iu

/** A link to the page, a link outside that tells nothing of where it was followed, or none, with the address as title. */
function linkText({ context, ids, removals }: Writer, element: Element, raw: string): string {
  const href = raw.trim()
  if (href === '' || !(element.hasContent || element.name === 'area')) return ''
  const own = href.startsWith('#')
    ? (ids.onPage.get(href.slice(1)) ?? ids.onPage.get(decoded(href.slice(1))))
    : undefined
  const anchor = own ?? context.anchor?.(href)
  if (anchor !== undefined) return attributeText('href', `#${anchor}`)
  if (OUTSIDE.test(href)) return attributeText('href', href) + attributeText('rel', 'noreferrer noopener')
  const isRunning = RUNNING.has(schemeOf(href))
  ;(isRunning ? removals.content : removals.presentation).add(`link ${nameIn(href)}`)
  const isTold = isRunning || href.startsWith('#') || valueOf(element, 'title') !== undefined
  return isTold ? '' : attributeText('title', href)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** What an image leaves behind where only its text can be shown. */
const OF_PICTURE = new Set(['src', 'alt', 'width', 'height', 'usemap', 'style', 'class'])

/** The image as data, or, where it cannot be shown, its alternative text and address. */
function imageText(writer: Writer, element: Element): string {
  const { context, removals, ids } = writer
  const src = valueOf(element, 'src')?.trim() ?? ''
  const data = IMAGE_DATA.test(src) ? src : src === '' ? undefined : context.image?.(src)
  const alt = valueOf(element, 'alt') ?? valueOf(element, 'title') ?? ''
  const rest = element.attributes.filter(([name]) => !OF_PICTURE.has(name))
  if (data !== undefined && IMAGE_DATA.test(data)) {
    const looks = element.attributes.filter(([name]) => OF_PICTURE.has(name) && !/^(?:src|alt|usemap)$/.test(name))
    const map = ids.onPage.get(valueOf(element, 'usemap')?.trim().slice(1) ?? '')
    const use = map === undefined ? '' : attributeText('usemap', `#${map}`)
    const text = attributesText(writer, { ...element, attributes: [...rest, ...looks] }, NO_ROW)
    return `<img${attributeText('src', data)}${attributeText('alt', alt)}${text}${use}/>`
  }
  removals.content.add(`image ${nameIn(src)}`)
  const address = schemeOf(src) === 'data' ? nameIn(src.split(',', 1)[0] ?? '') : src
  const text = attributesText(writer, { ...element, attributes: [...rest, ['class', 'missing-image']] }, NO_ROW)
  return `<span${text}>[${escapeText([alt, address].filter((part) => part !== '').join(' – '))}]</span>`
}
