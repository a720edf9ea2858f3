/** A draft attested: a person stands for exactly what they saw, and from then on nothing of it changes (H-3). */

import { finished, type Finished } from '../../editing.ts'
import { fail, FhirError } from '../../fhir/error.ts'
import { isError, type Issue } from '../../fhir/issue.ts'
import { jsonOf } from '../../fhir/json.ts'
import type { Attester, Composition } from '../../fhir/types.ts'
import type { Answer } from '../../http/answer.ts'
import type { Call, Route, Service } from '../../http/route.ts'
import { keepDocument } from '../../persist.ts'
import type { StoreReader, StoreWriter } from '../../ports.ts'
import type { Form } from '../form.ts'
import { issueViews } from '../issue-words.ts'
import { HOME, mayDo, page, pageAnswer, readerFor, seeOther, submission } from '../page.ts'
import { deskOf, isDraft, mustBeDraft, writeDraft, type Desk } from './desk.ts'
import { documentPath } from './documents.ts'
import { digestOf, once, proof, sectionsOf, withTexts, type Proof } from './layout.ts'
import { peopleFor, personIn } from './people.ts'
import { patientOf } from './view.ts'

/** As what somebody may attest; `official` is the organization's. @see https://hl7.org/fhir/R4/valueset-composition-attestation-mode.html */
const MODES = ['legal', 'professional', 'personal'] as const

const attestPage = page({
  path: `${HOME}/draft/:id/attest`,
  text: 'a draft to be read once more, and attested',
  answer: (call) => attestAnswer(call),
})

async function attestAnswer(call: Call, isChanged?: true): Promise<Answer> {
  const reader = readerFor(call)
  const { phrase } = reader
  return call.service.store.snapshot(async (store) => {
    const desk = await deskOf(call.id, store, call.service)
    if (!isDraft(desk.composition)) return seeOther(`${HOME}/draft/${call.id}/document`)
    const laid = await proof(desk, store, call.service)
    const { blocked, issues } = await judgedBy(laid, desk, call.service)
    const resources = desk.fresh?.record.resources.map(({ resource }) => resource) ?? []
    const people = await peopleFor({ resources, chosen: desk.composition.author?.[0]?.reference }, store, call, reader)
    const view = {
      title: phrase('web.draft.attest.title'),
      ...{ id: call.id, version: desk.version.versionId, seen: digestOf(laid), changed: isChanged },
      ...{ patient: patientOf(desk.fresh, reader), people, canAttest: blocked.length === 0 && people.length > 0 },
      mayAttest: mayDo('attest', call),
      blocked: issueViews(blocked, reader, sectionsOf(laid, call.service.base)),
      issues: issueViews(issues, reader),
      modes: MODES.map((code, at) => ({
        ...{ code, isChosen: at === 0 },
        ...{ title: phrase(`web.draft.attest.${code}`), text: phrase(`web.draft.attest.${code}.text`) },
      })),
    }
    return pageAnswer(call, 'web/draft/attest', view, isChanged === true ? { status: 409 } : {})
  })
}

/** What keeps it from being attested, and what else is to be looked at. */
async function judgedBy(
  laid: Proof,
  { composition }: Desk,
  service: Service,
): Promise<{ readonly blocked: readonly Issue[]; readonly issues: readonly Issue[] }> {
  const { design, edge } = service
  const told = (issues: readonly Issue[]): readonly Issue[] =>
    once(issues.filter((one) => isError(one) || one.severity === 'warning'))
  try {
    const someone = attestation({ mode: 'legal', who: composition.author?.[0]?.reference ?? '', now: edge.now() })
    const { issues } = await finished(laid, someone, design, edge)
    return { blocked: [], issues: told(issues) }
  } catch (error) {
    if (!(error instanceof FhirError)) throw error
    return { blocked: error.issues.filter(isError), issues: [] }
  }
}

interface Attesting {
  readonly mode: string
  readonly who: string
  readonly now: string
}

/** The Composition with the attestation, as of now. */
function attestation({ mode, who, now }: Attesting): (composition: Composition) => Composition {
  const attester: readonly Attester[] = [{ mode, time: now, party: { reference: who } }]
  return ({ title, ...composition }) => ({ ...composition, status: 'final', date: now, ...(title !== undefined && { title }), attester }) // prettier-ignore
}

const attesting = submission({
  path: `${HOME}/draft/:id/attest`,
  text: 'the document of a draft, attested by a person as they saw it',
  answer: async (call, form) => {
    const request = attestingIn(form, call)
    const stored = await call.service.store.transaction((writer) => attested(writer, call, form, request))
    return stored === undefined ? attestAnswer(call, true) : seeOther(documentPath(stored))
  },
})

/** @throws FhirError `value`, `forbidden` where somebody else than who is logged in would attest */
function attestingIn(form: Form, { caller, service }: Call): Attesting {
  const mode = MODES.find((one) => one === form.value('mode'))
  const who = personIn(form.value('who'))
  if (mode === undefined) throw fail('value', `The mode is none that is offered, expected one of ${MODES.join(', ')}`)
  if (who === undefined) throw fail('required', 'It is not said who attests, expected a practitioner')
  const own = caller?.fhirUser
  if (own !== undefined && own !== who && !own.endsWith(`/${who}`))
    throw fail('forbidden', 'Nobody attests for somebody else, expected whoever is logged in')
  return { mode, who, now: service.edge.now() }
}

/** The id of the document; undefined, and nothing done, where it is not any more what the person saw. */
async function attested(writer: StoreWriter, call: Call, form: Form, request: Attesting): Promise<string | undefined> {
  const { service } = call
  const desk = await deskOf(call.id, writer, service)
  mustBeDraft(desk.composition)
  const laid = await proof(desk, writer, service)
  if (form.value('version') !== desk.version.versionId || form.value('seen') !== digestOf(laid)) return undefined
  const attest = attestation(request)
  const made = await finished(laid, attest, service.design, service.edge)
  await writeDraft(writer, desk, attest(withTexts(desk.composition, laid)))
  return (await stored(writer, made)).version.id
}

function stored(writer: StoreWriter, { bundle, receipt }: Finished): ReturnType<typeof keepDocument> {
  return keepDocument(writer, bundle, jsonOf(receipt))
}

/** The way from a draft that is finished to its document. */
const finishedPage = page({
  path: `${HOME}/draft/:id/document`,
  text: 'the document that a draft became',
  answer: async (call) => {
    const id = await call.service.store.snapshot((store) => documentOf(store, call.id))
    return seeOther(id === undefined ? `${HOME}/documents` : documentPath(id))
  },
})

async function documentOf(store: StoreReader, id: string): Promise<string | undefined> {
  const parameters = [['composition', `Composition/${id}`], ['_sort', '-_lastUpdated']] as const // prettier-ignore
  const { matches } = await store.search({
    type: 'Bundle',
    parameters,
    handling: 'strict',
    defaultCount: 1,
    maxCount: 1,
  })
  return matches[0]?.id
}

export const attestRoutes: readonly Route[] = [
  { ...attestPage, need: { role: 'compose' } },
  { ...attesting, need: { role: 'attest', writing: 'attest' } },
  { ...finishedPage, need: { role: 'read' } },
]
