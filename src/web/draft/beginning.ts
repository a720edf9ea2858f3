/** A new draft: of a patient's record, about a stay or not, in the place of an earlier document or beside it. */

import { fail } from '../../fhir/error.ts'
import { jsonOf } from '../../fhir/json.ts'
import { isObject, type Composition, type Json, type JsonObject, type Resource } from '../../fhir/types.ts'
import type { Answer } from '../../http/answer.ts'
import type { Call, Route, Service } from '../../http/route.ts'
import { rewrite } from '../../fhir/walk.ts'
import type { Reader } from '../../pages.ts'
import type { StoreReader } from '../../ports.ts'
import { everyMatch } from '../../matches.ts'
import type { Form } from '../form.ts'
import { HOME, page, pageAnswer, readerFor, seeOther, submission } from '../page.ts'
import { patientRow } from '../rows.ts'
import { asked } from '../asked.ts'
import type { Beside } from './desk.ts'
import { begun, guidesOf, relative, software, type Fresh } from './engine.ts'
import { storedBundle } from './documents.ts'
import { proof, withTexts } from './layout.ts'
import { peopleFor, personIn } from './people.ts'
import { keyed, withEach } from './sections.ts'
import { textOf } from './section-text.ts'

const ID = /^[A-Za-z0-9.-]{1,64}$/

const newPage = page({
  path: `${HOME}/drafts/new`,
  text: 'what a new document is to be about: its kind, its stay, its author',
  answer: (call) => newAnswer(call, { patient: asked('patient', call), encounter: asked('encounter', call) }),
})

interface Wanted {
  readonly patient: string
  readonly encounter: string
  readonly problem?: string
}

async function newAnswer(call: Call, wanted: Wanted): Promise<Answer> {
  const reader = readerFor(call)
  const view = await call.service.store.snapshot((store) => newView(store, wanted, call, reader))
  return pageAnswer(call, 'web/draft/new', view, wanted.problem === undefined ? {} : { status: 422 })
}

async function newView(
  store: StoreReader,
  { patient: id, encounter, problem }: Wanted,
  call: Call,
  reader: Reader,
): Promise<{ readonly title: string } & object> {
  const { phrase } = reader
  const patient = await patientIn(store, id)
  const stays = await everyMatch(store, { type: 'Encounter', parameters: [['patient', id], ['_sort', '-date']] }) // prettier-ignore
  const relates = await relatedTo(store, { code: asked('relates', call), target: asked('target', call) }, call, reader)
  const chosenStay = encounter === '' ? relates?.encounter : encounter
  const around = await everyMatch(store, { type: 'Encounter', parameters: [['_id', chosenStay ?? '-']] })
  const people = await peopleFor({ resources: await participants(around, store), chosen: relates?.author }, store, call, reader) // prettier-ignore
  const view = {
    title: phrase('web.draft.new.title'),
    ...{ patient: patientRow(patient, reader), patientId: id, people, problem },
    ...(relates !== undefined && { relates }),
    guides: guideViews(call.service, { hasStay: (chosenStay ?? '') !== '', name: relates?.guide }, reader),
    encounters: stays.flatMap(({ resource, id: own }) =>
      resource === undefined ? [] : [{ id: own, text: stayText(resource, reader), isChosen: own === chosenStay }],
    ),
  }
  return view
}

async function patientIn(store: StoreReader, id: string): Promise<Resource> {
  const [version] = ID.test(id) ? await store.read([{ type: 'Patient', id }]) : []
  if (version?.resource === undefined) throw fail('not-found', 'There is no such patient')
  return version.resource
}

/** The practitioners whom a stay names. */
async function participants(
  stays: readonly { readonly resource?: Resource }[],
  store: StoreReader,
): Promise<readonly Resource[]> {
  const named = stays.flatMap(({ resource }) => listOf(resource?.['participant']).map(({ individual }) => individual))
  const ids = named.flatMap((one) => /^(?:.*\/)?Practitioner\/([A-Za-z0-9.-]{1,64})$/.exec(referenceIn(one))?.[1] ?? [])
  const versions = await store.read([...new Set(ids)].map((id) => ({ type: 'Practitioner', id })))
  return versions.flatMap((one) => (one?.resource === undefined ? [] : [one.resource]))
}

function listOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isObject) : []
}

function referenceIn(value: Json | undefined): string {
  const reference = isObject(value) ? value['reference'] : undefined
  return typeof reference === 'string' ? reference : ''
}

function stayText(encounter: Resource, { show }: Reader): string {
  const kind = show(encounter['type'], 'CodeableConcept') || show(encounter['class'], 'Coding')
  return [show(encounter['period'], 'Period'), kind, show(encounter['status'], 'code')].filter(Boolean).join(' · ')
}

interface Preferred {
  readonly hasStay: boolean
  readonly name: string | undefined
}

function guideViews(service: Service, { hasStay, name }: Preferred, { language, phrase }: Reader): readonly object[] {
  const rows = guidesOf(service).map(({ row }) => row)
  const fits =
    rows.find((row) => row.name === name) ?? rows.find((row) => (row.operation === 'discharge-report') === hasStay)
  return rows.map((row) => ({
    name: row.name,
    title: row.title[language] ?? row.title['en'] ?? row.name,
    sub: phrase('web.draft.new.kind.sub', { package: row.package, version: row.version }),
    isChosen: row === (fits ?? rows[0]),
  }))
}

