/**
 * The rules that keep another patient's data out of a document (H-1).
 * @see https://hl7.org/fhir/R4/compartmentdefinition-patient.html
 */

import type { Membership } from '../fhir/compartment.ts'
import { onceFor } from '../fhir/memo.ts'
import {
  holderIn,
  identifiersOf,
  parseReference,
  resolveParsed,
  sameIdentifier,
  type IndexedEntry,
  type Resolution,
} from '../fhir/reference.ts'
import { isObject, type Identifier, type JsonObject, type Reference, type Resource } from '../fhir/types.ts'
import { containedPatient, identifiersBeside, isRival } from '../fhir/patient-identity.ts'
import { isOwner, isShared } from '../fhir/patient-role.ts'
import { exceptionFor, mayCarry, type Exception } from './patient-exceptions.ts'
import type { DocumentRule, Finding, OutlineRule, Subject } from './rule.ts'
import { resourceExpression } from './subject.ts'

const COMPARTMENT = 'https://hl7.org/fhir/R4/compartmentdefinition-patient.html'
const LINK = 'https://hl7.org/fhir/R4/patient.html#links'

/** Whom a reference means: an entry, a Patient that is elsewhere, or nobody that can be told. */
type Person = IndexedEntry | 'outside' | undefined

/** The entry that a reference names; a candidate by type and id alone where nothing else can be meant: the rules of references tell of it. */
function personOf(document: Subject, reference: Reference, from: IndexedEntry): Person {
  const literal = reference.reference
  if (typeof literal !== 'string') return undefined
  const found = resolutionOf(document, reference, from)
  if (found.outcome === 'entry') return found.entry
  const [candidate, another] =
    found.outcome === 'no-base' ? found.candidates : found.outcome === 'ambiguous' ? found.entries : []
  if (candidate !== undefined && (another === undefined || found.outcome === 'ambiguous')) return candidate
  const isPatient = /(?:^|\/)Patient\/[^/]+(?:\/_history\/[^/]+)?$/.test(literal) || reference.type === 'Patient'
  return isPatient ? 'outside' : undefined
}

/** What a reference of an entry names, as its links say; one that is no Reference by the definitions is looked up here. */
function resolutionOf(document: Subject, reference: Reference, from: IndexedEntry): Resolution {
  const linked = document.linksFrom(from).find(({ occurrence }) => occurrence.reference === reference)
  return linked?.resolution ?? resolveParsed(document.index, parseReference(reference.reference ?? ''), holderIn(from))
}

/** The Patient whom the document is about, where it says so and holds the Patient. */
export function subjectOf(document: Subject): IndexedEntry | undefined {
  const { composition } = document
  const reference = composition?.resource.subject
  if (composition === undefined || !isObject(reference)) return undefined
  const person = personOf(document, reference, composition.entry)
  return typeof person === 'object' && person.resource.resourceType === 'Patient' ? person : undefined
}

/** Whether two entries are the same Patient, perhaps in two versions. */
function isSame(one: IndexedEntry, other: IndexedEntry): boolean {
  return one === other || (one.entry.fullUrl !== undefined && one.entry.fullUrl === other.entry.fullUrl)
}

function isEntry(person: Person): person is IndexedEntry {
  return typeof person === 'object'
}

interface Belonging extends Membership {
  readonly from: IndexedEntry
  readonly person: Person
}

/** Each reference of an entry that puts it into the compartment of somebody, by whom it means. */
const belongings = onceFor((document: Subject): readonly Belonging[] =>
  document.index.entries.flatMap((from) =>
    document.contentOf(from).memberships.map((membership) => ({
      ...membership,
      from,
      person: personOf(document, membership.reference, from),
    })),
  ),
)

function otherPatients(document: Subject): readonly Finding[] {
  const subject = subjectOf(document)
  if (subject === undefined) return severalPatients(document)
  return [...otherEntries(document, subject), ...otherPatientEntries(document, subject)]
}

/** Entries about somebody else. */
function otherEntries(document: Subject, subject: IndexedEntry): readonly Finding[] {
  const all = belongings(document)
  const shared = new Set(
    all.flatMap(({ from, person }) =>
      isShared(from.resource.resourceType) && isEntry(person) && isSame(person, subject) ? [from] : [],
    ),
  )
  return all.flatMap(({ from, person, reference, element, expression }): readonly Finding[] => {
    const isAbout = isOwner(from.resource.resourceType, element) && !shared.has(from)
    const where = { expression: `${resourceExpression(from)}.${expression}` }
    if (person === 'outside') {
      return isAbout
        ? [
            {
              ...where,
              text: `${reference.reference} is not the subject of the document, expected a reference to the subject`,
            },
          ]
        : []
    }
    if (person === undefined) {
      const other = isAbout && isRival(identifiersBeside(reference, from.resource), ownOf(subject))
      return other
        ? [
            {
              ...where,
              text: 'The identifier is of another patient than the subject of the document, expected the subject',
            },
          ]
        : []
    }
    if (person.resource.resourceType !== 'Patient' || isSame(person, subject) || !isAbout) return []
    if (mayCarry(exceptionFor(person, subject, document))) return []
    return [
      {
        ...where,
        text: `The entry is about ${nameOf(person)}, who is not the subject of the document, expected data of the subject only`,
      },
    ]
  })
}

/** Patients whom nothing explains. */
function otherPatientEntries(document: Subject, subject: IndexedEntry): readonly Finding[] {
  return strangers(document, subject)
    .filter((person) => exceptionFor(person, subject, document) === undefined)
    .map((person) => ({
      expression: resourceExpression(person),
      text: `${nameOf(person)} is another patient than the subject of the document, expected the subject only`,
    }))
}

