/** The files of a folder of templates that hold the phrases of documents, one for each language. */

import { FhirError } from '../fhir/error.ts'
import { lazyRecord } from '../fhir/lazy-record.ts'
import { SOURCE_LANGUAGE, type Locale } from './locale.ts'

const LOCALE = /^locale\/([A-Za-z0-9-]+)\.json$/

/** Whether a file of a folder of templates holds the phrases of documents, in one language. */
export function isLocale(path: string): boolean {
  return LOCALE.test(path)
}

/** By language tag, each read when it is first spoken. */
export function localesOf(files: Readonly<Record<string, string>>): Readonly<Record<string, Locale>> {
  const tags = Object.keys(files).flatMap((path) => LOCALE.exec(path)?.[1] ?? [])
  return lazyRecord(tags, (tag) => parsed(`locale/${tag}.json`, files[`locale/${tag}.json`] ?? ''))
}

/** Words for units are alike in most languages: where a locale has none, those of the source language stand. */
export function withUnits(locales: Readonly<Record<string, Locale>>): Readonly<Record<string, Locale>> {
  return lazyRecord(Object.keys(locales), (tag) => {
    const locale = locales[tag] as Locale
    return { ...locale, units: locale.units ?? locales[SOURCE_LANGUAGE]?.units ?? {} }
  })
}

function parsed(path: string, text: string): Locale {
  try {
    return JSON.parse(text) as Locale
  } catch (cause) {
    throw new FhirError([{ severity: 'error', code: 'invalid', text: `Template ${path}: is not JSON` }], { cause })
  }
}
