/** The page on which a draft is written, and the saving of each section as it is written. */

import { fail } from '../../fhir/error.ts'
import { isComposition, type Composition, type Section } from '../../fhir/types.ts'
import { jsonAnswer, type Answer } from '../../http/answer.ts'
import type { Call, Route } from '../../http/route.ts'
import type { Reader } from '../../pages.ts'
import type { StoreReader, StoreWriter } from '../../ports.ts'
import type { Form } from '../form.ts'
import { HOME, page, pageAnswer, readerFor, seeOther, submission } from '../page.ts'
import { choicesOf, told } from './choices.ts'
import { conflictAnswer, goneAnswer } from './conflict.ts'
import { deskOf, mustBeDraft, writeDraft, type Desk } from './desk.ts'
import { relative } from './engine.ts'
import { proof, withTexts, type Proof } from './layout.ts'
import { peopleFor } from './people.ts'
import { settle } from './saving.ts'
import { joined, insideOf, textOf } from './section-text.ts'
import { editOf, moved, sectionOf, withChoice, withSection, type SectionEdit } from './sections.ts'
import { generalIssues, patientOf, sectionViews, titleOf, type Laid } from './view.ts'
import { fromMarkdown, toMarkdown } from './words-markdown.ts'
import { cleaned, NO_WORDS, type Words } from './words.ts'

const editorPage = page({
  path: `${HOME}/draft/:id`,
  text: 'a draft with its sections to write, and what is to be said of each',
  answer: async (call) => {
    const reader = readerFor(call)
    const view = await call.service.store.snapshot((store) => editorView(store, call, reader))
    return 'path' in view ? seeOther(view.path) : pageAnswer(call, 'web/draft/editor', view)
  },
})

async function editorView(
  store: StoreReader,
  call: Call,
  reader: Reader,
): Promise<{ title: string } | { path: string }> {
  const desk = await deskOf(call.id, store, call.service)
  if (desk.composition.status !== 'preliminary') return { path: `${HOME}/draft/${call.id}/document` }
  const laid = await laidOut(desk, store, call, reader)
  const { composition, fresh } = desk
  const resources = fresh?.record.resources.map(({ resource }) => resource) ?? []
  const chosen = composition.author?.[0]?.reference
  const { others, absent } = laid.choices
  const view = {
    title: titleOf(composition, reader),
    ...{ id: call.id, version: desk.version.versionId, status: reader.phrase('web.draft.status') },
    ...{ patient: patientOf(fresh, reader), general: generalIssues(laid, call, reader) },
    ...{
      sections: sectionViews(laid, call, reader),
      othersCount: others.length,
      others: others.map((one) => told(one, reader)),
    },
    people: await peopleFor({ resources, chosen }, store, call, reader),
    absent: absent.map(({ code, title, count }) => ({
      code,
      text: reader.phrase('web.draft.add.option', { title, count: String(count) }),
    })),
  }
  return view
}

async function laidOut(
  desk: Desk,
  store: StoreReader,
  { service }: Pick<Call, 'service'>,
  reader: Reader,
): Promise<Laid> {
  const { base, design } = service
  return {
    desk,
    proof: await proof(desk, store, service),
    choices: choicesOf(desk, { base, design, language: reader.language }),
  }
}

/** What is done with a section beside its being saved. */
type Action = (composition: Composition, key: string, laid: () => Promise<Proof>) => Composition | Promise<Composition>

const ACTIONS: Readonly<Record<string, Action>> = {
  save: (composition) => composition,
  up: (composition, key) => moved(composition, key, -1),
  down: (composition, key) => moved(composition, key, 1),
  anew: (composition, key) => withSection(composition, key, ({ text: _text, ...section }) => section),
  remove: (composition, key) => ({
    ...composition,
    section: (composition.section ?? []).filter((section) => sectionOf({ ...composition, section: [section] }, key) !== section), // prettier-ignore
  }),
  hand: async (composition, key, laid) => {
    const made = sectionOf((await laid()).composition, key)?.text?.div ?? ''
    const { xhtml } = cleaned(insideOf(made))
    return withSection(composition, key, (section) => withText(section, { words: xhtml, follows: 'hand' }))
  },
}

function withText(section: Section, part: Pick<SectionEdit, 'words' | 'follows'>): Section {
  const { text: _text, ...others } = section
  const hasEntries = (section.entry ?? []).length > 0
  // an empty part keeps the words apart from what will be generated behind them
  const own = joined(part, part.follows === 'entries' && hasEntries ? { status: 'generated', div: '<div></div>' } : undefined) // prettier-ignore
  return { ...others, ...(own !== undefined && { text: own }) }
}

