/** The drafts there are, the one changed last first. */

import type { Resource } from '../../fhir/types.ts'
import type { Call, Route } from '../../http/route.ts'
import type { Reader } from '../../pages.ts'
import type { StoreReader, Version } from '../../ports.ts'
import { HOME, page, pageAnswer, readerFor } from '../page.ts'
import { objectsOf, patientRow } from '../rows.ts'
import { asked } from '../asked.ts'
import { relative } from './engine.ts'

const PAGE = { handling: 'strict', defaultCount: 100, maxCount: 100 } as const

export interface DraftRow {
  readonly path: string
  readonly title: string
  readonly patient: string
  readonly patientPath?: string
  readonly changed: string
  readonly author: string
  readonly status: string
}

/** The drafts of a patient, or of all, as rows; and whether there are more. */
export async function draftRows(
  store: StoreReader,
  { patient }: { readonly patient: string | undefined },
  { service }: Pick<Call, 'service'>,
  reader: Reader,
): Promise<{ readonly drafts: readonly DraftRow[]; readonly more: boolean }> {
  const parameters = [
    ['status', 'preliminary'],
    ...(patient === undefined ? [] : [['patient', patient] as const]),
    ['_sort', '-_lastUpdated'],
  ] as const
  const { matches, pages } = await store.search({ type: 'Composition', parameters, ...PAGE })
  const named = await namedBy(store, matches, service.base)
  return { drafts: matches.map((version) => rowOf(version, named, { base: service.base, reader })), more: pages.next !== undefined } // prettier-ignore
}

type Named = ReadonlyMap<string, Resource>

/** The patients and authors whom drafts name, as far as they may be read. */
async function namedBy(store: StoreReader, versions: readonly Version[], base: string): Promise<Named> {
  const references = versions.flatMap(({ resource }) =>
    [...objectsOf(resource?.['subject']), ...objectsOf(resource?.['author'])].map((one) => nameIn(one, base)),
  )
  const keys = [...new Set(references)].flatMap((reference) => {
    const [type, id] = reference.split('/')
    return (type === 'Patient' || type === 'Practitioner') && id !== undefined ? [{ type, id }] : []
  })
  const read = await store.read(keys)
  return new Map(read.flatMap((one) => (one?.resource === undefined ? [] : [[`${one.type}/${one.id}`, one.resource]])))
}

function nameIn(reference: { readonly [name: string]: unknown }, base: string): string {
  const { reference: text } = reference
  return typeof text === 'string' ? relative(text, base) : ''
}

interface Circumstances {
  readonly base: string
  readonly reader: Reader
}

function rowOf({ id, resource, lastUpdated }: Version, named: Named, { base, reader }: Circumstances): DraftRow {
  const { show, name, phrase } = reader
  const [subject] = objectsOf(resource?.['subject'])
  const patient = named.get(nameIn(subject ?? {}, base))
  const row = patient === undefined ? undefined : patientRow(patient, reader)
  const authors = objectsOf(resource?.['author']).map((one) => {
    const person = named.get(nameIn(one, base))
    return (person === undefined ? '' : name(objectsOf(person['name']))) || show(one['display'], 'string')
  })
  const title = resource?.['title']
  return {
    path: `${HOME}/draft/${id}`,
    title: typeof title === 'string' && title !== '' ? title : phrase('web.draft.untitled'),
    patient: row?.name ?? '',
    ...(row !== undefined && { patientPath: row.path }),
    changed: show(toTheSecond(lastUpdated), 'instant'),
    author: authors.filter(Boolean).join(', '),
    status: phrase('web.draft.status'),
  }
}

/** An instant without the fractions of its second, which nobody reads. */
export function toTheSecond(instant: string): string {
  return instant.replace(/\.\d+/, '')
}

const list = page({
  path: `${HOME}/drafts`,
  text: 'the drafts, those of one patient or all',
  answer: async (call) => {
    const reader = readerFor(call)
    const patient = asked('patient', call)
    const rows = await call.service.store.snapshot((store) =>
      draftRows(store, { patient: patient === '' ? undefined : patient }, call, reader),
    )
    return pageAnswer(call, 'web/draft/list', { title: reader.phrase('web.draft.list.title'), ...rows })
  },
})

export const draftsRoutes: readonly Route[] = [{ ...list, need: { role: 'compose' } }]
