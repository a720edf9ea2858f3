/** A guide as a row of data: which sections a kind of document has, and what belongs into each. */

import type { Coding, JsonObject } from '../../fhir/types.ts'
import type { ReasonCode } from './reason.ts'

/** Words by language tag; `en` is always there. */
export type Words = Readonly<Record<string, string>>

/** How a section stands that has nothing to list. */
export type EmptyForm = 'emptyReason' | 'absent-unknown'

/** A kind of document, as a file in profiles/guides says it. */
export interface GuideRow {
  /** The name that the settings and the command line know it by: `ips-2.0.0`. */
  readonly name: string
  readonly package: string
  readonly version: string
  /** What asks for it. */
  readonly operation: 'summary' | 'discharge-report'
  /** The canonical of the Composition's profile, without version. */
  readonly composition: string
  /** The canonical of the Bundle's profile, without version. */
  readonly bundle?: string
  /** The Bundle names its profile in its meta. */
  readonly namesBundle?: true
  readonly title: Words
  readonly type: Coding
  readonly category?: readonly Coding[]
  /** The only form of empty sections that the guide allows. */
  readonly emptySections?: EmptyForm
  /** The profile of each kind of resource, the first that applies. */
  readonly profiles: readonly ProfileRow[]
  /** Codes that this version of the guide writes in another way. */
  readonly codes?: readonly CodeRow[]
  /** What never comes in, whatever its section. */
  readonly except: readonly ExceptionRow[]
  /** In the order of the document. A resource belongs to the first that takes it. */
  readonly sections: readonly SectionRow[]
}

export interface ProfileRow {
  readonly type: string
  readonly profile: string
  /** FHIRPath over the resource. */
  readonly where?: string
  /** What it requires beyond FHIR itself, for a deployment that has not its definition: `code`, `performedDateTime`. */
  readonly requires?: readonly string[]
}

export interface CodeRow {
  readonly system: string
  readonly code: string
  /** The code of the same meaning in this version. */
  readonly as: string
}

export interface ExceptionRow {
  /** FHIRPath over the resource. */
  readonly when: string
  /** For the receipt: why it is left out. */
  readonly reason: string
  /** The same by a code that pages say in their reader's language; without it they say that the guide leaves it out. */
  readonly code?: ReasonCode
}

export interface SectionRow {
  readonly code: Coding
  readonly title: Words
  /** It stands even where there is nothing to list. */
  readonly required?: true
  readonly entries: readonly EntryRow[]
  /** The code of the section that it stands within, which comes before it. */
  readonly within?: string
  /** The first that tells two entries apart. */
  readonly order?: readonly OrderRow[]
  readonly window?: WindowRow
  readonly whenEmpty?: EmptyRow
  /** Codes of Lists whose emptyReason says why the section is empty. */
  readonly lists?: readonly string[]
  /** FHIRPath over an entry: it states that there is nothing of the kind. */
  readonly statesNone?: string
}

export interface EntryRow {
  readonly type: string
  /** FHIRPath over the resource; without it every resource of the type belongs here. */
  readonly where?: string
  readonly except?: readonly ExceptionRow[]
  /** Only what stands so to the encounter that the document is about. */
  readonly scope?: Scope
  /** It stands here whatever other section takes it. */
  readonly also?: true
  /** The element that names results which its own row tells: they are no entries beside it. */
  readonly members?: string
  /** The entry is a resource of this type that names it. */
  readonly as?: 'DeviceUseStatement'
}

/** What an entry row may demand of a resource in respect of the encounter that the document is about. */
export type Scope =
  /** It is that encounter. */
  | 'encounter'
  /** Done, found or ordered in it, in one that is part of it, or in its time without an encounter. */
  | 'stay'
  /** A diagnosis that the encounter names, or that was made in it. */
  | 'diagnosis'
  /** What the encounter names as its reason, or as a diagnosis on admission alone. */
  | 'admission'
  /** Begun, done or recorded before it. */
  | 'before'
  /** Taken when it began. */
  | 'medication-at-admission'
  /** To be taken, or not to be taken any more, when it ended. */
  | 'medication-at-discharge'
  /** Ordered for it alone. */
  | 'medication-in-stay'
  /** Ordered after it, and in use now. */
  | 'medication-since'

/** By the date of care, by the rank that the encounter gives a diagnosis, or by a FHIRPath whose value is ranked. */
export type OrderRow =
  | { readonly date: 'newest' | 'oldest' }
  | { readonly diagnosis: 'rank' }
  | { readonly path: string; readonly ranks?: readonly string[] }

/** What is left out of a section for its age or number; a sentence in the text says how many. */
export interface WindowRow {
  /** How far back from the date of the document. */
  readonly months?: number
  /** The most entries, the newest first. */
  readonly count?: number
  /** FHIRPath: of each value the newest stays, however old. */
  readonly latestOf?: string
}

export interface EmptyRow {
  /** A code of list-empty-reason that is true where the record says nothing. */
  readonly reason: 'unavailable' | 'notasked' | 'notstarted'
  readonly text: Words
  /** The entry that says so by itself, without its subject. */
  readonly absent?: JsonObject & { readonly resourceType: string }
  /** The entry that says by itself that there is none, where the record states that. */
  readonly none?: JsonObject & { readonly resourceType: string }
}
