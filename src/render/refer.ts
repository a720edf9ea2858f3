/** What references name: the entry or contained resource behind them, and a line that tells it to a reader. */

import {
  matchIdentifier,
  resolve,
  type BundleIndex,
  type Holder,
  type IndexedEntry,
  type Resolution,
} from '../fhir/reference.ts'
import { elementModel } from '../fhir/model.ts'
import type { Reference, Resource } from '../fhir/types.ts'
import { wordingOf, type WordingParts } from './format.ts'
import { currentName, nameText, withNotes } from './format-person.ts'
import { own } from './locale.ts'
import { isUnusual, modifierNames, unknownModifiers } from './modifiers.ts'
import { joined, labelOf, objects, plainText, shown, type Wording } from './wording.ts'

/** What reads a document: its index, and how it speaks. */
export interface Reader {
  readonly index: BundleIndex
  readonly parts: Omit<WordingParts, 'refer'>
}

/** What a reference names inside the document. */
export interface Target {
  readonly resource: Resource
  /** Where references in the resource start from. */
  readonly holder: Holder
  /** The entry, where it is one and not a contained resource. */
  readonly entry?: IndexedEntry
  /** By the rules of Bundle; by type and id alone where those give nothing; by business identifier. */
  readonly by: 'rule' | 'type-and-id' | 'identifier'
}

/** Why a reference names nothing here. */
export type Missing = Exclude<Resolution['outcome'], 'entry' | 'contained' | 'container'> | 'no-reference'

/**
 * What a Reference names in the document, or why nothing. A relative reference that the rules give no base is taken by
 * type and id where exactly one entry has them, and says so; an identifier alone never finds a Patient (H-2).
 */
export function findTarget(index: BundleIndex, reference: Reference, holder: Holder): Target | Missing {
  const text = plainText(reference.reference)
  if (text === '') return byIdentifier(index, reference)
  const resolution = resolve(index, text, holder)
  if (resolution.outcome === 'contained') return { resource: resolution.contained, holder, by: 'rule' }
  if (resolution.outcome === 'container') return { resource: holder.container, holder, by: 'rule' }
  if (resolution.outcome === 'no-base') return byTypeAndId(resolution.candidates)
  if (resolution.outcome !== 'entry') return resolution.outcome
  const { entry, contained } = resolution
  return contained === undefined
    ? targetOf(entry, 'rule')
    : { resource: contained, holder: holderOf(entry), by: 'rule' }
}

function byTypeAndId([only, another]: readonly IndexedEntry[]): Target | Missing {
  return only === undefined || another !== undefined ? 'no-base' : targetOf(only, 'type-and-id')
}

function byIdentifier(index: BundleIndex, reference: Reference): Target | Missing {
  if (reference.type === undefined || reference.type === 'Patient') return 'no-reference'
  const [only, another] = matchIdentifier(index, reference)
  return only === undefined || another !== undefined ? 'no-reference' : targetOf(only, 'identifier')
}

function targetOf(entry: IndexedEntry, by: Target['by']): Target {
  return { resource: entry.resource, holder: holderOf(entry), entry, by }
}

/** Where references in an entry start from. */
export function holderOf({ entry, resource }: IndexedEntry): Holder {
  return { fullUrl: entry.fullUrl, container: resource }
}

/** References within what a reference names are followed this far. */
const MAX_DEPTH = 2

/** How the document speaks of what stands at a place in it. */
export function wordingFor(reader: Reader, holder: Holder, depth = 0): Wording {
  return wordingOf({ ...reader.parts, refer: (reference) => refer(reader, reference, holder, depth) })
}

/** Of these types a display alone leaves out what matters to a patient. */
const TOLD_IN_FULL = new Set(['Medication', 'Observation', 'Substance'])

function refer(reader: Reader, reference: Reference, holder: Holder, depth: number): string {
  const display = plainText(reference.display)
  const target = depth < MAX_DEPTH ? findTarget(reader.index, reference, holder) : 'no-reference'
  if (typeof target === 'string') return display || unresolved(reader, reference, target)
  const wording = wordingFor(reader, target.holder, depth + 1)
  const full =
    display === '' || TOLD_IN_FULL.has(target.resource.resourceType) ? summary(target.resource, wording) : display
  const words = full.includes(display) ? full : `${display}: ${full}`
  const how = target.by === 'identifier' ? wording.phrase('reference.by-identifier') : undefined
  const warnings = joined([...alerts(target.resource, wording), how])
  return warnings === '' ? words : `${words} [${warnings}]`
}

