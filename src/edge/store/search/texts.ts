/** Texts as the index holds them: what cannot be stored is left out, what is too long for an index is shortened. */

import { sha256, toBase64url } from '../../../fhir/digest.ts'

/** The longest text that is compared for equality as it is: in bytes, with others, within what an index row may have. */
const MAX_KEY_LENGTH = 200
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

/** Marks of Latin, Greek and Cyrillic letters; those of other scripts are letters of their own. */
const ACCENTS = /[\u0300-\u036F]/g

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 127) return false
  return true
}

/** A string for comparison: lower case, without accents, white space as one space. */
export function normalised(text: string): string {
  const lower = storable(text).toLowerCase().replace(/\s+/g, ' ').trim()
  return isAscii(lower) ? lower : lower.normalize('NFD').replace(ACCENTS, '').normalize('NFC')
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