/** The earlier document that a new one replaces or is added to. */
interface Related {
  readonly code: string
  readonly target: string
  readonly text: string
  readonly encounter: string | undefined
  readonly author: string | undefined
  readonly guide: string | undefined
}

async function relatedTo(
  store: StoreReader,
  { code, target }: Pick<Related, 'code' | 'target'>,
  { service }: Pick<Call, 'service'>,
  { phrase, show }: Reader,
): Promise<Related | undefined> {
  if (!isRelation(code)) return undefined
  const { bundle, composition } = await storedBundle(store, target, service)
  const text = phrase(`web.draft.new.${code}`, { title: String(composition.title ?? ''), date: show(bundle.timestamp, 'dateTime') }) // prettier-ignore
  const [profile] = composition.meta?.profile ?? []
  const guide = guidesOf(service).find(({ row }) => `${row.composition}|${row.version}` === profile)?.row.name
  const encounter = relative(composition.encounter?.reference ?? '', service.base).split('/')[1]
  return { code, target, text, encounter, author: composition.author?.[0]?.reference, guide }
}

function isRelation(code: string): code is 'replaces' | 'appends' {
  return code === 'replaces' || code === 'appends'
}

const beginning = submission({
  path: `${HOME}/draft`,
  text: 'a new draft',
  answer: async (call, form) => {
    const [patient, encounter] = [form.value('patient'), form.value('encounter')]
    const guide = guidesOf(call.service).find(({ row }) => row.name === form.value('guide'))
    if (guide === undefined) throw fail('value', 'The kind of document is not one of those offered')
    if (guide.row.operation === 'discharge-report' && !ID.test(encounter))
      return newAnswer(call, { patient, encounter: '', problem: readerFor(call).phrase('web.draft.new.encounter.missing') }) // prettier-ignore
    const id = call.service.edge.uuid()
    await call.service.store.transaction(async (writer) => {
      const author = personIn(form.value('author'))
      const reader = readerFor(call)
      const fresh = await begun(
        {
          guide,
          patient,
          encounter: ID.test(encounter) ? encounter : undefined,
          author: author === undefined ? software(call.service) : { reference: author },
          lang: reader.language,
        },
        writer,
        call.service,
      )
      const drafted = await related(writer, firstDraft(fresh, id, call.service), form, call.service)
      const composition = withTexts(drafted, await proof({ composition: drafted, fresh }, writer, call.service))
      await writer.write({
        type: 'Composition',
        id,
        method: 'POST',
        resource: composition,
        receipt: jsonOf(besideFor(fresh)),
        expected: { versionId: undefined },
      })
    })
    return seeOther(`${HOME}/draft/${id}`)
  },
})

function besideFor({ guide, items }: Fresh): Beside {
  return { guide: guide.row.name, known: items.flatMap(({ source }) => source ?? []) }
}

/** What is stored of a draft: references to what the store has are relative, and each section has a key. */
function firstDraft({ made }: Fresh, id: string, { base, design, edge }: Service): Composition {
  const { resourceType, ...members } = rewrite<Composition>(
    made.composition,
    design.collect.model,
    ({ value, parent, name }) =>
      parent?.type === 'Reference' && name === 'reference' && typeof value === 'string' && value.startsWith(`${base}/`)
        ? relative(value, base)
        : undefined,
  )
  const identifier = { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${edge.uuid()}` }
  return keyed({ resourceType, id, identifier, ...members })
}

/** The draft with its relation to an earlier document, of which a replacement takes over the words. */
async function related(
  store: StoreReader,
  composition: Composition,
  form: Form,
  service: Service,
): Promise<Composition> {
  const code = form.value('relates')
  if (!isRelation(code)) return composition
  const earlier = await storedBundle(store, form.value('target'), service)
  mustBeSame(earlier.composition, composition, service)
  const { identifier } = earlier.bundle
  if (identifier === undefined)
    throw fail('value', 'The earlier document has no identifier, expected one to name it by')
  const relatesTo = [{ code, targetIdentifier: identifier }]
  if (code === 'appends') return { ...composition, relatesTo }
  const words = new Map(
    (earlier.composition.section ?? []).map((one) => [one.code?.coding?.[0]?.code, textOf(one).words]),
  )
  const own = earlier.composition.identifier
  return withEach({ ...composition, ...(own !== undefined && { identifier: own }), relatesTo }, (section) => {
    const before = words.get(section.code?.coding?.[0]?.code) ?? ''
    if (before === '' || section.text !== undefined) return section
    return { ...section, text: { status: 'additional', div: `<div xmlns="http://www.w3.org/1999/xhtml"><div>${before}</div><div class="generated"></div></div>` } } // prettier-ignore
  })
}

/** Nothing, where both are about one patient. @throws FhirError `value` */
function mustBeSame(earlier: Composition, { subject }: Composition, { base }: Service): void {
  const [one, other] = [earlier.subject, subject].map((reference) => relative(reference?.reference ?? '', base))
  if (one === other) return
  throw fail('value', 'The earlier document is about another patient, expected one about the same')
}

export const beginningRoutes: readonly Route[] = [
  { ...newPage, need: { role: 'compose' } },
  { ...beginning, need: { role: 'compose', writing: 'compose' } },
]
