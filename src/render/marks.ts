/** What a reader must be told beside an entry: newer than the attestation, about somebody else, in error, found by less than the rules. */

import { memberships } from '../fhir/compartment.ts'
import { nestedPatients } from '../fhir/nested-patient.ts'
import { identifiersOf } from '../fhir/reference.ts'
import { isBundle, isObject, type Bundle, type Resource } from '../fhir/types.ts'
import { isSubject, type Document } from './document.ts'
import { isLater } from '../fhir/moment.ts'
import { isNotTaken, modifierNames } from './modifiers.ts'
import { findTarget, summary, wordingFor, type Target } from './refer.ts'
import { labelOf, objects, plainText, shown, type Wording } from './wording.ts'

/** A row: what to say of an entry of the document, nothing where it does not apply. */
type Mark = (target: Target, document: Document, wording: Wording) => readonly string[]

const newerThanAttested: Mark = ({ resource }, { attested }, { phrase }) =>
  attested !== '' && isLater(plainText(resource.meta?.lastUpdated), attested) ? [phrase('mark.newer')] : []

const otherSubject: Mark = ({ resource, holder }, document, wording) => {
  if (!document.subjects.some((subject) => subject.resource.resourceType === 'Patient')) return []
  if (resource.resourceType === 'Patient')
    return isSubject(document, resource) ? [] : [wording.phrase('mark.other-patient')]
  if (isBundle(resource)) return strangersIn(resource, document, wording)
  const texts = memberships(resource, document.compartment).flatMap(({ reference }) => {
    const target = findTarget(document.reader.index, reference, holder)
    if (typeof target === 'string') {
      const person = wording.refer(reference)
      return isPatientReference(plainText(reference.reference))
        ? [wording.phrase('mark.unknown-subject', { person })]
        : []
    }
    if (target.resource.resourceType !== 'Patient' || isSubject(document, target.resource)) return []
    return [wording.phrase('mark.other-subject', { person: summary(target.resource, wording) })]
  })
  return [...new Set(texts)]
}

/** Of whom a Bundle tells, each once. */
function strangersIn(bundle: Bundle, { subjects, compartment }: Document, wording: Wording): readonly string[] {
  const people = subjects.map(({ resource, entry }) => ({
    fullUrl: entry?.entry.fullUrl,
    identifiers: identifiersOf(resource).filter(isObject),
  }))
  const [first, ...others] = people.map((person) => nestedPatients(bundle, person, compartment))
  const ofNone = (first ?? []).filter(({ expression }) =>
    others.every((found) => found.some((other) => other.expression === expression)),
  )
  const texts = ofNone.map(({ patient, reference, isOther }) => {
    const person = patient === undefined ? wording.refer(reference ?? {}) : summary(patient, wording)
    return wording.phrase(isOther ? 'mark.other-subject' : 'mark.unknown-subject', { person })
  })
  return [...new Set(texts)]
}

function isPatientReference(reference: string): boolean {
  return /(?:^|\/)Patient\//.test(reference)
}

const focus: Mark = ({ resource }, _document, wording) =>
  objects(resource['focus']).map((one) => wording.phrase('mark.focus', { focus: wording.refer(one) }))

const foundBy: Mark = ({ by }, _document, { phrase }) => (by === 'rule' ? [] : [phrase(`mark.${by}`)])

/** Words of a status that turn an entry into something else than what the text may say. */
const TURNING = new Set([
  'entered-in-error', 'refuted', 'preliminary', 'registered', 'partial', 'amended', 'corrected', 'appended', 'cancelled', 'unknown',
  'not-done', 'superseded',
]) // prettier-ignore

/** The status of an entry whose text may not tell it. */
const status: Mark = ({ resource }, _document, wording) =>
  modifierNames(resource.resourceType, wording.model)
    .filter((name) => codesOf(resource, name).some((code) => TURNING.has(code)))
    .map((name) => labelled(resource, name, wording))

/** The orders that something must not be done. */
const doNotPerform: Mark = ({ resource }, _document, wording) =>
  resource['doNotPerform'] === true ? [labelled(resource, 'doNotPerform', wording)] : []

/** A medicine that is not taken, or not as the text may say. */
const adherence: Mark = ({ resource }, _document, wording) =>
  isNotTaken(resource) ? [labelled(resource, 'adherence', wording)] : []

function codesOf(resource: Resource, name: string): readonly string[] {
  const value = resource[name]
  if (typeof value === 'string') return [value]
  return objects(value).flatMap(({ coding }) => objects(coding).map(({ code }) => plainText(code)))
}

function labelled(resource: Resource, name: string, wording: Wording): string {
  const { resourceType } = resource
  const value = shown(resource, resourceType, name, wording)
  return wording.phrase('labelled', { label: labelOf(resourceType, name, wording), value })
}

const BESIDE_GENERATED = [newerThanAttested, otherSubject, foundBy] as const
const BESIDE_TEXT = [...BESIDE_GENERATED, focus, status, doNotPerform, adherence] as const

/** What to say beside an entry that the author's text speaks for. */
export function marksBesideText(target: Target, document: Document): readonly string[] {
  return said(BESIDE_TEXT, target, document)
}

/** What to say beside an entry whose elements are all shown. */
export function marksBesideGenerated(target: Target, document: Document): readonly string[] {
  return said(BESIDE_GENERATED, target, document)
}

function said(marks: readonly Mark[], target: Target, document: Document): readonly string[] {
  const wording = wordingFor(document.reader, target.holder, 1)
  return marks.flatMap((mark) => mark(target, document, wording))
}
