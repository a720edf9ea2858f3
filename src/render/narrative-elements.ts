/** What becomes of each element of a narrative, by its name. */

import { ACTIVE, ELEMENTS } from '../fhir/xhtml-allowed.ts'

/** The element to write, and the class that gives it the look of the one it stands for. */
export interface Replacement {
  readonly name: string
  readonly class?: string
}

/** `drop` it with its content, or `unwrap` the content. */
export type Fate = Replacement | 'drop' | 'unwrap'

/** Elements outside the allow-list whose look has a meaning, or whose kind has an allowed one. */
const REPLACEMENTS: ReadonlyMap<string, Replacement> = new Map([
  ['u', { name: 'span', class: 'underline' }],
  ['ins', { name: 'span', class: 'underline' }],
  ['s', { name: 'span', class: 'strikethrough' }],
  ['strike', { name: 'span', class: 'strikethrough' }],
  ['del', { name: 'span', class: 'strikethrough' }],
  ['center', { name: 'div', class: 'center' }],
  ['bdo', { name: 'span' }],
  ['menu', { name: 'ul' }],
  ['dir', { name: 'ul' }],
  ['image', { name: 'img' }],
  ['xmp', { name: 'pre' }],
  ['listing', { name: 'pre' }],
  ['plaintext', { name: 'pre' }],
])

/** Their text stands on lines of its own, and would run into what is around it. */
const BLOCK_LIKE = new Set(
  `html head body title section article aside header footer main nav figure figcaption details summary dialog hgroup search
  form fieldset legend select option optgroup textarea button iframe object noscript noframes noembed frameset template
  text desc foreignobject marquee rt rp`.split(/\s+/),
)

/** What becomes of an element with this name, in lower case and without prefix. */
export function fateOf(name: string): Fate {
  const replacement = REPLACEMENTS.get(name)
  if (replacement) return replacement
  if (ELEMENTS.has(name)) return { name }
  if (name === 'script' || name === 'style') return 'drop'
  return BLOCK_LIKE.has(name) ? { name: 'div' } : 'unwrap'
}

/** Whether what such an element did is lost without it. */
export function isActive(name: string): boolean {
  return ACTIVE.has(name)
}
