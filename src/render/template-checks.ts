/** What may be wrong with a template, found before the first document: each by the type of its node. */

/** What templates may refer to. */
export interface Known {
  readonly partials: ReadonlySet<string>
  /** The phrases with the names of their slots. */
  readonly phrases: ReadonlyMap<string, readonly string[]>
}

/** How a helper is called: as a block or inline, with how many parameters. */
const HELPERS: Readonly<Record<string, { readonly isBlock: boolean; readonly least: number; readonly most: number }>> =
  {
    phrase: { isBlock: false, least: 1, most: 1 },
    lines: { isBlock: false, least: 1, most: 1 },
    markdown: { isBlock: false, least: 1, most: 1 },
    if: { isBlock: true, least: 1, most: 1 },
    unless: { isBlock: true, least: 1, most: 1 },
    each: { isBlock: true, least: 1, most: 1 },
    with: { isBlock: true, least: 1, most: 1 },
    lookup: { isBlock: false, least: 2, most: 2 },
  }

/** The names that templates may call. */
export const HELPER_NAMES: readonly string[] = Object.keys(HELPERS)

type Call = Pick<hbs.AST.MustacheStatement, 'path' | 'params' | 'hash'>

/** What is wrong with a node of a template, by its type. */
export const CHECKS: Readonly<Record<string, (node: hbs.AST.Node, known: Known) => string | undefined>> = {
  MustacheStatement: (node, known) => {
    const call = node as hbs.AST.MustacheStatement
    const fault = call.escaped ? undefined : unescapedFault(call)
    if (fault !== undefined) return fault
    return call.params.length > 0 || isHelper(call) ? callFault(call, false, known) : undefined
  },
  BlockStatement: (node, known) => callFault(node as hbs.AST.BlockStatement, true, known),
  SubExpression: (node, known) => callFault(node as hbs.AST.SubExpression, false, known),
  PartialStatement: (node, { partials }) => {
    const { name } = node as hbs.AST.PartialStatement
    const wanted = name.type === 'PathExpression' ? name.original : undefined
    return wanted === undefined || partials.has(wanted) ? undefined : `there is no partial ${wanted}`
  },
}

/** What was made safe before it came to a template; all else may be a document's own words. */
const SAFE: ReadonlySet<string> = new Set(['xhtml', 'css', 'body', 'generated', 'words', 'mine.words', 'theirs.words'])

function unescapedFault({ path }: Call): string | undefined {
  const original = path.type === 'PathExpression' ? (path as hbs.AST.PathExpression).original : ''
  return SAFE.has(original) ? undefined : `{{{${original}}}} is not made safe, expected {{${original}}}`
}

function isHelper({ path }: Call): boolean {
  return path.type === 'PathExpression' && Object.hasOwn(HELPERS, (path as hbs.AST.PathExpression).original)
}

function callFault(call: Call, isBlock: boolean, known: Known): string | undefined {
  const { path, params } = call
  if (path.type !== 'PathExpression') return undefined
  const { original } = path as hbs.AST.PathExpression
  const row = Object.hasOwn(HELPERS, original) ? HELPERS[original] : undefined
  if (row === undefined) return `unknown helper ${original}, expected one of ${HELPER_NAMES.join(', ')}`
  if (row.isBlock !== isBlock)
    return row.isBlock
      ? `${original} stands alone, expected {{#${original} …}}`
      : `${original} is no block, expected {{${original} …}}`
  const count = params.length
  if (count < row.least || count > row.most) return `${original} is given ${count} values, expected ${row.least}`
  return original === 'phrase' ? phraseFault(call, known) : undefined
}

function phraseFault({ params: [key], hash }: Call, { phrases }: Known): string | undefined {
  if (key?.type !== 'StringLiteral') return undefined
  const { value } = key as hbs.AST.StringLiteral
  const slots = phrases.get(value)
  if (slots === undefined) return `there is no phrase ${value}`
  const given = ((hash as hbs.AST.Hash | undefined)?.pairs ?? []).map((pair) => pair.key)
  const missing = slots.filter((slot) => !given.includes(slot))
  return missing.length === 0 ? undefined : `the phrase ${value} is not given ${missing.join(', ')}`
}
