/**
 * The text of a section in two parts that stay apart: the words of a person, then what is generated from the entries and
 * follows them. As FHIR has it, a section with words of its own is `additional`, one that was generated is `generated`.
 * @see https://hl7.org/fhir/R4/valueset-narrative-status.html
 */

import type { Narrative, Section } from '../../fhir/types.ts'
import { isObject } from '../../fhir/types.ts'
import { XHTML } from '../../fhir/xhtml-allowed.ts'
import { tokenize, type Token } from '../../fhir/xhtml.ts'

export interface SectionText {
  /** The content of a `div`; empty where no person wrote anything. */
  readonly words: string
  /**
   * `entries`: what is generated follows the words and the choice of entries. `hand`: the words are all there is, and the
   * entries may say other than they do.
   */
  readonly follows: 'entries' | 'hand'
}

/** The two parts of a section's text. */
export function textOf({ text, entry }: Pick<Section, 'text' | 'entry'>): SectionText {
  const div = isObject(text) ? (text?.div ?? '') : ''
  if (div === '' || text?.status === 'generated' || text?.status === 'extensions')
    return { words: '', follows: 'entries' }
  const [first, second, ...others] = childrenOf(div)
  const isJoined =
    others.length === 0 && isPlainDiv(first) && second?.name === 'div' && second.class === GENERATED && second.isOnly
  if (isJoined) return { words: first.content, follows: 'entries' }
  const hasEntries = Array.isArray(entry) && entry.length > 0
  return { words: isPlainDiv(first) && second === undefined ? first.content : insideOf(div), follows: hasEntries ? 'hand' : 'entries' } // prettier-ignore
}

const GENERATED = 'generated'

/** The section's text of its parts; undefined where there is nothing to read. */
export function joined({ words, follows }: SectionText, generated: Narrative | undefined): Narrative | undefined {
  const made = follows === 'hand' ? undefined : generated
  if (words === '') return made
  const { div = '', status: _status, ...others } = made ?? {}
  const lang = /^<div\b[^>]*?\bxml:lang="([A-Za-z0-9-]+)"/.exec(div)?.[1]
  const language = lang === undefined ? '' : ` xml:lang="${lang}" lang="${lang}"`
  const second = made === undefined ? '' : `<div class="${GENERATED}">${insideOf(div)}</div>`
  return {
    ...others,
    status: 'additional',
    div: `<div xmlns="${XHTML}"${language}><div>${words}</div>${second}</div>`,
  }
}

interface Child {
  readonly name: string
  readonly class: string | undefined
  readonly isOnly: boolean
  readonly content: string
}

function isPlainDiv(child: Child | undefined): child is Child {
  return child?.name === 'div' && child.class === undefined && child.isOnly
}

/** The content of the outermost element, as it is written. */
export function insideOf(div: string): string {
  const { tokens } = tokenize(div)
  const first = tokens.find(({ kind }) => kind === 'open')
  const last = tokens.at(-1)
  return first === undefined || last === undefined ? '' : div.slice(first.end, Math.max(first.end, last.start)).trim()
}

/** The elements in the outermost one; text between them that is no white space counts as one without a name. */
function childrenOf(div: string): readonly Child[] {
  const { tokens } = tokenize(div)
  const children: Child[] = []
  let depth = 0
  let open: Extract<Token, { kind: 'open' }> | undefined
  for (const token of tokens) {
    if (token.kind === 'open') {
      depth += 1
      if (depth === 2) open = token
    } else if (token.kind === 'close') {
      depth -= 1
      if (depth === 1 && open !== undefined) children.push(childOf(open, div.slice(open.end, token.start)))
    } else if (depth === 1 && token.text.trim() !== '')
      children.push({ name: '', class: undefined, isOnly: false, content: token.text })
  }
  return children
}

function childOf({ name, attributes }: Extract<Token, { kind: 'open' }>, content: string): Child {
  const own = attributes.find((one) => one.name === 'class')?.value
  return { name, class: own, isOnly: attributes.length === (own === undefined ? 0 : 1), content: content.trim() }
}
