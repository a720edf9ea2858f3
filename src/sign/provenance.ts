/**
 * A Provenance that bears a signature of a document. What R6 says of the signer once, in the agent, R4 says a second time
 * in the signature, where it is mandatory: both are written, and read as one.
 * @see https://hl7.org/fhir/R4/provenance.html
 * @see https://hl7.org/fhir/6.0.0-ballot4/signatures.html
 */

import { sha256, toBase64url, uuidV5 } from '../fhir/digest.ts'
import {
  isObject,
  type Bundle,
  type Entry,
  type Json,
  type JsonObject,
  type Reference,
  type Resource,
  type Signature,
} from '../fhir/types.ts'
import { COMMITMENT_SYSTEM } from './commitments.ts'
import { milliseconds } from './instant.ts'

const NAMESPACE = 'd1a1c3a2-54b7-5a0e-9d0f-6c9f1f0b7e11'

/** The id of a Bundle, which a Provenance names it by; one that follows from its signed octets where it has none. */
export function idOf({ id }: Bundle, octets: Uint8Array): string {
  return id ?? uuidV5(NAMESPACE, toBase64url(sha256(octets)))
}

export interface ProvenanceRequest {
  /** Of the Bundle that is signed. */
  readonly id: string
  readonly signature: Signature
  /** The fullUrls of the entries whose signatures are signed too. */
  readonly counters: readonly string[]
}

/**
 * The Provenance of a signature over a Bundle. R4 lets only those into a document that lead to something in it: the
 * entity does, and leaves the targets, by which readers of R6 know what is signed, as they have to be.
 */
export function provenanceOf({ entry = [] }: Bundle, { id, signature, counters }: ProvenanceRequest): Resource {
  const { type = [], when, who, onBehalfOf, data = '' } = signature
  const composition = entry[0]?.fullUrl
  return {
    resourceType: 'Provenance',
    id: uuidV5(NAMESPACE, data),
    target: [`Bundle/${id}`, ...counters].map((reference) => ({ reference })),
    occurredDateTime: when,
    recorded: when,
    agent: [{ type: { coding: type }, who, ...(onBehalfOf !== undefined && { onBehalfOf }) }],
    ...(composition !== undefined && { entity: [{ role: 'source', what: { reference: composition } }] }),
    signature: [signature],
  }
}

/** The Bundle with a Provenance as its last entry, and with the id that this one names it by. */
export function withProvenance(bundle: Bundle, id: string, provenance: Resource): Bundle {
  const { resourceType, entry = [], ...members } = bundle
  const own: Entry = { fullUrl: `urn:uuid:${provenance.id ?? ''}`, resource: provenance }
  return { resourceType, ...(bundle.id === undefined && { id }), ...members, entry: [...entry, own] }
}

/** A `who` as an entry that may be anywhere has to write it: by the fullUrl of the one entry that it names. */
export function absolute(who: Reference, { entry = [] }: Bundle): Reference {
  const { reference } = who
  const named = entry.filter(
    ({ resource }) => resource !== undefined && `${resource.resourceType}/${resource.id}` === reference,
  )
  const [only, another] = named
  return only?.fullUrl === undefined || another !== undefined ? who : { ...who, reference: only.fullUrl }
}

/** A signature with what R6 leaves to its Provenance: type, when, who and onBehalfOf. */
export function signatureBy(provenance: Resource, signature: Signature): Signature {
  const [agent] = objects(provenance['agent'])
  const { occurredDateTime: when } = provenance
  const type = codingsOf(agent?.['type'])
  return {
    ...(type.length > 0 && { type }),
    ...(typeof when === 'string' && { when }),
    ...member(agent, 'who'),
    ...member(agent, 'onBehalfOf'),
    ...signature,
  }
}

function member(agent: JsonObject | undefined, name: string): JsonObject {
  const value = agent?.[name]
  return isObject(value) ? { [name]: value } : {}
}

/** Why a signature and its Provenance do not say the same of the signer; undefined where they do. */
export function disagreement(provenance: Resource, signature: Signature): string | undefined {
  const agents = objects(provenance['agent'])
  const { occurredDateTime } = provenance
  if (
    differs(
      signature.who,
      agents.map(({ who }) => who),
    )
  )
    return 'The Provenance names another signer than its signature'
  if (
    differs(
      signature.onBehalfOf,
      agents.map(({ onBehalfOf }) => onBehalfOf),
    )
  )
    return 'The Provenance names another on whose behalf was signed than its signature'
  const types = agents.flatMap(({ type }) => codingsOf(type)).filter(({ system }) => system === COMMITMENT_SYSTEM)
  const own = objects(signature.type).map(({ code }) => code)
  if (types.length > 0 && own.length > 0 && !types.some(({ code }) => own.includes(code)))
    return 'The Provenance has another type for its signer than its signature'
  const times = [occurredDateTime, signature.when].map((time) =>
    typeof time === 'string' ? milliseconds(time) : undefined,
  )
  const [occurred, when] = times
  if (occurred !== undefined && when !== undefined && occurred !== when)
    return 'The Provenance has another time than its signature'
  return undefined
}

/** Whether something is said in both places, and nowhere the same. */
function differs(said: Json | undefined, others: readonly (Json | undefined)[]): boolean {
  const given = others.filter(isObject)
  return isObject(said) && given.length > 0 && !given.some((other) => isSame(said, other))
}

/** By what both have: the reference, else the identifier, else the display. */
function isSame(one: JsonObject, other: JsonObject): boolean {
  for (const name of ['reference', 'identifier', 'display']) {
    const [own, their] = [one[name], other[name]]
    if (own !== undefined && their !== undefined) return text(own) === text(their)
  }
  return false
}

function text(value: Json): string {
  if (!isObject(value)) return JSON.stringify(value)
  return JSON.stringify([value['system'], value['value']])
}

function codingsOf(type: Json | undefined): readonly JsonObject[] {
  return isObject(type) ? objects(type['coding']) : []
}

/** A Provenance without the values of its signatures: what it is where it signs itself. */
export function bareOf(provenance: Resource): Resource {
  const signature = objects(provenance['signature']).map(({ data: _data, ...others }) => others)
  return { ...provenance, signature }
}

/** The members of a list that are objects; none where the value is no list. */
export function objects(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isObject) : []
}
