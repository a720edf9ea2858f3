/** What stands in the margins of every printed page: whom and what it is about, its status, its number. */

import type { Document } from './document.ts'
import { showDate } from './format-time.ts'
import type { HeaderView } from './header.ts'
import { PLAIN, type MarginWord, type Pack } from './packs.ts'
import { wordingFor } from './refer.ts'
import { joined, objects, plainText } from './wording.ts'

/** An `@page` rule with margin boxes. @see https://www.w3.org/TR/css-page-3/#margin-boxes */
export function furniture(document: Document, { title, status, subjects }: HeaderView, pack: Pack = PLAIN): string {
  const wording = wordingFor(document.reader, document.holder)
  const { phrase } = wording
  const birthDate = plainText(document.subjects[0]?.resource['birthDate'])
  const born = birthDate === '' ? '' : phrase('furniture.born', { date: showDate(birthDate, wording) })
  const names = subjects.map(({ name }) => name).join(' · ') || phrase('furniture.no-subject')
  const { composition, bundle } = document
  const custodian = objects(composition.custodian)[0]
  const words: Readonly<Record<MarginWord, string>> = {
    subject: cssString(joined([shortened(names), born], ' · ')),
    title: cssString(joined([shortened(title), status.text], ' · ')),
    status: cssString(status.text),
    identifier: cssString(plainText(bundle.identifier?.value)),
    page: counters(phrase('furniture.page')),
    custodian: cssString(custodian === undefined ? '' : shortened(wording.refer(custodian))),
    date: cssString(showDate(plainText(composition.date).slice(0, 10), wording)),
    '': '""',
  }
  const boxes = {
    'top-left': words[pack.header.start],
    'top-right': words[pack.header.end],
    'bottom-left': words[pack.footer.start],
    'bottom-right': words[pack.footer.end],
    ...(status.tone !== 'final' && { 'top-center': cssString(status.text.toUpperCase()) }),
  }
  const { direction } = wording.locale
  const rules = Object.entries(boxes).map(([box, content]) => `@${placed(box, direction)} { content: ${content}; }`)
  return `${direction === 'rtl' ? MIRRORED : ''}@page { ${rules.join(' ')} }`
}

/** More would not stand in a margin; the head of the first page has all of it. */
const MOST_CHARACTERS = 80

/** What is longer and can be broken nowhere would run into the margin beside. */
const WORD =
  /[^\s\-\u00ad\u200b\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]{33,}/gu

function shortened(text: string): string {
  const characters = [...text.replaceAll(WORD, (word) => `${[...word].slice(0, 31).join('')}…`)]
  return characters.length <= MOST_CHARACTERS
    ? characters.join('')
    : `${characters
        .slice(0, MOST_CHARACTERS - 1)
        .join('')
        .trim()}…`
}

/** The looks of the margins as `style/print.css` has them, for lines that run to the left. */
const MIRRORED = `@page {
  direction: rtl;
  @top-left { width: 38%; font-weight: 400; color: #55616f; }
  @top-right { width: 46%; font-weight: 600; color: #1c2733; }
  @bottom-left { width: 26%; }
  @bottom-right { width: 74%; }
}
`

/** What begins a line stands on the right where lines run to the left. */
function placed(box: string, direction: 'ltr' | 'rtl'): string {
  if (direction === 'ltr') return box
  return box.endsWith('left') ? box.replace('left', 'right') : box.replace('right', 'left')
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

/** A style sheet that neither HTML nor XML reads as the end of its element. */
export function inStyleElement(css: string): string {
  return css.replaceAll('<', '\\3c ').replaceAll('&', '\\26 ')
}
