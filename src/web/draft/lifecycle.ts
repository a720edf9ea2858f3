/** What becomes of a finished document: said to be in error, or compared with another of its series. */

import { fail } from '../../fhir/error.ts'
import { jsonOf } from '../../fhir/json.ts'
import type { Bundle, Composition, Reference } from '../../fhir/types.ts'
import { isComposition } from '../../fhir/types.ts'
import { XHTML } from '../../fhir/xhtml-allowed.ts'
import { rewrite } from '../../fhir/walk.ts'
import type { Answer } from '../../http/answer.ts'
import type { Call, Route, Service } from '../../http/route.ts'
import { compose, present } from '../../pipeline.ts'
import { keepDocument } from '../../persist.ts'
import type { StoreWriter } from '../../ports.ts'
import { composeRequest, withPage } from '../../request.ts'
import { searchable } from '../../matches.ts'
import { asked } from '../asked.ts'
import { HOME, page, pageAnswer, readerFor, seeOther, submission } from '../page.ts'
import { documentPath, documentTitle, relatives, storedBundle, type StoredBundle } from './documents.ts'
import { relative } from './engine.ts'
import { peopleFor, personIn } from './people.ts'
import { framed } from './preview.ts'
import { fromMarkdown } from './words-markdown.ts'

const PATH = `${HOME}/document/:id`

const errorPage = page({
  path: `${PATH}/error`,
  text: 'why a document is in error',
  answer: async (call) => {
    const reader = readerFor(call)
    const { stored, people } = await call.service.store.snapshot(async (store) => {
      const stored = await storedBundle(store, call.id, call.service)
      const resources = (stored.bundle.entry ?? []).flatMap(({ resource }) => resource ?? [])
      const chosen = stored.composition.author?.[0]?.reference
      return { stored, people: await peopleFor({ resources, chosen }, store, call, reader) }
    })
    return pageAnswer(call, 'web/draft/error', {
      title: reader.phrase('web.draft.error.title'),
      ...{ documentTitle: documentTitle(stored, reader), documentPath: documentPath(call.id), people },
      path: documentPath(call.id),
    })
  },
})

const inError = submission({
  path: `${PATH}/error`,
  text: 'a document marked as entered in error',
  answer: async (call, form) => {
    const who = personIn(form.value('who'))
    const reason = form.value('reason').trim()
    if (who === undefined || reason === '')
      throw fail('required', 'A reason and who gives it are missing, expected both')
    await call.service.store.transaction((writer) => markedBy(writer, call, { who, reason }))
    return seeOther(documentPath(call.id))
  },
})

interface Told {
  readonly who: string
  readonly reason: string
}

/** The next document of the series says that it is in error, and has nothing but the reason (L-6 of the rules of replacement). */
async function markedBy(writer: StoreWriter, call: Call, told: Told): Promise<void> {
  const { service } = call
  const stored = await storedBundle(writer, call.id, service)
  if (stored.composition.status === 'entered-in-error')
    throw fail('business-rule', 'The document is marked as entered in error already')
  const id = await compositionId(writer, stored, service)
  const title = readerFor(call).phrase('web.draft.error.title')
  const composition = emptied(stored, { id, title, ...told }, service)
  const [before] = await writer.read([{ type: 'Composition', id }])
  const method = before === undefined ? 'POST' : 'PUT'
  const change = { type: 'Composition', id, method, resource: composition } as const
  const version = await writer.write({ ...change, expected: { versionId: before?.versionId } })
  if (!isComposition(version.resource)) throw new TypeError('The store gave another resource than it was given')
  const source = service.storeSource(writer, service.base)
  const origin = { source: source.name, url: `${service.base}/Composition/${id}` }
  const sources = [searchable(source, writer), ...(service.upstream ?? [])]
  const request = composeRequest({ composition: version.resource, sources, origin }, {})
  const { bundle, receipt } = await compose(request, service.design, service.edge)
  await keepDocument(writer, bundle, jsonOf(receipt))
}

