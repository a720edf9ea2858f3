/** The flow: collect → check → sign → render. Every face calls these functions and no stage on its own. */

import { check, pass } from './check/check.ts'
import {
  collect,
  completed,
  type Collection,
  type CollectRequest,
  type Receipt,
  type RecordRow,
} from './collect/collect.ts'
import { joinedNotes } from './collect/withheld.ts'
import { steadily } from './collect/steady.ts'
import { FhirError } from './fhir/error.ts'
import { isError, type Issue } from './fhir/issue.ts'
import type { Bundle, Checked, Narrative, Resource, Signed } from './fhir/types.ts'
import type { Clipped, Extracted, Now, Printer, SigningKey, Source } from './ports.ts'
import { issuesIn, type Inspector, type Judging } from './inspecting.ts'
import { clippedIssues } from './render/clipped.ts'
import { attesting, narratedDocument, narrativeAlone, type Narrating } from './narrating.ts'
import { augment, type AugmentRequest } from './sign/augment.ts'
import { page, type Page, type RenderDesign } from './render/page.ts'
import type { ArchiveRequest } from './render/pdf/archive.ts'
import { issuesPage } from './render/report.ts'
import { printable } from './render/scripts.ts'
import { verificationPage, type Verified } from './render/verification.ts'
import { coveredOctets, type OctetsRequest } from './sign/placement.ts'
import { embedValue, prepareFor, type Absent, type Answered, type ToSign } from './sign/prepare.ts'
import { prepare, provenanceBeside, sign, type SignRequest } from './sign/sign.ts'
import { verify, verifyFile, type Report, type VerifyRequest } from './sign/verify.ts'
import { stampXades, type StampRequest } from './sign/xml/stamp.ts'

/** What is decided at start: definitions, rules, templates, policies. Plain data and pure functions. */
export interface Design extends Judging {
  readonly render: RenderDesign
  /** What stops a document: faults of the document as a whole, or any error. */
  readonly block: 'document' | 'any'
  readonly collect: Pick<CollectRequest, 'model' | 'compartment' | 'limits'>
}

/** Everything with an effect. */
export interface Edge extends Inspector {
  readonly printer: Printer
  /** Makes the archive form of a PDF elsewhere than in this thread; absent where there is no such place. */
  readonly archive?: (printed: Uint8Array, request: ArchiveRequest, signal?: AbortSignal) => Promise<Uint8Array>
  /** The document that a PDF carries, read there too. */
  readonly extract?: (pdf: Uint8Array, signal?: AbortSignal) => Promise<Extracted>
  /** Runs a stage; a place to measure it. */
  readonly observe: <T>(stage: StageName, work: () => T) => T
}

export type { Collection } from './collect/collect.ts'
export { compileGraph } from './collect/graph.ts'
export { formOf, inspect, inspectResource } from './inspecting.ts'
export type { Attestation } from './narrating.ts'
export { unsigned } from './sign/placement.ts'
export type { Absent, Answered } from './sign/prepare.ts'

export type StageName = 'collect' | 'narrate' | 'check' | 'sign' | 'render' | 'print' | 'archive' | 'extract' | 'verify'

export type ComposeRequest = Omit<CollectRequest, 'model' | 'compartment' | 'limits' | 'identifier' | 'timestamp'> &
  Narrating & {
    readonly composition: Parameters<typeof collect>[0]
    /** Profiles that the document is to keep, beside those that its resources name. */
    readonly profiles?: readonly string[]
    /** What closure makes of it, where that is known already. */
    readonly collection?: Collection | undefined
    /** What the draft that is composed says of its record. */
    readonly drafted?: { readonly record: readonly RecordRow[]; readonly issues: readonly Issue[] }
    readonly sign?: Signing
  }

export type Signing = Omit<SignRequest, 'when'> & { readonly key: SigningKey }

export interface Product {
  readonly collection: Collection
  readonly bundle: Checked | Signed
  readonly receipt: Receipt
  readonly issues: readonly Issue[]
}

