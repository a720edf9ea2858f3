/** The only door to Handlebars: templates are precompiled at build, replaced one by one by a folder's, checked at start. */

import Handlebars from 'handlebars'
import { sha256 } from '../fhir/digest.ts'
import { FhirError } from '../fhir/error.ts'
import type { Issue } from '../fhir/issue.ts'
import { layered } from '../fhir/lazy-record.ts'
import { directed, directedBeside } from './directed.ts'
import { isLocale, localesOf, withUnits } from './locale-files.ts'
import type { Locale, Phrase } from './locale.ts'
import { markdownXhtml } from './markdown.ts'
import { packsOf, type Pack } from './packs.ts'
import { CHECKS, HELPER_NAMES, type Known } from './template-checks.ts'
import { isWebLocale, scriptsOf, webFiles, type WebFiles } from './web-files.ts'

/** The texts of a folder of templates by their path in it: `document/page.hbs`, `style/page.css`, `locale/en.json`. */
export type TemplateFiles = Readonly<Record<string, string>>

/** What the module that {@link templateModule} writes exports: template specifications by name, styles by path. */
export interface CompiledTemplates {
  readonly specifications: Readonly<Record<string, TemplateSpecification>>
  readonly styles: Readonly<Record<string, string>>
  /** Manifests and logos of packs by path. */
  readonly packs?: TemplateFiles
  /** Scripts of the pages for clinicians by path. */
  readonly scripts?: TemplateFiles
  /** The paths of the files that are of one language each. */
  readonly languages?: readonly string[]
  /** SHA-256 of all files of the folder that documents are made of, hexadecimal. */
  readonly digest?: string
}

/** The same with the files that are of one language each, which may be read when they are first asked for. */
export interface BuiltTemplates extends Omit<CompiledTemplates, 'languages'> {
  readonly languages?: TemplateFiles
}

export interface Templates {
  /** The whole pages there are, without their folder: `page`. */
  readonly documents: readonly string[]
  /** Style sheets by path: `style/page.css`. */
  readonly styles: Readonly<Record<string, string>>
  /** By language tag. */
  readonly locales: Readonly<Record<string, Locale>>
  /** By name: `plain` is always there. */
  readonly packs: Readonly<Record<string, Pack>>
  /** What the pages for clinicians have beside their templates. */
  readonly web: WebFiles
  /** SHA-256 of what they are made of, hexadecimal: the same templates have the same (H-14). */
  readonly digest: string
  /**
   * The text that a template makes of a view, of characters that XML can hold; of a pack, with what it has of its own.
   * @throws TypeError where there is no such template
   */
  render(name: string, view: object, phrase: Phrase, pack?: string): string
}

/** What templates may call; a name that is none of these stops the start. */
const HELPERS: Readonly<Record<string, Handlebars.HelperDelegate>> = {
  /** `{{phrase "page.of" page=1}}`: a phrase of the page's language. */
  phrase: (key: string, options: Handlebars.HelperOptions) => {
    const data = options.data as { readonly phrase: Phrase }
    return data.phrase(key, options.hash as Record<string, string>)
  },
  /** `{{lines text}}`: a text with its line feeds, and what reads in another direction set apart; `beside=label` where it stands behind one. */
  lines: (text: unknown, { hash }: Handlebars.HelperOptions) => {
    const { beside } = hash as { readonly beside?: unknown }
    if (typeof text !== 'string') return ''
    const words = typeof beside === 'string' ? directedBeside(beside, text, escaped) : linesOf(text)
    return new Handlebars.SafeString(words)
  },
  /** `{{markdown text}}`: the same with the emphasis and lists of markdown. */
  markdown: (text: unknown) => new Handlebars.SafeString(typeof text === 'string' ? markdownXhtml(text, linesOf) : ''),
}

function linesOf(text: string): string {
  return directed(text, escaped)
}

function escaped(text: string): string {
  return Handlebars.escapeExpression(text)
}

const known = Object.fromEntries(HELPER_NAMES.map((name) => [name, true]))

/** Partials are never indented: that would alter the white space of the text they carry. */
const COMPILE = { knownHelpers: known, knownHelpersOnly: true, preventIndent: true } as const

/**
 * A JavaScript module (its text) with the precompiled templates of a folder and its styles; of the files that
 * {@link isOfLanguage} it has the names.
 * @throws FhirError `invalid` with every fault of every template
 */
export function templateModule(files: TemplateFiles): string {
  mustBeSound(files, NOTHING, speaking(localesOf(files), webFiles(files)))
  const specifications = sourcesOf(files).map(([name, source]) => `${JSON.stringify(name)}: ${precompiled(source)}`)
  return [
    `export const specifications = {\n${specifications.join(',\n')}\n}`,
    `export const styles = ${JSON.stringify(stylesOf(files), null, 1)}`,
    `export const packs = ${JSON.stringify(packFilesOf(files), null, 1)}`,
    `export const scripts = ${JSON.stringify(scriptsOf(files), null, 1)}`,
    `export const languages = ${JSON.stringify(Object.keys(files).filter(isOfLanguage))}`,
    `export const digest = ${JSON.stringify(digestOf(files))}`,
    '',
  ].join('\n')
}

