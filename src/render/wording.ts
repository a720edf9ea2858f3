/** What every format needs to speak: the locale, the element model, and how to show values and what References name. */

import { decimalText, isDecimal } from '../fhir/decimal.ts'
import { elementModel, type Model } from '../fhir/model.ts'
import { isObject, type Json, type JsonObject, type Reference } from '../fhir/types.ts'
import { isolated, own, type Locale, type Phrase } from './locale.ts'

export interface Wording {
  readonly locale: Locale
  readonly phrase: Phrase
  readonly model: Model
  /** The page speaks another language than the document: headings of ours stand beside the document's. */
  readonly isBeside?: boolean | undefined
  /** BCP 47, of the document: its culture puts the parts of a name in their order. */
  readonly content?: string | undefined
  /** IANA name of the site's zone, for times that are given in UTC. */
  readonly zone?: string | undefined
  /**
   * Any value in words; a value that is not of the type named is shown as what it looks like, never left out. The
   * third is what stands beside a primitive, such as `_date` beside `date`.
   */
  readonly show: (value: Json | undefined, type: string | undefined, beside?: Json) => string
  /** What a Reference names. */
  readonly refer: (reference: Reference) => string
}

/** A datatype in words. A part that it does not know is appended by {@link others}. */
export type Format = (value: JsonObject, wording: Wording) => string

/** The items of an element whether it repeats or not; none where it is absent. */
export function many(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? (value as readonly Json[]).filter((item) => item !== null) : [value]
}

/** The objects among the items of an element. */
export function objects(value: Json | undefined): readonly JsonObject[] {
  return many(value).filter(isObject)
}

/** A string in which all can be seen, or a number's own text; the empty string for all else. */
export function plainText(value: Json | undefined): string {
  if (typeof value === 'string') return visible(value)
  return isDecimal(value) ? decimalText(value) : ''
}

/** Control characters but white space, direction marks, and what has no width where no writing needs it. */
const INVISIBLE = /(?![\t\n\r])[\p{Cc}\u180e\u200b\u202a-\u202e\u2060-\u2069\ufeff]/gu

/** A text in which what would reorder or hide it can be seen. */
function visible(text: string): string {
  return text.replaceAll(
    INVISIBLE,
    (character) => `[U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}]`,
  )
}

/** The texts that are not empty, each once, with a separator between them. */
export function joined(texts: readonly (string | undefined)[], separator = ', '): string {
  const distinct = [...new Set(texts.filter((text): text is string => text !== undefined && text.trim() !== ''))]
  return distinct.length > 1 ? distinct.map(isolated).join(separator) : (distinct[0] ?? '')
}

const ABSENT = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason'

/** Why a value is absent (`unknown`, `masked` …) where the extension of it says so. @see https://hl7.org/fhir/R4/extension-data-absent-reason.html */
export function absentReason(holder: Json | undefined, { locale }: Wording): string | undefined {
  const extension = isObject(holder) ? objects(holder['extension']).find(({ url }) => url === ABSENT) : undefined
  const code = extension?.['valueCode']
  return typeof code === 'string' ? codeWord(code, locale) : undefined
}

/** An element in words with each repetition (a choice by its name without type); for a primitive that is absent, the reason. */
export function shown(value: JsonObject, type: string, name: string, wording: Wording): string {
  if (value[name] !== undefined || value[`_${name}`] !== undefined) return shownMember(value, type, name, wording)
  return joined(choiceNames(value, type, name, wording.model).map((one) => shownMember(value, type, one, wording)))
}

/** The members of an object that are the choice named: `valueQuantity` for `value`. */
export function choiceNames(value: JsonObject, type: string, choice: string, model: Model): readonly string[] {
  const names = new Set(Object.keys(value).map(withoutShadow))
  return [...names].filter((name) => name.startsWith(choice) && elementModel(model, type, name)?.choice === choice)
}

/** The element that a member belongs to: `birthDate` for `_birthDate`. */
export function withoutShadow(name: string): string {
  return name.startsWith('_') ? name.slice(1) : name
}

/** Elements of which quantities are given to a patient, beside those of Dosage; how such are written differs (H-8). */
const DOSES = new Set([
  'Immunization.doseQuantity',
  'Medication.amount',
  'Medication.ingredient.strength',
  'MedicationAdministration.dosage.dose',
  'MedicationAdministration.dosage.rate',
])
const MEASURES = new Set(['Quantity', 'Range', 'Ratio'])

