/** The sections of a draft, each under a key that stays the same while it moves; every change gives a new Composition. */

import { canonical } from '../../fhir/canonical.ts'
import { isObject, type Composition, type Json, type Reference, type Section } from '../../fhir/types.ts'
import { textOf, type SectionText } from './section-text.ts'

/** A section where it stands. */
export interface Placed {
  readonly key: string
  /** The indexes from the outermost section on. */
  readonly path: readonly number[]
  readonly section: Section
  readonly isFirst: boolean
  readonly isLast: boolean
}

/** All sections in the order of the page, those within others after them. */
export function placed(sections: Composition['section'], above: readonly number[] = []): readonly Placed[] {
  const list = listOf(sections)
  return list.flatMap((section, index): readonly Placed[] => {
    const path = [...above, index]
    const own = { key: keyOf(section, path), path, section, isFirst: index === 0, isLast: index === list.length - 1 }
    return [own, ...placed(section.section, path)]
  })
}

function listOf(sections: Composition['section']): readonly Section[] {
  return Array.isArray(sections) ? (sections as readonly Json[]).filter((one): one is Section => isObject(one)) : []
}

function keyOf({ id }: Section, path: readonly number[]): string {
  return typeof id === 'string' && /^[A-Za-z0-9.-]{1,64}$/.test(id) ? id : `at-${path.join('-')}`
}

/** The same with a key of its own for each section that had none: its first code where no other has that. */
export function keyed(composition: Composition): Composition {
  const taken = new Set(placed(composition.section).flatMap(({ section: { id } }) => (id === undefined ? [] : [id])))
  const free = (name: string): string => {
    let id = name
    for (let count = 2; taken.has(id); count += 1) id = `${name}-${count}`
    taken.add(id)
    return id
  }
  const keyedIn = (sections: readonly Section[]): readonly Section[] =>
    sections.map(({ id, ...section }) => {
      const code = section.code?.coding?.[0]?.code?.replace(/[^A-Za-z0-9.-]/g, '') ?? ''
      const below = listOf(section.section)
      return { id: id ?? free(`s-${code}`), ...section, ...(below.length > 0 && { section: keyedIn(below) }) }
    })
  return withSections(composition, keyedIn(listOf(composition.section)))
}

function withSections(composition: Composition, section: readonly Section[]): Composition {
  return section.length === 0 ? composition : { ...composition, section }
}

/** The section with a key; undefined where there is none any more. */
export function sectionOf(composition: Composition, key: string): Section | undefined {
  return placed(composition.section).find((one) => one.key === key)?.section
}

/** The Composition with every section as `change` gives it back; what is given back as it was stays the very same. */
export function withEach(composition: Composition, change: (section: Section, place: Placed) => Section): Composition {
  const places = new Map(placed(composition.section).map((one) => [one.section, one]))
  const changedIn = (sections: readonly Section[]): readonly Section[] =>
    sections.map((section) => {
      const place = places.get(section)
      const own = place === undefined ? section : change(section, place)
      const below = listOf(section.section)
      return below.length === 0 ? own : { ...own, section: changedIn(below) }
    })
  return withSections(composition, changedIn(listOf(composition.section)))
}

/** The Composition with one section in the place of the one with a key. */
export function withSection(composition: Composition, key: string, change: (section: Section) => Section): Composition {
  return withEach(composition, (section, place) => (place.key === key ? change(section) : section))
}

/** The Composition with a section before the one above it, or after the one below; the same where there is none. */
export function moved(composition: Composition, key: string, by: -1 | 1): Composition {
  const movedIn = (sections: readonly Section[], above: readonly number[]): readonly Section[] => {
    const index = sections.findIndex((section, at) => keyOf(section, [...above, at]) === key)
    const target = index + by
    if (index >= 0 && target >= 0 && target < sections.length) {
      const others = sections.toSpliced(index, 1)
      return others.toSpliced(target, 0, ...sections.slice(index, index + 1))
    }
    return sections.map((section, at) => {
      const below = listOf(section.section)
      return below.length === 0 ? section : { ...section, section: movedIn(below, [...above, at]) }
    })
  }
  return withSections(composition, movedIn(listOf(composition.section), []))
}

/** What a person decides of a section. */
export interface SectionEdit extends SectionText {
  /** The references chosen, in their order. */
  readonly entries: readonly string[]
  /** A code of list-empty-reason; of no meaning where something is chosen. */
  readonly emptyReason: string | undefined
}

/** What of a section a person decides, as it is now. */
export function editOf(section: Section): SectionEdit {
  const { words, follows } = textOf(section)
  const code = section.emptyReason?.coding?.[0]?.code
  return { words, follows, entries: referencesOf(section), emptyReason: code }
}

/** The references of a section's entries. */
export function referencesOf({ entry }: Pick<Section, 'entry'>): readonly string[] {
  const list = Array.isArray(entry) ? (entry as readonly Reference[]) : []
  return list.flatMap(({ reference }) => (typeof reference === 'string' ? [reference] : []))
}

const EMPTY_REASON = 'http://terminology.hl7.org/CodeSystem/list-empty-reason'

/** Why there may be nothing in a section, as a person may say it. @see https://hl7.org/fhir/R4/valueset-list-empty-reason.html */
export const EMPTY_REASONS = ['nilknown', 'notasked', 'withheld', 'unavailable', 'notstarted'] as const

/** The section with the entries chosen: those that it had keep what else is said of them. Its text is joined elsewhere. */
export function withChoice(section: Section, { entries, emptyReason, words }: SectionEdit): Section {
  const { entry = [], emptyReason: before, ...others } = section
  const known = new Map(entry.flatMap((one) => (one.reference === undefined ? [] : [[one.reference, one] as const])))
  const unnamed = entry.filter(({ reference }) => reference === undefined)
  const chosen = [...entries.map((reference) => known.get(reference) ?? { reference }), ...unnamed]
  if (chosen.length > 0) return { ...others, entry: chosen }
  // what has words has been begun
  if (emptyReason === undefined || (emptyReason === 'notstarted' && words !== '')) return others
  const isSame = before?.coding?.[0]?.code === emptyReason
  return { ...others, emptyReason: isSame ? before : { coding: [{ system: EMPTY_REASON, code: emptyReason }] } }
}

/** Whether two persons who decide so decide the same. */
export function isSameEdit(one: SectionEdit, other: SectionEdit): boolean {
  const told = ({ words, follows, entries, emptyReason }: SectionEdit): string =>
    canonical([words, follows, entries, entries.length > 0 ? '' : (emptyReason ?? '')])
  return told(one) === told(other)
}
