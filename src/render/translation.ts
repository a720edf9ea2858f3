/** Words in the reader's language that the document itself brings, and headings of ours beside those of another language (H-13). */

import { isObject, type Json, type JsonObject } from '../fhir/types.ts'
import { isolated, languageTag, own, type Locale } from './locale.ts'
import { objects, plainText } from './wording.ts'

const TRANSLATION = 'http://hl7.org/fhir/StructureDefinition/translation'

/** Whether two language tags mean one language, whatever the region. */
export function isSameLanguage(one: string, other: string): boolean {
  const bare = (tag: string): string => tag.toLowerCase().replace(/^(zh-han[st]|[a-z]+).*$/, '$1')
  return bare(one) === bare(other)
}

/** The text in the language given that stands beside a primitive as its translation. @see https://hl7.org/fhir/R4/extension-translation.html */
export function translationOf(beside: Json | undefined, language: string): string | undefined {
  const extensions = isObject(beside) ? objects(beside['extension']) : []
  for (const extension of extensions) {
    if (extension['url'] !== TRANSLATION) continue
    const part = (url: string): JsonObject | undefined =>
      objects(extension['extension']).find((one) => one['url'] === url)
    const tag = languageTag(plainText(part('lang')?.['valueCode']))
    const content = plainText(part('content')?.['valueString']) || plainText(part('content')?.['valueMarkdown'])
    if (tag !== undefined && content !== '' && isSameLanguage(tag, language)) return content
  }
  return undefined
}

/** A text in the reader's language where it is translated, the original behind it; else as it is. */
export function inLanguage(text: string, beside: Json | undefined, { language }: Pick<Locale, 'language'>): string {
  const translated = beside === undefined ? undefined : translationOf(beside, language)
  if (translated === undefined || translated === text) return text
  return `${isolated(translated)} [${isolated(text)}]`
}

export interface Titled {
  /** As it was attested. */
  readonly title: string
  /** `_title`, where a translation may stand. */
  readonly beside: Json | undefined
  readonly code: Json | undefined
}

/** A heading in the reader's language beside one in another: the document's translation, else ours by LOINC code. */
export function headingBeside({ title, beside, code }: Titled, locale: Locale): string | undefined {
  const codes = isObject(code) ? objects(code['coding']).filter(({ system }) => system === LOINC) : []
  const ours = codes.map((coding) => own(locale.headings, plainText(coding['code']))).find((text) => text !== undefined)
  const heading = translationOf(beside, locale.language) ?? ours
  return heading === undefined || heading.toLowerCase() === title.toLowerCase() ? undefined : heading
}

const LOINC = 'http://loinc.org'