const NOTHING: BuiltTemplates = { specifications: {}, styles: {} }

/** Whether a file of a folder of templates is of one language alone. */
export function isOfLanguage(path: string): boolean {
  return isLocale(path) || isWebLocale(path)
}

/**
 * Names and texts in the order of the names: neither the machine nor the order of a folder's files matters, nor what the
 * pages for clinicians are made of, of which no document is.
 */
function digestOf(files: TemplateFiles, before = ''): string {
  const rows = Object.keys(files)
    .filter((path) => !path.startsWith('web/'))
    .sort()
    .map((path) => [path, files[path]])
  return Buffer.from(sha256(JSON.stringify([before, rows]))).toString('hex')
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
  const styles = { ...built.styles, ...stylesOf(own) }
  const files = layered([built.languages ?? {}, built.scripts ?? {}, styles, own])
  const locales = withUnits(localesOf(files))
  const web = webFiles(files)
  // the built ones are
  if (Object.keys(own).length > 0) mustBeSound(own, built, speaking(locales, web))
  const { packs } = packsOf({ ...built.packs, ...styles, ...own })
  const base = compiled(built, own)
  const byPack = new Map<string, Compiled>()
  return {
    documents: [...base.keys()]
      .filter((name) => name.startsWith('document/'))
      .map((name) => name.slice(DOCUMENT.length)),
    styles,
    locales,
    packs,
    web,
    digest: Object.keys(own).length === 0 && built.digest !== undefined ? built.digest : digestOf(own, built.digest),
    render: (name, view, phrase, pack) => {
      const templates = pack === undefined ? base : (byPack.get(pack) ?? compiled(built, own, pack))
      if (pack !== undefined) byPack.set(pack, templates)
      const template = templates.get(name)
      if (template === undefined) throw new TypeError(`There is no template ${name}`)
      return wellFormed(rendered(template, { name, view, phrase }))
    },
  }
}

const DOCUMENT = 'document/'

type Compiled = ReadonlyMap<string, Handlebars.TemplateDelegate>

/** All templates by name, those of a pack in the place of the others: what they call is found among them. */
function compiled({ specifications }: BuiltTemplates, own: TemplateFiles, pack?: string): Compiled {
  const environment = Handlebars.create()
  environment.registerHelper(HELPERS)
  const templates = new Map<string, Handlebars.TemplateDelegate>()
  for (const [name, specification] of Object.entries(specifications))
    templates.set(name, environment.template(specification))
  for (const [name, source] of sourcesOf(own)) templates.set(name, environment.compile(source, COMPILE))
  const prefix = `pack/${pack}/`
  for (const [name, template] of [...templates])
    if (name.startsWith(prefix)) templates.set(name.slice(prefix.length), template)
  environment.registerPartial(Object.fromEntries(templates))
  return templates
}

interface Rendering {
  readonly name: string
  readonly view: object
  readonly phrase: Phrase
}

/** @throws FhirError `exception` naming the template: what it made until then is nothing for a reader */
function rendered(template: Handlebars.TemplateDelegate, { name, view, phrase }: Rendering): string {
  try {
    return template(view, { data: { phrase } })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replaceAll(/\s*\n\s*/g, ' ') : 'it failed'
    throw new FhirError([fault(name, reason, 'exception')], { cause })
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

/** What of packs is no template and no style. */
function packFilesOf(files: TemplateFiles): TemplateFiles {
  return Object.fromEntries(Object.entries(files).filter(([path]) => /^pack\/.*(?<!\.hbs|\.css)$/.test(path)))
}

/** All that says phrases. */
type Speaking = readonly Pick<Locale, 'phrases'>[]

function speaking(locales: Readonly<Record<string, Locale>>, web: WebFiles): Speaking {
  return [...Object.values(locales), ...Object.values(web.locales)]
}

/** The phrases of the source language, or of all there are, with the names of their slots. */
function phraseSlots(locales: Speaking): ReadonlyMap<string, readonly string[]> {
  const phrases = locales.flatMap((locale) => Object.entries(locale.phrases))
  return new Map(
    phrases.map(([key, text]) => [key, Array.from(text.matchAll(/\{([a-z]+)\}/gi), ([, slot = '']) => slot)]),
  )
}

/**
 * @throws FhirError `invalid` with a fault for each syntax error, unknown or misused helper, missing partial, unknown
 * phrase, and each fault of a pack's manifest
 */
function mustBeSound(files: TemplateFiles, built: BuiltTemplates, locales: Speaking): void {
  const sources = sourcesOf(files)
  const names = [...Object.keys(built.specifications), ...sources.map(([name]) => name)]
  const partials = new Set([...names, ...names.map((name) => name.replace(/^pack\/[^/]+\//, ''))])
  const phrases = phraseSlots(locales)
  const ofPacks = packsOf({ ...built.packs, ...built.styles, ...files }).faults
  const [first, ...rest] = [
    ...sources.flatMap(([name, source]) => faultsOf(name, source, { partials, phrases })),
    ...ofPacks,
  ]
  if (first !== undefined) throw new FhirError([first, ...rest])
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

function fault(name: string, text: string, code: Issue['code'] = 'invalid'): Issue {
  return { severity: 'error', code, text: `Template ${name}: ${text}` }
}
