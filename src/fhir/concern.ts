/** Whose data a resource is, and how confidential: what access to it is decided by, wherever that is decided. */

import { memberships, type Compartment } from './compartment.ts'
import { indexBundle, parseReference, resolve, type BundleIndex, type IndexedEntry } from './reference.ts'
import { isBundle, isObject, type Bundle, type Json, type JsonObject, type Resource } from './types.ts'

/** Whose data a resource is. Patients are named by their id, those of other servers by their URL. */
export interface Concern {
  readonly patients: readonly string[]
  /**
   * `each`: it is in the record of each of them, as the CompartmentDefinition says. `only`: it is nobody's but that of one
   * who is alone in it, such as a document. `nobody`: no patient's record has it, as that of a practitioner.
   */
  readonly of: 'each' | 'only' | 'nobody'
  /** What it is about or belongs to, which must be visible too: the targets of a Provenance, the context of a Binary. */
  readonly contexts: readonly string[]
}

/** Where a resource lies: what is below the base is of this service. */
export interface Whereabouts {
  readonly compartment: Compartment
  /** Without a slash at the end. */
  readonly base?: string | undefined
}

/** What holds anything, so that it is nobody's only where something says so. */
const HOLDERS: ReadonlySet<string> = new Set(['Bundle', 'Binary', 'Parameters'])
/** What tells of several patients only because they were asked for, or counted, together: it is no part of the record of each. */
const TOGETHER: ReadonlySet<string> = new Set(['AuditEvent', 'Group'])
/** The references to what a resource is about or belongs to, by its type. */
const CONTEXTS: Readonly<Record<string, string>> = { Provenance: 'target', Binary: 'securityContext' }

/** Whose data a resource is; a Bundle is that of all whom its entries concern. */
export function concernOf(resource: Resource, { compartment, base }: Whereabouts): Concern {
  const { resourceType, id } = resource
  const contexts = contextsOf(resource)
  if (resourceType === compartment.code)
    return { patients: typeof id === 'string' ? [id] : [], of: 'only', contexts: [] }
  if (isBundle(resource)) return { patients: unique(patientsIn(resource, { compartment, base })), of: 'only', contexts }
  if (isMember(resourceType, compartment)) {
    const texts = memberships(resource, compartment).map(({ reference }) => reference.reference)
    const patients = unique(texts.flatMap((text) => patientNamed(text, base)))
    return { patients, of: TOGETHER.has(resourceType) ? 'only' : 'each', contexts }
  }
  const patients = unique(referencesIn(resource).flatMap((text) => patientNamed(text, base)))
  const isNobodys = patients.length === 0 && !HOLDERS.has(resourceType)
  return { patients, of: isNobodys ? 'nobody' : 'only', contexts }
}

/** Whether a patient's record may hold resources of a type. */
function isMember(type: string, { elements }: Compartment): boolean {
  return Object.hasOwn(elements, type)
}

function contextsOf(resource: Resource): readonly string[] {
  const element = Object.hasOwn(CONTEXTS, resource.resourceType) ? CONTEXTS[resource.resourceType] : undefined
  const member = element === undefined ? undefined : resource[element]
  const list = Array.isArray(member) ? (member as readonly Json[]) : [member]
  return list.flatMap((one) => (isObject(one) && typeof one['reference'] === 'string' ? [one['reference']] : []))
}

/** The patient that a literal reference names by its type; what does not say that it is one names none. */
function patientNamed(text: Json | undefined, base: string | undefined): readonly string[] {
  if (typeof text !== 'string') return []
  const parsed = parseReference(text)
  if (parsed.form === 'relative') return parsed.type === 'Patient' ? [parsed.id] : []
  if (parsed.form === 'rest') return parsed.type !== 'Patient' ? [] : [parsed.base === base ? parsed.id : parsed.url]
  return []
}

/** The texts of all references of a resource, at whatever depth. */
function referencesIn(value: Json | undefined): readonly string[] {
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap(referencesIn)
  if (!isObject(value)) return []
  const { reference } = value
  const own = typeof reference === 'string' ? [reference] : []
  return [...own, ...Object.values(value).flatMap((member) => (typeof member === 'object' ? referencesIn(member) : []))]
}

function patientsIn(bundle: Bundle, whereabouts: Whereabouts): readonly string[] {
  const index = indexBundle(bundle)
  return index.entries.flatMap((entry) => patientsOfEntry(entry, index, whereabouts))
}

function patientsOfEntry(entry: IndexedEntry, index: BundleIndex, whereabouts: Whereabouts): readonly string[] {
  const { resource } = entry
  const { compartment, base } = whereabouts
  if (resource.resourceType === compartment.code) return [patientAt(entry, base)]
  if (isBundle(resource)) return patientsIn(resource, whereabouts)
  const isRecord = isMember(resource.resourceType, compartment)
  const texts = isRecord
    ? memberships(resource, compartment).map(({ reference }) => reference.reference)
    : referencesIn(resource)
  return texts.flatMap((text) => (typeof text === 'string' ? patientMeant(text, entry, { index, base }) : []))
}

