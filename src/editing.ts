/** A draft on its way to a document: laid out as it would be today, with every issue, whether or not it is whole yet. */

import { pass } from './check/check.ts'
import { collect, completed, type Collection, type Receipt } from './collect/collect.ts'
import { steadily } from './collect/steady.ts'
import { canonical } from './fhir/canonical.ts'
import { sha256, toBase64url } from './fhir/digest.ts'
import { FhirError } from './fhir/error.ts'
import { isError, type Issue } from './fhir/issue.ts'
import { jsonOf } from './fhir/json.ts'
import { indexBundle } from './fhir/reference.ts'
import type { Bundle, Checked, Composition, FullUrl, Resource } from './fhir/types.ts'
import { inspect, ownMembers, type ComposeRequest, type Design, type Edge } from './pipeline.ts'
import { inspectedOnce, narratedOnce, remembered } from './proof-memory.ts'
import { chooseLocale, phrasesOf, SOURCE_LANGUAGE } from './render/locale.ts'
import { alerts, summary, wordingFor } from './render/refer.ts'
import { labelOf, shown, type Wording } from './render/wording.ts'

export { harmless } from './render/narrative.ts'

/** A draft as the document that it would be. */
export interface Proof {
  readonly bundle: Bundle
  readonly composition: Composition
  /** All that is to be said of it: of closure, of what was generated, of the rules. */
  readonly issues: readonly Issue[]
  /** Those whose errors stop the document wherever they lie: what closure could not do, what is still to be written. */
  readonly stopping: readonly Issue[]
  readonly receipt: Receipt
}

export interface Layout {
  /** The Composition without the text of sections that is to be generated. */
  readonly request: ComposeRequest
  readonly profiles: readonly string[]
  /** The Composition as it is to stand, of the one whose missing text was generated. */
  readonly join: (narrated: Composition) => Composition
}

/**
 * The draft laid out; it is a document by its form alone and stands for none.
 * @throws FhirError where the Composition or a source cannot be read
 */
export async function proofOf({ request, profiles, join }: Layout, design: Design, edge: Edge): Promise<Proof> {
  const { composition, profiles: _profiles, sign: _sign, notes, attestation: _attestation, ...collecting } = request
  const own = ownMembers(edge)
  const collection: Collection = await edge.observe('collect', () =>
    steadily(request.sources, (sources) => collect(composition, { ...collecting, sources, ...design.collect, ...own })),
  )
  const narrated = edge.observe('narrate', () => narratedOnce(collection.bundle, notes ?? [], design))
  const laidOut = withComposition(narrated.bundle, (made) => join(made))
  const found = await inspectedOnce(laidOut, profiles, design, edge)
  const told = new Set(collection.issues.filter(isError).map(({ expression }) => expression))
  const issues = [
    ...collection.issues,
    ...narrated.issues.filter(({ rule }) => rule !== 'narrated'),
    ...found.filter(({ expression }) => expression === undefined || !told.has(expression)),
  ]
  const { receipt, issues: stopping } = collection
  return { bundle: laidOut, composition: compositionIn(laidOut), issues, stopping, receipt }
}

/** What an attester saw, told by its content: another digest where anything of it changed since. */
export function digestOf({ bundle }: Pick<Proof, 'bundle'>): string {
  return toBase64url(sha256(canonical(bundle, ['id', 'meta', 'identifier', 'timestamp', 'signature'])))
}

export interface Finished {
  readonly bundle: Checked
  readonly receipt: Receipt
  readonly issues: readonly Issue[]
}

/**
 * The document of a draft that was seen, with its Composition as it was attested: nothing else of it is changed, and
 * nothing is generated any more (H-3).
 * @throws FhirError with all issues where it cannot be a document
 */
export async function finished(
  proof: Proof,
  attested: (composition: Composition) => Composition,
  design: Design,
  edge: Edge,
): Promise<Finished> {
  const bundle = { ...withComposition(proof.bundle, attested), ...ownMembers(edge) }
  const issues = [...proof.stopping, ...(await inspect(bundle, design, edge))]
  const [first, ...others] = issues
  if (first !== undefined && proof.stopping.some(isError)) throw new FhirError([first, ...others])
  const packages = [`hl7.fhir.r4.core#${design.collect.model.fhirVersion}`]
  const checked = pass(bundle, issues, design.block)
  return { bundle: checked, receipt: completed(proof.receipt, { packages, issues }), issues }
}

function compositionIn({ entry = [] }: Bundle): Composition {
  const [first] = entry
  if (first?.resource === undefined) throw new TypeError('Closure gives the Composition first')
  return first.resource as Composition
}

function withComposition(bundle: Bundle, change: (composition: Composition) => Composition): Bundle {
  const [first, ...others] = bundle.entry ?? []
  return { ...bundle, entry: [{ ...first, resource: change(compositionIn(bundle)) }, ...others] }
}

/** A resource in a line, for a person who chooses. */
export interface Described {
  /** What kind of resource it is. */
  readonly kind: string
  /** What it is about. */
  readonly title: string
  /** When it was, as far as it says so. */
  readonly when: string
  /** Its status and what turns its meaning: never left out of a choice. */
  readonly status: string
  readonly alerts: readonly string[]
  /** Its value, its dose, its reason: the first that it has. */
  readonly detail: string
}

const WHEN = ['effective', 'onset', 'performed', 'occurrence', 'authoredOn', 'period', 'recordedDate', 'assertedDate', 'dateAsserted', 'date', 'issued', 'created', 'started'] // prettier-ignore
const DETAIL = ['dosage', 'dosageInstruction', 'reaction', 'severity', 'conclusion', 'outcome', 'reasonCode', 'note']
const STATUS = ['clinicalStatus', 'verificationStatus', 'status']

/** The first resources, so many, each in a line in the language given; references among all of them are told by what they name. */
export function described(
  resources: readonly Named[],
  count: number,
  design: Design,
  language: string,
): readonly Described[] {
  const question = ['described', jsonOf(resources), count, language] as const
  return remembered(design, question, () => describedNow(resources.slice(0, count), resources, design, language))
}

type Named = {
  readonly fullUrl?: FullUrl
  readonly resource: Resource
}

function describedNow(
  chosen: readonly Named[],
  resources: readonly Named[],
  { render: { templates, model, zone } }: Design,
  language: string,
): readonly Described[] {
  const locale = chooseLocale(templates.locales, language)
  const phrase = phrasesOf(locale, chooseLocale(templates.locales, SOURCE_LANGUAGE))
  const index = indexBundle({ resourceType: 'Bundle', type: 'collection', entry: resources })
  const reader = { index, parts: { locale, phrase, model, zone, isBeside: false } }
  return chosen.map(({ fullUrl, resource }) => {
    const wording = wordingFor(reader, { fullUrl, container: resource })
    return {
      kind: labelOf('', resource.resourceType, wording),
      title: summary(resource, wording),
      when: first(resource, WHEN, wording),
      status: STATUS.map((name) => shown(resource, resource.resourceType, name, wording)).filter(Boolean).join(', '), // prettier-ignore
      alerts: alerts(resource, wording),
      detail: resource.resourceType === 'Observation' ? '' : first(resource, DETAIL, wording),
    }
  })
}

function first(resource: Resource, names: readonly string[], wording: Wording): string {
  const texts = names.map((name) => shown(resource, resource.resourceType, name, wording))
  return texts.find((text) => text !== '')?.replaceAll('\n', '; ') ?? ''
}
