/** The rules that keep another patient's data out of the Bundles that a document holds as entries (H-1). */

import { nestedPatients, type NestedPatient } from '../fhir/nested-patient.ts'
import { identifiersOf } from '../fhir/reference.ts'
import { isBundle, isObject } from '../fhir/types.ts'
import { subjectOf } from './patient.ts'
import type { DocumentRule, Finding, Subject } from './rule.ts'
import { resourceExpression } from './subject.ts'

const COMPARTMENT = 'https://hl7.org/fhir/R4/compartmentdefinition-patient.html'

/** By each Bundle among the entries, what in it tells of somebody who is not surely the subject. */
function strangersIn(
  document: Subject,
): readonly { readonly root: string; readonly found: readonly NestedPatient[] }[] {
  const bundles = document.index.entries.filter(({ resource }) => isBundle(resource))
  const subject = bundles.length > 0 ? subjectOf(document) : undefined
  if (subject === undefined) return []
  const identifiers = identifiersOf(subject.resource).filter(isObject)
  const person = { fullUrl: subject.entry.fullUrl, identifiers }
  return bundles.flatMap((entry) =>
    isBundle(entry.resource)
      ? [
          {
            root: resourceExpression(entry),
            found: nestedPatients(entry.resource, person, document.definitions.compartment),
          },
        ]
      : [],
  )
}

export const nestedRules: readonly DocumentRule[] = [
  {
    id: 'nested-subject',
    severity: 'error',
    code: 'business-rule',
    scope: 'document',
    human: 'A Bundle among the entries of the document tells of no other patient than the subject',
    source: COMPARTMENT,
    looks: 'document',
    broken: (document) =>
      strangersIn(document).flatMap(({ root, found }) =>
        found
          .filter(({ isOther }) => isOther)
          .map(({ expression }) => ({
            expression: `${root}.${expression}`,
            text: 'The Bundle tells here of another patient than the subject of the document, expected data of the subject only',
          })),
      ),
  },
  {
    id: 'nested-unclear',
    severity: 'warning',
    code: 'business-rule',
    scope: 'document',
    human: 'A Bundle among the entries of the document tells of the subject by its address or its identifiers',
    source: COMPARTMENT,
    looks: 'document',
    broken: (document) =>
      strangersIn(document).flatMap(({ root, found }): readonly Finding[] => {
        const [first] = found
        if (first === undefined || found.some(({ isOther }) => isOther)) return []
        const text =
          'It cannot be told whether this is the subject of the document, expected its address or its identifiers'
        return [{ expression: `${root}.${first.expression}`, text }]
      }),
  },
]
