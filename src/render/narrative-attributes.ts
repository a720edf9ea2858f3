/** What becomes of each attribute of a narrative, a row each. */

import { CLASSES } from '../fhir/xhtml-allowed.ts'
import { parseStyle, safeStyles, styleText, type Ground } from '../fhir/xhtml-style.ts'
import type { Attribute } from '../fhir/xhtml.ts'
import { nameIn, type Removals } from './narrative-removals.ts'

export interface AttributeContext {
  /** The class names, beside HL7's, that stylesheets of the document use. */
  readonly classes: ReadonlySet<string>
  readonly removals: Removals
  /** What became of each style met: a table repeats one in every cell. */
  readonly styles: Map<string, string | undefined>
  /** What stands behind the element that is read. */
  readonly groundOf: () => Ground
}

/** Name and value as they are written; addresses and ids are still those of the narrative. */
export type Written = readonly (readonly [name: string, value: string])[]

interface Row {
  /** The elements that may have it; any, where none are named. */
  readonly on?: ReadonlySet<string>
  /** The attribute that says the same; its own name, where none is named. */
  readonly as?: string
  /** The value to write; undefined leaves the attribute out. */
  readonly value: (value: string, context: AttributeContext) => string | undefined
}

/** The classes with which HL7 tells where narrative comes from, and ours for an image that cannot be shown. */
const MARKS = new Set(['generated', 'boilerplate', 'additional', 'missing-image'])
/** Before a class name of the document, so that it cannot meet one of the page. */
export const CLASS_PREFIX = 'doc-'

const NONE: Written = []

/** The attributes to write of an element, `look` among its classes; what is left out goes to `context.removals`. */
export function attributesOf(
  element: string,
  attributes: readonly Attribute[],
  context: AttributeContext,
  look = '',
): Written {
  if (attributes.length === 0) return look === '' ? NONE : [['class', look]]
  const written: [string, string][] = look === '' ? [] : [['class', look]]
  for (const attribute of attributes) {
    const name = attribute.name.toLowerCase()
    const row = ROWS.get(name)
    const isOwn = row !== undefined && (row.on === undefined || row.on.has(element))
    const value = isOwn ? row.value(attribute.value, context) : undefined
    if (value !== undefined) put(written, row?.as ?? name, value)
    else if (!isOwn) leaveOut(name, context.removals)
  }
  return written
}

/** Of an attribute that is there twice the first counts; classes add up; the language is said for XML and for HTML. */
function put(written: [string, string][], name: string, value: string): void {
  const known = written.find(([own]) => own === name)
  if (name === 'class' && known !== undefined && known[1] !== value) known[1] = `${known[1]} ${value}`
  if (known !== undefined) return
  written.push([name, value])
  if (name === 'lang') put(written, 'xml:lang', value)
  if (name === 'xml:lang') put(written, 'lang', value)
}

function leaveOut(name: string, { content, presentation }: Removals): void {
  if (name.startsWith('on')) content.add(`attribute ${nameIn(name)}`)
  else if (!/^xml(?:ns)?(?::|$)/.test(name)) presentation.add(`attribute ${nameIn(name)}`)
}

function classes(value: string, { classes: own }: AttributeContext): string | undefined {
  const kept = value.split(/\s+/).flatMap((name) => {
    if (CLASSES.has(name) || MARKS.has(name)) return [name]
    return own.has(name) ? [CLASS_PREFIX + name] : []
  })
  return kept.length > 0 ? kept.join(' ') : undefined
}

function style(value: string, { styles, removals, groundOf }: AttributeContext): string | undefined {
  const ground = /color/i.test(value) ? groundOf() : 'page'
  const key = `${ground} ${value}`
  if (styles.has(key)) return styles.get(key)
  const { kept, dropped, hiding, unsafe } = safeStyles(parseStyle(value), ground)
  for (const name of dropped) removals.presentation.add(`style ${nameIn(name)}`)
  for (const text of [...hiding, ...unsafe]) removals.content.add(`style "${nameIn(text)}"`)
  const text = kept.length > 0 ? styleText(kept) : undefined
  styles.set(key, text)
  return text
}

/** The value as it stands, where it has this form; else the attribute is left out and told. */
function matching(form: RegExp, ...on: readonly string[]): Row {
  return {
    ...(on.length > 0 && { on: new Set(on) }),
    value: (value) => (form.test(value.trim()) ? value.trim().toLowerCase() : undefined),
  }
}

