/** What rendering is decided by before a document comes, and a document opened by it. */

import type { Compartment } from '../fhir/compartment.ts'
import { fail } from '../fhir/error.ts'
import type { Model } from '../fhir/model.ts'
import type { Bundle } from '../fhir/types.ts'
import type { Successor } from '../ports.ts'
import { openDocument, type Document } from './document.ts'
import { chooseLocale, languageTag, phrasesOf, reviewedLocale, SOURCE_LANGUAGE, type Locale } from './locale.ts'
import type { Templates } from './templates.ts'
import { isSameLanguage } from './translation.ts'
import { plainText } from './wording.ts'

export interface RenderDesign {
  readonly templates: Templates
  readonly model: Model
  readonly compartment: Compartment
  /** BCP 47: the language of headings, labels and what is made for display; else the document's own, else English. */
  readonly lang?: string | undefined
  /** The name of a whole page among the templates; `page` where none is given. */
  readonly template?: string | undefined
  /** IANA name of the site's zone, in which times in UTC are shown a second time. */
  readonly zone?: string | undefined
  /** What renders, with its version: `fhirdoc 0.1.0`. */
  readonly producer?: string | undefined
  /** SHA-256 of the document's `#document` octets: the page bears it, with a QR code (H-14). */
  readonly digest?: Uint8Array | undefined
  /** An older version of the document: the page tells what changed since, in the place of the document. */
  readonly older?: Bundle | undefined
  /** What a store knows against the document, the latest first: told on the page, outside of what was attested. */
  readonly successors?: readonly Successor[] | undefined
}

/** A document with the language that its page, or its generated narrative, will speak. */
export interface Opened {
  readonly document: Document
  readonly locale: Locale
}

/**
 * A document Bundle opened for reading, or to write what will be signed: never in a language whose words nobody reviewed.
 * @throws FhirError `structure` where the first entry is no Composition, `not-supported` where there are no such phrases
 */
export function opened(bundle: Bundle, design: RenderDesign, purpose: 'read' | 'sign' = 'read'): Opened {
  const { templates, model, compartment, lang, zone } = design
  const chosen = chooseLocale(templates.locales, lang, contentLanguage(bundle))
  const locale = purpose === 'sign' ? reviewedLocale(templates.locales, chosen) : chosen
  const phrase = phrasesOf(locale, chooseLocale(templates.locales, SOURCE_LANGUAGE))
  const document = openDocument(
    bundle,
    { locale, phrase, model, zone, isBeside: isBeside(bundle, locale, lang), content: contentLanguage(bundle) },
    compartment,
  )
  if (document === undefined) {
    throw fail('structure', 'The first entry is no Composition, expected a document Bundle', {
      expression: 'Bundle.entry[0].resource',
    })
  }
  return { document, locale }
}

/** Whether the reader's language is another than the document's; where that names none, whether one was asked for. */
function isBeside(bundle: Bundle, { language }: Locale, asked: string | undefined): boolean {
  const content = contentLanguage(bundle)
  return content === undefined ? asked !== undefined : !isSameLanguage(content, language)
}

/** The language that the Composition, else the Bundle, says it is in; undefined where neither says it well. */
export function contentLanguage(bundle: Bundle): string | undefined {
  const tag = plainText(bundle.entry?.[0]?.resource?.language) || plainText(bundle.language)
  return languageTag(tag)
}
