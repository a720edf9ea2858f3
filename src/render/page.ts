/** Stage 4, the document page: XHTML that is a pure function of the Bundle's bytes and the design. */

import { fail } from '../fhir/error.ts'
import type { Issue } from '../fhir/issue.ts'
import type { Bundle, Json } from '../fhir/types.ts'
import { contentLanguage, opened, type RenderDesign } from './design.ts'
import type { Document } from './document.ts'
import { comparison } from './diff.ts'
import { factsOf } from './facts.ts'
import { imprint } from './imprint.ts'
import { own, phrasesOf } from './locale.ts'
import { choosePack, type Pack } from './packs.ts'
import type { DocumentFacts } from './pdf/xmp.ts'
import { findTarget } from './refer.ts'
import { withSuccessors } from './successors.ts'
import { pageView } from './view.ts'
import { keptWhole } from './whole.ts'
import { objects, plainText } from './wording.ts'

export type { RenderDesign } from './design.ts'
export type { AssociatedFile } from './pdf/archive.ts'

export interface Page {
  readonly xhtml: string
  /** What its PDF says of itself. */
  readonly facts: DocumentFacts
  readonly issues: readonly Issue[]
}

/**
 * The document as a page: its head, the subject's narrative, the Composition's narrative, the sections.
 * @see https://hl7.org/fhir/R4/documents.html#presentation
 * @throws FhirError `structure` where the first entry is no Composition, `not-supported` where there is no such language or template
 */
export function page(bundle: Bundle, design: RenderDesign): Page {
  if (design.older !== undefined) return comparison(design.older, bundle, design)
  const { templates, successors = [], producer = 'fhirdoc', digest } = design
  const { document: plain, locale } = opened(bundle, design)
  const { pack, template } = chosen(plain, design)
  const document = withPhrases(plain, pack)
  const { view, issues } = pageView(document, locale, templates, pack)
  const { phrase } = document.reader.parts
  const marked = digest === undefined ? view : { ...view, imprint: imprint(bundle.identifier, digest) }
  const facts = factsOf(document, {
    title: view.documentTitle,
    language: view.lang,
    contentLanguage: contentLanguage(bundle),
    producer,
    template: template === PAGE ? pack.name : template,
    templates: templates.digest,
    digest: digest === undefined ? undefined : Buffer.from(digest).toString('hex'),
  })
  const told = withSuccessors(marked, successors, document)
  const xhtml = keptWhole(templates.render(`document/${template}`, told, phrase, pack.name))
  return { xhtml, facts, issues }
}

const PAGE = 'page'

interface Chosen {
  readonly pack: Pack
  /** Of the whole page. */
  readonly template: string
}

/** The pack or page that was asked for by name; else the pack that serves the document. @throws FhirError `not-supported` */
function chosen({ bundle, composition, reader, holder }: Document, { templates, template }: RenderDesign): Chosen {
  const { packs, documents } = templates
  const named = template === undefined ? undefined : own(packs, template)
  if (named !== undefined) return { pack: named, template: PAGE }
  if (template !== undefined && !documents.includes(template)) {
    const names = [...new Set([...documents, ...Object.keys(packs)])].sort().join(', ')
    throw fail('not-supported', `There is no template ${template}, expected one of ${names}`)
  }
  const custodian = objects(composition.custodian)[0]
  const target = custodian === undefined ? 'no-reference' : findTarget(reader.index, custodian, holder)
  const identifiers = [
    custodian?.identifier,
    ...(typeof target === 'string' ? [] : objects(target.resource['identifier'])),
  ]
  const sites = objects(identifiers as readonly Json[]).map(
    ({ system, value }) => `${plainText(system)}|${plainText(value)}`,
  )
  const pack = choosePack(packs, { composition, language: contentLanguage(bundle), sites })
  return { pack, template: template ?? PAGE }
}

/** The document as a pack speaks of it: what it says otherwise, in the languages that it says it in. */
function withPhrases(document: Document, { phrases }: Pack): Document {
  const { locale } = document.reader.parts
  const said = own(phrases, locale.language)
  if (said === undefined) return document
  const phrase = phrasesOf({ ...locale, phrases: { ...locale.phrases, ...said } }, locale)
  return { ...document, reader: { ...document.reader, parts: { ...document.reader.parts, phrase } } }
}
