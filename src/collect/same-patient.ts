/**
 * Whether a resource is about a patient other than the subject: closure does not enter that patient's compartment, but
 * for exceptions that are known.
 * @see https://hl7.org/fhir/R4/compartmentdefinition-patient.html
 */

import { memberships, type Compartment, type Membership } from '../fhir/compartment.ts'
import { memoFor, remember, type Memo } from '../fhir/memo.ts'
import { identifiersBeside, isRival } from '../fhir/patient-identity.ts'
import { isOwner, isShared, takesPart } from '../fhir/patient-role.ts'
import { identifiersOf, parseReference } from '../fhir/reference.ts'
import { isObject, type Identifier, type Json } from '../fhir/types.ts'
import type { Found, Target } from '../ports.ts'
import { want, wantedBy, type Lookup, type Wanted } from './lookup.ts'
import { identityOf, typeIn, type Way } from './member.ts'

/** What a document's subject is told by. */
export interface Subjects {
  /** Those that are Patients; where there is none, there is no other patient to keep out. */
  readonly patients: readonly Found[]
  readonly identities: ReadonlySet<string>
  readonly identifiers: readonly Identifier[]
  /** Other patients, and whether data about them may come in. */
  readonly others: Map<string, boolean>
}

export interface Surroundings {
  readonly compartment: Compartment
  readonly lookup: Lookup
  readonly base: string | undefined
}

/** References by which another Patient comes in without data about that patient, beside those by which somebody takes part. */
const WAYS: ReadonlySet<string> = new Set(['Observation.focus', 'RelatedPerson.patient', 'Composition.valueReference'])

export function subjectsOf(found: readonly Found[], base: string | undefined): Subjects {
  const patients = found.filter(isPatient)
  return {
    patients,
    identities: new Set(patients.map((one) => identityOf(one, base))),
    identifiers: patients.flatMap(({ resource }) => identifiersOf(resource)).filter(isObject),
    others: new Map(),
  }
}

function isPatient({ resource }: Found): boolean {
  return resource.resourceType === 'Patient'
}

/** A reference that says whom a resource is about, and what it asks for: undefined where it names no Patient. */
interface Ownership extends Membership {
  readonly wanted: Wanted | undefined
  /** Who is named otherwise than by an address: beside the reference, or by the Patient that the resource contains. */
  readonly identifiers: readonly Identifier[]
}

const ownershipMemos = new WeakMap<Compartment, Memo<Found, readonly Ownership[]>>()

/** The references that say whom a resource is about. */
function ownerships(found: Found, { compartment }: Surroundings): readonly Ownership[] {
  return remember(memoFor(ownershipMemos, compartment), found, () =>
    memberships(found.resource, compartment)
      .filter(({ element }) => isOwner(found.resource.resourceType, element))
      .map((membership) => ({
        ...membership,
        wanted: wantedByOwnership(membership, found),
        identifiers: identifiersBeside(membership.reference, found.resource),
      })),
  )
}

function wantedByOwnership({ reference: { reference: literal } }: Membership, found: Found): Wanted | undefined {
  if (typeof literal !== 'string') return undefined
  const type = typeIn(literal)
  return type === undefined || type === 'Patient' ? wantedByText(literal, found) : undefined
}

/** Whose data it is does not depend on the version of the Patient. */
function wantedByText(literal: string, holder: Found): Wanted | undefined {
  const wanted = wantedBy(parseReference(literal), holder)
  return wanted && want(withoutVersion(wanted.target), wanted.within)
}

function withoutVersion(target: Target): Target {
  if (target.by === 'identifier') return target
  const { version: _version, ...others } = target
  return others
}

/** Reads what has to be known to tell whose each resource is: their patients, and what other patients are to the subject. */
export async function learnPatients(
  found: readonly Found[],
  subjects: Subjects,
  surroundings: Surroundings,
): Promise<void> {
  if (subjects.patients.length === 0) return
  const { lookup, base } = surroundings
  const donors = found.flatMap(donorOf)
  const wanted = found.flatMap((one) => ownerships(one, surroundings).flatMap(({ wanted }) => wanted ?? []))
  await lookup.find([...wanted, ...donors])
  for (const donor of donors.flatMap(lookup.answer)) subjects.others.set(identityOf(donor, base), true)
  const patients = [...found, ...wanted.flatMap(lookup.answer)].filter(isPatient)
  const unknown = new Map(patients.map((one) => [identityOf(one, base), one]))
  for (const identity of [...subjects.identities, ...subjects.others.keys()]) unknown.delete(identity)
  if (unknown.size === 0) return
  const family = await familyOf([...subjects.patients, ...unknown.values()], surroundings)
  for (const identity of unknown.keys()) {
    subjects.others.set(
      identity,
      [...subjects.identities].some((subject) => family(subject, identity) || family(identity, subject)),
    )
  }
}

