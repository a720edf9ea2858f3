/** The sections of a Composition for the page: depth first, headings without gaps, nothing of a section missing. */

import type { Issue } from '../fhir/issue.ts'
import { isObject, type Expression, type Reference, type Section } from '../fhir/types.ts'
import { textOf } from '../fhir/xhtml.ts'
import { sectionId } from './anchors.ts'
import { attachmentsOf, type AttachmentView } from './attachments.ts'
import { chartsOf, type ChartView } from './charts.ts'
import type { Document } from './document.ts'
import type { Block } from './blocks.ts'
import { withNotes } from './format-person.ts'
import { marksBesideText } from './marks.ts'
import { narrativeView, type NarrativeView } from './narrative-view.ts'
import { findTarget, titleOf, wordingFor, type Target } from './refer.ts'
import { sectionBlocks } from './section-blocks.ts'
import { missingSentence } from './sentences.ts'
import { headingBeside } from './translation.ts'
import { objects, plainText, shown, wordOf, type Wording } from './wording.ts'

/** What was made for display, and is no part of the attested text. */
export interface MadeView {
  readonly note: string
  readonly sentences: readonly string[]
  readonly marks: readonly MarkView[]
  readonly blocks: readonly Block[]
}

/** A sentence on entries, and the entries that it is true of. */
export interface MarkView {
  readonly text: string
  readonly titles: readonly string[]
}

export interface SectionView {
  readonly id: string
  /** Of the heading. */
  readonly level: number
  readonly title: string
  /** The title in the reader's language, where the document is in another: ours, not attested. */
  readonly beside?: string
  /** The narrative begins with the title as a heading of its own, which is then the section's. */
  readonly isTitleInText: boolean
  /** The title is ours: the section has none, and no code that says what it is. */
  readonly isTitleMade: boolean
  /** Who wrote the section, whom it is about, how its entries were prepared. */
  readonly notes: readonly string[]
  readonly narrative?: NarrativeView
  readonly generated?: MadeView
  readonly charts: readonly ChartView[]
  readonly attachments: readonly AttachmentView[]
  readonly sections: readonly SectionView[]
}

export interface Place {
  readonly id: string
  readonly level: number
  readonly expression: Expression
  /** The section that those of the level stand within. */
  readonly above?: Section
}

/** The sections of one level, each with those below it, and what was found wrong in them. */
export function sectionViews(
  sections: readonly Section[],
  above: Place,
  document: Document,
): { views: readonly SectionView[]; issues: readonly Issue[] } {
  const results = sections.map((section, index) =>
    sectionView(
      section,
      { ...above, id: sectionId(above.id, index), expression: `${above.expression}[${index}]` },
      document,
    ),
  )
  return { views: results.map(({ view }) => view), issues: results.flatMap(({ issues }) => issues) }
}

/** HTML knows six levels of headings; what lies deeper stays at the last. */
const DEEPEST = 6

function sectionView(
  section: Section,
  place: Place,
  document: Document,
): { view: SectionView; issues: readonly Issue[] } {
  const { id, level, expression } = place
  const wording = wordingFor(document.reader, document.holder)
  const title = sectionTitle(section, wording)
  const titled = { title, beside: section['_title'], code: section.code }
  const beside = wording.isBeside === true ? headingBeside(titled, wording.locale) : undefined
  const written = narrativeView(
    section.text,
    { prefix: id, level, title, holder: document.holder, expression: `${expression}.text` },
    document,
  )
  const text = isBlank(section) ? undefined : written
  const entries = objects(section.entry) as readonly Reference[]
  const made = text === undefined ? madeOf(section, document, place.above) : besideText(section, entries, document)
  const heading = text?.view.startsWithTitle === true
  const attachments = entries.flatMap((entry) => attachmentsBehind(entry, document))
  const below = sectionViews(
    objects(section.section),
    { id, level: Math.min(level + 1, DEEPEST), expression: `${expression}.section`, above: section },
    document,
  )
  const view: SectionView = {
    id,
    level,
    title: title || wording.phrase('section.untitled'),
    ...(beside !== undefined && { beside }),
    isTitleInText: heading,
    isTitleMade: title === '',
    notes: notesOf(section, wording),
    ...(text !== undefined && { narrative: text.view }),
    ...(made.view !== undefined && { generated: made.view }),
    charts: chartsOf({ section, id }, document),
    attachments: attachments.filter(({ binary }) => binary === undefined || text?.view.images.has(binary) !== true),
    sections: below.views,
  }
  return { view, issues: [...(written?.issues ?? []), ...made.issues, ...below.issues] }
}

/** Whether the text of a section says and shows nothing: what the section holds must not be missed for that. */
function isBlank({ text }: Section): boolean {
  return typeof text?.div === 'string' && !/<img\b/i.test(text.div) && textOf(text.div).trim() === ''
}

