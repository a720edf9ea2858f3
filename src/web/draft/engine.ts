/** The drafting engine as the pages use it: what a draft begun today would be, and what a draft that was edited is composed of. */

import {
  draft,
  draftedRequest,
  headingsIn,
  recordOf,
  type Draft,
  type Guide,
  type PatientRecord,
} from '../../drafting.ts'
import type { Composition, Reference, Resource } from '../../fhir/types.ts'
import type { Service } from '../../http/route.ts'
import type { ComposeRequest } from '../../pipeline.ts'
import { composeRequest } from '../../request.ts'
import type { Found, Source, StoreReader } from '../../ports.ts'
import { patientBy } from '../../http/operations/patients.ts'
import { searchable } from '../../matches.ts'
import { placed, referencesOf } from './sections.ts'

/** A resource that a draft may list. */
export interface RecordItem {
  /** As a section names it: `Condition/1`, or a URL elsewhere. */
  readonly reference: string
  /** Absent where a section names what the record has not. */
  readonly resource?: Resource
  readonly url?: string | undefined
  /** As the receipt names it. */
  readonly source?: string
  /** The code of the section of the guide that it would stand in. */
  readonly section?: string
  /** It was made for the draft and stands for nothing in the record. */
  readonly isMade?: true
}

/** Why a resource is in no section, by its code. */
export type Why = NonNullable<Draft['receipt'][number]['why']>

/** What a draft begun today would be. */
export interface Fresh {
  readonly guide: Guide
  readonly record: PatientRecord
  readonly made: Draft
  readonly items: readonly RecordItem[]
  /** Why a resource is in no section; undefined where it is in one. */
  readonly reasonOf: (reference: string) => Why | undefined
  /** The sections of the guide, with titles in the draft's language. */
  readonly sections: readonly { readonly code: string; readonly title: string; readonly isRequired: boolean }[]
}

/** What a draft is begun for. */
export interface Beginning {
  readonly guide: Guide
  readonly patient: string
  readonly encounter: string | undefined
  readonly author: Reference | Resource
  readonly lang: string
}

/** The guides that drafts may be begun by, in their order. */
export function guidesOf({ guides = [] }: Pick<Service, 'guides'>): readonly Guide[] {
  return guides
}

/** A reference below the base of the service as the store has it; any other as it is. */
export function relative(reference: string, base: string): string {
  return reference.startsWith(`${base}/`) ? reference.slice(base.length + 1) : reference
}

/** A draft begun now. @throws FhirError `not-found` where there is no such patient */
export async function begun(beginning: Beginning, reader: StoreReader, service: Service): Promise<Fresh> {
  const { guide, patient, encounter, author, lang } = beginning
  const subject = await patientBy(patient, { reader, service })
  const record = await recordOf(subject.source, subject.patient, guide, service.upstream)
  const stay = encounter === undefined ? undefined : record.resources.find(isNamed('Encounter', encounter))
  const request = {
    date: service.edge.now(),
    zone: service.design.render.zone,
    lang,
    heading: headingsIn(service.design, lang),
    author,
    emptySections: service.emptySections ?? 'emptyReason',
    ...(stay !== undefined && { encounter: stay }),
  } as const
  const made = draft(record, guide, request)
  return { guide, record, made, ...toldBy({ guide, record, made, lang }, service) }
}

function isNamed(type: string, id: string): (found: Found) => boolean {
  return ({ resource }) => resource.resourceType === type && resource.id === id
}

/** What a draft like a stored one would be, begun today; undefined where it cannot be begun: no guide, no patient here. */
export async function freshDraft(
  stored: { readonly composition: Composition; readonly guide: string },
  reader: StoreReader,
  service: Service,
): Promise<Fresh | undefined> {
  const { composition } = stored
  const guide = guidesOf(service).find(({ row }) => row.name === stored.guide)
  const patient = idIn(composition.subject, 'Patient', service)
  if (guide === undefined || patient === undefined) return undefined
  const [author] = composition.author ?? []
  const encounter = idIn(composition.encounter, 'Encounter', service)
  const lang = composition.language ?? 'en'
  const isMade = author?.reference?.startsWith('urn:uuid:') === true
  return begun({ guide, patient, encounter, author: isMade ? software(service) : (author ?? {}), lang }, reader, service) // prettier-ignore
}

/** This software as the author of a draft that no person is yet; it is in no store. */
export function software({ version }: Pick<Service, 'version'>): Resource {
  return { resourceType: 'Device', deviceName: [{ name: 'fhirdoc', type: 'user-friendly-name' }], version: [{ value: version }] } // prettier-ignore
}

