/** The only door to Handlebars: templates are precompiled at build, replaced one by one by a folder's, checked at start. */

import Handlebars from 'handlebars'
import { FhirError } from '../fhir/error.ts'
import type { Issue } from '../fhir/issue.ts'
import { ISOLATES, type Locale, type Phrase } from './locale.ts'

/** The texts of a folder of templates by their path in it: `document/page.hbs`, `style/page.css`, `locale/en.json`. */
export type TemplateFiles = Readonly<Record<string, string>>

/** What the module that {@link templateModule} writes exports: template specifications by name, styles and locales by path. */
export interface BuiltTemplates {
  readonly specifications: Readonly<Record<string, TemplateSpecification>>
  readonly styles: Readonly<Record<string, string>>
  readonly locales: Readonly<Record<string, Locale>>
}

export interface Templates {
  /** The whole pages there are, without their folder: `page`. */
  readonly documents: readonly string[]
  /** Style sheets by path: `style/page.css`. */
  readonly styles: Readonly<Record<string, string>>
  /** By language tag. */
  readonly locales: Readonly<Record<string, Locale>>
  /** The text that a template makes of a view, of characters that XML can hold. @throws TypeError where there is no such template */
  render(name: string, view: object, phrase: Phrase): string
}

/** What templates may call; a name that is none of these stops the start. */
const HELPERS: Readonly<Record<string, Handlebars.HelperDelegate>> = {
  /** `{{phrase "page.of" page=1}}`: a phrase of the page's language. */
  phrase: (key: string, options: Handlebars.HelperOptions) => {
    const data = options.data as { readonly phrase: Phrase }
    return data.phrase(key, options.hash as Record<string, string>)
  },
  /** `{{lines text}}`: a text with its line feeds, and what reads in another direction set apart. */
  lines: (text: unknown) => {
    const escaped = typeof text === 'string' ? Handlebars.escapeExpression(text) : ''
    const [open, close] = ISOLATES
    const marked = escaped.replaceAll(open, '<span dir="auto">').replaceAll(close, '</span>')
    return new Handlebars.SafeString(marked.replaceAll('\n', '<br/>'))
  },
}

const BLOCKS = ['if', 'unless', 'each', 'with', 'lookup'] as const
const known = Object.fromEntries([...Object.keys(HELPERS), ...BLOCKS].map((name) => [name, true]))

/** Partials are never indented: that would alter the white space of the text they carry. */
const COMPILE = { knownHelpers: known, knownHelpersOnly: true, preventIndent: true } as const

/**
 * A JavaScript module (its text) with the precompiled templates of a folder, its styles and its locales.
 * @throws FhirError `invalid` with every fault of every template
 */
export function templateModule(files: TemplateFiles): string {
  mustBeSound(files, new Set(), phraseKeys(Object.values(localesOf(files))))
  const specifications = sourcesOf(files).map(([name, source]) => `${JSON.stringify(name)}: ${precompiled(source)}`)
  return [
    `export const specifications = {\n${specifications.join(',\n')}\n}`,
    `export const styles = ${JSON.stringify(stylesOf(files), null, 1)}`,
    `export const locales = ${JSON.stringify(localesOf(files), null, 1)}`,
    '',
  ].join('\n')
}

/** JavaScript text, whatever its type says. */
function precompiled(source: string): string {
  return Handlebars.precompile(source, COMPILE) as unknown as string
}

/**
 * The templates ready for use, those of `own` in the place of the built ones with the same path.
 * @throws FhirError `invalid` with every fault of every template in `own`
 */
export function openTemplates(built: BuiltTemplates, own: TemplateFiles = {}): Templates {
  const locales = { ...built.locales, ...localesOf(own) }
  mustBeSound(own, new Set(Object.keys(built.specifications)), phraseKeys(Object.values(locales)))
  const environment = Handlebars.create()
  environment.registerHelper(HELPERS)
  const compiled = new Map<string, Handlebars.TemplateDelegate>()
  for (const [name, specification] of Object.entries(built.specifications))
    compiled.set(name, environment.template(specification))
  for (const [name, source] of sourcesOf(own)) compiled.set(name, environment.compile(source, COMPILE))
  environment.registerPartial(Object.fromEntries(compiled))
  return {
    documents: [...compiled.keys()]
      .filter((name) => name.startsWith('document/'))
      .map((name) => name.slice('document/'.length)),
    styles: { ...built.styles, ...stylesOf(own) },
    locales,
    render: (name, view, phrase) => {
      const template = compiled.get(name)
      if (template === undefined) throw new TypeError(`There is no template ${name}`)
      return wellFormed(template(view, { data: { phrase } }))
    },
  }
}

