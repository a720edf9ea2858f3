/** The phrases of the page by language: data in templates/locale, one file per language. */

import { fail } from '../fhir/error.ts'

/** One language, as its file in templates/locale holds it. */
export interface Locale {
  /** BCP 47 */
  readonly language: string
  readonly direction: 'ltr' | 'rtl'
  /** Whether a clinician of the language has read the translation; a draft is told on each page, and is never signed (H-13). */
  readonly status: 'reviewed' | 'draft'
  /** Where the words are from. */
  readonly source: string
  /** Stands in decimals in the place of the point; there is no grouping. */
  readonly decimalMark: string
  /** How `Intl` writes its dates; without it by the language itself, with the month in full. */
  readonly dates?: { readonly locale: string; readonly month: 'short' | 'long' }
  /** Sentences and labels by key, with `{slots}`. */
  readonly phrases: Readonly<Record<string, string>>
  /** Words for codes of FHIR's own systems. */
  readonly codes: Readonly<Record<string, string>>
  /** Labels of elements by `Type.element` or `element`, where the element's name would not do. */
  readonly elements: Readonly<Record<string, string>>
  /** Titles of documents and sections by LOINC code, beside one in another language. */
  readonly headings: Readonly<Record<string, string>>
  /** For UCUM codes: the word where a quantity has none, then further words that mean the same. */
  readonly units: Readonly<Record<string, readonly string[]>>
}

/** A phrase with its `{slots}` filled. */
export type Phrase = (key: string, slots?: Readonly<Record<string, string>>) => string

/** The language that phrases are first written in. */
export const SOURCE_LANGUAGE = 'en'

/**
 * The locale of a language tag, or of its language without region; without a tag the one of `preferred` where there is
 * one, else English.
 * @throws FhirError `not-supported` naming those there are
 */
export function chooseLocale(locales: Readonly<Record<string, Locale>>, lang?: string, preferred?: string): Locale {
  const chosen = find(locales, lang ?? preferred) ?? (lang === undefined ? find(locales, SOURCE_LANGUAGE) : undefined)
  if (chosen !== undefined) return chosen
  const names = Object.keys(locales).sort().join(', ')
  throw fail(
    'not-supported',
    `There are no phrases in the language ${lang ?? SOURCE_LANGUAGE}, expected one of ${names}`,
  )
}

function find(locales: Readonly<Record<string, Locale>>, tag: string | undefined): Locale | undefined {
  if (tag === undefined) return undefined
  const wanted = tag.toLowerCase()
  const [language = ''] = wanted.split('-')
  const byTag = (name: string): Locale | undefined => {
    const own = Object.keys(locales).find((candidate) => candidate.toLowerCase() === name)
    return own === undefined ? undefined : locales[own]
  }
  return byTag(wanted) ?? byTag(language)
}

/** The locale for what is signed: a draft gives way to the source language (H-13). */
export function reviewedLocale(locales: Readonly<Record<string, Locale>>, chosen: Locale): Locale {
  return chosen.status === 'reviewed' ? chosen : chooseLocale(locales, SOURCE_LANGUAGE)
}

/** Units of time as FHIR and as `Intl` name them. @see https://hl7.org/fhir/R4/valueset-units-of-time.html */
const TIMES: Readonly<Record<string, string>> = {
  s: 'second',
  min: 'minute',
  h: 'hour',
  d: 'day',
  wk: 'week',
  mo: 'month',
  a: 'year',
}

/** Without an amount beside it a unit stands as for many. */
const MANY = 5
const MAX_DIGITS = 20

/**
 * The word for a unit of time, in the form that an amount takes as it is printed: `hours`, the code where it is none.
 * The amount itself never passes through `Intl` (H-8).
 */
export function timeUnit(
  code: string,
  amount: string,
  { language, dates }: Pick<Locale, 'language' | 'dates'>,
): string {
  const unit = own(TIMES, code)
  if (unit === undefined) return code
  const [, whole = String(MANY), fraction = ''] = /(\d+)(?:[.,\u066b](\d+))?\D*$/.exec(amount) ?? []
  const minimumFractionDigits = Math.min(fraction.length, MAX_DIGITS)
  const format = new Intl.NumberFormat(dates?.locale ?? language, {
    style: 'unit',
    unit,
    unitDisplay: 'long',
    minimumFractionDigits,
  })
  const number = Number(`${whole}.${fraction}`)
  const parts = format.formatToParts(number)
  // a dual says the number itself, which stands beside it already: "2 two days"
  const isDual = number !== 1 && !parts.some(({ type }) => type === 'integer')
  return (isDual ? format.formatToParts(MANY) : parts).find(({ type }) => type === 'unit')?.value ?? code
}

/** The name of a day of the week; the code (`mon`) where it is none. @see https://hl7.org/fhir/R4/valueset-days-of-week.html */
export function dayName(code: string, { language, dates }: Pick<Locale, 'language' | 'dates'>): string {
  const index = DAYS.indexOf(code)
  // The first of January 2024 was a Monday.
  const at = Date.UTC(2024, 0, 1 + index)
  const format = new Intl.DateTimeFormat(dates?.locale ?? language, { weekday: 'long', timeZone: 'UTC' })
  return index < 0 ? code : format.format(at)
}

const DAYS: readonly string[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/** The phrases of a locale; one that it lacks is said in the source language. @throws TypeError for a key that neither has */
export function phrasesOf(locale: Locale, source: Locale): Phrase {
  return (key, slots = {}) => {
    const phrase = own(locale.phrases, key) ?? own(source.phrases, key)
    if (phrase === undefined) throw new TypeError(`There is no phrase ${key}`)
    return phrase.replaceAll(/\{([a-z]+)\}/gi, (slot, name: string) => {
      const value = own(slots, name)
      return value === undefined ? slot : isolated(value)
    })
  }
}

/** The member of a table, never one that every object inherits. */
export function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined
}

/** A text that has the form of a language tag; undefined for any other. @see https://www.rfc-editor.org/info/bcp47 */
export function languageTag(text: string): string | undefined {
  return /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*$/.test(text) ? text : undefined
}

const RIGHT_TO_LEFT_LANGUAGE =
  /^(?:ar|arc|ckb|dv|fa|he|iw|ku-arab|ps|sd|ug|ur|yi)(?:-|$)|-(?:arab|hebr|thaa|syrc)(?:-|$)/i

/** The direction that a language is written in; undefined where the language is not known. */
export function directionOf(language: string | undefined): 'ltr' | 'rtl' | undefined {
  if (language === undefined) return undefined
  return RIGHT_TO_LEFT_LANGUAGE.test(language) ? 'rtl' : 'ltr'
}

/** The marks that set a text apart from the direction of its neighbours: U+2068 before it, U+2069 behind it. */
export const ISOLATES = ['\u2068', '\u2069'] as const

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u

/** The direction of the first letter of a text; undefined where it has none. */
export function directionOfText(text: string): 'ltr' | 'rtl' | undefined {
  const [letter] = /\p{L}/u.exec(text) ?? []
  if (letter === undefined) return undefined
  return RIGHT_TO_LEFT.test(letter) ? 'rtl' : 'ltr'
}

/** A text that may stand among others whatever its direction. */
export function isolated(text: string): string {
  return RIGHT_TO_LEFT.test(text) ? ISOLATES[0] + text + ISOLATES[1] : text
}