function unresolved(reader: Reader, reference: Reference, reason: Missing): string {
  const { phrase } = reader.parts
  const literal = plainText(reference.reference)
  const wording = wordingOf({ ...reader.parts, refer: () => '' })
  const identifier = wording.show(reference.identifier, 'Identifier')
  const kind = plainText(reference.type)
  if (literal === '') return joined([kind, identifier], ' ') || phrase('reference.nothing')
  return reason === 'no-reference' ? literal : phrase('reference.missing', { reference: joined([literal, identifier]) })
}

/** The elements, in their order, that tell a resource of a type to a reader. */
const SUMMARIES: Readonly<Record<string, readonly string[]>> = {
  Patient: ['name', 'birthDate'],
  Practitioner: ['name'],
  PractitionerRole: ['practitioner', 'code', 'organization'],
  RelatedPerson: ['name', 'relationship'],
  Person: ['name'],
  Organization: ['name'],
  Location: ['name'],
  Device: ['deviceName', 'name', 'type', 'manufacturer', 'modelNumber'],
  Encounter: ['type', 'class', 'period'],
  Medication: ['code', 'form', 'amount', 'ingredient', 'batch'],
  Substance: ['code', 'description'],
  Observation: ['code', 'value', 'dataAbsentReason', 'component', 'interpretation', 'referenceRange', 'effective'],
  Specimen: ['type', 'collection'],
  DocumentReference: ['description', 'type', 'date'],
  Binary: ['contentType'],
  Composition: ['title', 'date'],
  CareTeam: ['name', 'participant'],
  Goal: ['description'],
  QuestionnaireResponse: ['questionnaire', 'authored'],
}

/** What tells a resource of any other type, the first that it has. */
const TELLING = [
  'code',
  'name',
  'title',
  'deviceName',
  'type',
  'description',
  'vaccineCode',
  'medication',
  'category',
  'identifier',
]

/** A name for a resource among others: shorter than its summary, never empty. */
export function titleOf(resource: Resource, wording: Wording): string {
  const told = TELLING.map((name) => summaryPart(resource, name, wording)).find((text) => text !== '')
  return told ?? summary(resource, wording)
}

/** One line that tells a resource: never empty. */
export function summary(resource: Resource, wording: Wording): string {
  const { resourceType } = resource
  const row = own(SUMMARIES, resourceType)
  const texts = (row ?? TELLING).map((name) => summaryPart(resource, name, wording))
  const told = row === undefined ? texts.find((text) => text !== '') : joined(texts)
  if (told !== undefined && told !== '') return told
  return joined([labelOf('', resourceType, wording), resource.id], ' ')
}

function summaryPart(resource: Resource, name: string, wording: Wording): string {
  const isPerson = name === 'name' && elementModel(wording.model, resource.resourceType, name)?.type === 'HumanName'
  const current = isPerson ? currentName(objects(resource['name'])) : undefined
  if (current === undefined) return shown(resource, resource.resourceType, name, wording).replaceAll('\n', '; ')
  const use = isUnusual('use', current['use']) ? shown(current, 'HumanName', 'use', wording) : ''
  return withNotes(nameText(current, wording.content), [use])
}

/** What of a resource turns its meaning: unusual modifiers, and those that are not known, each as `label: value`. */
export function alerts(resource: Resource, wording: Wording): readonly string[] {
  const { resourceType } = resource
  const { phrase, model } = wording
  const unusual = modifierNames(resourceType, model).filter(
    (name) => isUnusual(name, resource[name]) && resource[name] !== undefined,
  )
  const known = unusual.map((name) =>
    phrase('labelled', {
      label: labelOf(resourceType, name, wording),
      value: shown(resource, resourceType, name, wording),
    }),
  )
  const unknown = unknownModifiers(resource, resourceType).map(({ url }) => phrase('modifier.unknown', { url }))
  return [...known, ...unknown]
}
