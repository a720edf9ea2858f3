/** All that the templates of a page are given, in the order in which a document is presented. */

import type { Issue } from '../fhir/issue.ts'
import { COMPOSITION, SECTION, subjectId } from './anchors.ts'
import { furtherAttachments, type AttachmentView } from './attachments.ts'
import { contentLanguage } from './design.ts'
import type { Document } from './document.ts'
import { listOf } from './entries.ts'
import { furniture, inStyleElement } from './furniture.ts'
import type { ImprintView } from './imprint.ts'
import { header, toldOf, type HeaderView } from './header.ts'
import { directionOf, directionOfText, type Locale } from './locale.ts'
import { unknownModifierIssue, unknownModifiers } from './modifiers.ts'
import { narrativeView, type NarrativeView } from './narrative-view.ts'
import { paperCss, PLAIN, type Pack } from './packs.ts'
import type { Target } from './refer.ts'
import { refusal } from './sentences.ts'
import { flattened, sectionViews, type MadeView, type SectionView } from './sections.ts'
import type { Templates } from './templates.ts'
import { objects, plainText } from './wording.ts'

/** What the templates of a whole page are given. */
export interface PageView {
  /** Of the page's own words. */
  readonly lang: string
  readonly dir: 'ltr' | 'rtl'
  /** Of the document's words; without a language where the document names none. */
  readonly content: { readonly lang?: string; readonly dir: 'ltr' | 'rtl' | 'auto' }
  /** The page's own words are a translation that nobody reviewed (H-13). */
  readonly isDraft: boolean
  readonly documentTitle: string
  /** Style sheets, in their order, that hold neither `<` nor `&`. */
  readonly css: string
  readonly head: HeaderView
  /** Headings to jump to; none where there are few. */
  readonly contents: readonly SectionView[]
  readonly subjects: readonly SubjectView[]
  readonly composition?: NarrativeView
  readonly sections: readonly SectionView[]
  /** Of resources that no section shows. */
  readonly attachments: readonly AttachmentView[]
  readonly identifier: string
  /** Of the pack: a `data:` URI. */
  readonly logo?: string
  /** Across each printed page. */
  readonly watermark?: string
  /** Only where the page is to bear it. */
  readonly imprint?: ImprintView
}

interface SubjectView {
  readonly narrative?: NarrativeView
  readonly generated?: MadeView
}

/** The view of a document, and what was found wrong in making it. */
export function pageView(
  document: Document,
  locale: Locale,
  { styles }: Templates,
  pack: Pack = PLAIN,
): { view: PageView; issues: readonly Issue[] } {
  const { bundle, composition, holder } = document
  const head = header(document)
  const lang = contentLanguage(bundle)
  const subjects = document.subjects.map((subject, index) => subjectView(subject, index, document))
  const place = { prefix: COMPOSITION, level: 1, title: '', holder, expression: 'Bundle.entry[0].resource.text' }
  const own = narrativeView(composition.text, place, document)
  const top = { id: SECTION, level: 2, expression: 'Bundle.entry[0].resource.section' }
  const sections = sectionViews(objects(composition.section), top, document)
  const headings = flattened(sections.views)
  const narratives = [
    ...subjects.map(({ view }) => view.narrative),
    own?.view,
    ...headings.map(({ narrative }) => narrative),
  ]
  const isCut = narratives.some((narrative) => narrative?.isCut === true)
  const view: PageView = {
    lang: locale.language,
    dir: locale.direction,
    isDraft: locale.status !== 'reviewed',
    content: {
      ...(lang !== undefined && { lang }),
      dir: directionOf(lang) ?? directionOfText(wordsOf(composition)) ?? 'auto',
    },
    documentTitle: [head.title, ...head.subjects.map(({ name }) => name)].join(' – '),
    css: [
      ...STYLES.map((path) => styles[path] ?? ''),
      paperCss(pack),
      furniture(document, head, pack),
      ...pack.styles.map((path) => styles[path] ?? ''),
      document.style.css,
    ]
      .map(inStyleElement)
      .join('\n'),
    head: isCut ? withRemovedBanner(head, document) : head,
    contents: headings.length >= FEW ? headings : [],
    subjects: subjects.map(({ view }) => view),
    ...(own !== undefined && { composition: own.view }),
    sections: sections.views,
    attachments: furtherAttachments(
      document,
      new Set(narratives.flatMap((narrative) => [...(narrative?.images ?? [])])),
    ),
    identifier: plainText(bundle.identifier?.value),
    ...(pack.logo !== undefined && { logo: pack.logo }),
    ...watermarkOf(document, head, pack),
  }
  const unknown = unknownModifiers({ ...composition, contained: [] }, 'Bundle.entry[0].resource').map((one) =>
    unknownModifierIssue('Composition', one),
  )
  return {
    view,
    issues: [{ issues: unknown }, ...subjects, ...(own === undefined ? [] : [own]), sections, document.style].flatMap(
      ({ issues }) => issues,
    ),
  }
}

/** What tells in which direction a document runs that does not say its language. */
function wordsOf({ title, section }: Document['composition']): string {
  return [title, ...objects(section).map((one) => one['title'])].map(plainText).join(' ')
}

/** The word across each page: by the status of the document, else for copies. */
function watermarkOf({ reader }: Document, { status }: HeaderView, { watermark }: Pack): Pick<PageView, 'watermark'> {
  const { phrase } = reader.parts
  if (status.tone === 'error' && watermark.error) return { watermark: phrase('watermark.error') }
  if (status.tone === 'draft' && watermark.draft) return { watermark: phrase('watermark.draft') }
  return watermark.copy ? { watermark: phrase('watermark.copy') } : {}
}

/** The style sheets of the page, in their order. */
const STYLES = ['style/page.css', 'document/narrative.css', 'style/print.css'] as const

/** A table of contents of fewer headings tells nothing. */
const FEW = 4

function withRemovedBanner(head: HeaderView, { reader }: Document): HeaderView {
  return { ...head, banners: [...head.banners, { tone: 'error', text: reader.parts.phrase('banner.removed') }] }
}

/** The narrative of a subject, else its data; nothing of one that bears an unknown modifier. */
function subjectView(
  subject: Target,
  index: number,
  document: Document,
): { view: SubjectView; issues: readonly Issue[] } {
  const { resource, holder, entry } = subject
  const expression = `Bundle.entry[${entry?.index ?? 0}].resource`
  const place = { prefix: subjectId(index), level: 1, title: '', holder, expression: `${expression}.text` }
  const narrative = narrativeView(resource.text, place, document)
  const refused = refusal(subject, undefined, document)
  const issues = [...(narrative?.issues ?? []), ...(refused?.issues ?? [])]
  if (narrative !== undefined) return { view: { narrative: narrative.view }, issues }
  const note = document.reader.parts.phrase('page.made')
  if (refused !== undefined)
    return { view: { generated: { note, sentences: [refused.sentence], marks: [], blocks: [] } }, issues }
  const list = listOf(subject, document, toldOf(resource, document.reader.parts.model))
  if (list.items.length === 0 && list.marks.length === 0) return { view: {}, issues }
  return { view: { generated: { note, sentences: [], marks: [], blocks: [{ list }] } }, issues }
}
