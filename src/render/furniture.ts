/** What stands in the margins of every printed page: whom and what it is about, its status, its number. */

import type { Document } from './document.ts'
import { showDate } from './format-time.ts'
import type { HeaderView } from './header.ts'
import { wordingFor } from './refer.ts'
import { joined, plainText } from './wording.ts'

/** An `@page` rule with margin boxes. @see https://www.w3.org/TR/css-page-3/#margin-boxes */
export function furniture(document: Document, { title, status, subjects }: HeaderView): string {
  const wording = wordingFor(document.reader, document.holder)
  const { phrase } = wording
  const birthDate = plainText(document.subjects[0]?.resource['birthDate'])
  const born = birthDate === '' ? '' : phrase('furniture.born', { date: showDate(birthDate, wording) })
  const names = subjects.map(({ name }) => name).join(' · ') || phrase('furniture.no-subject')
  const boxes = {
    'top-left': cssString(joined([names, born], ' · ')),
    'top-right': cssString(joined([title, status.text], ' · ')),
    'bottom-left': cssString(plainText(document.bundle.identifier?.value)),
    'bottom-right': counters(phrase('furniture.page')),
    ...(status.tone !== 'final' && { 'top-center': cssString(status.text.toUpperCase()) }),
  }
  const rules = Object.entries(boxes).map(([box, content]) => `@${box} { content: ${content}; }`)
  return `@page { ${rules.join(' ')} }`
}

const COUNTER = /\{(pages?)\}/

/** `Page {page} of {pages}` as the value of `content`. */
function counters(phrase: string): string {
  const parts = phrase.split(COUNTER).map((part, index) => (index % 2 === 1 ? `counter(${part})` : cssString(part)))
  return parts.filter((part) => part !== '""').join(' ')
}

/** A CSS string that ends neither itself nor the style element around it, as HTML or as XML. */
export function cssString(text: string): string {
  const escaped = text.replaceAll(/["'\\<>&]|\p{Cc}/gu, (character) => `\\${character.charCodeAt(0).toString(16)} `)
  return `"${escaped}"`
}
