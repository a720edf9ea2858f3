/** The YAML that our own files are written in: maps and lists by indentation, scalars with or without quotes, lists of words in brackets. */

export type Yaml = string | null | readonly Yaml[] | { readonly [name: string]: Yaml }

interface Line {
  readonly indent: number
  readonly text: string
  readonly number: number
}

/** @throws SyntaxError for YAML beyond that */
export function parseYaml(source: string): Yaml {
  const lines = source.split('\n').flatMap((raw, index): readonly Line[] => {
    const text = raw.trim()
    if (text === '' || text.startsWith('#')) return []
    if (/\t|[&*|>!]\s*$|^---/.test(raw)) throw new SyntaxError(`line ${index + 1}: ${raw}`)
    return [{ indent: raw.length - raw.trimStart().length, text, number: index + 1 }]
  })
  const [value, rest] = block(lines, 0)
  const [left] = rest
  if (left !== undefined) throw new SyntaxError(`line ${left.number}: ${left.text}`)
  return value
}

function block(lines: readonly Line[], least: number): readonly [Yaml, readonly Line[]] {
  const [first] = lines
  if (first === undefined || first.indent < least) return [null, lines]
  return first.text.startsWith('- ') ? list(lines, first.indent) : map(lines, first.indent)
}

function list(lines: readonly Line[], indent: number): readonly [Yaml, readonly Line[]] {
  const end = lines.findIndex((line) => line.indent < indent || !line.text.startsWith('- '))
  const own = end === -1 ? lines : lines.slice(0, end)
  return [own.map(({ text }) => scalar(text.slice(2))), lines.slice(own.length)]
}

function map(lines: readonly Line[], indent: number): readonly [Yaml, readonly Line[]] {
  const members: Record<string, Yaml> = {}
  let rest = lines
  for (let line = rest[0]; line !== undefined && line.indent === indent; line = rest[0]) {
    const [, name = '', text = ''] = /^([\w.-]+):(?:\s+(.*))?$/.exec(line.text) ?? []
    if (name === '' || name in members) throw new SyntaxError(`line ${line.number}: ${line.text}`)
    if (text === '') [members[name], rest] = block(rest.slice(1), indent + 1)
    else [members[name], rest] = [scalar(text), rest.slice(1)]
  }
  return [members, rest]
}

function scalar(text: string): Yaml {
  if (text.startsWith('[')) return text.slice(1, -1).split(', ').map(scalar)
  return /^'.*'$/.test(text) ? text.slice(1, -1) : text
}