/** The Composition in the store that a document was made from; a new one where it was made elsewhere. */
async function compositionId(writer: StoreWriter, { bundle }: StoredBundle, { base, edge }: Service): Promise<string> {
  const [type, id] = relative(bundle.entry?.[0]?.fullUrl ?? '', base).split('/')
  const [held] = type === 'Composition' && id !== undefined ? await writer.read([{ type, id }]) : []
  return held?.resource === undefined ? edge.uuid() : held.id
}

function emptied(
  { bundle, composition }: StoredBundle,
  { id, title, who, reason }: Told & { readonly id: string; readonly title: string },
  { base, design, edge }: Service,
): Composition {
  const { identifier } = bundle
  if (identifier === undefined) throw fail('value', 'The document has no identifier, expected one to name it by')
  const now = edge.now()
  const { language, type, subject, encounter, author, custodian, confidentiality } = composition
  const made: Composition = {
    resourceType: 'Composition',
    id,
    ...(language !== undefined && { language }),
    ...(composition.identifier !== undefined && { identifier: composition.identifier }),
    status: 'entered-in-error',
    ...(type !== undefined && { type }),
    ...(subject !== undefined && { subject }),
    ...(encounter !== undefined && { encounter }),
    date: now,
    ...(author !== undefined && { author: author.map((one): Reference => one) }),
    title: composition.title ?? title,
    ...(confidentiality !== undefined && { confidentiality }),
    attester: [{ mode: 'professional', time: now, party: { reference: who } }],
    ...(custodian !== undefined && { custodian }),
    relatesTo: [{ code: 'replaces', targetIdentifier: identifier }],
    section: [{ title, text: { status: 'additional', div: `<div xmlns="${XHTML}">${fromMarkdown(reason)}</div>` } }],
  }
  return rewrite(made, design.collect.model, ({ value, parent, name }) =>
    parent?.type === 'Reference' && name === 'reference' && typeof value === 'string'
      ? relative(value, base)
      : undefined,
  )
}

const comparePage = page({
  path: `${PATH}/compare`,
  text: 'a document beside another of its series',
  answer: async (call) => {
    const reader = readerFor(call)
    const { stored, others } = await call.service.store.snapshot(async (store) => {
      const stored = await storedBundle(store, call.id, call.service)
      return { stored, others: await relatives(store, stored, call.service) }
    })
    const wanted = asked('with', call)
    const chosen = others.find(({ version }) => version.id === wanted) ?? others[0]
    const query = new URLSearchParams({ with: chosen?.version.id ?? '' }).toString()
    return pageAnswer(call, 'web/draft/compare', {
      title: reader.phrase('web.draft.compare.title'),
      ...{ documentTitle: documentTitle(stored, reader), documentPath: documentPath(call.id) },
      path: documentPath(call.id),
      versions: others.map((one) => ({
        id: one.version.id,
        text: `${documentTitle(one, reader)} · ${reader.show(one.composition.status, 'code')}`,
        isChosen: one === chosen,
      })),
      ...(chosen !== undefined && { frame: `${documentPath(call.id)}/changes?${query}` }),
    })
  },
})

const changesPage = page({
  path: `${PATH}/changes`,
  text: 'what changed between two documents, as a page',
  answer: async (call): Promise<Answer> => {
    const pair = await call.service.store.snapshot(async (store) => {
      const one = await storedBundle(store, call.id, call.service)
      return [one, await storedBundle(store, asked('with', call), call.service)] as const
    })
    const [older, newer] = pair.map(({ bundle }) => bundle).toSorted(byTime)
    if (older === undefined || newer === undefined) throw new TypeError('Two documents are compared')
    const lang = readerFor(call).language
    const { design, edge } = call.service
    return framed(present(newer, withPage(design, { older, lang }), edge).xhtml)
  },
})

function byTime(one: Bundle, other: Bundle): number {
  return Date.parse(one.timestamp ?? '') - Date.parse(other.timestamp ?? '')
}

export const lifecycleRoutes: readonly Route[] = [
  { ...errorPage, need: { role: 'attest' } },
  { ...inError, need: { role: 'attest', writing: 'attest' } },
  { ...comparePage, need: { role: 'read' } },
  { ...changesPage, need: { role: 'read' } },
]
