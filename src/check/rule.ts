/** A rule is a row: what must hold, where that is written, and how a document is found to break it. */

import type { Definitions } from '../fhir/definitions.ts'
import type { IssueCode, Severity } from '../fhir/issue.ts'
import type { BundleIndex, IndexedEntry, Resolution } from '../fhir/reference.ts'
import type { Occurrence } from '../fhir/occurrence.ts'
import type { Bundle, Composition, Expression, Resource } from '../fhir/types.ts'
import type { Membership } from '../fhir/compartment.ts'
import type { Node } from '../fhir/walk.ts'
import type { ReadNarrative } from './narrative-read.ts'

export type Rule = DocumentRule | ElementRule

export interface RuleText {
  /** HL7's where it numbered the rule (`bdl-9`), else a name of ours (`same-subject`); never reused. */
  readonly id: string
  /** The specification's or ours; a deployment may change it by id. */
  readonly severity: Severity
  readonly code: IssueCode
  /** Faults of the document as a whole stop it; those inside a resource come with it as issues. */
  readonly scope: 'document' | 'resource'
  /** An error, but none that stops a document wherever it lies: readers find everything all the same. */
  readonly blocks?: false
  /** The requirement: the published text, or our own words. */
  readonly human: string
  /** The URL, with version, of the sentence that the rule enforces. */
  readonly source: string
}

/** A rule that gives each place that breaks it. */
export type DocumentRule = ContentRule | OutlineRule | BundleRule

/** One about the resource of each entry by itself: it is asked once for each version of a resource. */
export interface ContentRule extends RuleText {
  readonly looks: 'resource'
  readonly broken: (content: Content) => readonly Finding[]
}

/** One that sees no more of a document than its outline says: it is asked once for each outline. */
export interface OutlineRule extends RuleText {
  readonly looks: 'outline'
  readonly broken: (document: Subject) => readonly Finding[]
}

/** One about all of a Bundle: it is asked of each. */
export interface BundleRule extends RuleText {
  readonly looks: 'document'
  readonly broken: (document: Subject) => readonly Finding[]
}

/** A rule about elements; it is asked for each element of the kinds named, in the Bundle and in every resource. */
export type ElementRule = ResourceElementRule | DocumentElementRule

interface ElementRow extends RuleText {
  /**
   * Datatypes (`Reference`), resource types, or paths of definitions (`Composition.section`, `Observation.value[x]`);
   * `Element` stands for every element that is an object, `Resource` for every resource.
   */
  readonly at: readonly string[]
}

/** True, or what is wrong here in words, or each place below that is wrong; false where the rule is kept. */
export type ElementVerdict = boolean | string | readonly Finding[]

/** One whose answer comes from the resource and the definitions alone: it is asked once for each version of a resource. */
export interface ResourceElementRule extends ElementRow {
  readonly looks: 'resource'
  readonly breaks: (node: Node, by: Pick<Content, 'definitions' | 'given'>) => ElementVerdict
}

/** One whose answer may be another in another document: it is asked in each. */
export interface DocumentElementRule extends ElementRow {
  readonly looks: 'document'
  readonly breaks: (node: Node, document: Subject) => ElementVerdict
}

export interface Finding {
  readonly expression: Expression
  /** What is wrong here, then what was expected; `human` where it is left out. */
  readonly text?: string
}

/**
 * A Bundle as rules see it: a copy in which every decimal is a double, and what many rules need, made once. No rule
 * changes it.
 */
export interface Subject {
  /** As it was given, its numbers with their own text. */
  readonly given: Bundle
  /** A plain copy: numbers are doubles. */
  readonly bundle: Bundle
  readonly index: BundleIndex
  readonly definitions: Definitions
  /** The resource of each entry by itself, in the order of the entries. */
  readonly contents: readonly PlacedContent[]
  readonly contentOf: (entry: IndexedEntry) => Content
  /** Of a document: its first Composition, which is to be its first entry. */
  readonly composition: DocumentComposition | undefined
  /** Every reference, uri, attachment, canonical and narrative link of every entry, in document order. */
  readonly links: readonly Linked[]
  /** The links of an entry. */
  readonly linksFrom: (entry: IndexedEntry) => readonly Linked[]
  /** The links that name an entry, or one of several of the same fullUrl. */
  readonly linksTo: (entry: IndexedEntry) => readonly Linked[]
  /** The entry that holds a resource, or whose resource contains it. */
  readonly entryOf: (resource: Resource) => IndexedEntry | undefined
  /** The very same for documents whose entries have the same names and refer to the same. */
  readonly outline: Outline
}

/** What is made of an outline alone is remembered by it. */
export interface Outline {
  /** Absent where it is that of one document only. */
  readonly text?: string
}

/**
 * The resource of an entry by itself: nothing in it depends on the document, and its expressions begin with `%resource`.
 */
export interface Content {
  readonly definitions: Definitions
  /** As it was given, its numbers with their own text. */
  readonly given: Resource
  /** A plain copy: numbers are doubles. */
  readonly resource: Resource
  readonly occurrences: readonly Occurrence[]
  readonly narratives: readonly ReadNarrative[]
  /** The references that put it into the compartment of a patient. */
  readonly memberships: readonly Membership[]
}

/** The content of an entry with its place. */
export interface PlacedContent {
  readonly content: Content
  /** Among the entries. */
  readonly index: number
  /** `Bundle.entry[3].resource` */
  readonly root: Expression
}

/** The Composition of a document with its place. */
export interface DocumentComposition {
  readonly entry: IndexedEntry
  readonly resource: Composition
  /** `Bundle.entry[0].resource` */
  readonly expression: Expression
}

/**
 * An occurrence with the entry that it stands in and, for literal ones, what it names in the Bundle. Its nodes are those
 * of the entry's content.
 */
export interface Linked {
  readonly occurrence: Occurrence
  readonly from: IndexedEntry
  readonly resolution: Resolution | undefined
  /** The entries that it names, several where it is ambiguous. */
  readonly named: readonly IndexedEntry[]
}
