/** The text of a FHIRPath expression cut into its parts, as far as the expressions of search parameters need it. */

/** The parts of a text between separators of one character, which count only outside brackets and quotes. */
export function topLevel(text: string, separator: string): readonly string[] {
  const parts: string[] = []
  let depth = 0
  let quoted = false
  let start = 0
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === "'") quoted = !quoted
    if (quoted) continue
    if (character === '(') depth++
    if (character === ')') depth--
    if (character === separator && depth === 0) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  return [...parts, text.slice(start)]
}

/** `(Observation.value as Quantity).code` as the steps `Observation`, `value`, `as(Quantity)`, `code`. */
export function stepsOf(term: string): readonly string[] {
  return topLevel(term.trim(), '.').flatMap((step) => {
    const [, inner, type] = /^\((.+) as ([A-Za-z]+)\)$/.exec(step) ?? []
    return inner !== undefined && type !== undefined ? [...stepsOf(inner), `as(${type})`] : [step]
  })
}
