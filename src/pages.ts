/** What the pages for clinicians speak and look like: a reader's language, its phrases, and templates said in them. */

import { sha256 } from './fhir/digest.ts'
import { fail } from './fhir/error.ts'
import type { Json, JsonObject } from './fhir/types.ts'
import type { Design } from './pipeline.ts'
import { wordingOf } from './render/format.ts'
import { currentName, nameText } from './render/format-person.ts'
import { chooseLocale, directionOf, own, phrasesOf, SOURCE_LANGUAGE, type Phrase } from './render/locale.ts'
import { verdictOf, type Verdict, type Verification, type Verified } from './render/verification.ts'
import type { WebLocale } from './render/web-files.ts'

export type { Phrase } from './render/locale.ts'
export type { Verdict } from './render/verification.ts'

/** Who reads a page, as far as words and their order go. */
export interface Reader {
  /** BCP 47: one that the pages have phrases in. */
  readonly language: string
  readonly direction: 'ltr' | 'rtl'
  /** Whether a clinician of the language has read the translation (H-13). */
  readonly isReviewed: boolean
  /** The language that the reader asked for, where the pages do not speak it. */
  readonly missing?: string
  readonly phrase: Phrase
  /** Any value of a resource in words, by the type of its element: a date, a CodeableConcept, a HumanName. */
  readonly show: (value: Json | undefined, type: string) => string
  /** The name that a person goes by; empty where there is none. */
  readonly name: (names: readonly JsonObject[]) => string
  /** What a template such as `web/start` makes of a view. */
  readonly render: (template: string, view: object) => string
}

/** What a browser says of its reader's language. */
export interface LanguageWish {
  /** The one that the reader chose on a page. */
  readonly chosen?: string | undefined
  /** The header Accept-Language. */
  readonly accept?: string | undefined
}

type Rendering = Design['render']

/** What was made once for a design, by what it was made of. */
const readers = new WeakMap<Rendering, Map<string, Reader>>()

/** The reader of a request: the pages speak the first language wished for that they have, else English. */
export function readerOf(wish: LanguageWish, { render }: Pick<Design, 'render'>): Reader {
  const asked = wishes(wish)
  const [first] = asked
  const spoken = asked.find((tag) => found(render.templates.web.locales, tag) !== undefined)
  const language = found(render.templates.web.locales, spoken ?? SOURCE_LANGUAGE)?.language ?? SOURCE_LANGUAGE
  const known = readers.get(render) ?? new Map<string, Reader>()
  readers.set(render, known)
  const reader = known.get(language) ?? readerIn(language, render)
  known.set(language, reader)
  return first !== undefined && spoken !== first ? { ...reader, missing: first } : reader
}

function readerIn(spoken: string, { templates, model, zone }: Rendering): Reader {
  const web = found(templates.web.locales, spoken)
  if (web === undefined) throw new TypeError('The pages have no phrases in English')
  const locale = chooseLocale(templates.locales, undefined, web.language)
  const source = chooseLocale(templates.locales)
  const sourcePhrases = { ...source.phrases, ...found(templates.web.locales, SOURCE_LANGUAGE)?.phrases }
  const phrase = phrasesOf(
    { ...locale, phrases: { ...locale.phrases, ...web.phrases } },
    { ...source, phrases: sourcePhrases },
  )
  const { show } = wordingOf({ locale, phrase, model, zone, refer: (reference) => referred(reference) })
  return {
    language: web.language,
    direction: directionOf(web.language) ?? 'ltr',
    isReviewed: web.status === 'reviewed',
    phrase,
    show,
    name: (names) => nameText(currentName(names) ?? {}),
    render: (template, view) => templates.render(template, view, phrase),
  }
}

function referred({ display, reference, identifier }: JsonObject): string {
  const value = typeof identifier === 'object' && identifier !== null ? (identifier as JsonObject)['value'] : undefined
  const [text] = [display, value, reference].filter((each): each is string => typeof each === 'string')
  return text ?? ''
}

/** What a page tells of a verification, in the reader's language. */
export function verdictFor(report: Verification, verified: Verified, reader: Reader, design: Design): Verdict {
  return verdictOf(report, verified, { ...design.render, lang: reader.language })
}

/** A language that the pages are in, by its own name. */
export interface Spoken {
  readonly language: string
  readonly name: string
}

/** The languages that the pages are in. */
export function pageLanguages({ render }: Pick<Design, 'render'>): readonly Spoken[] {
  return named(render.templates.web.locales)
}

/** The languages that documents are shown in. */
export function documentLanguages({ render }: Pick<Design, 'render'>): readonly Spoken[] {
  return named(render.templates.locales)
}

const names = new WeakMap<object, readonly Spoken[]>()
const ORDER = new Intl.Collator('en')

function named(locales: Readonly<Record<string, unknown>>): readonly Spoken[] {
  const known = names.get(locales)
  if (known !== undefined) return known
  const name = (tag: string): string => new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag
  const rows = Object.keys(locales).map((language) => ({ language, name: name(language) }))
  names.set(
    locales,
    rows.sort((a, b) => ORDER.compare(a.name, b.name)),
  )
  return rows
}

/** The language of that tag that the pages are in. @throws FhirError `not-supported` */
export function pageLanguage(tag: string, { render }: Pick<Design, 'render'>): string {
  const locale = found(render.templates.web.locales, tag)
  if (locale === undefined) throw fail('not-supported', 'The pages are not in this language')
  return locale.language
}

function found(locales: Readonly<Record<string, WebLocale>>, tag: string): WebLocale | undefined {
  const wanted = tag.toLowerCase()
  const names = Object.keys(locales)
  const [language = ''] = wanted.split('-')
  const name = names.find((one) => one.toLowerCase() === wanted) ?? names.find((one) => one.toLowerCase() === language)
  return name === undefined ? undefined : own(locales, name)
}

const MOST_LANGUAGES = 20

/** Language tags, the most wished for first. @see https://www.rfc-editor.org/rfc/rfc9110#section-12.5.4 */
function wishes({ chosen, accept = '' }: LanguageWish): readonly string[] {
  const ranges = accept.split(',', MOST_LANGUAGES).flatMap((range) => {
    const [, tag = '', q = '1'] = /^\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q=([01](?:\.\d{1,3})?))?\s*$/.exec(range) ?? []
    return tag === '' || Number(q) === 0 ? [] : [{ tag, quality: Number(q) }]
  }) // prettier-ignore
  const tags = ranges.sort((a, b) => b.quality - a.quality).map(({ tag }) => tag)
  return chosen === undefined ? tags : [chosen, ...tags]
}

/** The style sheet and the script of the pages, each under a name that changes with it. */
export interface PageAssets {
  readonly style: PageAsset
  readonly script: PageAsset
}

export interface PageAsset {
  readonly name: string
  readonly text: string
}

const assets = new WeakMap<object, PageAssets>()

/** What every page is styled and made pleasant by. */
export function pageAssets({ render }: Pick<Design, 'render'>): PageAssets {
  const { web } = render.templates
  const known = assets.get(web)
  if (known !== undefined) return known
  const named = (text: string, ending: string): PageAsset => {
    const digest = Buffer.from(sha256(text)).toString('hex').slice(0, 16)
    return { name: `pages-${digest}.${ending}`, text }
  }
  const made = { style: named(web.style, 'css'), script: named(web.script, 'js') }
  assets.set(web, made)
  return made
}