const saving = submission({
  path: `${HOME}/draft/:id/section`,
  text: 'a section of a draft, saved; or both versions where somebody else changed it meanwhile',
  answer: async (call, form) => {
    const reader = readerFor(call)
    const saved = await call.service.store.transaction((writer) => savedBy(writer, call, form, reader))
    if ('answer' in saved) return saved.answer
    const key = form.value('section')
    if (form.value('by') !== 'script')
      return seeOther(`${HOME}/draft/${call.id}${form.value('action') === 'remove' ? '' : `#${key}`}`)
    return savedAnswer(saved, call, reader)
  },
})

interface Saved {
  readonly laid: Laid
  readonly version: string
  readonly leftOut: readonly string[]
  readonly key: string
}

async function savedBy(
  writer: StoreWriter,
  call: Call,
  form: Form,
  reader: Reader,
): Promise<Saved | { readonly answer: Answer }> {
  const desk = await deskOf(call.id, writer, call.service)
  const { composition } = desk
  mustBeDraft(composition)
  const key = form.value('section')
  const seen = await versionSeen(writer, desk, form.value('version'))
  const { mine, words } = editIn(form, sectionOf(seen ?? composition, key), call.service.base)
  const settled = settle({ key, mine, seen, current: composition })
  if (settled.outcome === 'gone') return { answer: goneAnswer(call, { mine, desk }, reader) }
  if (settled.outcome === 'conflict')
    return { answer: await conflictAnswer(call, { key, mine, theirs: settled.theirs, desk }, writer, reader) }
  const action = ACTIONS[form.value('action') || 'save']
  if (action === undefined) throw fail('value', 'The form asks for what is not known')
  const chosen = settled.outcome === 'same' ? composition : withSection(composition, key, (section) => withText(withChoice(section, mine), mine)) // prettier-ignore
  const edited = await action(chosen, key, () => proof({ ...desk, composition: chosen }, writer, call.service))
  const next = { ...desk, composition: edited }
  const laid = await laidOut(next, writer, call, reader)
  const texts = withTexts(edited, laid.proof)
  const isSame = settled.outcome === 'same' && edited === composition
  const version = isSame ? desk.version : await writeDraft(writer, desk, texts)
  return { laid, version: version.versionId, leftOut: words.leftOut, key }
}

/** The version that the person saw; what was never there counts as seen by nobody. */
async function versionSeen(
  writer: StoreWriter,
  { version, composition }: Desk,
  seen: string,
): Promise<Composition | undefined> {
  if (seen === version.versionId) return composition
  const held = /^\d{1,9}$/.test(seen) ? await writer.vread({ type: 'Composition', id: version.id }, seen) : undefined
  return isComposition(held?.resource) ? held.resource : undefined
}

/** What a form says of a section. Markdown that reads as what was there before changes nothing of it. */
function editIn(
  form: Form,
  before: Section | undefined,
  base: string,
): { readonly mine: SectionEdit; readonly words: Words } {
  const was = before === undefined ? undefined : textOf(before)
  const html = form.values('html')
  const markdown = form.value('markdown')
  const isUntouched = was !== undefined && toMarkdown(was.words).text.trim() === markdown.trim()
  const words = html.length > 0 ? cleaned(html[0] ?? '') : isUntouched ? { ...NO_WORDS, xhtml: was.words } : cleaned(fromMarkdown(markdown)) // prettier-ignore
  const old = before === undefined ? [] : editOf(before).entries
  const entries = form.values('entry').filter(isReference)
  const named = new Set(entries)
  const kept = old.filter((reference) => named.has(relative(reference, base)))
  const known = new Set(kept.map((reference) => relative(reference, base)))
  const reason = form.value('reason')
  const emptyReason = reason === 'other' ? before?.emptyReason?.coding?.[0]?.code : reason === '' ? undefined : reason
  const mine: SectionEdit = {
    words: words.xhtml,
    follows: form.value('follows') === 'hand' ? 'hand' : 'entries',
    entries: [...kept, ...entries.filter((reference) => !known.has(reference))],
    emptyReason,
  }
  return { mine, words }
}

/** What may be listed; whether it may stand in this document is for the rules to say. */
function isReference(text: string): boolean {
  return /^(?:[A-Z][A-Za-z]{1,40}\/[A-Za-z0-9.-]{1,64}|urn:uuid:[0-9a-f-]{36}|https?:\/\/\S{1,500})$/.test(text)
}

/** For the script of the page: what changed by the save. */
function savedAnswer({ laid, version, leftOut, key }: Saved, call: Call, reader: Reader): Answer {
  const { phrase, render } = reader
  const note = leftOut.length === 0 ? [] : [{ severity: 'warning', said: phrase('web.draft.severity.warning'), phrase: phrase('web.draft.leftout', { names: leftOut.join(', ') }) }] // prettier-ignore
  const sections = sectionViews(laid, call, reader).map((view) => ({
    key: view.key,
    issues: render('web/draft/issues', { issues: [...(view.key === key ? note : []), ...view.issues] }).trim(),
    generated: view.generated,
    count: view.count,
    hasEntries: view.hasEntries,
    mark: view.mark,
    markText: render('web/draft/mark', view).trim(),
  }))
  const general = render('web/draft/general', generalIssues(laid, call, reader)).trim()
  return jsonAnswer({ version, sections, general })
}

export const editorRoutes: readonly Route[] = [
  { ...editorPage, need: { role: 'compose' } },
  { ...saving, need: { role: 'compose', writing: 'compose' } },
]
