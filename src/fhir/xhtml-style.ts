/**
 * The style declarations that narrative may bear: those that a reader should honour pass in a form that hides nothing;
 * of the rest it is told whether they would have hidden, added or fetched something.
 * @see https://hl7.org/fhir/R4/narrative.html#css
 */

import { contrast, legible, luminance } from './xhtml-color.ts'

/** A property and its value, in lower case but for the value's names. */
export interface Declaration {
  readonly property: string
  readonly value: string
}

export interface Styles {
  /** What passes, in a form that can hide nothing. */
  readonly kept: readonly Declaration[]
  /** The names of properties left out that carry no meaning, such as `width`. */
  readonly dropped: readonly string[]
  /** Declarations that hide, alter or add text, such as `display: none`. */
  readonly hiding: readonly string[]
  /** Declarations that fetch or run something, such as `background: url(…)`. */
  readonly unsafe: readonly string[]
}

type Row = (value: string) => readonly Declaration[]

/** The declarations of a `style` attribute. */
export function parseStyle(style: string): readonly Declaration[] {
  const text = style.replace(/\/\*[^]*?(?:\*\/|$)/g, ' ')
  return Array.from(text.matchAll(/(?:[^;"'(]|"[^"]*"?|'[^']*'?|\([^)]*\)?)+/g), ([declaration]) => {
    const colon = declaration.indexOf(':')
    const property = (colon === -1 ? declaration : declaration.slice(0, colon)).trim().toLowerCase()
    return { property, value: colon === -1 ? '' : declaration.slice(colon + 1).trim() }
  }).filter(({ property }) => property !== '')
}

/** What stands behind an element that has no background of its own: the white page, or another element's background. */
export type Ground = 'page' | 'other'

/** What of the declarations passes, and what does not. */
export function safeStyles(declarations: readonly Declaration[], ground: Ground = 'page'): Styles {
  const kept: Declaration[] = []
  const dropped: string[] = []
  const hiding: string[] = []
  const unsafe: string[] = []
  for (const { property, value: raw } of declarations) {
    const value = raw
      .replace(/!\s*important\s*$/i, '')
      .replace(/\s+/g, ' ')
      .trim()
    const passed = UNSAFE.test(value) ? [] : (ROWS.get(property)?.(value) ?? [])
    kept.push(...passed)
    const text = `${property}: ${value}`.slice(0, 60)
    if (UNSAFE.test(value)) unsafe.push(text)
    else if (hides(property, value)) hiding.push(text)
    else if (passed.length === 0) dropped.push(property.slice(0, 40))
  }
  if (isInvisible(declarations, ground)) hiding.push('color: as the ground')
  return { kept, dropped, hiding, unsafe }
}

/** The text of a `style` attribute. */
export function styleText(declarations: readonly Declaration[]): string {
  return declarations.map(({ property, value }) => `${property}:${value}`).join(';')
}

/** Whether text can hardly be told from its ground. */
function isInvisible(declarations: readonly Declaration[], around: Ground): boolean {
  const last = (names: readonly string[]) =>
    declarations.findLast(({ property }) => names.includes(property))?.value.toLowerCase() ?? ''
  const text = luminance(last(['color']))
  const own = last(['background-color', 'background'])
  const ground = own === '' && around === 'page' ? 1 : luminance(own)
  return text !== undefined && ground !== undefined && contrast(text, ground) < leastContrast
}

/** Below this contrast text counts as hidden. */
const leastContrast = 1.5

/** What reaches out of the narrative: addresses, functions that bring in what stands elsewhere, escapes that disguise them. */
const UNSAFE = /\\|script\s*:|(?:url|expression|image|image-set|element|src|attr|var|env)\s*\(/i

/** Values that hide or alter text, or let text be added, by property. */
const HIDING: Readonly<Record<string, RegExp>> = {
  display: /none|contents/,
  visibility: /hidden|collapse/,
  opacity: /^(?!1(?:\.0*)?$|100%$)/,
  position: /absolute|fixed|sticky/,
  color: /transparent|^rgba|^hsla/,
  height: /^0/,
  'max-height': /^0/,
  'max-width': /^0/,
  'font-size': /^(?:0|\.|[1-4](?:\.\d+)?(?:px|pt|%)|[1-3]\d(?:\.\d+)?%)/,
  'line-height': /^0(?:\D|$)/,
  'text-indent': /^-|\d{3}/,
  'letter-spacing': /^-/,
  'word-spacing': /^-/,
  'unicode-bidi': /override/,
  font: /(?:^| )0|(?:^| )[1-4](?:px|pt)/,
  content: /./,
  clip: /./,
  'clip-path': /./,
  filter: /./,
  transform: /./,
  behavior: /./,
  zoom: /./,
  mask: /./,
  'mask-image': /./,
  'mix-blend-mode': /./,
  '-moz-binding': /./,
  '-webkit-text-fill-color': /./,
  '-webkit-text-security': /./,
}

function hides(property: string, value: string): boolean {
  if (/^(?:margin|top|right|bottom|left|inset)/.test(property) && /-\d{3}/.test(value)) return true
  return Object.hasOwn(HIDING, property) && HIDING[property]?.test(value.toLowerCase()) === true
}

function oneOf(property: string, words: string): readonly [string, Row] {
  const allowed = new Set(words.split(' '))
  return [property, (value) => (allowed.has(value.toLowerCase()) ? [{ property, value: value.toLowerCase() }] : [])]
}

function colored(property: string, role: 'text' | 'ground', name = property): readonly [string, Row] {
  return [
    name,
    (value) => {
      const color = legible(value.toLowerCase(), role)
      return color === undefined ? [] : [{ property, value: color }]
    },
  ]
}

const FAMILIES = new Set(
  (
    'serif,sans-serif,monospace,arial,helvetica,helvetica neue,verdana,tahoma,trebuchet ms,calibri,cambria,candara,georgia,' +
    'times,times new roman,palatino,palatino linotype,garamond,book antiqua,courier,courier new,consolas,lucida console,' +
    'lucida sans,lucida grande,segoe ui,roboto,open sans,source sans pro,lato,noto sans,noto serif,liberation sans,' +
    'liberation serif,liberation mono,dejavu sans,dejavu serif,dejavu sans mono,ms gothic,ms mincho,meiryo,yu gothic'
  ).split(','),
)

/** Fonts for reading alone: in one of symbols, letters would look like others. */
function families(value: string): readonly Declaration[] {
  const names = value.split(',').map((name) =>
    name
      .trim()
      .replace(/^(["'])(.*)\1$/, '$2')
      .toLowerCase(),
  )
  const known = names.filter((name) => FAMILIES.has(name)).map((name) => (name.includes(' ') ? `'${name}'` : name))
  return known.length > 0 ? [{ property: 'font-family', value: known.join(',') }] : []
}

const SIZES = new Set('xx-small x-small small medium large x-large xx-large'.split(' '))
const RELATIVE: ReadonlyMap<string, string> = new Map([
  ['smaller', '0.83em'],
  ['larger', '1.2em'],
])

/** Between 7 and 36 points, whatever elements around it have. */
function fontSize(text: string): readonly Declaration[] {
  const value = text.toLowerCase()
  if (SIZES.has(value)) return [{ property: 'font-size', value }]
  const size =
    RELATIVE.get(value) ??
    /^(?:clamp\(7pt,)?(\d{0,4}(?:\.\d{1,4})?(?:px|pt|em|rem|%|cm|mm|pc|in|ex))(?:,36pt\))?$/.exec(value)?.[1]
  return size === undefined || !/^\.?\d/.test(size) ? [] : [{ property: 'font-size', value: `clamp(7pt,${size},36pt)` }]
}

function weight(value: string): readonly Declaration[] {
  return /^(?:normal|bold|bolder|lighter|[1-9]00)$/i.test(value)
    ? [{ property: 'font-weight', value: value.toLowerCase() }]
    : []
}

/** Lines under, through or over text; that there is none is never said, since a line through text has meaning. */
function decoration(value: string): readonly Declaration[] {
  const lines = value
    .toLowerCase()
    .split(' ')
    .filter((word) => /^(?:underline|line-through|overline)$/.test(word))
  return lines.length > 0 ? [{ property: 'text-decoration-line', value: lines.join(' ') }] : []
}

/** Lines always wrap: what does not fit the page would be cut off. */
const SPACES: ReadonlyMap<string, string> = new Map([
  ['normal', 'normal'],
  ['pre', 'pre-wrap'],
  ['pre-wrap', 'pre-wrap'],
  ['pre-line', 'pre-line'],
])

function space(value: string): readonly Declaration[] {
  const known = SPACES.get(value.toLowerCase())
  return known === undefined ? [] : [{ property: 'white-space', value: known }]
}

const LIST =
  'disc circle square decimal decimal-leading-zero lower-roman upper-roman lower-alpha upper-alpha lower-latin upper-latin lower-greek none'

function border(property: string): readonly [string, Row] {
  return [
    property,
    (text) => {
      const value = text.toLowerCase()
      const words = value
        .split(' ')
        .map((word) => (BORDER_WORD.test(word) ? word : luminance(word) === undefined ? undefined : word))
      return words.length > 3 || words.includes(undefined) ? [] : [{ property, value }]
    },
  ]
}

const BORDER_WORD = /^(?:none|solid|dashed|dotted|double|thin|medium|thick|0|[0-5](?:\.\d+)?p[xt])$/

const ROWS: ReadonlyMap<string, Row> = new Map([
  ['font-weight', weight],
  ['font-family', families],
  ['font-size', fontSize],
  ['text-decoration', decoration],
  ['text-decoration-line', decoration],
  ['white-space', space],
  oneOf('font-style', 'normal italic oblique'),
  oneOf('text-align', 'left right center justify start end'),
  oneOf('list-style-type', LIST),
  oneOf('vertical-align', 'baseline sub super top middle bottom text-top text-bottom'),
  oneOf('border-collapse', 'collapse separate'),
  colored('color', 'text'),
  colored('background-color', 'ground'),
  colored('background-color', 'ground', 'background'),
  ...['border', 'border-top', 'border-right', 'border-bottom', 'border-left'].map(border),
])
