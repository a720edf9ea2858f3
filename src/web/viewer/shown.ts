/** A document as the viewer shows it: in a frame of its own that can do nothing, in its own words and in another language. */

import type { Answer, Headers } from '../../http/answer.ts'
import type { Bundle } from '../../fhir/types.ts'
import type { Call } from '../../http/route.ts'
import { documentLanguages, type Reader, type Spoken } from '../../pages.ts'
import { present } from '../../pipeline.ts'
import type { Successor } from '../../ports.ts'
import { withPage } from '../../request.ts'

/**
 * Of a document that is shown: a place without origin, where no script runs, no form is sent and nothing is fetched; its
 * own styles and images are in the page itself. Only a page of ours may frame it.
 */
const FRAMED: Headers = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy':
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
  'Referrer-Policy': 'no-referrer',
}

/** The rendering of a document, for a frame. */
export function framed(
  bundle: Bundle,
  { lang, successors }: { readonly lang?: string | undefined; readonly successors?: readonly Successor[] },
  { service: { design, edge } }: Pick<Call, 'service'>,
): Answer {
  const { xhtml } = present(bundle, withPage(design, { lang, successors }), edge)
  return { status: 200, headers: FRAMED, body: xhtml }
}

/** A choice of languages to show a document in, beside the one that it is written in. */
export interface LanguageChoice {
  readonly languages: readonly (Spoken & { readonly isChosen: boolean })[]
  /** The one that was chosen. */
  readonly chosen?: Spoken
}

/** The languages to choose from; one that there is not is none. */
export function languageChoice(asked: string, { service: { design } }: Pick<Call, 'service'>): LanguageChoice {
  const all = documentLanguages(design)
  const chosen = all.find(({ language }) => language === asked)
  return {
    languages: all.map((each) => ({ ...each, isChosen: each === chosen })),
    ...(chosen !== undefined && { chosen }),
  }
}

/** The name of a file to keep a document under: what any system takes, and no word of the patient. */
export function attachment(bundle: Bundle, ending: string): Headers {
  const { value = bundle.id ?? 'document' } = bundle.identifier ?? {}
  const name = String(value).replace(/^urn:(?:uuid|oid):/, '').replaceAll(/[^\w.-]+/g, '-').slice(0, 80) // prettier-ignore
  return { 'Content-Disposition': `attachment; filename="${name}.${ending}"` }
}

/** What a page tells of a document at first sight. */
export interface Summary {
  readonly type: string
  readonly status: string
}

export function summaryOf(bundle: Bundle, { show }: Reader): Summary {
  const composition = bundle.entry?.[0]?.resource
  return { type: show(composition?.['type'], 'CodeableConcept'), status: show(composition?.['status'], 'code') }
}
