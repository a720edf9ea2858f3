/** The flow: collect → check → sign → render. Every face calls these functions and no stage on its own. */

import { check, pass, type Checks, type Policy } from './check/check.ts'
import { collect, type CollectRequest, type Receipt } from './collect/collect.ts'
import { FhirError } from './fhir/error.ts'
import { isError, type Issue } from './fhir/issue.ts'
import type { Bundle, Checked, Signed } from './fhir/types.ts'
import type { Now, Printer, SigningKey } from './ports.ts'
import { narrate } from './render/narrate.ts'
import { page, type Page, type RenderDesign } from './render/page.ts'
import { unbundledScripts } from './render/scripts.ts'
import { octets } from './sign/octets.ts'
import { sign, type SignRequest } from './sign/sign.ts'
import { verify, type Report, type VerifyRequest } from './sign/verify.ts'

/** What is decided at start: definitions, rules, templates, policies. Plain data and pure functions. */
export interface Design {
  readonly checks: Checks
  readonly render: RenderDesign
  readonly policy: Policy
  /** What stops a document: faults of the document as a whole, or any error. */
  readonly block: 'document' | 'any'
  readonly collect: Pick<CollectRequest, 'model' | 'compartment' | 'limits'>
}

/** Everything with an effect. */
export interface Edge extends Now {
  readonly printer: Printer
  /** Runs a stage; a place to measure it. */
  readonly observe: <T>(stage: StageName, work: () => T) => T
}

export type StageName = 'collect' | 'narrate' | 'check' | 'sign' | 'render' | 'print' | 'verify'

export type ComposeRequest = Omit<CollectRequest, 'model' | 'compartment' | 'limits' | 'identifier' | 'timestamp'> & {
  readonly composition: Parameters<typeof collect>[0]
  readonly sign?: Signing
}

export type Signing = Omit<SignRequest, 'when'> & { readonly key: SigningKey }

export interface Product {
  readonly bundle: Checked | Signed
  readonly receipt: Receipt
  readonly issues: readonly Issue[]
}

/**
 * A Composition and its sources to a document: collected, narrated, checked, and signed where a key is given.
 * @throws FhirError with all issues where the document as a whole cannot be
 */
export async function compose(
  { composition, sign: signing, ...request }: ComposeRequest,
  design: Design,
  edge: Edge,
): Promise<Product> {
  const timestamp = edge.now()
  const identifier = { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${edge.uuid()}` }
  const collection = await edge.observe('collect', () =>
    collect(composition, { ...request, ...design.collect, identifier, timestamp }),
  )
  const narrated = edge.observe('narrate', () => narrate(collection.bundle, design.render))
  const found = edge.observe('check', () => check(narrated.bundle, design.checks, { policy: design.policy }))
  const issues = [...collection.issues, ...narrated.issues, ...untold(found, collection.issues)]
  mustBeWhole(collection.issues, issues)
  const checked = pass(narrated.bundle, issues, design.block)
  const bundle = signing === undefined ? checked : await signed(checked, signing, edge)
  const packages = [`hl7.fhir.r4.core#${design.collect.model.fhirVersion}`]
  return { bundle, receipt: { ...collection.receipt, packages, issues }, issues }
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

/** Every issue of a document, or of any Bundle. */
export function inspect(bundle: Bundle, design: Design, edge: Edge): readonly Issue[] {
  return edge.observe('check', () => check(bundle, design.checks, { policy: design.policy }))
}

/**
 * A document with a signature, once nothing that blocks is found in it (H-18).
 * @throws FhirError with all issues, or why it cannot be signed
 */
export async function signDocument(bundle: Bundle, signing: Signing, design: Design, edge: Edge): Promise<Signed> {
  return signed(pass(bundle, inspect(bundle, design, edge), design.block), signing, edge)
}

function signed(bundle: Checked, { key, ...request }: Signing, edge: Edge): Promise<Signed> {
  return edge.observe('sign', () => sign(bundle, key, { ...request, when: edge.now() }))
}

/** What can be said of a document's signature. */
export function judge(bundle: Bundle, request: VerifyRequest, edge: Edge): Promise<Report> {
  return edge.observe('verify', () => verify(bundle, request))
}

/** The human-readable document: a pure function of the Bundle and the design. */
export function present(bundle: Bundle, design: Design, edge: Edge): Page {
  return edge.observe('render', () => page(bundle, design.render))
}

export interface Printed {
  readonly pdf: Uint8Array
  /** Those of the page, and what print alone may get wrong. */
  readonly issues: readonly Issue[]
}

/** The page as PDF. */
export async function print({ xhtml, issues }: Page, edge: Edge, signal?: AbortSignal): Promise<Printed> {
  const pdf = await edge.observe('print', () => edge.printer.print(xhtml, signal === undefined ? {} : { signal }))
  return { pdf, issues: [...issues, ...unbundledScripts(xhtml)] }
}

/** The exact octets that a signature of the document covers. */
export function octetsOf(bundle: Bundle): Uint8Array {
  return octets(bundle)
}
