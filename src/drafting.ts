/** From a record to a document: what was read of a patient, the draft of it, and the document that is composed of both. */

import type { Draft, DraftRequest, Guide, PatientRecord } from './collect/draft/draft.ts'
import { draft } from './collect/draft/draft.ts'
import { withoutLost } from './attachments.ts'
import { memberships, type Compartment } from './fhir/compartment.ts'
import { fail } from './fhir/error.ts'
import { memoFor, remember, type Memo } from './fhir/memo.ts'
import type { Model } from './fhir/model.ts'
import { occurrences } from './fhir/occurrence.ts'
import { BESIDE_COMPARTMENT, isOwner } from './fhir/patient-role.ts'
import { identifiersOf, parseReference, restBase } from './fhir/reference.ts'
import { isObject, type Composition, type Json, type Reference, type Resource } from './fhir/types.ts'
import { compose, type Attestation, type ComposeRequest, type Design, type Edge, type Product } from './pipeline.ts'
import type { Found, Now, PatientHoldings, Reading, Source, Target } from './ports.ts'
import { composeRequest, type Wishes } from './request.ts'

export type { Draft, DraftRequest, DraftRow, Guide, PatientRecord } from './collect/draft/draft.ts'
export { draft } from './collect/draft/draft.ts'
export { dayIn } from './collect/draft/window.ts'

/** What a document is drafted from and how. */
export interface Drafting extends Wishes {
  readonly record: PatientRecord
  readonly guide: Guide
  /** Where what the record refers to is read from, beside the record itself. */
  readonly sources: readonly Source[]
  readonly attestation?: Attestation | undefined
}

export interface DraftedProduct extends Product {
  readonly draft: Draft
}

/** The document of a record by a guide: drafted, collected, narrated, checked. @throws FhirError as `compose` */
export async function draftDocument(
  drafting: Drafting & { readonly request: DraftRequest },
  design: Design,
  edge: Edge,
): Promise<DraftedProduct> {
  const made = draft(drafting.record, drafting.guide, drafting.request)
  return { ...(await compose(draftedRequest(made, drafting), design, edge)), draft: made }
}

/** What is composed of a draft; its Composition may have been edited since. */
export function draftedRequest(
  made: Draft,
  { guide, record, sources, attestation, ...wishes }: Drafting,
  composition: Composition = made.composition,
): ComposeRequest {
  const held = sources.map((source) => withDraft(source, { made, record, guide }))
  const { row } = guide
  return {
    ...composeRequest({ composition, sources: held }, wishes),
    notes: made.notes,
    mendsNames: true,
    drafted: {
      get record() {
        return made.receipt
      },
      issues: made.issues,
    },
    ...(attestation !== undefined && { attestation }),
    ...(row.namesBundle === true && row.bundle !== undefined && { claims: [row.bundle] }),
    ...(row.bundle !== undefined && guide.isAtHand && { profiles: [row.bundle] }),
  }
}

interface Held {
  readonly made: Draft
  readonly record: PatientRecord
  readonly guide: Guide
}

/** A source in which what the draft made and changed stands in the place of what was there, and the record is at hand. */
function withDraft(source: Source, held: Held): Source {
  const { byUrl, byTypeAndId } = namesOf(held, source)
  const { guide } = held
  const known = (target: Target): Found | undefined => {
    if (target.by === 'identifier') return undefined
    const found = target.by === 'url' ? byUrl.get(target.url) : byTypeAndId.get(`${target.type}/${target.id}`)
    if (found === undefined || (target.version !== undefined && found.version !== target.version)) return undefined
    return found.now ?? completed(found.was)
  }
  const completed = (found: Found): Found => {
    const { resource } = guide.complete(found.resource)
    return resource === found.resource ? found : { ...found, resource }
  }
  const read: Source['read'] = async (targets) => {
    const answers = targets.map(known)
    const open = targets.filter((_, at) => answers[at] === undefined)
    const further = open.length === 0 ? [] : await source.read(open)
    let next = 0
    return answers.map((answer) => (answer === undefined ? (further[next++] ?? []).map(completed) : [answer]))
  }
  return { ...source, read, ...(source.begin !== undefined && { begin: () => readingOf(source, held) }) }
}

