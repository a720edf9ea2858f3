/** What a page and its PDF say of themselves: the document's own facts, and what it was rendered with (H-14). */

import type { Document } from './document.ts'
import { ISOLATES } from './locale.ts'
import type { DocumentFacts } from './pdf/xmp.ts'
import { wordingFor } from './refer.ts'
import { objects, plainText } from './wording.ts'

export interface Rendering {
  /** Of the page, as its `title` element has it. */
  readonly title: string
  /** BCP 47: of the page's own words, and of the document's where it names one. */
  readonly language: string
  readonly contentLanguage: string | undefined
  /** Such as `fhirdoc 0.1.0`. */
  readonly producer: string
  readonly template: string
  /** SHA-256 of all templates, hexadecimal. */
  readonly templates: string
  /** SHA-256 of the `#document` octets, hexadecimal. */
  readonly digest: string | undefined
}

/** The facts of a document as it was rendered. No clock is asked: the time is that of the Bundle. */
export function factsOf(document: Document, made: Rendering): DocumentFacts {
  const { bundle, composition, reader, holder } = document
  const wording = wordingFor(reader, holder)
  const { zone } = reader.parts
  const identifier = plainText(bundle.identifier?.value)
  const date = [bundle.timestamp, composition.date].map(plainText).find(isInstant)
  const { title, language, contentLanguage, producer, template, templates, digest } = made
  return {
    title: withoutMarks(title),
    authors: objects(composition.author)
      .map((one) => withoutMarks(wording.refer(one)))
      .filter(Boolean),
    language: contentLanguage ?? language,
    ...(date !== undefined && { date }),
    producer,
    ...(identifier !== '' && { identifier }),
    rendering: {
      renderer: producer,
      template,
      templates,
      language,
      ...(digest !== undefined && { digest }),
      ...(zone !== undefined && { zone }),
    },
  }
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/

function isInstant(text: string): boolean {
  return INSTANT.test(text) && !Number.isNaN(Date.parse(text))
}

/** Marks of direction are of the page alone. */
function withoutMarks(text: string): string {
  return text.replaceAll(ISOLATES[0], '').replaceAll(ISOLATES[1], '')
}
