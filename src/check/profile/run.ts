/** What profile checkers share: findings, compiled profiles, and the document that a check runs over. */

import type { IssueCode, Severity } from '../../fhir/issue.ts'
import type { Library, Origin, Structure } from '../../fhir/library.ts'
import type { Coding } from '../../fhir/types.ts'
import type { Subject } from '../rule.ts'
import type { Place } from './place.ts'
import type { Terminology } from './terminology.ts'

/** Something that a profile does not allow, at its place. */
export interface ProfileFinding {
  readonly severity: Severity
  readonly code: IssueCode
  /** The key of the constraint, else `profile-min` and the like. */
  readonly rule: string
  /** What was found, then what is allowed. */
  readonly text: string
  readonly place: Place
  /** The canonical of the profile. */
  readonly profile: string
  /** What it asks where that cannot be told here, with the finding that holds where the answer is no. */
  readonly question?: { readonly valueSet: string; readonly codings: readonly Coding[]; readonly out: ProfileFinding }
}

/** Adds what is wrong at a place. */
export type Check = (place: Place, run: Run, found: ProfileFinding[]) => void

/** A profile whose checker has been made. */
export interface Profile {
  readonly structure: Structure
  readonly check: Check
}

/** Where StructureDefinitions come from; one that cannot be read is none. */
export type Structures = Pick<Library, 'structure'>

/** Profiles by canonical, each compiled when it is first asked for. */
export interface Compiler {
  readonly library: Structures
  readonly profile: (canonical: string, from?: Origin) => Profile | undefined
}

export interface Outcome {
  readonly findings: readonly ProfileFinding[]
  /** No error is among them, nor in what they rest on. */
  readonly isKept: boolean
}

/** One check of one document. */
export interface Run {
  readonly document: Subject
  readonly terminology: Terminology
  /** What a profile finds in a resource or a value; asked once for each resource. */
  readonly outcome: (place: Place, profile: Profile) => Outcome
  /** Whether a resource has no error by itself: by the base definitions, or in its extensions. */
  readonly isSound: (place: Place) => boolean
  /** The resource that a Reference names inside the document. */
  readonly resolve: (reference: Place) => Place | undefined
  /** Of a text reference alone. */
  readonly resolveText: (reference: string, from: Place) => Place | undefined
}

/** Whether a resource or a value conforms to a profile. */
export function conforms(place: Place, profile: Profile, run: Run): boolean {
  return (place.value !== place.resource || run.isSound(place)) && run.outcome(place, profile).isKept
}

/** A profile as messages name it. */
export function nameOf({ title, version }: Structure): string {
  return version === undefined ? title : `${title} ${version}`
}

/** A canonical without its version. */
export function urlOf(canonical: string): string {
  const cut = canonical.indexOf('|')
  return cut < 0 ? canonical : canonical.slice(0, cut)
}

const BASE = 'http://hl7.org/fhir/StructureDefinition/'

/** The type that a canonical of a base definition names: `Patient`. */
export function baseType(structure: Structure): string | undefined {
  return structure.derivation !== 'constraint' && structure.url === BASE + structure.type ? structure.type : undefined
}