/**
 * A Composition and its sources to a document: collected, narrated, checked, and signed where a key is given.
 * @throws FhirError with all issues where the document as a whole cannot be
 */
export async function compose(
  {
    composition,
    collection: known,
    sign: signing,
    profiles = [],
    notes,
    drafted,
    attestation,
    ...request
  }: ComposeRequest,
  design: Design,
  edge: Edge,
): Promise<Product> {
  const own = ownMembers(edge)
  const head = attesting(composition, attestation)
  const collecting = (sources: readonly Source[]): Promise<Collection> =>
    collect(head, { ...request, sources, ...design.collect, ...own })
  const collection = known ?? (await edge.observe('collect', () => steadily(request.sources, collecting)))
  const told = { notes: joinedNotes(notes, collection.notes), attestation }
  const { bundle: whole, issues: ofText } = edge.observe('narrate', () => narratedDocument(collection.bundle, design.render, told)) // prettier-ignore
  const found = await issuesIn(whole, design, edge, profiles)
  const issues = [...(drafted?.issues ?? []), ...collection.issues, ...ofText, ...untold(found, collection.issues)]
  mustBeWhole(collection.issues, issues)
  const checked = pass(whole, issues, design.block)
  const bundle = signing === undefined ? checked : await signed(checked, signing, edge)
  const packages = [`hl7.fhir.r4.core#${design.collect.model.fhirVersion}`]
  return { collection, bundle, receipt: completed(collection.receipt, { packages, issues }, drafted), issues }
}