interface Within {
  readonly index: BundleIndex
  readonly base: string | undefined
}

/** A patient inside a Bundle by the fullUrl; one without can be anybody. */
function patientAt({ entry, resource }: IndexedEntry, base: string | undefined): string {
  const { fullUrl } = entry
  if (typeof fullUrl !== 'string') return `urn:fhirdoc:entry:${resource.id ?? ''}`
  const [named] = patientNamed(fullUrl, base)
  return named ?? fullUrl
}

/** The patient that a reference inside a Bundle means; what cannot be told counts as a patient of its own. */
function patientMeant(text: string, { entry, resource }: IndexedEntry, { index, base }: Within): readonly string[] {
  const holder = { container: resource, ...(typeof entry.fullUrl === 'string' && { fullUrl: entry.fullUrl }) }
  const resolution = resolve(index, text, holder)
  switch (resolution.outcome) {
    case 'entry':
      return resolution.entry.resource.resourceType === 'Patient' ? [patientAt(resolution.entry, base)] : []
    case 'outside':
      return parseReference(resolution.url).form === 'uri' ? [resolution.url] : patientNamed(resolution.url, base)
    case 'no-base':
      return patientNamed(text, base).map((id) => `urn:fhirdoc:entry:${id}`)
    case 'ambiguous':
    case 'other-version':
      return resolution.entries.flatMap((one) =>
        one.resource.resourceType === 'Patient' ? [patientAt(one, base)] : [],
      )
    case 'contained':
    case 'container':
    case 'no-fragment':
    case 'malformed':
      return []
  }
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}

/** Code systems whose codes say how confidential something is. @see https://terminology.hl7.org/CodeSystem-v3-Confidentiality.html */
const CONFIDENTIALITY: ReadonlySet<string> = new Set([
  'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
  'http://hl7.org/fhir/v3/Confidentiality',
  'urn:oid:2.16.840.1.113883.5.25',
])
/** Codes of that system, from the least to the most confidential. */
const LEVELS: ReadonlySet<string> = new Set(['U', 'L', 'M', 'N', 'R', 'V'])

/**
 * The security labels of a resource: codes of confidentiality by themselves (one that is not known, or not told, as the
 * most confidential), all others as they are written. What holds others bears theirs: a Bundle those of its entries, any
 * resource those of the ones it contains; a document the confidentiality of its Composition, and a DocumentReference the
 * labels of what it refers to.
 */
export function labelsOf(resource: Resource): readonly string[] {
  const { meta, resourceType } = resource
  const security: Json | undefined = meta?.security
  const ofContent = resourceType === 'DocumentReference' ? listOf(resource['securityLabel']).flatMap(codingsOf) : []
  const own = [...listOf(security), ...ofContent].flatMap(labelIn)
  const confidentiality = resourceType === 'Composition' ? resource['confidentiality'] : undefined
  const ofComposition = typeof confidentiality === 'string' ? [levelOf(confidentiality)] : []
  const entries = isBundle(resource)
    ? listOf(resource.entry).map((entry) => (isObject(entry) ? entry['resource'] : null))
    : []
  const inner = [...entries, ...listOf(resource['contained'])].flatMap((held) =>
    isObject(held) && typeof held['resourceType'] === 'string' ? labelsOf(held as Resource) : [],
  )
  return unique([...own, ...ofComposition, ...inner])
}

function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : []
}

function codingsOf(concept: Json): readonly Json[] {
  return isObject(concept) ? listOf(concept['coding']) : []
}

function labelIn(coding: Json): readonly string[] {
  if (!isObject(coding)) return []
  const { system, code } = coding
  const isOfLevels = typeof system === 'string' && CONFIDENTIALITY.has(system)
  if (typeof code !== 'string') return isOfLevels ? [levelOf('')] : []
  const isLevel = typeof system === 'string' ? isOfLevels : LEVELS.has(code)
  return [isLevel ? levelOf(code) : code]
}

function levelOf(code: string): string {
  return LEVELS.has(code) ? code : 'V'
}

/** All codes that stand in a resource, at whatever depth: `system|code`, and `|code` for the code alone. */
export function codesIn(resource: Resource): ReadonlySet<string> {
  const codes = new Set<string>()
  const visit = (value: Json | undefined): void => {
    if (Array.isArray(value)) for (const item of value as readonly Json[]) visit(item)
    else if (isObject(value)) {
      note(value, codes)
      for (const member of Object.values(value)) if (typeof member === 'object') visit(member)
    }
  }
  visit(resource)
  return codes
}

function note({ system, code }: JsonObject, codes: Set<string>): void {
  if (typeof code !== 'string') return
  codes.add(`|${code}`)
  if (typeof system === 'string') codes.add(`${system}|${code}`)
}

/** The texts of all references of a resource. */
export function allReferences(resource: Resource): readonly string[] {
  return referencesIn(resource)
}