function readingOf(source: Source, held: Held): Reading {
  const reading = source.begin?.()
  if (reading === undefined) throw new TypeError(`The source ${source.name} cannot begin a reading`)
  return { ...withDraft(reading, held), holds: () => reading.holds() }
}

interface Known {
  readonly was: Found
  /** What the draft made of it. */
  readonly now: Found | undefined
  /** Of what the record has. */
  readonly version: string | undefined
}

function namesOf(
  { made, record }: Held,
  { name }: Source,
): { readonly byUrl: ReadonlyMap<string, Known>; readonly byTypeAndId: ReadonlyMap<string, Known> } {
  const byUrl = new Map<string, Known>()
  const byTypeAndId = new Map<string, Known>()
  const changed = new Map(made.resources.map((one) => [one.original ?? one, one]))
  const all = [record.patient, ...record.resources, ...made.resources.filter((one) => one.original === undefined)]
  for (const found of all) {
    if (found.source !== name) continue
    const known = { was: found, now: changed.get(found), version: found.resource.meta?.versionId }
    if (found.url !== undefined && !byUrl.has(found.url)) byUrl.set(found.url, known)
    const { resourceType, id } = found.resource
    const key = `${resourceType}/${id ?? ''}`
    if (id !== undefined && !byTypeAndId.has(key)) byTypeAndId.set(key, known)
  }
  return { byUrl, byTypeAndId }
}

/**
 * The record of a patient in a source: what is about the patient, and what is about nobody (H-1).
 * @throws FhirError `not-supported` where the source cannot tell, and as its `record`
 */
export async function recordOf(
  source: Source,
  patient: Found,
  guide: Guide,
  others: readonly Source[] = [],
): Promise<PatientRecord> {
  const { model, compartment, row } = guide
  if (source.record === undefined)
    throw fail('not-supported', `The source ${source.name} cannot tell what it has of a patient, expected one that can`)
  const types = [...new Set([...Object.keys(compartment.elements), ...Object.keys(BESIDE_COMPARTMENT)])].filter(
    (type) => model.types[type]?.kind === 'resource',
  )
  const { found, gaps } = await source.record(patient, types)
  mustBeShown(gaps, row)
  const whose = Map.groupBy(found, (one) => ownership(one, patient, compartment))
  const own = whose.get('patient') ?? []
  const all = [...own, ...along(own, whose.get('nobody') ?? [], model)]
  const { found: resources, issues } = await withoutLost(all, [source, ...others], model)
  return { patient, resources, gaps, issues }
}

/** Nothing, where no section lacks what may not be left out of it (H-10). @throws FhirError `forbidden` */
function mustBeShown(gaps: PatientHoldings['gaps'], { sections }: Guide['row']): void {
  const types = new Set(sections.flatMap(({ entries }) => entries.map(({ type }) => type)))
  if (!gaps.some(({ type, isForbidding }) => isForbidding === true && types.has(type))) return
  throw fail('forbidden', 'Something that belongs into the document is withheld from whoever asks, so it is not made')
}

/** Whom a resource is about. */
function ownership(found: Found, patient: Found, compartment: Compartment): 'patient' | 'nobody' | 'other' {
  const { resourceType } = found.resource
  if (resourceType === 'Patient') return nameOf(found) === nameOf(patient) ? 'patient' : 'other'
  const tie = resourceType === 'RelatedPerson' ? found.resource['patient'] : undefined
  if (isObject(tie) && names(tie, found, patient)) return 'patient'
  const beside = found.resource[BESIDE_COMPARTMENT[resourceType] ?? '']
  const owners = [
    ...memberships(found.resource, compartment).filter(({ element }) => isOwner(resourceType, element)),
    ...(isObject(beside) ? [{ reference: beside }] : []),
  ]
  if (owners.length === 0) return 'nobody'
  return owners.some(({ reference }) => names(reference, found, patient)) ? 'patient' : 'other'
}

