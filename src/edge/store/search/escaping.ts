/** Values of search parameters cut at `,`, `|` and `$`, of which those behind a `\` are part of the value. @see https://hl7.org/fhir/R4/search.html#escaping */

/** The parts of a value, still escaped. */
export function split(value: string, separator: ',' | '|' | '$'): readonly string[] {
  const parts: string[] = []
  let start = 0
  for (let at = 0; at < value.length; at++) {
    if (value[at] === '\\') at++
    else if (value[at] === separator) {
      parts.push(value.slice(start, at))
      start = at + 1
    }
  }
  return [...parts, value.slice(start)]
}

/** The value that is meant. */
export function unescaped(part: string): string {
  return part.replace(/\\([\\,|$])/g, '$1')
}
