/** What closure knows while it runs, and the one way into the document. */

import type { Compartment } from '../fhir/compartment.ts'
import { bytesOf } from '../fhir/bytes.ts'
import type { Model } from '../fhir/model.ts'
import type { Found, Source } from '../ports.ts'
import type { Graph } from './graph.ts'
import type { Lookup } from './lookup.ts'
import { identityOf, nameOf, placesOf, versionOf, type Member, type Outcome, type Place, type Way } from './member.ts'
import { DOCUMENTS } from './reference-kind.ts'
import { stranger, type Subjects } from './same-patient.ts'

export interface Limits {
  /** The most resources in a document. */
  readonly entries: number
  /** The most references between the Composition and a resource. */
  readonly depth: number
  /** The most bytes of all resources together, as JSON. */
  readonly bytes: number
}

export interface ClosureRequest {
  readonly sources: readonly Source[]
  readonly model: Model
  readonly compartment: Compartment
  readonly secondary: 'include' | 'direct'
  readonly limits: Limits
  /** What comes in beside what the Composition refers to, in place of all that `secondary` says. */
  readonly graph?: Graph | undefined
  readonly lookup: Lookup
  /** Where resources of sources without a base are taken to lie. */
  readonly base: string | undefined
}

export interface State {
  readonly request: ClosureRequest
  readonly members: Member[]
  /** By identity: all versions of it. */
  readonly byIdentity: Map<string, Member[]>
  /** References whose targets are still to be read. */
  pending: Place[]
  /** References that a limit leaves unread. */
  readonly limited: Place[]
  readonly reached: Set<keyof Limits>
  /** What was read and left out, by name, with the reason. */
  readonly leftOut: Map<string, string>
  subjects: Subjects | undefined
  bytes: number
  /** How many of the members were asked for their Provenance. */
  asked: number
}

export function startOf(request: ClosureRequest): State {
  return {
    request,
    members: [],
    byIdentity: new Map(),
    pending: [],
    limited: [],
    reached: new Set(),
    leftOut: new Map(),
    subjects: undefined,
    bytes: 0,
    asked: 0,
  }
}

/** The member that is the very version found, where it is in already. */
export function memberFor({ byIdentity, request }: State, found: Found): Member | undefined {
  const version = versionOf(found.resource)
  return byIdentity.get(identityOf(found, request.base))?.find((member) => member.version === version)
}

export interface Admission {
  readonly found: Found
  readonly depth: number
  readonly reason: string
  /** A document of its own comes in only where the Composition itself refers to it. */
  readonly isDirect: boolean
  /** The reference by which it was found. */
  readonly way?: Way
}

/** What becomes of a reference whose target was found: the target comes in, unless it may not. */
export function admit(state: State, admission: Admission): Outcome {
  const { found, reason } = admission
  const present = memberFor(state, found)
  if (present !== undefined) return { decision: 'included', target: present, reason }
  const refusal = refusalOf(state, admission)
  if (refusal === undefined) return { decision: 'included', target: enter(state, admission), reason }
  state.leftOut.set(nameOf(found), refusal.reason)
  return refusal
}

function refusalOf(state: State, { found, depth, isDirect, way }: Admission): Outcome | undefined {
  const { request, subjects } = state
  if (!isDirect && DOCUMENTS.has(found.resource.resourceType))
    return { decision: 'kept', reason: 'another document is not followed' }
  const other = subjects === undefined ? undefined : stranger(found, way, subjects, request)
  if (other !== undefined) return { decision: 'refused', reason: other, rule: 'same-subject' }
  const limit = limitFor(state, depth)
  if (limit === undefined) return undefined
  state.reached.add(limit)
  return { decision: 'refused', reason: limitText(limit, request.limits), rule: 'limit' }
}

function limitFor({ request: { limits }, members, reached }: State, depth: number): keyof Limits | undefined {
  if (depth > limits.depth) return 'depth'
  if (members.length >= limits.entries) return 'entries'
  return reached.has('bytes') ? 'bytes' : undefined
}

export function limitText(limit: keyof Limits, limits: Limits): string {
  return `the limit of ${limits[limit]} ${limit === 'depth' ? 'references from the Composition' : limit} (${limit}) is reached`
}

/** Makes what was found the next entry. */
export function enter(state: State, { found, depth, reason }: Omit<Admission, 'isDirect'>): Member {
  const { members, byIdentity, request } = state
  const places: Place[] = []
  const identity = identityOf(found, request.base)
  const member: Member = {
    found,
    index: members.length,
    identity,
    version: versionOf(found.resource),
    depth,
    reason,
    places,
  }
  members.push(member)
  byIdentity.set(identity, [...(byIdentity.get(identity) ?? []), member])
  state.bytes += bytesOf(found.resource).length
  if (state.bytes > request.limits.bytes) state.reached.add('bytes')
  for (const place of placesOf(member, request.model, request.graph === undefined ? request.secondary : 'direct')) {
    places.push(place)
    const outcome = outcomeAtOnce(place)
    if (outcome !== undefined) place.outcome = outcome
    else if (place.row.demand !== 'match') state.pending.push(place)
  }
  return member
}

/** The outcome of a reference for which nothing has to be read or known. */
function outcomeAtOnce({ row, occurrence, parsed }: Place): Outcome | undefined {
  const { demand, reason } = row
  if (demand === 'keep') return { decision: 'kept', reason }
  if (demand === 'refuse') return { decision: 'refused', reason, rule: 'no-reference' }
  if (demand !== 'contained' || parsed?.form !== 'fragment') return undefined
  const { id } = parsed
  const isThere = id === '' || occurrence.node.container.contained?.some((resource) => resource.id === id) === true
  return isThere
    ? { decision: 'contained', reason }
    : { decision: 'missing', reason: 'no contained resource has this id' }
}
