/** The text that a reader of a narrative must find on the page. */

import { tokenize } from '../../src/fhir/xhtml.ts'

/** The text outside script and style, where those are closed; what is no markup counts as text. */
export function innocentText(div: string): string {
  let text = ''
  let depth = 0
  for (const token of tokenize(div).tokens) {
    const isOpaque = token.kind === 'open' && /(?:^|:)(?:script|style)$/i.test(token.name) && !token.unclosed
    if (token.kind === 'text') text += depth === 0 ? token.text : ''
    else if (token.kind === 'open') depth += depth > 0 || isOpaque ? 1 : 0
    else if (depth > 0) depth -= 1
  }
  return text
}

/** The text of a page but for what stands in the place of images. */
export function pageText(xhtml: string): string {
  let text = ''
  let depth = 0
  for (const token of tokenize(xhtml).tokens) {
    if (token.kind === 'text') text += depth === 0 ? token.text : ''
    else if (token.kind === 'close') depth -= depth > 0 ? 1 : 0
    else if (depth > 0 || token.attributes.some(({ name, value }) => name === 'class' && value === 'missing-image'))
      depth += 1
  }
  return text
}

/** Text without white space and direction marks, which the page may have otherwise. */
export function visible(text: string): string {
  return text.replace(/[\s\u202A-\u202E\u2066-\u2069]+/g, '')
}
