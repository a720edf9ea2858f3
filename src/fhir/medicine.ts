/** Which records of treatment are of one medicine: surely, perhaps, or not as far as their codes and words say (H-11). */

import { isObject, type Json, type JsonObject, type Resource } from './types.ts'

/** A MedicationRequest or MedicationStatement with the Medication that it refers to, where that is at hand. */
export interface TreatmentRecord {
  readonly resource: Resource
  readonly medication?: Resource | undefined
}

/** What a record calls its medicine. */
export interface Medicine {
  /** `system|code`, without those of systems that name a substance alone. */
  readonly products: ReadonlySet<string>
  /** ATC codes of the fifth level. @see https://atcddd.fhi.no/atc/structure_and_principles/ */
  readonly substances: ReadonlySet<string>
  /** Of each ingredient all that it is called, codes and words. */
  readonly ingredients: readonly ReadonlySet<string>[]
  /** Words as they are written, folded: the text first. */
  readonly names: readonly string[]
  /** The reference to the Medication, where nothing else is known of it. */
  readonly reference: string
}

export type Sameness = 'surely' | 'perhaps' | 'no'

const ATC = 'http://www.whocc.no/atc'
const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm'

/** The objects among a value that is one or a list of them. */
export function objectsIn(value: Json | undefined): readonly JsonObject[] {
  return (Array.isArray(value) ? value : [value]).filter(isObject)
}

/** A text for comparison: case, width and spaces do not count. */
export function folded(text: Json | undefined): string {
  return typeof text === 'string' ? text.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim() : ''
}

/** The medicine of a record. */
export function medicineOf({ resource, medication }: TreatmentRecord): Medicine {
  const concepts = [...objectsIn(resource['medicationCodeableConcept']), ...objectsIn(medication?.['code'])]
  const codings = concepts.flatMap(({ coding }) => objectsIn(coding)).filter(({ code }) => typeof code === 'string')
  const [reference] = objectsIn(resource['medicationReference'])
  const words = [
    ...concepts.map(({ text }) => text),
    ...concepts.flatMap(({ coding }) => objectsIn(coding).map(({ display }) => display)),
    reference?.['display'],
  ]
  return {
    products: new Set(codings.filter(({ system }) => system !== ATC).map(keyOf)),
    substances: new Set(codings.filter(isSubstance).map(keyOf)),
    ingredients: ingredientsOf(medication, codings),
    names: [...new Set(words.map(folded).filter((name) => name !== ''))],
    reference: typeof reference?.['reference'] === 'string' ? reference['reference'] : '',
  }
}

function keyOf({ system, code }: JsonObject): string {
  return `${typeof system === 'string' ? system : ''}|${typeof code === 'string' ? code : ''}`
}

/** Whether a code names one substance; from 50 on the last digits of ATC name combinations, which may differ in the rest. */
function isSubstance({ system, code }: JsonObject): boolean {
  return system === ATC && typeof code === 'string' && /^[A-Z]\d\d[A-Z]{2}[0-4]\d$/.test(code)
}

function ingredientsOf(medication: Resource | undefined, codings: readonly JsonObject[]): Medicine['ingredients'] {
  const coded = objectsIn(medication?.['ingredient']).map((ingredient) => {
    const concept = objectsIn(ingredient['itemCodeableConcept'])
    const [reference] = objectsIn(ingredient['itemReference'])
    const all = concept.flatMap(({ coding }) => objectsIn(coding))
    const words = [...concept.map(({ text }) => text), ...all.map(({ display }) => display), reference?.['display']]
    return new Set([...all.map(keyOf), ...words.map(folded)].filter((name) => name !== '' && name !== '|'))
  })
  if (coded.length > 0) return coded.every(({ size }) => size > 0) ? coded : []
  return codings.filter(({ system }) => system === RXNORM).map(({ display }) => named(folded(display)))[0] ?? []
}

/** A strength as RxNorm writes it behind the name of an ingredient. */
const STRENGTH = /^(.*?) \d[\d.,]* ?(?:%|mg|mcg|ug|g|ml|meq|mmol|mol|unt|iu|actuat|hr|mg\/.*)(?=[ /\]]|$)/

/**
 * The ingredients in the name of a clinical drug of RxNorm, which puts each before its strength; none where one has none.
 * @see https://www.nlm.nih.gov/research/umls/rxnorm/docs/techdoc.html#s11_0
 */
function named(display: string): Medicine['ingredients'] {
  const timeless = display.replace(/^(?:\d[\d.]* (?:hr|ml|actuat) )+/, '')
  const names = timeless.split(' / ').map((part) => STRENGTH.exec(part)?.[1]?.trim() ?? '')
  return names.every((name) => name !== '') ? names.map((name) => new Set([name])) : []
}

/** Whether two records are of one medicine, whatever its strength. */
export function samenessOf(one: Medicine, other: Medicine): Sameness {
  if (isSure(one, other)) return 'surely'
  return isLikely(one, other) ? 'perhaps' : 'no'
}

function isSure(one: Medicine, other: Medicine): boolean {
  if (haveCommon(one.products, other.products) || haveCommon(one.substances, other.substances)) return true
  const count = one.ingredients.length
  if (count > 0 && other.ingredients.length > 0) {
    return count === other.ingredients.length && one.ingredients.every((set) => isAmong(set, other.ingredients))
  }
  const isUncoded = (medicine: Medicine): boolean => medicine.products.size + medicine.substances.size === 0
  if (!isUncoded(one) && !isUncoded(other)) return false
  if (one.names.some((name) => other.names.includes(name))) return true
  return one.names.length + other.names.length === 0 && one.reference !== '' && one.reference === other.reference
}

function isAmong(ingredient: ReadonlySet<string>, others: Medicine['ingredients']): boolean {
  return others.some((other) => haveCommon(ingredient, other))
}

/** Whether two sets have a member in common. */
export function haveCommon(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return [...one].some((member) => other.has(member))
}

const SHORTEST_WORD = 4

/** What may be one medicine: a common ingredient among several, or names that begin with the same word. */
function isLikely(one: Medicine, other: Medicine): boolean {
  if (one.ingredients.some((set) => isAmong(set, other.ingredients))) return true
  const words = new Set(other.names.map(firstWord))
  return one.names.map(firstWord).some((word) => word.length >= SHORTEST_WORD && words.has(word))
}

function firstWord(name: string): string {
  return /^\p{L}+/u.exec(name)?.[0] ?? ''
}

/** Strengths that a name tells, folded: `40mg`; in their order. */
export function strengthsIn(name: string): readonly string[] {
  return [
    ...name.matchAll(/\d[\d.,]*\s*(?:%|[µμ]g|mcg|mg|g|ml|iu|ie|unt|units?|mmol|meq)(?:\s*\/\s*\d*\s*\p{L}+)?/gu),
  ].map(([found]) =>
    found
      .replaceAll(/\s+/g, '')
      .replace(',', '.')
      .replace(/(\.\d*?)0+(?=\D)/, '$1')
      .replace(/\.(?=\D)/, ''),
  )
}

/** A name without its numbers: the product, whatever its strength. */
export function productIn(name: string): string {
  return name.replaceAll(/\d[\d.,]*/g, '#')
}
