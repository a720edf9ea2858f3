/**
 * Sections with nothing to list: recorded as none, not recorded, not asked and withheld stay different things.
 * @see https://hl7.org/fhir/R4/composition-definitions.html#Composition.section.emptyReason
 */

import type { CodeableConcept, Json, JsonObject, Resource } from '../../fhir/types.ts'
import { isObject } from '../../fhir/types.ts'
import type { Found } from '../../ports.ts'
import type { EmptyForm, SectionRow, Words } from './guide.ts'
import type { Gap, Note } from './record.ts'

const SYSTEM = 'http://terminology.hl7.org/CodeSystem/list-empty-reason'

/** What stands in the place of entries: a reason, or an entry that says it by itself. */
export type Emptiness =
  { readonly emptyReason: CodeableConcept } | { readonly absent: JsonObject & { resourceType: string } }

export interface EmptyCase {
  readonly section: SectionRow
  readonly form: EmptyForm
  /** The only form that the guide allows. */
  readonly only?: EmptyForm | undefined
  readonly lang: string
  readonly gaps: readonly Gap[]
  /** A list of the record that says why it is empty. */
  readonly list?: Resource | undefined
}

/** What stands in a section without entries; undefined where it need not stand at all. */
export function emptiness({ section, form, only, lang, gaps, list }: EmptyCase): Emptiness | undefined {
  const [gap] = gapsOf(section, gaps)
  if (only === 'absent-unknown' && section.required === true) {
    const { absent, none } = section.whenEmpty ?? {}
    const entry = gap === undefined && statesNone(list) ? (none ?? absent) : absent
    if (entry !== undefined) return { absent: entry }
  }
  if (gap !== undefined) return { emptyReason: { coding: [{ system: SYSTEM, code: gap.reason }] } }
  const recorded = list?.['emptyReason']
  if (isObject(recorded)) return { emptyReason: recorded }
  if (section.required !== true) return undefined
  const { reason = 'unavailable', text, absent } = section.whenEmpty ?? {}
  if (form === 'absent-unknown' && absent !== undefined) return { absent }
  const words = text === undefined ? undefined : wordsIn(text, lang)
  return { emptyReason: { coding: [{ system: SYSTEM, code: reason }], ...(words !== undefined && { text: words }) } }
}

/** Whether a list without entries states that there is nothing to list: not that nobody looked. */
export function statesNone(list: Resource | undefined): boolean {
  return codesIn(list?.['emptyReason']).includes('nilknown')
}

/** What is to be said of gaps in a section that has entries all the same. */
export function gapNotes(section: SectionRow, gaps: readonly Gap[]): readonly Note[] {
  const reasons = new Set(gapsOf(section, gaps).map(({ reason }) => reason))
  return [...reasons].map((reason) => ({ phrase: `gap.${reason}`, slots: {} }))
}

function gapsOf({ entries }: SectionRow, gaps: readonly Gap[]): readonly Gap[] {
  const types = new Set(entries.map(({ type }) => type))
  return gaps.filter(({ type }) => types.has(type))
}

/** The list of the record that speaks of a section and has no entries. */
export function listOf({ lists = [] }: SectionRow, all: readonly Found[]): Found | undefined {
  if (lists.length === 0) return undefined
  return all.find(({ resource }) => {
    const { resourceType, status, entry, emptyReason, code } = resource
    const isCurrent = resourceType === 'List' && status === 'current' && entry === undefined && isObject(emptyReason)
    return isCurrent && codesIn(code).some((one) => lists.includes(one))
  })
}

function codesIn(concept: Json | undefined): readonly string[] {
  const codings = isObject(concept) && Array.isArray(concept['coding']) ? (concept['coding'] as readonly Json[]) : []
  return codings.filter(isObject).flatMap(({ code }) => (typeof code === 'string' ? [code] : []))
}

/** The words in a language, else in that without its region, else in English. */
export function wordsIn(words: Words, lang: string): string | undefined {
  return ownWords(words, lang) ?? words['en']
}

/** The same, none of another language. */
export function ownWords(words: Words, lang: string): string | undefined {
  const [language = ''] = lang.split('-')
  return words[lang] ?? words[language]
}