function sectionTitle(section: Section, wording: Wording): string {
  return plainText(section.title).trim() || shown(section, 'Composition.section', 'code', wording)
}

/** Elements of a section that are told under its heading. `mode` changes how its entries are to be read. */
const NOTES = ['author', 'focus', 'mode', 'orderedBy'] as const

function notesOf(section: Section, wording: Wording): readonly string[] {
  const unknown = objects(section['modifierExtension']).map(({ url }) =>
    wording.phrase('modifier.section', { url: plainText(url) }),
  )
  const told = NOTES.flatMap((name) => {
    const value = shown(section, 'Composition.section', name, wording)
    return value === '' ? [] : [wording.phrase(`section.${name}`, { value })]
  })
  return [...unknown, ...told]
}

interface Made {
  readonly view: MadeView | undefined
  readonly issues: readonly Issue[]
}

/** What stands in the place of a text that the section has not. */
function madeOf(section: Section, document: Document, above: Section | undefined): Made {
  const { phrase } = document.reader.parts
  const { blocks, issues, isToldAbove } = sectionBlocks(section, { document }, above)
  const reason = emptySentence(section, document)
  const isEmpty = blocks.length === 0 && reason === undefined && isToldAbove !== true
  if (isEmpty && objects(section.section).length > 0) return { view: undefined, issues }
  const told = isToldAbove === true ? [phrase('change.above')] : []
  const sentences = [
    ...(reason === undefined ? [] : [reason]),
    ...told,
    ...(isEmpty ? [phrase('section.nothing')] : []),
  ]
  return { view: { note: phrase('page.made'), sentences, marks: [], blocks }, issues }
}

/** Why a section is empty, in a sentence of the page's language; what the document itself says of it stands in parentheses. */
export function emptySentence(section: Section, { reader, holder }: Document): string | undefined {
  if (!isObject(section.emptyReason)) return undefined
  const wording = wordingFor(reader, holder)
  const codes = objects(section.emptyReason.coding).map(({ code }) => plainText(code))
  const known = codes.map((code) => wordOf('empty', code, wording)).find((word, index) => word !== codes[index])
  const text = plainText(section.emptyReason.text)
  const reason =
    known === undefined ? text || wording.show(section.emptyReason, 'CodeableConcept') : withNotes(known, [text])
  return wording.phrase('section.empty', { reason })
}

/** What must be told beside a text: marks of its entries, entries that are not there, a reason for being empty. */
function besideText(section: Section, entries: readonly Reference[], document: Document): Made {
  const { reader, holder } = document
  const sentences: string[] = []
  const marks = new Map<string, string[]>()
  const add = (text: string, title: string): void => {
    const titles = marks.get(text)
    if (titles === undefined) marks.set(text, [title])
    else titles.push(title)
  }
  for (const entry of entries) {
    const target = findTarget(reader.index, entry, holder)
    if (typeof target === 'string') sentences.push(missingSentence(entry, target, document))
    else for (const text of marksBesideText(target, document)) add(text, titleOfEntry(entry, target, document))
  }
  const isAll = (titles: readonly string[]): boolean => entries.length > 1 && titles.length === entries.length
  const reason = emptySentence(section, document)
  if (reason !== undefined && !isSaid(section, reason)) sentences.unshift(reason)
  const isNeeded = sentences.length > 0 || marks.size > 0
  return {
    view: isNeeded
      ? {
          note: reader.parts.phrase('page.made'),
          sentences,
          marks: [...marks].map(([text, titles]) => ({
            text,
            titles: isAll(titles) ? [reader.parts.phrase('mark.all')] : counted(titles),
          })),
          blocks: [],
        }
      : undefined,
    issues: [],
  }
}

/** Whether the text of a section has a sentence already. */
function isSaid({ text }: Section, sentence: string): boolean {
  const folded = (words: string): string => words.replaceAll(/\s+/g, ' ').trim()
  return typeof text?.div === 'string' && folded(textOf(text.div)).includes(folded(sentence))
}

/** Each title once, with how often it stands there. */
function counted(titles: readonly string[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const title of titles) counts.set(title, (counts.get(title) ?? 0) + 1)
  return [...counts].map(([title, count]) => (count === 1 ? title : `${title} (${count})`))
}

function titleOfEntry(entry: Reference, { resource, holder }: Target, { reader }: Document): string {
  return plainText(entry.display) || titleOf(resource, wordingFor(reader, holder, 1))
}

function attachmentsBehind(entry: Reference, document: Document): readonly AttachmentView[] {
  const target = findTarget(document.reader.index, entry, document.holder)
  return typeof target === 'string' ? [] : attachmentsOf(target, document, plainText(entry.display))
}

/** The sections in the order of the page, each before those below it. */
export function flattened(sections: readonly SectionView[]): readonly SectionView[] {
  return sections.flatMap((section) => [section, ...flattened(section.sections)])
}
