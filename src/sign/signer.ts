/**
 * Who signs, by the word of the certificate: H-4 of the safety table. A claim that the certificate does not bear out
 * is kept as a claim, one that it contradicts is refused.
 * @see https://hl7.org/fhir/R4/datatypes-definitions.html#Signature.who
 */

import { identifiersOf, parseReference, sameIdentifier } from '../fhir/reference.ts'
import {
  isObject,
  isResource,
  type Bundle,
  type Identifier,
  type Json,
  type Reference,
  type Resource,
} from '../fhir/types.ts'
import { isCommitted, VERIFICATION } from './commitments.ts'
import type { AlternativeName, Certificate } from './x509.ts'

/** SHA-256 fingerprint of a certificate, in hex, to the reference of its holder: `Practitioner/1`. */
export type Signers = Readonly<Record<string, string>>

/** What a certificate says of its holder. */
export interface Holder {
  /** As RFC 4514 writes it. */
  readonly subject: string
  /** The common name, or the whole subject. */
  readonly name: string
  /** References that name the holder: the row of the table of signers, or the FHIR URLs of the certificate. */
  readonly references: readonly string[]
  /** The certificate's other names as identifiers, the subject last. */
  readonly identifiers: readonly Identifier[]
  /** A person or an organization where the subject's attributes tell. @see ETSI EN 319 412-2 and 412-3 */
  readonly kind: 'person' | 'organization' | undefined
  /** What the holder is where it seals: an organization that the subject names, else a machine. */
  readonly sealerType: 'Organization' | 'Device'
}

const URI = 'urn:ietf:rfc:3986'
/** The system of an identifier that is a distinguished name as RFC 4514 writes it. */
const SUBJECT_SYSTEM = 'urn:ietf:rfc:4514'

const ATTRIBUTE = {
  commonName: '2.5.4.3',
  surname: '2.5.4.4',
  organization: '2.5.4.10',
  givenName: '2.5.4.42',
  pseudonym: '2.5.4.65',
  organizationIdentifier: '2.5.4.97',
} as const

/** Types of otherName that FHIR knows by another system than their object identifier. */
const SYSTEMS: Readonly<Record<string, string>> = { '2.16.840.1.113883.4.6': 'http://hl7.org/fhir/sid/us-npi' }

export function holderOf({ subject, attributes, names, fingerprint }: Certificate, signers: Signers = {}): Holder {
  const row = Object.entries(signers).find(([key]) => key.replaceAll(':', '').toLowerCase() === fingerprint)?.[1]
  const urls = names.filter(({ kind, value }) => kind === 'uri' && isFhirUrl(value)).map(({ value }) => value)
  return {
    subject,
    name: attributes[ATTRIBUTE.commonName] ?? subject,
    references: row === undefined ? urls : [row],
    identifiers: [...names.flatMap(identifierOf), { system: SUBJECT_SYSTEM, value: subject }],
    kind: kindOf(attributes),
    sealerType: attributes[ATTRIBUTE.organization] === undefined ? 'Device' : 'Organization',
  }
}

/** Whether a URL is one that names a resource which may sign. */
function isFhirUrl(uri: string): boolean {
  const parsed = parseReference(uri)
  return parsed.form === 'rest' && [...PERSON_TYPES, ...SEAL_TYPES].includes(parsed.type)
}

const SEAL_TYPES: readonly string[] = ['Organization', 'Device']
const PERSON_TYPES: readonly string[] = ['Practitioner', 'PractitionerRole', 'RelatedPerson', 'Patient']

function identifierOf({ kind, type, value }: AlternativeName): readonly Identifier[] {
  if (kind === 'uri' && !isFhirUrl(value)) return [{ system: URI, value }]
  if (kind === 'other' && type !== undefined) return [{ system: SYSTEMS[type] ?? `urn:oid:${type}`, value }]
  return []
}

function kindOf(attributes: Certificate['attributes']): Holder['kind'] {
  const has = (...ids: readonly string[]): boolean => ids.some((id) => attributes[id] !== undefined)
  if (has(ATTRIBUTE.surname, ATTRIBUTE.givenName, ATTRIBUTE.pseudonym)) return 'person'
  return has(ATTRIBUTE.organizationIdentifier) ? 'organization' : undefined
}

/** The `who` that the certificate itself gives: a reference that it bears, else an identifier with its name. */
export function whoOf({ references: [reference], identifiers: [identifier], name }: Holder): Reference {
  if (reference !== undefined) return { reference, display: name }
  return { ...(identifier !== undefined && { identifier }), display: name }
}

/** The `who` of a seal. */
export function sealerOf(holder: Holder): Reference {
  const who = whoOf(holder)
  return who.reference === undefined ? { type: holder.sealerType, ...who } : who
}

