/** Why a patient other than the subject may be in a document: a row each. */

import { lastingMemo } from '../fhir/memo.ts'
import { takesPart } from '../fhir/patient-role.ts'
import type { IndexedEntry } from '../fhir/reference.ts'
import type { Subject } from './rule.ts'

export interface Exception {
  readonly id: string
  /** What is said of such a patient. */
  readonly text: string
  /** Whether data about that patient may be in the document too. */
  readonly carries: boolean
  readonly source: string
  readonly holds: (facts: Facts) => boolean
}

interface Facts {
  readonly person: IndexedEntry
  readonly subject: IndexedEntry
  /** References to the person, by the type of the resource and the element: `Observation.focus`. */
  readonly places: ReadonlySet<string>
  readonly document: Subject
}

/** In the order in which they are asked. */
export const exceptions: readonly Exception[] = [
  {
    id: 'linked-record',
    text: 'This is another record of the subject',
    carries: true,
    source: 'https://hl7.org/fhir/R4/patient.html#links',
    holds: ({ person, subject, document }) =>
      isLinked(subject, person, document) || isLinked(person, subject, document),
  },
  {
    id: 'mother-and-newborn',
    text: 'This is the mother or the child of the subject',
    carries: true,
    source: 'https://hl7.org/fhir/R4/patient.html#maternity',
    holds: ({ person, subject, document }) =>
      isParent(subject, person, document) || isParent(person, subject, document),
  },
  {
    id: 'donor',
    text: 'This is a donor to the subject',
    carries: true,
    source: 'https://hl7.org/fhir/R4/biologicallyderivedproduct.html',
    holds: ({ places }) => places.has('BiologicallyDerivedProduct.source'),
  },
  {
    id: 'focus',
    text: 'An observation of the subject is focused on this patient',
    carries: false,
    source: 'https://hl7.org/fhir/R4/observation-definitions.html#Observation.focus',
    holds: ({ places }) => places.has('Observation.focus'),
  },
  {
    id: 'related-person',
    text: 'A related person of this patient takes part',
    carries: false,
    source: 'https://hl7.org/fhir/R4/relatedperson.html',
    holds: ({ places }) => places.has('RelatedPerson.patient'),
  },
  {
    id: 'named-by-composition',
    text: 'The Composition itself names this patient, as a recipient or the like',
    carries: false,
    source: 'https://hl7.org/fhir/R4/composition.html',
    holds: ({ places }) => places.has('Composition.valueReference'),
  },
  {
    id: 'taking-part',
    text: 'This patient takes part, as an author, informant, performer, payer or the like',
    carries: false,
    source: 'https://hl7.org/fhir/R4/compartmentdefinition-patient.html',
    holds: ({ places }) => [...places].some((place) => takesPart(place.slice(place.indexOf('.') + 1))),
  },
]

const known = lastingMemo<IndexedEntry, Exception | null>()

/** The exception that explains a patient who is not the subject. */
export function exceptionFor(person: IndexedEntry, subject: IndexedEntry, document: Subject): Exception | undefined {
  let exception = known.get(person)
  if (exception === undefined) {
    const places = new Set(
      document
        .linksTo(person)
        .filter(({ from }) => from !== person)
        .map(({ occurrence, from }) => `${from.resource.resourceType}.${occurrence.node.name}`),
    )
    exception = exceptions.find(({ holds }) => holds({ person, subject, places, document })) ?? null
    known.set(person, exception)
  }
  return exception ?? undefined
}

/** Whether data about a patient with that exception may be in the document. */
export function mayCarry(exception: Exception | undefined): boolean {
  return exception?.carries === true
}

/** The entries that an element of an entry names. */
function named(entry: IndexedEntry, element: string, { linksFrom }: Subject): readonly IndexedEntry[] {
  return linksFrom(entry).flatMap(({ occurrence, named: entries }) => (occurrence.node.name === element ? entries : []))
}

function isLinked(one: IndexedEntry, other: IndexedEntry, document: Subject): boolean {
  return named(one, 'other', document).includes(other)
}

/** Whether a Patient is also, by its link, the related person of another. */
function isParent(one: IndexedEntry, other: IndexedEntry, document: Subject): boolean {
  return named(one, 'other', document).some(
    (related) =>
      related.resource.resourceType === 'RelatedPerson' && named(related, 'patient', document).includes(other),
  )
}
