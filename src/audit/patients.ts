/** Whose data a resource is: what the audit names as its patients. */

import { memberships, type Compartment } from '../fhir/compartment.ts'
import { lastingMemo, remember } from '../fhir/memo.ts'
import { isOwner, isShared } from '../fhir/patient-role.ts'
import { isBundle, isObject, type Bundle, type Json, type Resource } from '../fhir/types.ts'

/** The patients that a resource is about: `Patient/1`, a URL elsewhere, or `system|value`; each once. */
export type PatientsOf = (resource: Resource) => readonly string[]

/** The function for a compartment and the base of the service, whose own URLs are told as `Patient/1`. */
export function patientsBy(compartment: Compartment, base: () => string): PatientsOf {
  const memo = lastingMemo<Resource, readonly string[]>()
  return (resource) => remember(memo, resource, (one) => [...new Set(found(one, { compartment, base: base() }))])
}

interface Reading {
  readonly compartment: Compartment
  readonly base: string
}

function found(resource: Resource, reading: Reading): readonly string[] {
  const { resourceType: type, id } = resource
  if (type === 'Patient') return id === undefined ? identifiersOf(resource) : [`Patient/${id}`]
  if (isBundle(resource)) return subjectOf(resource, reading)
  return memberships(resource, reading.compartment).flatMap(({ reference, element }) =>
    isOwner(type, element) || isShared(type) ? namesOf(reference, { base: reading.base, element }) : [],
  )
}

/** Of a document its subject; of another Bundle those of all its entries. */
function subjectOf(bundle: Bundle, reading: Reading): readonly string[] {
  const { entry = [], type } = bundle
  if (type !== 'document')
    return entry.flatMap(({ resource }) =>
      resource === undefined || isBundle(resource) ? [] : found(resource, reading),
    )
  const subject = entry[0]?.resource?.['subject']
  const reference = isObject(subject) ? subject['reference'] : undefined
  const own = namesOf(subject ?? null, { base: reading.base, element: 'subject' })
  if (own.length > 0 && !own.every((name) => name.startsWith('urn:'))) return own
  const inside = entry.find(({ fullUrl }) => typeof reference === 'string' && fullUrl === reference)?.resource
  const patient = inside ?? entry.find(({ resource }) => resource?.resourceType === 'Patient')?.resource
  const identified = patient === undefined ? [] : identifiersOf(patient)
  return identified.length > 0 ? identified : own
}

function identifiersOf(patient: Resource): readonly string[] {
  const all: Json = patient['identifier'] ?? []
  const [first] = Array.isArray(all) ? (all as readonly Json[]) : []
  return identified(first)
}

function identified(identifier: Json | undefined): readonly string[] {
  if (!isObject(identifier) || typeof identifier['value'] !== 'string') return []
  const { system } = identifier
  return [`${typeof system === 'string' ? system : ''}|${identifier['value']}`]
}

interface Named {
  readonly base: string
  /** Where the reference stands: some elements name patients only. */
  readonly element: string
}

/** A reference as it names a patient; nothing where it names something else. */
function namesOf(value: Json, { base, element }: Named): readonly string[] {
  if (!isObject(value)) return []
  const { reference, identifier, type } = value
  if (typeof reference !== 'string') {
    const isMeant =
      type === 'Patient' || (type === undefined && /(?:^|\.)(?:subject|patient|beneficiary)$/.test(element))
    return isMeant ? identified(identifier) : []
  }
  const own = reference.startsWith(`${base}/`) ? reference.slice(base.length + 1) : reference
  const name = own.replace(/\/_history\/[^/]+$/, '')
  return /(?:^|\/)Patient\/[A-Za-z0-9.-]{1,64}$/.test(name) || name.startsWith('urn:') ? [name] : []
}
