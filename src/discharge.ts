/** The discharge report of a hospital stay: what its draft is asked for, and what a clinician wrote of its course. */

import {
  draft,
  draftedRequest,
  headingsIn,
  recordOf,
  reviewedBy,
  softwareDevice,
  type DraftRequest,
  type Guide,
} from './drafting.ts'
import { fail } from './fhir/error.ts'
import type { Issue } from './fhir/issue.ts'
import { parseReference, restBase } from './fhir/reference.ts'
import { isObject, type Json, type Narrative, type Reference } from './fhir/types.ts'
import { escapeText } from './fhir/xhtml-text.ts'
import type { ComposeRequest, Design, Edge } from './pipeline.ts'
import type { Found, Source, Target } from './ports.ts'
import { markdownXhtml } from './render/markdown.ts'

/** What is asked of a report beside the stay that it is about. */
export interface DischargeWishes {
  /** BCP 47; en where none is given. */
  readonly lang?: string | undefined
  /** The hospital course in the clinician's words, markdown. */
  readonly course?: string | undefined
  /** The practitioner who writes the report, beside the software that assembles it. */
  readonly author?: string | undefined
  /** The practitioner who attests it: it is final then. */
  readonly attester?: string | undefined
  readonly fullUrl?: 'rest' | 'uuid' | undefined
}

/** A stay, and where its record is read from. */
export interface StayInSource {
  readonly encounter: Found
  readonly patient: Found
  readonly source: Source
  /** Where what the record refers to may be beside that. */
  readonly others: readonly Source[]
}

/** How a deployment drafts. */
export interface DischargeSettings {
  readonly guide: Guide
  readonly emptySections: DraftRequest['emptySections']
  /** Of the software. */
  readonly version: string
}

/** @see https://loinc.org/8648-8 */
const COURSE = '8648-8'

/**
 * What is composed for the report of a stay.
 * @throws FhirError `business-rule` where the encounter is no stay to report on, `required` where one without a course is
 * to be attested, and as the source
 */
export async function dischargeRequest(
  stay: StayInSource,
  wishes: DischargeWishes,
  { guide, emptySections, version }: DischargeSettings,
  { design, edge }: { readonly design: Design; readonly edge: Edge },
): Promise<ComposeRequest> {
  const { encounter, patient, source } = stay
  const { lang = 'en', course, author, attester, fullUrl } = wishes
  const ofStay = statusIssues(encounter)
  const text = course === undefined ? undefined : courseText(course, lang)
  if (text === undefined && attester !== undefined)
    throw fail('required', 'The hospital course is missing, expected its text where the report is attested')
  const record = await recordOf(source, patient, guide, stay.others)
  const custodian = referenceFrom(encounter, 'serviceProvider')
  const [writer, person] = [author ?? attester, attester].map((one) =>
    one === undefined ? undefined : { reference: one },
  )
  const made = draft(record, guide, {
    date: edge.now(),
    zone: design.render.zone,
    lang,
    heading: headingsIn(design, lang),
    author: softwareDevice(version),
    reviewer: writer,
    custodian,
    emptySections,
    encounter,
    ...(text !== undefined && { texts: { [COURSE]: text } }),
  })
  const issues = [...made.issues, ...ofStay, ...(text === undefined ? [COURSE_MISSING] : [])]
  const attestation = person === undefined ? undefined : reviewedBy(person, edge)
  const sources = [source, ...stay.others.filter(({ name }) => name !== source.name)]
  return draftedRequest({ ...made, issues }, { guide, record, sources, attestation, fullUrl })
}

const COURSE_MISSING: Issue = {
  severity: 'warning',
  code: 'required',
  text: 'The hospital course is missing, expected the text of a clinician: its section says that it is not written yet',
  rule: 'course-missing',
  source: 'https://build.fhir.org/ig/hl7-eu/hdr/StructureDefinition-composition-eu-hdr.html',
}

/** Statuses under which nothing happened that could be told. @see https://hl7.org/fhir/R4/valueset-encounter-status.html */
const NO_STAY = new Set<unknown>(['planned', 'arrived', 'cancelled', 'entered-in-error'])

function statusIssues({ resource }: Found): readonly Issue[] {
  const { status } = resource
  if (NO_STAY.has(status))
    throw fail(
      'business-rule',
      `The encounter is ${typeof status === 'string' ? status : ''}, expected one that took place`,
    )
  if (status === 'finished') return []
  const text = `The encounter is ${typeof status === 'string' ? status : 'without status'}, expected a finished one: what is still to come is missing`
  return [{ severity: 'warning', code: 'business-rule', text, rule: 'encounter-unfinished' }]
}

/**
 * The text of a section out of what a clinician wrote: paragraphs, lists, headings and bold words of markdown, all else
 * as it stands; undefined where nothing is written.
 */
function courseText(markdown: string, lang: string): Narrative | undefined {
  const blocks = markdown.replaceAll('\r\n', '\n').split(/\n[^\S\n]*\n/).filter((block) => block.trim() !== '') // prettier-ignore
  if (blocks.length === 0) return undefined
  const written = blocks.map((block) => blockOf(markdownXhtml(block, escapeText))).join('')
  const attributes = `xmlns="http://www.w3.org/1999/xhtml" lang="${escapeText(lang)}" xml:lang="${escapeText(lang)}"`
  return { status: 'additional', div: `<div ${attributes}>${written}</div>` }
}

/** A list may not stand in a paragraph. */
function blockOf(xhtml: string): string {
  return xhtml.includes('<ul>') ? `<div>${xhtml}</div>` : `<p>${xhtml}</p>`
}

/** A reference of a resource that means the same wherever it stands. */
function referenceFrom({ resource, url }: Found, member: string): Reference | undefined {
  const value: Json | undefined = resource[member]
  if (!isObject(value)) return undefined
  const { reference } = value as Reference
  if (typeof reference !== 'string' || parseReference(reference).form !== 'relative') return value
  const base = restBase(url)
  return base === undefined ? value : { ...value, reference: `${base}/${reference}` }
}

/** The stay and its patient in the first source that has it. @throws FhirError `not-found`, and as the sources */
export async function stayIn(target: Target, sources: readonly Source[]): Promise<StayInSource> {
  for (const source of sources) {
    const [answers = []] = await source.read([target])
    const [encounter, another] = answers
    if (another !== undefined) throw fail('multiple-matches', 'Several encounters are meant, expected one')
    if (encounter?.resource.resourceType !== 'Encounter') continue
    const patient = await patientOf(encounter, source)
    return { encounter, patient, source, others: sources }
  }
  throw fail('not-found', 'The encounter is in no source, expected one that has it')
}

async function patientOf(encounter: Found, source: Source): Promise<Found> {
  const reference = referenceFrom(encounter, 'subject')?.reference
  const target = reference === undefined ? undefined : targetOf(reference)
  const [answers = []] = target === undefined ? [] : await source.read([target])
  const [patient] = answers
  if (patient?.resource.resourceType === 'Patient') return patient
  throw fail('not-found', 'The patient of the encounter is not where the encounter is, expected both in one source')
}

function targetOf(reference: string): Target | undefined {
  const parsed = parseReference(reference)
  if (parsed.form === 'relative') return { by: 'id', type: parsed.type, id: parsed.id }
  return parsed.form === 'rest' || parsed.form === 'uri' ? { by: 'url', url: parsed.url } : undefined
}
