/** Two people at one section: both texts on one page, to be brought together. */

import type { Answer } from '../../http/answer.ts'
import type { Call } from '../../http/route.ts'
import type { Reader } from '../../pages.ts'
import type { StoreReader } from '../../ports.ts'
import { pageAnswer } from '../page.ts'
import { choicesOf } from './choices.ts'
import type { Desk } from './desk.ts'
import { toTheSecond } from './drafts.ts'
import { relative } from './engine.ts'
import { sectionOf, type SectionEdit } from './sections.ts'
import { patientOf, shown } from './view.ts'
import { toMarkdown } from './words-markdown.ts'

export interface Conflict {
  readonly key: string
  readonly mine: SectionEdit
  readonly theirs: SectionEdit
  readonly desk: Desk
}

/** 412 with what each of both wrote: what is saved next is seen against what is there now. */
export function conflictAnswer(
  call: Call,
  { key, mine, theirs, desk }: Conflict,
  _reader: StoreReader,
  reader: Reader,
): Promise<Answer> {
  const { base, design } = call.service
  const { phrase, show } = reader
  const choices = choicesOf(desk, { base, design, language: reader.language }).bySection.get(key) ?? []
  const titles = new Map(choices.map(({ reference, title }) => [reference, title]))
  const wanted = new Set(mine.entries.map((reference) => relative(reference, base)))
  const view = {
    title: phrase('web.draft.conflict.title'),
    sectionTitle: sectionOf(desk.composition, key)?.title ?? '',
    ...{ id: call.id, key, version: desk.version.versionId, patient: patientOf(desk.fresh, reader) },
    theirs: {
      when: phrase('web.draft.conflict.saved', { date: show(toTheSecond(desk.version.lastUpdated), 'instant') }),
      words: wordsShown(theirs, 'theirs'),
      entries: theirs.entries.map((reference) => titles.get(relative(reference, base)) ?? reference),
    },
    mine: {
      words: wordsShown(mine, 'mine'),
      plainText: toMarkdown(mine.words).text,
      follows: mine.follows,
      reason: mine.emptyReason ?? '',
    },
    choices: choices.map((one) => ({ ...one, isChosen: wanted.has(one.reference) })),
  }
  return Promise.resolve(pageAnswer(call, 'web/draft/conflict', view, { status: 412 }))
}

/** 409 with what was written for a section that is not there any more. */
export function goneAnswer(call: Call, { mine, desk }: Pick<Conflict, 'mine' | 'desk'>, reader: Reader): Answer {
  const view = {
    title: reader.phrase('web.draft.conflict.title'),
    ...{ id: call.id, words: wordsShown(mine, 'mine'), patient: patientOf(desk.fresh, reader) },
  }
  return pageAnswer(call, 'web/draft/gone', view, { status: 409 })
}

function wordsShown({ words }: SectionEdit, prefix: string): string {
  return words === '' ? '' : shown(`<div>${words}</div>`, prefix)
}