/** What the record of the patient refers to among what is about nobody, and what that refers to. */
function along(own: readonly Found[], nobodys: readonly Found[], model: Model): readonly Found[] {
  const open = new Set(nobodys)
  const byName = new Map<string, Found>()
  for (const found of nobodys) {
    byName.set(nameOf(found), found)
    byName.set(`${found.resource.resourceType}/${found.resource.id ?? ''}`, found)
  }
  const reached: Found[] = []
  for (let wave = own; wave.length > 0 && open.size > 0;) {
    const targets = wave.flatMap((holder) => targetsOf(holder, model)).flatMap((name) => byName.get(name) ?? [])
    wave = [...new Set(targets)].filter((found) => open.delete(found))
    reached.push(...wave)
  }
  return reached
}

const targets = new WeakMap<Model, Memo<Found, readonly string[]>>()

function targetsOf(found: Found, model: Model): readonly string[] {
  return remember(memoFor(targets, model), found, () => freshTargets(found, model))
}

function freshTargets({ resource, url }: Found, model: Model): readonly string[] {
  const base = restBase(url)
  return occurrences(resource, model).flatMap(({ parsed }): readonly string[] => {
    if (parsed?.form === 'uri' || parsed?.form === 'rest') return [parsed.url]
    if (parsed?.form !== 'relative') return []
    const name = `${parsed.type}/${parsed.id}`
    return [base === undefined ? name : `${base}/${name}`]
  })
}

function names({ reference, identifier }: Reference, holder: Found, patient: Found): boolean {
  if (typeof reference !== 'string') return isObject(identifier) && hasIdentifier(patient.resource, identifier)
  const parsed = parseReference(reference)
  if (parsed.form === 'uri' || parsed.form === 'rest') return parsed.url === patient.url
  if (parsed.form !== 'relative' || parsed.type !== 'Patient' || parsed.id !== patient.resource.id) return false
  return restBase(holder.url) === restBase(patient.url)
}

function hasIdentifier(
  patient: Resource,
  { system, value }: { readonly system?: Json; readonly value?: Json },
): boolean {
  if (system === undefined || value === undefined) return false
  return identifiersOf(patient).some((own) => isObject(own) && own.system === system && own.value === value)
}

function nameOf({ resource, url }: Found): string {
  return url ?? `${resource.resourceType}/${resource.id ?? ''}`
}

/**
 * The guide of the Composition's profile, or the Bundle's, that a canonical names: with a version that one, else the first.
 * @throws FhirError `value` naming those there are
 */
export function guideFor(
  guides: readonly Guide[],
  operation: Guide['row']['operation'],
  profile: string | undefined,
): Guide {
  const known = guides.filter(({ row }) => row.operation === operation)
  const [url, version] = profile?.split('|') ?? []
  const chosen = known.find(
    ({ row }) =>
      (url === undefined || row.composition === url || row.bundle === url) &&
      (version === undefined || row.version === version),
  )
  if (chosen !== undefined) return chosen
  const names = known.map(({ row }) => `${row.composition}|${row.version}`).join(', ')
  throw fail(
    'value',
    `The profile ${(profile ?? '').slice(0, 120)} is that of no document drafted here, expected one of ${names}`,
  )
}

/** The software as the author of what it assembled. */
export function softwareDevice(version: string): Resource {
  return {
    resourceType: 'Device',
    deviceName: [{ name: 'fhirdoc', type: 'manufacturer-name' }],
    version: [{ value: version }],
  }
}

/** The titles of sections in a language, by LOINC code. */
export function headingsIn({ render }: Design, lang: string): NonNullable<DraftRequest['heading']> {
  const { locales } = render.templates
  const [language = ''] = lang.split('-')
  const headings = (locales[lang] ?? locales[language])?.headings ?? {}
  return (code) => (Object.hasOwn(headings, code) ? headings[code] : undefined)
}

/** What a person attests who reviewed a draft: the whole of it, now. */
export function reviewedBy(reviewer: Reference, { now }: Pick<Now, 'now'>): Attestation {
  return { status: 'final', attester: [{ mode: 'professional', time: now(), party: reviewer }] }
}
