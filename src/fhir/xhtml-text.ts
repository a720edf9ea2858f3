/** Text in markup: names, character references and escapes. @see https://www.w3.org/TR/xml/#sec-references */

import { entities } from './xhtml-entities.ts'

type Report = (offset: number, text: string) => void

const PREDEFINED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])

const REPLACEMENT = '\uFFFD'
const REFERENCE = /&(?:#([0-9]{1,8});|#x([0-9A-Fa-f]{1,8});|([A-Za-z][A-Za-z0-9]{0,15});)?/g
// eslint-disable-next-line no-control-regex -- these are the characters that XML leaves out
const NOT_XML = /[\0-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]/g

/**
 * Text with its references resolved and line ends as `\n`. What XML does not know is reported with its offset: a name of
 * HTML is resolved all the same, a lone ampersand stands for itself, a character that is not allowed becomes U+FFFD.
 */
export function decodeReferences(raw: string, report: Report): string {
  let text = ''
  let end = 0
  for (const match of raw.matchAll(REFERENCE)) {
    text += literal(raw.slice(end, match.index)) + resolved(match, report)
    end = match.index + match[0].length
  }
  return text + literal(raw.slice(end))
}

function literal(raw: string): string {
  return raw.toWellFormed().replace(NOT_XML, REPLACEMENT).replace(/\r\n?/g, '\n')
}

function resolved({ 0: reference, 1: decimal, 2: hex, 3: name, index }: RegExpExecArray, report: Report): string {
  if (name !== undefined) {
    if (!PREDEFINED.has(name)) report(index, `The entity ${reference} is not one of the five of XML`)
    return PREDEFINED.get(name) ?? entities.get(name) ?? reference
  }
  const code = decimal !== undefined ? parseInt(decimal, 10) : hex !== undefined ? parseInt(hex, 16) : undefined
  if (code === undefined) report(index, 'The character & begins no reference, expected &amp;')
  else if (!isCharacter(code)) report(index, `The reference ${reference} is no character that XML allows`)
  else return String.fromCodePoint(code)
  return code === undefined ? reference : REPLACEMENT
}

/** @see https://www.w3.org/TR/xml/#charsets */
function isCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff)
}

/** The ranges of characters that may begin a name, and those that may follow besides. */
const RANGES = {
  start:
    ':-: A-Z _-_ a-z \u00C0-\u00D6 \u00D8-\u00F6 \u00F8-\u02FF \u0370-\u037D \u037F-\u1FFF \u200C-\u200D \u2070-\u218F \u2C00-\u2FEF \u3001-\uD7FF \uF900-\uFDCF \uFDF0-\uFFFD \u{10000}-\u{EFFFF}',
  more: ' 0-9 \u002D-\u002E \u00B7-\u00B7 \u0300-\u036F \u203F-\u2040',
}
const NAME = new RegExp(`[${set(RANGES.start)}][${set(RANGES.start + RANGES.more)}]*`, 'uy')

function set(ranges: string): string {
  return ranges.replaceAll(' ', '')
}

/** 1 for what may begin a name, 2 for what may follow. */
const ASCII = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  if (/[:A-Z_a-z]/.test(character)) return 1
  return /[-.0-9]/.test(character) ? 2 : 0
})

/** Where the XML name that begins at a place ends; that place itself where none begins. */
export function nameEnd(text: string, from: number): number {
  let at = from
  let code = text.charCodeAt(at)
  if (ASCII[code] === 2) return from
  while (code < 128 && ASCII[code] !== 0) code = text.charCodeAt(++at)
  if (!(code >= 128)) return at
  NAME.lastIndex = from
  return NAME.test(text) ? NAME.lastIndex : from
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

/** Text as it stands between tags. */
export function escapeText(text: string): string {
  return /[&<>\r]/.test(text) ? text.replace(/[&<>\r]/g, (character) => ESCAPES[character] ?? character) : text
}

/** Text as it stands between double quotes. */
export function escapeAttribute(text: string): string {
  return /[&<>"\t\n\r]/.test(text)
    ? text.replace(/[&<>"\t\n\r]/g, (character) => ESCAPES[character] ?? character)
    : text
}