/** Characters that XML has no way to write. */
const NO_XML = /[\ufffe\uffff]|(?![\t\n\r\u0080-\u009f])\p{Cc}/gu

function wellFormed(text: string): string {
  return text.toWellFormed().replaceAll(NO_XML, '\ufffd')
}

const TEMPLATE = '.hbs'

function sourcesOf(files: TemplateFiles): readonly (readonly [string, string])[] {
  const paths = Object.keys(files).filter((path) => path.endsWith(TEMPLATE))
  return paths.sort().map((path) => [path.slice(0, -TEMPLATE.length), files[path] ?? ''] as const)
}

function stylesOf(files: TemplateFiles): Record<string, string> {
  return Object.fromEntries(Object.entries(files).filter(([path]) => path.endsWith('.css')))
}

function localesOf(files: TemplateFiles): Record<string, Locale> {
  const locales: Record<string, Locale> = {}
  for (const [path, text] of Object.entries(files)) {
    const [, language] = /^locale\/([A-Za-z0-9-]+)\.json$/.exec(path) ?? []
    if (language !== undefined) locales[language] = parsed(path, text)
  }
  return locales
}

function parsed(path: string, text: string): Locale {
  try {
    return JSON.parse(text) as Locale
  } catch (cause) {
    throw new FhirError([fault(path, 'is not JSON')], { cause })
  }
}

function phraseKeys(locales: readonly Locale[]): ReadonlySet<string> {
  return new Set(locales.flatMap(({ phrases }) => Object.keys(phrases)))
}

/** @throws FhirError `invalid` with a fault for each syntax error, unknown helper, missing partial and unknown phrase */
function mustBeSound(files: TemplateFiles, others: ReadonlySet<string>, phrases: ReadonlySet<string>): void {
  const sources = sourcesOf(files)
  const partials = new Set([...others, ...sources.map(([name]) => name)])
  const [first, ...rest] = sources.flatMap(([name, source]) => faultsOf(name, source, { partials, phrases }))
  if (first !== undefined) throw new FhirError([first, ...rest])
}

interface Known {
  readonly partials: ReadonlySet<string>
  readonly phrases: ReadonlySet<string>
}

/** What may be wrong with a node of a template, by its type. */
const CHECKS: Readonly<Record<string, (node: hbs.AST.Node, known: Known) => string | undefined>> = {
  MustacheStatement: (node, known) => {
    const { params } = node as hbs.AST.MustacheStatement
    return params.length > 0 ? callFault(node as hbs.AST.MustacheStatement, known) : undefined
  },
  BlockStatement: (node, known) => callFault(node as hbs.AST.BlockStatement, known),
  SubExpression: (node, known) => callFault(node as hbs.AST.SubExpression, known),
  PartialStatement: (node, { partials }) => {
    const { name } = node as hbs.AST.PartialStatement
    const wanted = name.type === 'PathExpression' ? name.original : undefined
    return wanted === undefined || partials.has(wanted) ? undefined : `there is no partial ${wanted}`
  },
}

type Call = Pick<hbs.AST.MustacheStatement, 'path' | 'params'>

function callFault({ path, params }: Call, { phrases }: Known): string | undefined {
  if (path.type !== 'PathExpression') return undefined
  const { original } = path as hbs.AST.PathExpression
  if (!Object.hasOwn(known, original))
    return `unknown helper ${original}, expected one of ${Object.keys(known).join(', ')}`
  const [key] = params
  if (original !== 'phrase' || key?.type !== 'StringLiteral') return undefined
  const { value } = key as hbs.AST.StringLiteral
  return phrases.has(value) ? undefined : `there is no phrase ${value}`
}

class Checker extends Handlebars.Visitor {
  readonly faults: Issue[] = []
  readonly #name: string
  readonly #known: Known

  constructor(name: string, known: Known) {
    super()
    this.#name = name
    this.#known = known
  }

  override accept(node: hbs.AST.Node | undefined): void {
    if (node === undefined || node === null) return
    const text = CHECKS[node.type]?.(node, this.#known)
    if (text !== undefined) this.faults.push(fault(this.#name, `line ${node.loc.start.line}: ${text}`))
    super.accept(node)
  }
}

function faultsOf(name: string, source: string, known: Known): readonly Issue[] {
  const checker = new Checker(name, known)
  try {
    checker.accept(Handlebars.parse(source))
    return checker.faults
  } catch (cause) {
    const text = cause instanceof Error ? cause.message.replaceAll(/\s*\n\s*/g, ' ') : 'cannot be read'
    return [...checker.faults, fault(name, text)]
  }
}

function fault(name: string, text: string): Issue {
  return { severity: 'error', code: 'invalid', text: `Template ${name}: ${text}` }
}
