/** The record of a patient as drafts are made of it, and what a draft is. */

import type { Issue } from '../../fhir/issue.ts'
import type { Composition, Instant, Narrative, Reference, Resource } from '../../fhir/types.ts'
import type { Found } from '../../ports.ts'
import type { EmptyForm } from './guide.ts'
import type { Reason } from './reason.ts'

/** What was read of a patient, to the end of every question (H-10). */
export interface PatientRecord {
  readonly patient: Found
  /** The compartment of the patient and what it refers to; the patient may be among them. */
  readonly resources: readonly Found[]
  /** What could not be read, where that is no error. */
  readonly gaps?: readonly Gap[]
  /** What is to be said of how it was read. */
  readonly issues?: readonly Issue[]
}

/** Resources of a type that the record may have and the draft cannot. */
export interface Gap {
  readonly type: string
  readonly reason: 'withheld' | 'unavailable'
}

export interface DraftRequest {
  /** When the document is made: `today` of windows. */
  readonly date: Instant
  /** IANA name of the site's zone, whose days windows count. */
  readonly zone?: string | undefined
  /** BCP 47 */
  readonly lang: string
  /** The title of a section in that language by its LOINC code, where the guide has none. */
  readonly heading?: (code: string) => string | undefined
  /** Who composed it: a resource that is made for it, or a reference. */
  readonly author: Resource | Reference
  /** The person who reviews it, an author too. */
  readonly reviewer?: Reference | undefined
  readonly custodian?: Reference | undefined
  readonly emptySections: EmptyForm
  /** The encounter that the document is about. */
  readonly encounter?: Found | undefined
  /** Texts of sections that somebody wrote, by the code of the section. */
  readonly texts?: Readonly<Record<string, Narrative>>
}

export interface Draft {
  readonly composition: Composition
  /** What was made for the draft, and what was changed for it: each in the place of what the record has of that name. */
  readonly resources: readonly Drafted[]
  /** For each resource of the record where it is, or why it is not. */
  readonly receipt: readonly DraftRow[]
  /** What is to be said in the text of each section, in the order of the sections. */
  readonly notes: readonly (readonly Note[])[]
  readonly issues: readonly Issue[]
}

export interface Drafted extends Found {
  /** What the record has; absent where it was made. */
  readonly original?: Found
}

export interface DraftRow {
  /** Its URL with version, or type, id and the name of its source. */
  readonly source: string
  /** The code of the section that it is an entry of. */
  readonly section?: string
  readonly reason: string
  /** Why it is no entry, by its code. */
  readonly why?: Pick<Reason, 'code' | 'values'>
  /** What was changed of it, where it is in the document. */
  readonly changed?: string
}

/** A sentence for the text of a section: the key of a phrase and what fills it. */
export interface Note {
  readonly phrase: string
  readonly slots: Readonly<Record<string, string>>
}
