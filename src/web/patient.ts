/** The page of a patient: the stays, what was written, and what is being written. */

import { isObject, type Json, type Resource } from '../fhir/types.ts'
import { currentOf } from '../http/operations/stored.ts'
import type { Route } from '../http/route.ts'
import { escaped } from '../matches.ts'
import type { Reader } from '../pages.ts'
import type { StoreReader, Version } from '../ports.ts'
import { draftRows } from './draft/drafts.ts'
import { HOME, mayDo, page, pageAnswer, readerFor } from './page.ts'
import { objectsOf, patientRow } from './rows.ts'
import { documentRows } from './standing.ts'

const MOST_STAYS = 20
const MOST_DOCUMENTS = 50
/** A person has few identifiers; a record that has more is asked by the first ones. */
const MOST_IDENTIFIERS = 5

const view = page({
  path: `${HOME}/patient/:id`,
  text: 'a patient: the stays, the documents with where each stands, the drafts',
  answer: async (call) => {
    const { id, service } = call
    const { store, base } = service
    const reader = readerFor(call)
    const found = await store.snapshot(async (snapshot) => {
      const { resource: patient } = await currentOf(snapshot, 'Patient', id)
      const [stays, documents] = await Promise.all([staysOf(snapshot, id), documentsOf(snapshot, patient)])
      const rows = await documentRows(snapshot, documents, { base, reader })
      const drafts = mayDo('compose', call) ? await draftRows(snapshot, { patient: id }, call, reader) : undefined
      return { patient, stays, rows, drafts: drafts?.drafts ?? [] }
    })
    const row = patientRow(found.patient ?? { resourceType: 'Patient', id }, reader)
    return pageAnswer(call, 'web/patient', {
      ...{ title: row.name, patient: row, isInactive: found.patient?.['active'] === false },
      ...{ documents: found.rows, drafts: found.drafts, isOfOnePatient: true },
      stays: found.stays.map((version) => stayRow(version, { id, reader, mayCompose: mayDo('compose', call) })),
      begin: mayDo('compose', call) ? newDraft({ patient: id }) : undefined,
    })
  },
})

async function staysOf(store: StoreReader, id: string): Promise<readonly Version[]> {
  const parameters = [['patient', id], ['_sort', '-date']] as const // prettier-ignore
  const { matches } = await store.search({ type: 'Encounter', parameters, ...limited(MOST_STAYS) })
  return matches
}

function limited(count: number): { handling: 'strict'; defaultCount: number; maxCount: number } {
  return { handling: 'strict', defaultCount: count, maxCount: count }
}

/** Documents whose subject is the patient of this record, or bears one of its identifiers with the same system (H-1). */
async function documentsOf(store: StoreReader, patient: Resource | undefined): Promise<readonly Version[]> {
  const identifiers = objectsOf(patient?.['identifier']).flatMap(({ system, value }) =>
    typeof system === 'string' && typeof value === 'string' ? [`${escaped(system)}|${escaped(value)}`] : [],
  )
  const questions = [
    ['composition.patient', `Patient/${patient?.id ?? ''}`] as const,
    ...identifiers.slice(0, MOST_IDENTIFIERS).map((one) => ['composition.patient.identifier', one] as const),
  ]
  const found = await Promise.all(
    questions.map((question) =>
      store.search({ type: 'Bundle', parameters: [question, ['_sort', '-_lastUpdated']], ...limited(MOST_DOCUMENTS) }),
    ),
  )
  const versions = new Map(found.flatMap(({ matches }) => matches).map((one) => [one.id, one]))
  const date = ({ resource, lastUpdated }: Version): string => {
    const timestamp = resource?.['timestamp']
    return typeof timestamp === 'string' ? timestamp : lastUpdated
  }
  return [...versions.values()].sort((one, other) => (date(one) < date(other) ? 1 : -1)).slice(0, MOST_DOCUMENTS)
}

interface StayRow {
  readonly period: string
  readonly kind: string
  readonly status: string
  readonly begin?: string
}

/** From which day to which: the time of day is in the record. */
function days(period: Json | undefined, { show }: Reader): string {
  const { start, end } = isObject(period) ? period : {}
  const day = (instant: Json | undefined): string => (typeof instant === 'string' ? instant.slice(0, 10) : '')
  const [from, to] = [day(start), day(end)]
  if (from === '' || from === to) return show(to || from, 'date')
  return show({ start: from, ...(to !== '' && { end: to }) }, 'Period')
}

interface Staying {
  readonly id: string
  readonly reader: Reader
  readonly mayCompose: boolean
}

function stayRow({ id: encounter, resource }: Version, { id, reader, mayCompose }: Staying): StayRow {
  const { show } = reader
  const kinds = [
    ...objectsOf(resource?.['type']).map((type) => show(type, 'CodeableConcept')),
    show(resource?.['class'], 'Coding'),
  ]
  return {
    period: days(resource?.['period'], reader),
    kind: [...new Set(kinds.filter(Boolean))].slice(0, 2).join(' · '),
    status: show(resource?.['status'], 'code'),
    ...(mayCompose && { begin: newDraft({ patient: id, encounter }) }),
  }
}

/** Where a new document about a patient, or about one of the stays, is begun. */
function newDraft(about: Readonly<Record<string, string>>): string {
  return `${HOME}/drafts/new?${new URLSearchParams(about).toString()}`
}

export const patientRoutes: readonly Route[] = [view]