/** Text of the author's, kept as it is. */
function text(...on: readonly string[]): Row {
  return { ...(on.length > 0 && { on: new Set(on) }), value: (value) => value }
}

/** A number within limits. */
function number(least: number, most: number, ...on: readonly string[]): Row {
  return {
    on: new Set(on),
    value: (value) =>
      /^\s*\d{1,5}(?:px)?\s*$/.test(value) && inRange(parseInt(value, 10), least, most)
        ? String(parseInt(value, 10))
        : undefined,
  }
}

function inRange(value: number, least: number, most: number): boolean {
  return value >= least && value <= most
}

/** A width that fits the page: a share of it, or pixels. */
function width(value: string): string | undefined {
  const [, digits = '', percent] = /^\s*(\d{1,4})(%|px)?\s*$/.exec(value) ?? []
  if (digits === '' || !inRange(Number(digits), 1, percent === '%' ? 100 : 700)) return undefined
  return percent === '%' ? `${digits}%` : digits
}

/** The class that numbers a list as the attribute `type` of HTML 4 does, by whose letter the case matters. */
const NUMBERINGS: ReadonlyMap<string, string> = new Map([
  ['1', 'arabic'],
  ['a', 'little-alpha'],
  ['A', 'big-alpha'],
  ['i', 'little-roman'],
  ['I', 'big-roman'],
])

/** The number that an item bears, or the first one of a list: other text may name it. */
function itemNumber(value: string): string | undefined {
  return /^\s*-?\d{1,9}\s*$/.test(value) ? String(parseInt(value, 10)) : undefined
}

const LANGUAGE = /^[a-z]{2,8}(?:-[a-z0-9]{1,8})*$/i
const ALIGN = /^(?:left|right|center|justify)$/i
const ALIGNED = [
  'p',
  'div',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'caption',
  'col',
  'colgroup',
  'thead',
  'tbody',
  'tfoot',
  'tr',
  'th',
  'td',
]

/** Only what a row passes is written: presentation by attributes is kept within what fits a page. */
const ROWS: ReadonlyMap<string, Row> = new Map<string, Row>([
  ['id', { value: (value) => value || undefined }],
  ['name', { on: new Set(['a', 'map']), value: (value) => value || undefined }],
  ['class', { value: classes }],
  ['style', { value: style }],
  ['title', text()],
  ['lang', { value: (value) => (LANGUAGE.test(value) ? value : undefined) }],
  ['xml:lang', { value: (value) => (LANGUAGE.test(value) ? value : undefined) }],
  ['dir', matching(/^(?:ltr|rtl|auto)$/i)],
  ['align', matching(ALIGN, ...ALIGNED)],
  ['valign', matching(/^(?:top|middle|bottom|baseline)$/i, ...ALIGNED)],
  ['start', { on: new Set(['ol']), value: itemNumber }],
  ['value', { on: new Set(['li']), value: itemNumber }],
  ['reversed', { on: new Set(['ol']), value: () => 'reversed' }],
  ['type', { on: new Set(['ol', 'li']), as: 'class', value: (value) => NUMBERINGS.get(value.trim()) }],
  ['colspan', number(1, 100, 'td', 'th')],
  ['rowspan', number(1, 1000, 'td', 'th')],
  ['span', number(1, 100, 'col', 'colgroup')],
  ['scope', matching(/^(?:row|col|rowgroup|colgroup)$/i, 'th')],
  ['headers', text('td', 'th')],
  ['abbr', text('th')],
  ['summary', text('table')],
  ['border', number(0, 10, 'table')],
  ['cellpadding', number(0, 20, 'table')],
  ['cellspacing', number(0, 20, 'table')],
  ['frame', matching(/^(?:void|above|below|hsides|lhs|rhs|vsides|box|border)$/i, 'table')],
  ['rules', matching(/^(?:none|groups|rows|cols|all)$/i, 'table')],
  ['width', { on: new Set(['table', 'col', 'colgroup', 'th', 'td', 'hr', 'img']), value: width }],
  ['height', { on: new Set(['img']), value: width }],
  ['href', text('a', 'area')],
  ['src', text('img')],
  ['alt', text('img', 'area')],
  ['usemap', text('img')],
  ['shape', matching(/^(?:rect|circle|poly|default)$/i, 'area')],
  ['coords', matching(/^[\d\s,.-]+$/, 'area')],
])