/** Who gave a product of biological origin that is in the document. */
function donorOf(product: Found): readonly Wanted[] {
  const { resourceType, collection = null } = product.resource
  return resourceType === 'BiologicallyDerivedProduct' ? wantedByMember(collection, 'source', product) : []
}

type Family = (one: string, other: string) => boolean

/**
 * Whether the record of one patient links to that of another, or to the related person that it is of another: so a mother
 * is tied to her newborn.
 * @see https://hl7.org/fhir/R4/patient.html#maternity
 */
async function familyOf(patients: readonly Found[], { lookup, base }: Surroundings): Promise<Family> {
  const links = patients.map((one) => [one, linksOf(one)] as const)
  await lookup.find(links.flatMap(([, wanted]) => wanted))
  const related = links
    .flatMap(([, wanted]) => wanted.flatMap(lookup.answer))
    .filter(({ resource }) => resource.resourceType === 'RelatedPerson')
  await lookup.find(related.flatMap(patientOf))
  const ties = new Map<string, Set<string>>()
  for (const [one, wanted] of links) {
    const linked = wanted.flatMap(lookup.answer)
    const persons = linked.flatMap((other) => (isPatient(other) ? [other] : patientOf(other).flatMap(lookup.answer)))
    ties.set(identityOf(one, base), new Set(persons.map((person) => identityOf(person, base))))
  }
  return (one, other) => ties.get(one)?.has(other) === true
}

function linksOf(patient: Found): readonly Wanted[] {
  const { link } = patient.resource
  return (Array.isArray(link) ? (link as readonly Json[]) : []).flatMap((one) => wantedByMember(one, 'other', patient))
}

function patientOf(related: Found): readonly Wanted[] {
  return related.resource.resourceType === 'RelatedPerson' ? wantedByMember(related.resource, 'patient', related) : []
}

function wantedByMember(value: Json, member: string, holder: Found): readonly Wanted[] {
  const reference = isObject(value) ? value[member] : undefined
  const literal = isObject(reference) ? reference['reference'] : undefined
  const wanted = typeof literal === 'string' ? wantedByText(literal, holder) : undefined
  return wanted === undefined ? [] : [wanted]
}

/** The other patient to whom a resource belongs, in words; undefined where it may come in. After {@link learnPatients}. */
export function stranger(
  found: Found,
  way: Way | undefined,
  subjects: Subjects,
  surroundings: Surroundings,
): string | undefined {
  if (subjects.patients.length === 0) return undefined
  if (isPatient(found))
    return mayComeIn(identityOf(found, surroundings.base), way, subjects) ? undefined : 'it is another patient'
  const owners = ownerships(found, surroundings).map((ownership) => ({
    ownership,
    who: ownerOf(ownership, subjects, surroundings),
  }))
  if (isShared(found.resource.resourceType) && owners.some(({ who }) => who === 'subject')) return undefined
  const other = owners.find(({ who }) => who === 'other')?.ownership
  return other && `its ${other.expression} is ${textOf(other)}, who is not the subject`
}

function mayComeIn(identity: string, way: Way | undefined, { identities, others }: Subjects): boolean {
  if (identities.has(identity) || others.get(identity) === true) return true
  return way !== undefined && (WAYS.has(way) || takesPart(way.slice(way.indexOf('.') + 1)))
}

/** Whom an element means: the subject (or whose data may come in), another patient, or nobody that can be told. */
function ownerOf(
  ownership: Ownership,
  subjects: Subjects,
  { lookup, base }: Surroundings,
): 'subject' | 'other' | undefined {
  const { reference, wanted } = ownership
  if (isRival(ownership.identifiers, subjects.identifiers)) return 'other'
  if (typeof reference.reference !== 'string' || wanted === undefined) return undefined
  const answers = lookup.answer(wanted)
  if (answers.length === 0) return (typeIn(reference.reference) ?? reference.type) === 'Patient' ? 'other' : undefined
  const identities = answers.filter(isPatient).map((one) => identityOf(one, base))
  if (identities.length === 0) return undefined
  return identities.every((one) => subjects.identities.has(one) || subjects.others.get(one) === true)
    ? 'subject'
    : 'other'
}

function textOf({ reference: { reference: literal, identifier } }: Membership): string {
  return typeof literal === 'string' ? literal : `${identifier?.system ?? ''}|${identifier?.value ?? ''}`
}
