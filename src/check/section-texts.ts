/** The sections of a Composition with their narratives, the entries that they list, and what lies around these. */

import { lastingMemo, onceFor } from '../fhir/memo.ts'
import type { BundleIndex, IndexedEntry } from '../fhir/reference.ts'
import { isObject, type Expression, type JsonObject } from '../fhir/types.ts'
import { placed } from '../fhir/walk.ts'
import { onceForOutline } from './outline.ts'
import type { ReadNarrative } from './narrative-read.ts'
import type { Content, Subject } from './rule.ts'

/** Entries by their places among those of the index: what says no more of a document holds for all of its outline. */
export type Places = readonly number[]

/** A section of the Composition with its narrative and the entries that it lists. */
export interface SectionText {
  /** Among the narratives of the Composition. */
  readonly narrative: number
  readonly expression: Expression
  readonly status: unknown
  readonly entries: readonly Listed[]
  /** Those entries and what is about the same as they are. */
  readonly near: Places
  /** The Composition itself, and the entries with those of the sections within it, which its text may tell too. */
  readonly sources: Places
}

/** An entry that a section lists. */
export interface Listed {
  readonly place: number
  /** What is about the same as it, by its references. */
  readonly referred: Places
}

/** The sections that have a narrative; several rules ask for them. */
export function sectionTexts(document: Subject): readonly SectionText[] {
  return onceForOutline(document.outline, sectionTexts, () => sectionTextsOf(document))
}

function sectionTextsOf(document: Subject): readonly SectionText[] {
  const { composition, index } = document
  if (composition === undefined) return []
  const places = placesOf(index)
  const placedAt = (entries: readonly IndexedEntry[]): Places => entries.flatMap((entry) => places.get(entry) ?? [])
  const entriesAt = Map.groupBy(
    document.linksFrom(composition.entry).flatMap(({ occurrence, named }) => {
      const { node } = occurrence
      return node.name === 'entry' && node.parent?.name === 'section'
        ? named.map((entry) => [node.parent?.value, entry] as const)
        : []
    }),
    ([section]) => section,
  )
  const listed = (entry: IndexedEntry): Listed => ({
    place: places.get(entry) ?? 0,
    referred: placedAt(
      document.linksFrom(entry).flatMap(({ occurrence, named }) => (TOLD_BY.test(occurrence.node.name) ? named : [])),
    ),
  })
  const byPlace = new Map(
    document
      .contentOf(composition.entry)
      .narratives.map((one, place) => [placed(one.expression, composition.expression), place]),
  )
  const look = (sections: unknown, above: Expression): readonly Section[] =>
    (Array.isArray(sections) ? (sections as readonly JsonObject[]) : []).flatMap((section, at) => {
      if (!isObject(section)) return []
      const expression = `${above}.section[${at}]`
      const narrative = byPlace.get(`${expression}.text.div`)
      const { status } = isObject(section['text']) ? section['text'] : {}
      const entries = (entriesAt.get(section) ?? []).map(([, entry]) => listed(entry))
      const near = entries.flatMap(({ place, referred }) => [place, ...referred])
      const below = look(section['section'], expression)
      const told = [...entries.map(({ place }) => place), ...below.flatMap((one) => one.told)]
      return [{ narrative, expression, status, entries, near, told }, ...below]
    })
  const own = placedAt([composition.entry])
  return look(composition.resource.section, composition.expression).flatMap(({ narrative, told, ...section }) =>
    narrative === undefined ? [] : [{ ...section, narrative, sources: told.length === 0 ? [] : [...told, ...own] }],
  )
}

type Section = Omit<SectionText, 'narrative' | 'sources'> & {
  readonly narrative: number | undefined
  readonly told: Places
}

/** References to what a resource is about. */
const TOLD_BY = /^(?:medication|device|result|target|hasMember)/

export function entriesIn({ index }: Subject, places: Places): readonly IndexedEntry[] {
  return places.flatMap((place) => index.entries[place] ?? [])
}

export function contentsIn(document: Subject, places: Places): readonly Content[] {
  return entriesIn(document, places).map(document.contentOf)
}

/** The narratives of the Composition. */
export function narrativesOf({ composition, contentOf }: Subject): readonly ReadNarrative[] {
  return composition === undefined ? [] : contentOf(composition.entry).narratives
}

/** So far from an entry lies what its narrative may speak of. */
const maxSteps = 3

/** Entries and what they refer to, some steps far; never from a patient on, who is linked with all. */
export function reachable(sources: Places, document: Subject): Places {
  const known = reached.get(sources) ?? reachedFrom(sources, document)
  reached.set(sources, known)
  return known
}

/** By places that were found for one outline. */
const reached = lastingMemo<Places, Places>()

function reachedFrom(sources: Places, document: Subject): Places {
  const found = new Set(entriesIn(document, sources))
  let edge = [...found].filter((entry) => entry !== document.composition?.entry)
  for (let step = 0; step < maxSteps && edge.length > 0; step += 1) {
    const next: IndexedEntry[] = []
    for (const { named } of edge.flatMap(document.linksFrom)) {
      for (const entry of named) {
        if (found.has(entry)) continue
        found.add(entry)
        next.push(entry)
      }
    }
    edge = next
  }
  const places = placesOf(document.index)
  return [...found].flatMap((entry) => places.get(entry) ?? [])
}

const placesOf = onceFor(({ entries }: BundleIndex) => new Map(entries.map((entry, place) => [entry, place])))
