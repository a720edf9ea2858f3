/**
 * What is withheld from whoever asks, in a document that is made all the same: its section says so, and nothing stands
 * there that would tell it (H-10).
 */

import { fail } from '../fhir/error.ts'
import type { Composition, Entry, Resource, Section } from '../fhir/types.ts'
import { isComposition } from '../fhir/types.ts'
import type { Member, Place } from './member.ts'

/** A sentence for the text of a section: the key of a phrase and what fills it. */
export interface Said {
  readonly phrase: string
  readonly slots: Readonly<Record<string, string>>
}

export interface Withheld {
  readonly entries: readonly Entry[]
  /** By the place of the section, what its text is to say. */
  readonly notes: readonly (readonly Said[])[]
}

const SECTION_ENTRY = /^section\[(\d+)\]\.entry\[(\d+)\]$/
const CLOSED: ReadonlySet<unknown> = new Set(['final', 'amended'])
const REASON = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/list-empty-reason', code: 'withheld', display: 'Information Withheld' }] } as const // prettier-ignore

/**
 * The entries with sections that name nothing withheld; the very entries where nothing is.
 * @throws FhirError `forbidden` where something else leads to what is withheld, or where the text is attested, and so
 * may neither be changed nor be shown
 */
export function withoutWithheld(members: readonly Member[], entries: readonly Entry[]): Withheld {
  const places = members.flatMap((member) => member.places.filter(isWithheld))
  const [first, ...others] = entries
  const composition = first?.resource
  if (places.length === 0 || !isComposition(composition)) return { entries, notes: [] }
  const withheld = places.map((place) => sectionEntry(place))
  const isOpen = composition['attester'] === undefined && !CLOSED.has(composition.status)
  if (!isOpen || withheld.includes(undefined)) throw refused()
  const bySection = Map.groupBy(
    withheld.filter((one) => one !== undefined),
    ({ section }) => section,
  )
  const section = (composition.section ?? []).map((one, at) => {
    const own = bySection.get(at)
    return own === undefined ? one : without(one, new Set(own.map(({ entry }) => entry)))
  })
  const notes = section.map((one, at): readonly Said[] =>
    bySection.has(at) && one.entry !== undefined ? [{ phrase: 'gap.withheld', slots: {} }] : [],
  )
  return { entries: [{ ...first, resource: changed(composition, section) }, ...others], notes }
}

function isWithheld({ outcome }: Place): boolean {
  return outcome?.decision === 'refused' && outcome.rule === 'withheld'
}

interface SectionEntry {
  readonly section: number
  readonly entry: number
}

function sectionEntry({ holder, draft }: Place): SectionEntry | undefined {
  const path = draft.expression.slice(draft.expression.indexOf('section['))
  const [, section, entry] = (holder.index === 0 && SECTION_ENTRY.exec(path.replace(/\.reference$/, ''))) || []
  return section === undefined || entry === undefined ? undefined : { section: Number(section), entry: Number(entry) }
}

/** What was written of it tells it, so the text goes and is generated from what is left. */
function without({ text: _text, entry = [], ...section }: Section, gone: ReadonlySet<number>): Section {
  const left = entry.filter((_, at) => !gone.has(at))
  if (left.length > 0) return { ...section, entry: left }
  return { ...section, ...(section.section === undefined && { emptyReason: REASON }) }
}

function changed(composition: Composition, section: readonly Section[]): Resource {
  const { meta, ...rest } = composition
  const { versionId: _versionId, lastUpdated: _lastUpdated, ...kept } = meta ?? {}
  const { text: _text, ...bare } = rest
  return { ...bare, ...(Object.keys(kept).length > 0 && { meta: kept }), section }
}

function refused(): Error {
  return fail('forbidden', 'Something that belongs into the document is withheld from whoever asks, so it is not made')
}

type Notes = readonly (readonly Said[])[]

/** What is to be said in each section: first what the draft says, then what is withheld. */
export function joinedNotes(some: Notes | undefined, others: Notes): Notes | undefined {
  if (others.length === 0) return some
  return others.map((own, at) => [...(some?.[at] ?? []), ...own])
}