/** A Reference as far as a value is one: members of another kind are left out. */
export function readReference(value: Json | undefined): Reference | undefined {
  if (!isObject(value)) return undefined
  const { reference, type, identifier, display } = value
  return {
    ...(typeof reference === 'string' && { reference }),
    ...(typeof type === 'string' && { type }),
    ...(isObject(identifier) && { identifier }),
    ...(typeof display === 'string' && { display }),
  }
}

/**
 * How a `who` stands to the certificate: `vouched` for by one of its names, a `claim` that it says nothing of, or
 * `contradicted` by what it says.
 */
export type Agreement = 'vouched' | 'claim' | 'contradicted'

export function agreement(who: Reference, holder: Holder, bundle: Bundle): Agreement {
  const { references, identifiers } = holder
  const named = resourceOf(who, bundle)
  if (references.some((reference) => reference === who.reference || reference === named?.fullUrl)) return 'vouched'
  if (isOfOtherKind(typeOf(who, bundle), holder)) return 'contradicted'
  if (references.length > 0 && !references.some((reference) => mayBe(reference, who))) return 'contradicted'
  const own = named === undefined ? [] : identifiersOf(named.resource).filter(isObject)
  const claimed: readonly Identifier[] = isObject(who.identifier) ? [who.identifier, ...own] : own
  if (claimed.some((one) => identifiers.some((other) => isSame(one, other)))) return 'vouched'
  // A resource may have many URIs, but a number of one register only.
  const single = claimed.filter((one) => one === who.identifier || one.system !== URI)
  const systems = identifiers.map(({ system }) => system).filter((system) => system !== SUBJECT_SYSTEM)
  return single.some(({ system }) => system !== undefined && systems.includes(system)) ? 'contradicted' : 'claim'
}

/** Whether the certificate is that of a person and the type that of an organization or device, or the other way round. */
function isOfOtherKind(type: string | undefined, { kind }: Holder): boolean {
  return kind !== undefined && type !== undefined && SEAL_TYPES.includes(type) !== (kind === 'organization')
}

/** A relative reference may mean the URL that ends with it: which server it is relative to is not said. */
function mayBe(url: string, { reference }: Reference): boolean {
  return reference === undefined || url.endsWith(`/${reference}`) || reference.endsWith(`/${url}`)
}

/** HL7's own tool writes the subject under a system of its own, and its parts in an order of its own. */
function isSame(claimed: Identifier, own: Identifier): boolean {
  if (own.system !== SUBJECT_SYSTEM) return sameIdentifier(claimed, own)
  return typeof claimed.value === 'string' && partsOf(claimed.value) === partsOf(own.value ?? '')
}

function partsOf(name: string): string {
  return name
    .split(/(?<!\\),/)
    .map((part) => part.trim())
    .sort()
    .join(',')
}

interface Named {
  readonly fullUrl: Json | undefined
  readonly resource: Resource
}

/** The entry that `who` names; a relative reference of the Bundle itself only where one entry alone has its type and id. */
function resourceOf({ reference }: Reference, { entry }: Bundle): Named | undefined {
  if (reference === undefined || !Array.isArray(entry)) return undefined
  const named = (entry as readonly Json[]).flatMap((row): readonly Named[] =>
    isObject(row) && isResource(row['resource']) ? [{ fullUrl: row['fullUrl'], resource: row['resource'] }] : [],
  )
  const exact = named.filter(({ fullUrl }) => fullUrl === reference)
  const matches =
    exact.length > 0 ? exact : named.filter(({ resource }) => `${resource.resourceType}/${resource.id}` === reference)
  return matches.length === 1 ? matches[0] : undefined
}

/** The type of what `who` names, as far as it can be told. */
function typeOf(who: Reference, bundle: Bundle): string | undefined {
  const parsed = parseReference(who.reference ?? '')
  const ofUrl = parsed.form === 'relative' || parsed.form === 'rest' ? parsed.type : undefined
  return resourceOf(who, bundle)?.resource.resourceType ?? ofUrl ?? who.type
}

/** Whether `who` is an Organization or a Device, so that its signature is a seal. */
export function isSealer(who: Reference, bundle: Bundle): boolean {
  return SEAL_TYPES.includes(typeOf(who, bundle) ?? '')
}

/** What tells a seal from a signature. */
export interface Act {
  readonly who: Reference | undefined
  /** Identifiers of the commitments that are signed. */
  readonly commitments: readonly string[]
  readonly holder: Holder
}

/**
 * Whether a signature is a seal: an Organization or Device made it, or it verifies only and its certificate proves no
 * person. `who` is not signed, so it alone never turns a seal into a person's signature.
 */
export function isSeal({ who, commitments, holder }: Act, bundle: Bundle): boolean {
  if (who !== undefined && isSealer(who, bundle)) return true
  const provesPerson =
    holder.kind === 'person' ||
    holder.references.some((reference) => PERSON_TYPES.includes(typeOf({ reference }, bundle) ?? ''))
  return isCommitted({ code: VERIFICATION }, commitments) && !provesPerson
}
