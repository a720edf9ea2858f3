/** Stage 1: a Composition and its sources to a document Bundle. @see https://hl7.org/fhir/R4/documents.html */

import type { Compartment } from '../fhir/compartment.ts'
import type { Issue } from '../fhir/issue.ts'
import type { Model } from '../fhir/model.ts'
import type { Bundle, BundleLink, Coding, Collected, Composition, Entry, Identifier, Instant } from '../fhir/types.ts'
import type { Source } from '../ports.ts'
import { closureOf, type Closure } from './closure.ts'
import { findingsOf } from './findings.ts'
import type { Graph } from './graph.ts'
import { namesOf, type Names } from './full-url.ts'
import { highWaterMark, labelled } from './labels.ts'
import { lookupIn } from './lookup.ts'
import type { Member } from './member.ts'
import { compositionFrom, type Origin } from './origin.ts'
import { completed, receiptOf, type Receipt, type RecordRow } from './receipt.ts'
import { rewritten } from './rewriting.ts'
import type { Limits } from './state.ts'
import { stylesheetsOf } from './stylesheet.ts'
import { withoutWithheld, type Said } from './withheld.ts'

export type { Limits, Origin, Receipt, RecordRow }
export { completed }

export interface CollectRequest {
  /** In the order in which they are asked: the first that has a target wins. */
  readonly sources: readonly Source[]
  readonly model: Model
  readonly compartment: Compartment
  /** Whether what included resources refer to is included too, or only what the Composition refers to. */
  readonly secondary: 'include' | 'direct'
  /** What is included beside what the Composition refers to, in place of all that `secondary` says. */
  readonly graph?: Graph
  /** Whether entries keep the URLs of their sources (below `base` where a source has none), or are all named by UUID. */
  readonly fullUrl: 'rest' | 'uuid'
  /** Without a slash at the end. */
  readonly base?: string
  readonly limits: Limits
  /** Of the document: new for each. */
  readonly identifier: Identifier
  readonly timestamp: Instant
  /** Where a Composition that is given as a whole is from, where that is known. */
  readonly origin?: Origin
  /** A URL of a source that has not the form of a UUID, as it says, gives way to one that has. */
  readonly mendsNames?: true
  /** What the document says that it keeps: `Bundle.meta.profile`. */
  readonly claims?: readonly string[]
}

export interface Collection {
  readonly bundle: Collected
  readonly receipt: Receipt
  /** An error for each missing direct target and each limit; the document is complete where there is none. */
  readonly issues: readonly Issue[]
  /** By the place of a section, what its text is to say of what is withheld; none where nothing is. */
  readonly notes: readonly (readonly Said[])[]
}

/** Limits that no document for people reaches. */
export const defaultLimits: Limits = { entries: 20_000, depth: 50, bytes: 256 * 1024 * 1024 }

/**
 * The document of a Composition (given as a whole, or by a reference that a source knows), with the receipt of what was
 * done with every reference. The same input gives the same document, and no input is changed.
 * @throws FhirError where there is no such Composition, or where a source cannot be read
 */
export async function collect(
  composition: Composition | { readonly reference: string },
  request: CollectRequest,
): Promise<Collection> {
  const { sources } = request
  const base = request.fullUrl === 'rest' ? request.base : undefined
  const lookup = lookupIn(sources, base)
  const found = await compositionFrom(composition, lookup, request.origin)
  lookup.know(found)
  const home = sources.find(({ name }) => name === found.source)
  const stylesheets = stylesheetsOf(home, lookup)
  const closure = await closureOf(found, { ...request, lookup, base }, stylesheets.wanted)
  const names = namesOf(closure.members, { fullUrl: request.fullUrl, base, mendsNames: request.mendsNames })
  const made = documentOf(closure, names, request)
  const { entries, notes } = withoutWithheld(closure.members, made.entries)
  const document = { ...made, entries }
  const { links, issues: ofLinks } = stylesheets.linked(closure)
  const ofSources = sources.flatMap((source) => source.issues?.() ?? [])
  const issues = [...ofSources, ...document.issues, ...closure.issues, ...ofLinks]
  const whole = (await Promise.all(sources.map(async (source) => (await source.all?.()) ?? []))).flat()
  const receipt = receiptOf({
    closure,
    names,
    isChanged: document.isChanged,
    whole,
    identifier: request.identifier,
    issues,
  })
  return { bundle: bundleOf(document, links, request), receipt, issues, notes }
}

interface Document {
  readonly entries: readonly Entry[]
  readonly mark: Coding | undefined
  readonly isChanged: (member: Member) => boolean
  readonly issues: readonly Issue[]
}

function documentOf(closure: Closure, names: Names, { model, limits }: CollectRequest): Document {
  const { members } = closure
  const [composition] = members
  const mark = highWaterMark(members.map(({ found }) => found.resource))
  const { patch, issue } = composition && mark ? labelled(composition.found.resource, mark, model) : {}
  const patches = new Map(composition && patch ? [[composition, patch]] : [])
  const { resourceOf, isChanged } = rewritten({ members, names, model, patches })
  const entries = members.map((member) => ({ fullUrl: names.fullUrlOf(member), resource: resourceOf(member) }))
  const issues = [...findingsOf(closure, { limits, isChanged }), ...(issue ? [issue] : []), ...clashes(entries)]
  return { entries, mark, isChanged, issues }
}

/** Entries of one fullUrl that no versionId tells apart: a source that keeps none beside one that does. */
function clashes(entries: readonly Entry[]): readonly Issue[] {
  const groups = [...Map.groupBy(entries, ({ fullUrl }) => fullUrl).values()].filter(({ length }) => length > 1)
  return groups.flatMap((group) =>
    group
      .filter(({ resource }) => resource?.meta?.versionId === undefined)
      .map((entry) => clash(entries.indexOf(entry), entry)),
  )
}

function clash(index: number, { fullUrl = '' }: Entry): Issue {
  return {
    severity: 'error',
    code: 'duplicate',
    text: `Several versions of ${fullUrl} are in the document and this one has no versionId, expected one for each`,
    expression: `Bundle.entry[${index}].fullUrl`,
    rule: 'unversioned-among-several',
    source: 'https://hl7.org/fhir/R4/bundle.html#invs',
  }
}

function bundleOf(
  { entries, mark }: Document,
  links: readonly BundleLink[],
  { identifier, timestamp, claims = [] }: CollectRequest,
): Collected {
  const meta = { ...(claims.length > 0 && { profile: claims }), ...(mark && { security: [mark] }) }
  const bundle: Bundle = {
    resourceType: 'Bundle',
    ...(Object.keys(meta).length > 0 && { meta }),
    identifier,
    type: 'document',
    timestamp,
    ...(links.length > 0 && { link: links }),
    entry: entries,
  }
  return bundle as Collected
}
