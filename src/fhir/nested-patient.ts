/** Whom a Bundle within a document tells of: what looks at the entries of a document alone does not see that (H-1). */

import { memberships, type Compartment } from './compartment.ts'
import { identifiersBeside, isRival } from './patient-identity.ts'
import { isOwner } from './patient-role.ts'
import {
  holderIn,
  identifiersOf,
  indexBundle,
  parseReference,
  resolveParsed,
  sameIdentifier,
  type BundleIndex,
  type IndexedEntry,
} from './reference.ts'
import {
  isBundle,
  isObject,
  type Bundle,
  type Expression,
  type Identifier,
  type Reference,
  type Resource,
} from './types.ts'

/** The patient whom a document is about. */
export interface Person {
  readonly fullUrl: string | undefined
  readonly identifiers: readonly Identifier[]
}

/** A place in a Bundle that tells of a patient who is not surely the one whom the document is about. */
export interface NestedPatient {
  /** Below the Bundle: `entry[1].resource.subject`. */
  readonly expression: Expression
  /** The Patient, where that Bundle has it; else what names it. */
  readonly patient?: Resource
  readonly reference?: Reference
  /** Its identifiers contradict those of the subject; else nobody can tell. */
  readonly isOther: boolean
}

type Verdict = 'same' | 'other' | 'unclear'

interface Told extends Omit<NestedPatient, 'isOther'> {
  readonly verdict: Verdict
  readonly isPerson: boolean
}

/**
 * Each place that tells of another patient, or of one who cannot be told from others. A Patient that nothing there is about
 * may take part, where the Bundle has the subject too.
 */
export function nestedPatients(bundle: Bundle, person: Person, compartment: Compartment): readonly NestedPatient[] {
  const index = indexBundle(bundle)
  const told = index.entries.flatMap((entry) => toldBy(entry, index, { person, compartment }))
  const hasSubject = told.some(({ verdict }) => verdict === 'same')
  const own = told
    .filter(({ verdict, isPerson }) => verdict !== 'same' && !(isPerson && hasSubject))
    .map(({ verdict, isPerson: _isPerson, ...one }) => ({ ...one, isOther: verdict === 'other' }))
  const below = index.entries.flatMap(({ index: at, resource }) =>
    isBundle(resource)
      ? nestedPatients(resource, person, compartment).map((one) => ({
          ...one,
          expression: `entry[${at}].resource.${one.expression}`,
        }))
      : [],
  )
  return [...own, ...below]
}

interface Asked {
  readonly person: Person
  readonly compartment: Compartment
}

function toldBy(entry: IndexedEntry, index: BundleIndex, { person, compartment }: Asked): readonly Told[] {
  const { resource } = entry
  const root = `entry[${entry.index}].resource`
  if (resource.resourceType === 'Patient')
    return [{ expression: root, patient: resource, verdict: verdictOf(entry, person), isPerson: true }]
  return memberships(resource, compartment).flatMap(({ reference, element, expression }): readonly Told[] => {
    const meant = isOwner(resource.resourceType, element) ? meantBy(reference, entry, { index, person }) : undefined
    return meant === undefined ? [] : [{ ...meant, expression: `${root}.${expression}`, isPerson: false }]
  })
}

function verdictOf({ entry, resource }: IndexedEntry, person: Person): Verdict {
  if (entry.fullUrl !== undefined && entry.fullUrl === person.fullUrl) return 'same'
  return byIdentifiers(identifiersOf(resource).filter(isObject), person)
}

function byIdentifiers(named: readonly Identifier[], { identifiers }: Person): Verdict {
  if (named.some((one) => identifiers.some((own) => sameIdentifier(own, one)))) return 'same'
  return isRival(named, identifiers) ? 'other' : 'unclear'
}

/** Whom a reference means; undefined where that is surely no patient. */
function meantBy(
  reference: Reference,
  from: IndexedEntry,
  { index, person }: { readonly index: BundleIndex; readonly person: Person },
): Pick<Told, 'patient' | 'reference' | 'verdict'> | undefined {
  const { reference: literal } = reference
  const beside = identifiersBeside(reference, from.resource)
  if (typeof literal !== 'string' || literal.startsWith('#'))
    return { reference, verdict: byIdentifiers(beside, person) }
  const found = resolveParsed(index, parseReference(literal), holderIn(from))
  const [entry] = found.outcome === 'entry' ? [found.entry] : found.outcome === 'no-base' ? found.candidates : []
  if (entry?.resource.resourceType === 'Patient') return { patient: entry.resource, verdict: verdictOf(entry, person) }
  if (entry !== undefined || !/(?:^|\/)Patient\//.test(literal)) return undefined
  const isSubject = found.outcome === 'outside' && found.url === person.fullUrl
  return { reference, verdict: isSubject ? 'same' : 'unclear' }
}
