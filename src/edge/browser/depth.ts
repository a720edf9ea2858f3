/** How deep the elements of a page are nested: a browser's process ends when that is too deep for its stack. */

/** What begins like a tag and is none, and what ends it; the general one comes last. */
const ASIDES = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
  ['<!', '>'],
] as const

/** The number of elements around the innermost text, by the tags alone: a page that is not well-formed has a depth too. */
export function depthOf(xhtml: string): number {
  let depth = 0
  let deepest = 0
  for (let at = xhtml.indexOf('<'); at >= 0;) {
    const next = xhtml[at + 1]
    const isAside = next === '!' || next === '?'
    const end = isAside ? endOfAside(xhtml, at) : endOfTag(xhtml, at)
    if (end < 0) break
    if (next === '/') depth = Math.max(0, depth - 1)
    else if (!isAside && xhtml[end - 1] !== '/' && ++depth > deepest) deepest = depth
    at = xhtml.indexOf('<', end)
  }
  return deepest
}

function endOfAside(xhtml: string, start: number): number {
  const [beginning, ending] = ASIDES.find(([text]) => xhtml.startsWith(text, start)) ?? ASIDES[3]
  return xhtml.indexOf(ending, start + beginning.length)
}

/** Where the `>` of a tag stands, those in its attributes left aside; -1 where it has none. */
function endOfTag(xhtml: string, start: number): number {
  for (let at = start + 1; at < xhtml.length; at++) {
    const character = xhtml[at]
    if (character === '>') return at
    if (character !== '"' && character !== "'") continue
    at = xhtml.indexOf(character, at + 1)
    if (at < 0) return -1
  }
  return -1
}
