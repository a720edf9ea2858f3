/**
 * The little of markdown that can be told without doubt, as XHTML: bold words, headings and lists. All else stands as
 * it was written, since an asterisk or a hyphen may be part of what was meant (`5*10`, `- 5 kg`).
 * @see https://hl7.org/fhir/R4/datatypes.html#markdown
 */

/** XHTML of a text, of which `inline` makes each piece safe. */
export function markdownXhtml(text: string, inline: (text: string) => string): string {
  const parts: string[] = []
  const lines = text.replaceAll('\r\n', '\n').trim().split('\n')
  for (let at = 0; at < lines.length;) {
    const items = bulletsFrom(lines, at)
    const written = items.length > 1 ? listOf(items, inline) : lineOf(lines[at] ?? '', inline)
    const isAfterLine = parts.length > 0 && items.length < 2 && parts.at(-1)?.endsWith('</ul>') !== true
    parts.push(isAfterLine ? `<br/>${written}` : written)
    at += Math.max(items.length > 1 ? items.length : 1, 1)
  }
  return parts.join('')
}

const BULLET = /^ {0,3}[-*] +(?=\S)(.*)$/
const HEADING = /^#{1,6} +(?=\S)(.*?)(?: +#+)?$/

/** The items of the list that begins at a line; none where one of them might be a number with its sign. */
function bulletsFrom(lines: readonly string[], from: number): readonly string[] {
  const items: string[] = []
  for (const line of lines.slice(from)) {
    const [, item] = BULLET.exec(line) ?? []
    if (item === undefined) break
    items.push(item)
  }
  return items.some((item) => /^[\d.,]/.test(item)) ? [] : items
}

function listOf(items: readonly string[], inline: (text: string) => string): string {
  return `<ul>${items.map((item) => `<li>${boldIn(item, inline)}</li>`).join('')}</ul>`
}

function lineOf(line: string, inline: (text: string) => string): string {
  const [, heading] = HEADING.exec(line) ?? []
  return heading === undefined ? boldIn(line, inline) : `<b>${inline(heading)}</b>`
}

const BOLD = /(?<![\p{L}\p{N}*\\])\*\*(?=[^\s*])([^*\n]*[^\s*])\*\*(?![\p{L}\p{N}*])/gu

function boldIn(text: string, inline: (text: string) => string): string {
  let written = ''
  let from = 0
  for (const match of text.matchAll(BOLD)) {
    written += `${inline(text.slice(from, match.index))}<b>${inline(match[1] ?? '')}</b>`
    from = match.index + match[0].length
  }
  return written + inline(text.slice(from))
}