function strangers({ index }: Subject, subject: IndexedEntry): readonly IndexedEntry[] {
  return index.entries.filter((entry) => entry.resource.resourceType === 'Patient' && !isSame(entry, subject))
}

/** Where the Composition names no Patient, the document may be about one at most. */
function severalPatients(document: Subject): readonly Finding[] {
  const { composition } = document
  const subject = composition?.resource.subject
  if (composition === undefined) return []
  const named = isObject(subject) ? personOf(document, subject, composition.entry) : undefined
  if (typeof named === 'object') return []
  const about = belongings(document).filter(
    ({ from, element }) => from !== composition.entry && isOwner(from.resource.resourceType, element),
  )
  const persons = new Set(
    about.map(({ person, reference }) =>
      typeof person === 'object' ? person.entry.fullUrl : person && reference.reference,
    ),
  )
  persons.delete(undefined)
  const contained = isObject(subject) ? containedPatient(subject, composition.resource) : undefined
  const isAmong = (patient: Resource): boolean =>
    about.some(
      ({ person }) =>
        typeof person === 'object' &&
        identifiersOf(person.resource).some((one) => identifiersOf(patient).some((own) => sameIdentifier(one, own))),
    )
  if (contained !== undefined && !isAmong(contained)) persons.add(subject?.reference)
  if (persons.size < 2) return []
  return [
    {
      expression: `${composition.expression}.subject`,
      text: `The document has data of ${persons.size} patients and its Composition names none that it holds, expected data of one patient, the subject`,
    },
  ]
}

function ownOf({ resource }: IndexedEntry): readonly Identifier[] {
  return identifiersOf(resource).filter(isObject)
}

function nameOf({ entry, resource }: IndexedEntry): string {
  return entry.fullUrl ?? `Patient/${resource.id ?? ''}`
}

function unclear(document: Subject): readonly Finding[] {
  const subject = subjectOf(document)
  if (subject === undefined) return []
  return belongings(document).flatMap(({ from, person, reference, element, expression }): readonly Finding[] => {
    const isNameless =
      typeof reference.reference !== 'string' || containedPatient(reference, from.resource) !== undefined
    if (person !== undefined || !isNameless || !isOwner(from.resource.resourceType, element)) return []
    const own = ownOf(subject)
    const beside = identifiersBeside(reference, from.resource)
    const isNamed = beside.some((named) => own.some((one) => sameIdentifier(one, named)))
    if (isNamed || isRival(beside, own)) return []
    return [
      {
        expression: `${resourceExpression(from)}.${expression}`,
        text: 'It cannot be told whether this is the subject of the document, expected a reference to it',
      },
    ]
  })
}

/** What is wrong with the record of the subject itself. */
function ofSubject(wrong: (patient: Resource) => readonly Finding[]): OutlineRule['broken'] {
  return (document) => {
    const subject = subjectOf(document)
    if (subject === undefined) return []
    return wrong(subject.resource).map(({ expression, ...rest }) => ({
      expression: `${resourceExpression(subject)}.${expression}`,
      ...rest,
    }))
  }
}

export const patientRules: readonly DocumentRule[] = [
  {
    id: 'same-subject',
    severity: 'error',
    code: 'business-rule',
    scope: 'document',
    human: 'Every entry that belongs to a patient belongs to the subject of the Composition',
    source: COMPARTMENT,
    looks: 'outline',
    broken: otherPatients,
  },
  {
    id: 'subject-unclear',
    severity: 'warning',
    code: 'business-rule',
    scope: 'document',
    human: 'An entry that belongs to a patient says so by a reference to the subject of the Composition',
    source: COMPARTMENT,
    looks: 'outline',
    broken: unclear,
  },
  {
    id: 'other-patient',
    severity: 'information',
    code: 'informational',
    scope: 'document',
    human: 'A patient who is not the subject is in the document for a reason that is known',
    source: COMPARTMENT,
    looks: 'outline',
    broken: (document) => {
      const subject = subjectOf(document)
      if (subject === undefined) return []
      return strangers(document, subject).flatMap((person): readonly Finding[] => {
        const exception: Exception | undefined = exceptionFor(person, subject, document)
        return exception === undefined ? [] : [{ expression: resourceExpression(person), text: exception.text }]
      })
    },
  },
  {
    id: 'subject-inactive',
    severity: 'error',
    code: 'business-rule',
    scope: 'document',
    human: 'The record of the subject is in use',
    source: 'https://hl7.org/fhir/R4/patient-definitions.html#Patient.active',
    looks: 'outline',
    broken: ofSubject(({ active }) =>
      active === false
        ? [{ expression: 'active', text: 'The record of the subject is not in use, expected one that is' }]
        : [],
    ),
  },
  {
    id: 'subject-replaced',
    severity: 'error',
    code: 'business-rule',
    scope: 'document',
    human: 'The record of the subject has not been replaced by another',
    source: LINK,
    looks: 'outline',
    broken: ofSubject(({ link }) =>
      (Array.isArray(link) ? (link as readonly JsonObject[]) : []).flatMap((one, index) =>
        isObject(one) && one['type'] === 'replaced-by'
          ? [
              {
                expression: `link[${index}]`,
                text: 'Another record replaces that of the subject, expected the record in use',
              },
            ]
          : [],
      ),
    ),
  },
]
