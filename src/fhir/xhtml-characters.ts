/** Characters that nobody sees and that change what is seen. @see https://www.unicode.org/reports/tr9/ */

/** Overrides reverse any text, numbers too; no writing needs them. */
const OVERRIDES = /[\u202D\u202E]/g
const EMBEDDINGS = /[\u202A-\u202E\u2066-\u2069]/
/** Between two letters of scripts that never need it, or two digits, a character of no width splits a word in secret. */
const SPLITTING =
  /(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Nd}])[\u180E\u200B-\u200D\u2060-\u2064\uFEFF]+(?=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Nd}])/gu

/** What a text hides, a sentence for each kind; none for nearly every text. */
export function hiddenCharacters(text: string): readonly string[] {
  if (!/[\u180E\u200B-\u200D\u202A-\u202E\u2060-\u2069\uFEFF]/.test(text)) return []
  const found: string[] = []
  if (text.search(OVERRIDES) !== -1)
    found.push('The text has a direction override, expected characters in their own order')
  else if (!isBalanced(text)) found.push('The text opens or closes a direction that it does not close or open')
  for (const [splitting] of text.matchAll(SPLITTING)) {
    found.push(`The text has ${codePoints(splitting)} within a word or number, expected characters that are seen`)
  }
  return found
}

/** The text without direction overrides, and without other direction marks where they are not balanced. */
export function withoutOverrides(text: string): string {
  if (!EMBEDDINGS.test(text)) return text
  if (text.search(OVERRIDES) === -1 && isBalanced(text)) return text
  return text.replace(/[\u202A-\u202E\u2066-\u2069]/g, '')
}

const CLOSERS: ReadonlyMap<string, string> = new Map([
  ['\u202A', '\u202C'],
  ['\u202B', '\u202C'],
  ['\u2066', '\u2069'],
  ['\u2067', '\u2069'],
  ['\u2068', '\u2069'],
])

function isBalanced(text: string): boolean {
  const expected: string[] = []
  for (const [mark] of text.matchAll(/[\u202A-\u202C\u2066-\u2069]/g)) {
    const closer = CLOSERS.get(mark)
    if (closer !== undefined) expected.push(closer)
    else if (expected.pop() !== mark) return false
  }
  return expected.length === 0
}

function codePoints(text: string): string {
  const points = Array.from(
    text,
    (character) => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
  )
  return [...new Set(points)].join(' ')
}
