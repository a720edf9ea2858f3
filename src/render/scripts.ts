/** What no font of a printer can draw, put into words before it is printed: a letter never becomes an empty box. */

import type { Issue } from '../fhir/issue.ts'

/** Whether one of a printer's fonts has all characters of a letter with its marks. */
export type Legibility = (unit: string) => boolean

export interface Printable {
  readonly xhtml: string
  /** `font-missing` is a warning: what of the text stands in the print as the number of its character. */
  readonly issues: readonly Issue[]
}

/** The page with each character that cannot be drawn as a box with its code point: `[U+1F600]`. Titles and attributes stay. */
export function printable(xhtml: string, isLegible: Legibility): Printable {
  const units = new Set(Array.from(xhtml.matchAll(UNITS), ([unit]) => unit))
  const illegible = new Set([...units].filter((unit) => !isDrawn(unit, isLegible)))
  if (illegible.size === 0) return { xhtml, issues: [] }
  const found = new Set<string>()
  const written = (text: string, write: (name: string) => string): string =>
    text.replaceAll(UNITS, (unit) => {
      if (!illegible.has(unit)) return unit
      return Array.from(unit, (character, index) => {
        if (index === 0 ? isDrawn(character, isLegible) : isUnseen(character)) return character
        found.add(nameOf(character))
        return write(nameOf(character))
      }).join('')
    })
  const page = xhtml.replaceAll(TOKENS, (token, style?: string, quiet?: string, tag?: string) => {
    if (style !== undefined) return written(token, (name) => `[${name}]`)
    return quiet !== undefined || tag !== undefined ? token : written(token, boxed)
  })
  return { xhtml: page, issues: found.size === 0 ? [] : [missing([...found])] }
}

/** A letter with its marks; those of ASCII are in every font. */
const UNITS = /(?:[^\p{M}\0-\x7f]\p{M}*|[\0-\x7f]\p{M}+)/gu

/** Style sheets, what is not painted, tags; all else is text. */
const TOKENS = /(<style\b[^>]*>[\s\S]*?<\/style>)|(<title\b[^>]*>[\s\S]*?<\/title>|<!--[\s\S]*?-->)|(<[^>]*>)|[^<]+/g

const BOX =
  'class="no-glyph" style="outline:0.5pt solid;outline-offset:-0.5pt;font-size:0.8em;padding:0 0.15em" dir="ltr"'

function boxed(name: string): string {
  return `<span ${BOX}>[${name}]</span>`
}

function isDrawn(unit: string, isLegible: Legibility): boolean {
  return isLegible(unit) || isLegible(unit.normalize('NFC'))
}

/** Drawn by no font, and missed in none. */
function isUnseen(character: string): boolean {
  return /^\p{Default_Ignorable_Code_Point}$/u.test(character)
}

/** `U+1F600`. */
function nameOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}

const maxNamed = 12

function missing(names: readonly string[]): Issue {
  const told = names.slice(0, maxNamed).join(', ') + (names.length > maxNamed ? ' …' : '')
  const text = `No bundled font has ${told}: in print the code point stands for the character`
  return { severity: 'warning', code: 'not-supported', text, rule: 'font-missing' }
}
