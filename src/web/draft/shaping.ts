/** What is done with a draft as a whole: its title and author, a further section, the draft thrown away. */

import { fail } from '../../fhir/error.ts'
import type { Composition } from '../../fhir/types.ts'
import { refuse } from '../../http/answer.ts'
import type { Call, Route } from '../../http/route.ts'
import type { StoreWriter } from '../../ports.ts'
import type { Form } from '../form.ts'
import { HOME, page, pageAnswer, readerFor, seeOther, submission } from '../page.ts'
import { compositionVersion, deskOf, mustBeDraft, writeDraft, type Desk } from './desk.ts'
import { personIn } from './people.ts'
import { proof, withTexts } from './layout.ts'
import { keyed } from './sections.ts'

/** Nothing, where the draft is as the person saw it. @throws Refusal 412 */
export function mustBeSeen(form: Form, { version, composition }: Pick<Desk, 'version' | 'composition'>): void {
  mustBeDraft(composition)
  if (form.value('version') === version.versionId) return
  throw refuse(412, 'conflict', 'The draft was changed meanwhile, expected it to be opened anew')
}

type Change = (desk: Desk, form: Form) => Composition

function shaping(path: string, text: string, change: Change): Route {
  const row = submission({
    path,
    text,
    answer: async (call, form) => {
      await call.service.store.transaction((writer) => changed(writer, call, form, change))
      return seeOther(`${HOME}/draft/${call.id}`)
    },
  })
  return { ...row, need: { role: 'compose', writing: 'compose' } }
}

async function changed(writer: StoreWriter, call: Call, form: Form, change: Change): Promise<void> {
  const desk = await deskOf(call.id, writer, call.service)
  mustBeSeen(form, desk)
  const composition = change(desk, form)
  await writeDraft(writer, desk, withTexts(composition, await proof({ ...desk, composition }, writer, call.service)))
}

const head = shaping(`${HOME}/draft/:id/head`, 'a draft with another title or author', ({ composition }, form) => {
  const title = form.value('title').trim()
  const author = personIn(form.value('author'))
  if (title === '') throw fail('required', 'The title is missing, expected one')
  return { ...composition, title, ...(author !== undefined && { author: [{ reference: author }] }) }
})

const adding = shaping(`${HOME}/draft/:id/add`, 'a draft with a further section', ({ composition, fresh }, form) => {
  const row = fresh?.guide.row.sections.find(({ code }) => code.code === form.value('code'))
  const named = fresh?.sections.find(({ code }) => code === form.value('code'))
  if (row === undefined || named === undefined) throw fail('value', 'The section is none of this kind of document')
  const section = { title: named.title, code: { coding: [row.code] } }
  return keyed({ ...composition, section: [...(composition.section ?? []), section] })
})

const discardPage = page({
  path: `${HOME}/draft/:id/discard`,
  text: 'whether a draft is to be thrown away',
  answer: async (call) => {
    const { version, composition } = await call.service.store.snapshot((store) => compositionVersion(store, call.id))
    mustBeDraft(composition)
    const title = readerFor(call).phrase('web.draft.discard.title')
    return pageAnswer(call, 'web/draft/discard', { title, ...{ id: call.id, version: version.versionId } })
  },
})

const discarding = submission({
  path: `${HOME}/draft/:id/discard`,
  text: 'a draft thrown away; its versions are kept',
  answer: async (call, form) => {
    await call.service.store.transaction(async (writer) => {
      const held = await compositionVersion(writer, call.id)
      mustBeSeen(form, held)
      const { type, id, versionId } = held.version
      await writer.write({ type, id, method: 'DELETE', expected: { versionId } })
    })
    return seeOther(`${HOME}/drafts`)
  },
})

export const shapingRoutes: readonly Route[] = [
  head,
  adding,
  { ...discardPage, need: { role: 'compose' } },
  { ...discarding, need: { role: 'compose', writing: 'compose' } },
]