/** Elements that tell when something was by how old the patient was: a mere "5 years" below "Since" says how long it lasts. */
const TIMES_OF_LIFE = new Set([
  'AllergyIntolerance.onset',
  'Condition.abatement',
  'Condition.onset',
  'FamilyMemberHistory.condition.onset',
  'FamilyMemberHistory.procedure.performed',
  'Procedure.performed',
])
const AGES = new Set(['Age', 'Range'])

function shownTypeOf(type: string, name: string, model: Model): string | undefined {
  const element = elementModel(model, type, name)
  if (element === undefined) return undefined
  const place = `${type}.${element.choice ?? name}`
  if (MEASURES.has(element.type) && DOSES.has(place)) return `${element.type} of a dose`
  return AGES.has(element.type) && TIMES_OF_LIFE.has(place) ? `${element.type} in a life` : element.type
}

function shownMember(value: JsonObject, type: string, name: string, wording: Wording): string {
  const element = elementModel(wording.model, type, name)
  const shownType = shownTypeOf(type, name, wording.model)
  const items = listed(value[name])
  const shadows = listed(value[`_${name}`])
  const texts = Array.from({ length: Math.max(items.length, shadows.length) }, (_, index) => {
    const item = items[index]
    if (item === undefined || item === null || isAbsentObject(item))
      return absentReason(item ?? shadows[index], wording)
    return wording.show(item, shownType, shadows[index])
  })
  const isLong = texts.some((text) => text !== undefined && text.length > LONG)
  if (element?.list && (isBlock(element.type) || isLong)) return joined(texts, '\n')
  return joined(texts, texts.some((text) => text?.includes(', ')) ? '; ' : ', ')
}

/** Repetitions of more characters stand on lines of their own. */
const LONG = 40

/** Unlike {@link many} with the nulls that stand for absent items. */
function listed(value: Json | undefined): readonly (Json | undefined)[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [value]
}

function isAbsentObject(value: Json): boolean {
  return isObject(value) && Object.keys(value).every((name) => name === 'id' || name === 'extension')
}

/** Whether the repetitions of a type stand on lines of their own. */
function isBlock(type: string): boolean {
  return type.includes('.') || BLOCKS.has(type)
}

const BLOCKS = new Set(['Dosage', 'Annotation', 'Address', 'Attachment', 'Timing', 'markdown'])

/** Never shown as a part of a datatype: what any system may ignore, and what is for machines. */
const QUIET = new Set(['id', 'extension', 'resourceType'])

/**
 * The members that a format has not used, each as `label: value`; also those that the model does not know.
 */
export function others(value: JsonObject, type: string, used: readonly string[], wording: Wording): readonly string[] {
  const texts: string[] = []
  for (const name of new Set(Object.keys(value).map(withoutShadow))) {
    if (
      QUIET.has(name) ||
      used.includes(name) ||
      used.includes(elementModel(wording.model, type, name)?.choice ?? name)
    )
      continue
    const isPart = elementModel(wording.model, type, name)?.type.includes('.') === true
    const told = shown(value, type, name, wording)
    const text = isPart ? grouped(told, many(value[name]).length) : told
    if (text !== '') texts.push(wording.phrase('labelled', { label: labelOf(type, name, wording), value: text }))
  }
  return texts
}

/** A part of several elements among others in parentheses, each of its repetitions: else nobody sees where it ends. */
function grouped(text: string, repetitions: number): string {
  if (!text.includes('; ')) return text
  if (repetitions < 2) return `(${text})`
  return text
    .split('\n')
    .map((line) => `(${line})`)
    .join(' ')
}

/** The label of an element; of a choice, without the type. */
export function labelOf(type: string, name: string, { locale, model }: Pick<Wording, 'locale' | 'model'>): string {
  const base = elementModel(model, type, name)?.choice ?? name
  return own(locale.elements, `${type}.${base}`) ?? own(locale.elements, base) ?? humanised(base)
}

/** `clinicalStatus` as `Clinical status`, `fooBAR` as `Foo BAR`. */
export function humanised(name: string): string {
  const words = name.replaceAll(
    /([a-z0-9])([A-Z]+)/g,
    (_, before: string, after: string) => `${before} ${after.length > 1 ? after : after.toLowerCase()}`,
  )
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** A code of FHIR's own in words, else as it is. */
export function codeWord(code: string, { codes }: Pick<Locale, 'codes'>): string {
  return own(codes, code) ?? code
}

/** The word of a kind of codes: `when`, `time`, `confidentiality`; the code where there is none. */
export function wordOf(kind: string, code: string, { locale }: Pick<Wording, 'locale'>): string {
  return own(locale.codes, `${kind}.${code}`) ?? code
}
