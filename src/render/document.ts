/** A document as its page needs it: the Composition, its subjects, and what was attested when. */

import type { Compartment } from '../fhir/compartment.ts'
import { indexBundle } from '../fhir/reference.ts'
import { isComposition, type Bundle, type Composition, type Resource } from '../fhir/types.ts'
import { anchorsOf } from './anchors.ts'
import { documentStyles, type DocumentStyle } from './document-style.ts'
import { isLater } from '../fhir/moment.ts'
import { findTarget, type Reader, type Target } from './refer.ts'
import { objects, plainText } from './wording.ts'

export interface Document {
  readonly bundle: Bundle
  readonly composition: Composition
  /** Where references in the Composition start from. */
  readonly holder: Target['holder']
  readonly reader: Reader
  readonly compartment: Compartment
  /** In the order of the Composition; what could not be found is left out. */
  readonly subjects: readonly Target[]
  /** What was changed later than this moment was not yet there when the document was attested; empty where that is unknown. */
  readonly attested: string
  /** Its own style sheets, made safe. */
  readonly style: DocumentStyle
  /** Where links in narratives lead on the page, by their address: a fullUrl, `Type/id`, `#id`. */
  readonly anchors: () => ReadonlyMap<string, string>
}

/** The Composition of a document Bundle with its place; undefined where the first entry is none. */
export function compositionOf(
  bundle: Bundle,
): { readonly composition: Composition; readonly holder: Target['holder'] } | undefined {
  const [first] = bundle.entry ?? []
  const resource = first?.resource
  return isComposition(resource)
    ? { composition: resource, holder: { fullUrl: first?.fullUrl, container: resource } }
    : undefined
}

/** A Bundle opened for reading. */
export function openDocument(bundle: Bundle, parts: Reader['parts'], compartment: Compartment): Document | undefined {
  const first = compositionOf(bundle)
  if (first === undefined) return undefined
  const { composition, holder } = first
  const reader = { index: indexBundle(bundle), parts }
  const subjects = objects(composition.subject).flatMap((reference) => {
    const target = findTarget(reader.index, reference, holder)
    return typeof target === 'string' ? [] : [target]
  })
  let anchors: ReadonlyMap<string, string> | undefined
  return {
    bundle,
    composition,
    holder,
    reader,
    compartment,
    subjects,
    attested: attestedAt(composition),
    style: bundle.link === undefined ? PLAIN : documentStyles(bundle),
    anchors: () => (anchors ??= anchorsOf({ composition, holder, subjects })),
  }
}

const PLAIN: DocumentStyle = { css: '', classes: new Set(), issues: [] }

/** The latest time that an attester gives, else the date of the Composition (H-3); none where nobody can have attested it yet. */
function attestedAt({ status, attester, date }: Composition): string {
  if (status === 'preliminary' && objects(attester).length === 0) return ''
  const times = objects(attester)
    .map(({ time }) => plainText(time))
    .filter(Boolean)
  return times.reduce((latest, time) => (latest === '' || isLater(time, latest) ? time : latest), '') || plainText(date)
}

/** Whether a resource is one of the document's subjects. */
export function isSubject({ subjects }: Document, resource: Resource): boolean {
  return subjects.some((subject) => subject.resource === resource)
}