/** The id of what a reference names in this store. */
function idIn(reference: Reference | undefined, type: string, { base }: Pick<Service, 'base'>): string | undefined {
  const [named, id] = relative(reference?.reference ?? '', base).split('/')
  return named === type ? id : undefined
}

type Told = Pick<Fresh, 'items' | 'reasonOf' | 'sections'>

function toldBy(
  { guide, record, made, lang }: Omit<Fresh, keyof Told> & { readonly lang: string },
  { base }: Service,
): Told {
  const reasons = new Map(
    made.receipt.map(({ source, section, why }) => [source, section === undefined ? why : undefined]),
  )
  const sectionOf = (found: Found): string | undefined => {
    const [first] = guide.candidates(found.resource)
    return first === undefined ? undefined : guide.row.sections[first.section]?.code.code
  }
  const chosen = new Map(
    placed(made.composition.section).flatMap(({ section }) =>
      referencesOf(section).map((reference) => [relative(reference, base), section.code?.coding?.[0]?.code] as const),
    ),
  )
  const found = new Set<Found>(record.resources)
  found.delete(record.patient)
  const items = [...found].map((one): RecordItem => {
    const reference = relative(one.url ?? `${one.resource.resourceType}/${one.resource.id ?? ''}`, base)
    const section = chosen.get(reference) ?? sectionOf(one)
    return {
      reference,
      resource: one.resource,
      url: one.url,
      source: sourceName(one),
      ...(section !== undefined && { section }),
    }
  })
  const ownMade = made.resources
    .filter(({ original }) => original === undefined)
    .map((one): RecordItem => ({ reference: one.url ?? '', resource: one.resource, url: one.url, isMade: true }))
  const bySource = new Map(items.map((item) => [item.reference, item.source]))
  return {
    items: [...items, ...ownMade],
    reasonOf: (reference) => reasons.get(bySource.get(reference) ?? ''),
    sections: guide.row.sections.map(({ code, title, required }) => ({
      code: code.code ?? '',
      title: title[lang] ?? title[lang.split('-')[0] ?? ''] ?? title['en'] ?? code.display ?? code.code ?? '',
      isRequired: required === true,
    })),
  }
}

/** What a draft that was edited is composed of: what was made and completed for it stands in the place of what the record has. */
export function composing(
  { fresh }: { readonly fresh: Fresh | undefined },
  composition: Composition,
  reader: StoreReader,
  service: Service,
): { readonly request: ComposeRequest; readonly profiles: readonly string[] } {
  const sources = sourcesOf(reader, service)
  const { id = '' } = composition
  const origin = { source: sources[0]?.name ?? '', url: `${service.base}/Composition/${id}` }
  if (fresh === undefined) return { request: composeRequest({ composition, sources, origin }, {}), profiles: [] }
  const { guide, record, made } = fresh
  const drafting = {
    record,
    guide,
    sources,
    request: { date: '', lang: '', author: {}, emptySections: 'emptyReason' },
  } as const
  const drafted = draftedRequest(made, drafting, composition)
  const notes = notesFor(fresh, composition, service)
  return { request: { ...drafted, origin, notes }, profiles: drafted.profiles ?? [] }
}

function sourcesOf(reader: StoreReader, { storeSource, base, upstream = [] }: Service): readonly Source[] {
  return [searchable(storeSource(reader, base), reader), ...upstream]
}

/** What each section says beside its entries: what the engine says of its choice, or how much a person left out of it (H-10). */
function notesFor(
  { made, items }: Fresh,
  { section }: Composition,
  { base }: Service,
): NonNullable<ComposeRequest['notes']> {
  const suggested = made.composition.section ?? []
  return (section ?? []).map((own) => {
    const code = own.code?.coding?.[0]?.code
    const at = suggested.findIndex((one) => one.code?.coding?.[0]?.code === code)
    const chosen = new Set(referencesOf(own).map((reference) => relative(reference, base)))
    const before = at < 0 ? [] : referencesOf(suggested[at] ?? {}).map((reference) => relative(reference, base))
    const isSame = before.length === chosen.size && before.every((reference) => chosen.has(reference))
    if (isSame) return made.notes[at] ?? []
    const left = items.filter((item) => item.section === code && item.isMade !== true && !chosen.has(item.reference))
    if (chosen.size === 0 || left.length === 0) return []
    return [{ phrase: 'window.chosen', slots: { count: String(left.length) } }]
  })
}

/** How the receipt names a resource: with its version. */
export function sourceName({ resource, url, source }: Found): string {
  const { resourceType, id, meta } = resource
  const version = meta?.versionId === undefined ? '' : `/_history/${meta.versionId}`
  return `${url ?? `${resourceType}/${id ?? '(no id)'}`}${version}${url === undefined ? ` of ${source}` : ''}`
}