/** What each document has of its own. */
export function ownMembers(edge: Now): Pick<CollectRequest, 'identifier' | 'timestamp'> {
  return { identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${edge.uuid()}` }, timestamp: edge.now() }
}

/** A document is complete or there is none: what closure could not do stops it, wherever it lies. */
function mustBeWhole(ofClosure: readonly Issue[], issues: readonly Issue[]): void {
  const [first, ...others] = issues
  if (first !== undefined && ofClosure.some(isError)) throw new FhirError([first, ...others])
}

/** What check says of an element of which closure has said already that it is an error. */
function untold(found: readonly Issue[], ofClosure: readonly Issue[]): readonly Issue[] {
  const told = new Set(ofClosure.filter(isError).map(({ expression }) => expression))
  return told.size === 0 ? found : found.filter(({ expression }) => !told.has(expression))
}

/** Generated narrative for a resource by itself; none where it may not be told. */
export function narrativeOf(resource: Resource, { render }: Design, edge: Edge): Narrative | undefined {
  return edge.observe('narrate', () => narrativeAlone(resource, render))
}

/**
 * A document with a signature, once nothing that blocks is found in it (H-18).
 * @throws FhirError with all issues, or why it cannot be signed
 */
export async function signDocument(bundle: Bundle, signing: Signing, design: Design, edge: Edge): Promise<Signed> {
  return signed(passed(bundle, design, edge), signing, edge)
}

/** A document that was checked, with a signature. */
export function signed(bundle: Checked, { key, ...request }: Signing, edge: Edge): Promise<Signed> {
  return edge.observe('sign', async () => sign(bundle, await currentOf(key), { ...request, when: edge.now() }))
}

async function currentOf(key: SigningKey): Promise<SigningKey> {
  return (await key.current?.()) ?? key
}

/** A signature of a document in a Provenance that stands beside it, whatever signatures it bears. @throws FhirError as `signDocument` */
export async function signBeside(bundle: Bundle, signing: Signing, design: Design, edge: Edge): Promise<Resource> {
  const { key, ...request } = signing
  const checked = passed(bundle, design, edge)
  return edge.observe('sign', async () => {
    const now = await currentOf(key)
    const prepared = prepare(checked, now, { ...request, as: 'beside', when: edge.now() })
    return provenanceBeside(prepared, await now.sign(prepared.input))
  })
}

export type Preparing = Omit<SignRequest, 'when'> & { readonly signer: Absent }

/** What a key elsewhere is to sign of a document, once nothing that blocks is found in it. @throws FhirError as `signDocument` */
export function prepareDocument(bundle: Bundle, { signer, ...request }: Preparing, design: Design, edge: Edge): ToSign {
  const checked = passed(bundle, design, edge)
  return edge.observe('sign', () => prepareFor(checked, signer, { ...request, when: edge.now() }))
}

/** The document, or the Provenance beside it, with the value that the key elsewhere gave. @throws FhirError as `embedValue` */
export function embedValueIn(bundle: Bundle, answered: Answered, design: Design, edge: Edge): Signed | Resource {
  const checked = passed(bundle, design, edge)
  const settings = { ...answered.settings, xml: design.collect.model }
  return edge.observe('sign', () => embedValue(checked, { ...answered, settings }))
}

/** The document, in which nothing that blocks is found. @throws FhirError with all issues */
function passed(bundle: Bundle, design: Design, edge: Edge): Checked {
  return pass(
    bundle,
    edge.observe('check', () => check(bundle, design.checks, { policy: design.policy })),
    design.block,
  )
}

export type Lasting = Omit<AugmentRequest, 'at' | 'sidecar'>

/**
 * The signature of a document made to last: the text of the sidecar, which takes the place of the one given.
 * @throws FhirError `business-rule` where the signature does not hold or what its level needs is not to be had
 */
export function outlast(bundle: Bundle, lasting: Lasting, edge: Edge, sidecar?: Uint8Array): Promise<string> {
  const request = { ...lasting, at: edge.now(), ...(sidecar !== undefined && { sidecar }) }
  return edge.observe('sign', () => augment(bundle, request))
}

export type Stamping = Omit<StampRequest, 'at' | 'model'>

/** A document whose signature in XML has a time-stamp too. @throws FhirError `business-rule` where it has none that holds */
export function stamped(bundle: Bundle, stamping: Stamping, design: Design, edge: Edge): Promise<Signed> {
  const { model } = design.collect
  return edge.observe('sign', () => stampXades(bundle, { ...stamping, model, at: edge.now() }))
}

/** What can be said of a document's signatures, or of those beside a file that is no Bundle. */
export function judge(document: Bundle | Uint8Array, request: VerifyRequest, edge: Edge): Promise<Report> {
  const isFile = document instanceof Uint8Array
  return edge.observe('verify', () => (isFile ? verifyFile(document, request) : verify(document, request)))
}

/** The report as a page in plain words. */
export function presentReport(report: Report, verified: Verified, design: Design, edge: Edge): string {
  return edge.observe('render', () => verificationPage(report, verified, design.render))
}

/** The human-readable document: a pure function of the Bundle and the design. */
export function present(bundle: Bundle, design: Design, edge: Edge): Page {
  return edge.observe('render', () => page(bundle, design.render))
}

/** The issues of a document beside its page. */
export function presentIssues(bundle: Bundle, issues: readonly Issue[], design: Design, edge: Edge): string {
  return edge.observe('render', () => issuesPage(bundle, issues, design.render))
}

export interface Printed {
  readonly pdf: Uint8Array
  /** Those of the page, and what print alone may get wrong. */
  readonly issues: readonly Issue[]
}

/** The page as PDF. */
export async function print(page: Page, edge: Edge, signal?: AbortSignal): Promise<Printed> {
  const isLegible = await edge.printer.legibility?.()
  const { xhtml, issues: ofFonts } =
    isLegible === undefined ? { ...page, issues: [] } : printable(page.xhtml, isLegible)
  let clipped: readonly Clipped[] = []
  const options = { onClipped: (found: readonly Clipped[]) => void (clipped = found), ...(signal && { signal }) }
  const pdf = await edge.observe('print', () => edge.printer.print(xhtml, options))
  return { pdf, issues: [...page.issues, ...ofFonts, ...clippedIssues(clipped)] }
}

/** The exact octets that a signature of the document covers: the one named by where it stands, else the first. */
export function octetsOf(bundle: Bundle, request: OctetsRequest = {}): Uint8Array {
  return coveredOctets(bundle, request)
}
