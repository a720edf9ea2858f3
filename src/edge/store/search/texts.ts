/** Texts as the index holds them: what cannot be stored is left out, what is too long for an index is shortened. */

import { sha256, toBase64url } from '../../../fhir/digest.ts'

/** The longest text that is compared for equality as it is: in bytes, with others, within what an index row may have. */
const MAX_KEY_LENGTH = 200
/** So many words of a name after its first are found by themselves. */
const MAX_WORDS = 8
/** So much of a string is indexed. */
const MAX_START_LENGTH = 64

/** PostgreSQL stores neither the character 0 nor half a surrogate pair. */
export function storable(text: string): string {
  const formed = text.isWellFormed() ? text : text.toWellFormed()
  return formed.includes('\0') ? formed.replaceAll('\0', '\u{FFFD}') : formed
}

/** The same for equal texts, and for no others; a long one ends in its digest, after its beginning. */
export function keyText(text: string): string {
  const whole = storable(text)
  if (whole.length <= MAX_KEY_LENGTH) return whole
  return storable(`${whole.slice(0, MAX_KEY_LENGTH - 50)}\u{2026}${toBase64url(sha256(whole))}`)
}

/** The longest beginning that texts with the same key surely share. */
export const MAX_PREFIX_LENGTH = MAX_KEY_LENGTH - 51

/** Marks of Latin, Greek, Cyrillic, Hebrew and Arabic letters; those of other scripts are letters of their own. */
const MARKS = /[\u0300-\u036F\u0591-\u05C7\u0610-\u061A\u064B-\u065F\u0670]/g
/** Punctuation and white space, in ASCII and beyond. */
const ASCII_SEPARATORS = /[\s!"#%&'()*,\-./:;?@[\\\]_{}]+/g
const SEPARATORS = /[\s\p{P}]+/gu

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 127) return false
  return true
}

/**
 * A string for comparison: neither case nor marks of letters, punctuation or white space count, as long as there is more.
 * @see https://hl7.org/fhir/R4/search.html#string
 */
export function normalised(text: string): string {
  const whole = storable(text)
  const isPlain = isAscii(whole)
  const letters = isPlain ? whole.toLowerCase() : folded(whole)
  const bare = letters.replace(isPlain ? ASCII_SEPARATORS : SEPARATORS, '')
  return bare === '' ? letters.replace(/\s+/g, ' ').trim() : bare
}

/** By way of the capitals, of which several letters have one (`σ` and `ς`) or two (`ß`, ligatures). */
function folded(text: string): string {
  const letters = text.normalize('NFD').replace(MARKS, '').toLowerCase().toUpperCase().toLowerCase()
  return letters.replaceAll('ς', 'σ').normalize('NFC')
}

/** What begins at the second word of a name and at each after it. */
export function laterWords(text: string): readonly string[] {
  const starts = [...text.matchAll(/[\s\p{Pd}]+(?=[^\s\p{Pd}])/gu)].slice(0, MAX_WORDS)
  return starts.flatMap(({ index, 0: gap }) => (index === 0 ? [] : [text.slice(index + gap.length)]))
}

/** The beginning that is indexed, in whole characters. */
export function startOf(text: string): string {
  if (text.length <= MAX_START_LENGTH) return text
  return [...text.slice(0, MAX_START_LENGTH * 2)].slice(0, MAX_START_LENGTH).join('')
}

/** The end of the range of all texts that begin with the text given. */
export function afterAll(prefix: string): string {
  return `${prefix}\u{10FFFF}`
}
