/** The narrative of a document: generated where nobody can have attested it, and attested, where somebody does, once it stands. */

import {
  isComposition,
  type Attester,
  type Bundle,
  type Collected,
  type Composition,
  type Narrative,
  type Resource,
} from './fhir/types.ts'
import type { RenderDesign } from './render/design.ts'
import { narrate, type SectionNote } from './render/narrate.ts'

/** What is to be said in a document, and what is attested of it. */
export interface Narrating {
  /** What the text of each section is to say beside its entries, where it is generated. */
  readonly notes?: readonly (readonly SectionNote[])[] | undefined
  /** What is attested once the narrative stands: a person reads it before it is given. */
  readonly attestation?: Attestation | undefined
}

/** The status and the attesters that a Composition gets. */
export interface Attestation {
  readonly status: 'final' | 'amended'
  readonly attester: readonly Attester[]
}

/** The Composition with what is attested of it, so that whoever attests comes into the document. */
export function attesting<T>(composition: Composition | T, attestation: Attestation | undefined): Composition | T {
  const isGiven = attestation !== undefined && isComposition(composition as Composition)
  return isGiven ? { ...(composition as Composition), ...attestation } : composition
}

/** A collected document with the narrative that it lacked; one that is attested here was not before its narrative stood. */
export function narratedDocument(
  bundle: Collected,
  render: RenderDesign,
  { notes, attestation }: Narrating,
): ReturnType<typeof narrate> {
  if (attestation === undefined) return narrate(bundle, render, notes)
  const narrated = narrate(withHead(bundle, { status: 'preliminary', attester: [] }), render, notes)
  return { ...narrated, bundle: withHead(narrated.bundle, headOf(bundle)) }
}

type Head = Pick<Composition, 'status' | 'attester'>

function headOf({ entry = [] }: Bundle): Head {
  const { status, attester } = (entry[0]?.resource ?? {}) as Composition
  return { ...(status !== undefined && { status }), ...(attester !== undefined && { attester }) }
}

/** A document whose Composition has another status and other attesters; none where the list is empty. */
function withHead(bundle: Collected, { status, attester = [] }: Head): Collected {
  const [first, ...others] = bundle.entry ?? []
  const { attester: _attester, ...composition } = (first?.resource ?? {}) as Composition
  const head = { ...(status !== undefined && { status }), ...(attester.length > 0 && { attester }) }
  return { ...bundle, entry: [{ ...first, resource: { ...composition, ...head } }, ...others] }
}

const ALONE = 'urn:uuid:00000000-0000-4000-8000-000000000000'

/** Generated narrative for a resource by itself, as a document about it would have it; none where it may not be told. */
export function narrativeAlone(resource: Resource, render: RenderDesign): Narrative | undefined {
  const { text: _text, ...untold } = resource
  const about = { resourceType: 'Composition', status: 'preliminary', subject: { reference: ALONE } }
  const entry = [{ resource: about }, { fullUrl: ALONE, resource: { ...untold, resourceType: resource.resourceType } }]
  const bundle = { resourceType: 'Bundle', type: 'document', entry } as unknown as Collected
  return narrate(bundle, render).bundle.entry?.[1]?.resource?.text
}
