/** What data says and what a narrative says, in the same small words: names, codes, and numbers with units. */

import { isObject, type Json, type JsonObject, type Resource } from '../fhir/types.ts'
import type { ReadNarrative } from './narrative-read.ts'

/** What stands in data. */
export interface Said {
  /** Its texts that have digits: codes are of those. */
  readonly texts: readonly string[]
  readonly numbers: ReadonlySet<number>
  /** Of its quantities, as written. */
  readonly units: ReadonlySet<string>
}

const PLAIN = /^[\0-\x7f]*$/

/** The words of a text: letters and digits, without case and accents. */
export function wordsOf(text: string): readonly string[] {
  if (PLAIN.test(text)) return text.toLowerCase().match(/[a-z\d]+/g) ?? []
  return (
    text
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  )
}

/** What stands in a resource, but for its narratives. */
export function saidBy(resource: Resource): Said {
  const said = { texts: [] as string[], numbers: new Set<number>(), units: new Set<string>() }
  const visit = (value: Json | undefined, name: string): void => {
    if (typeof value === 'number') said.numbers.add(value)
    else if (typeof value === 'string') sayText(value, name, said)
    else if (Array.isArray(value)) for (const item of value as readonly Json[]) visit(item, name)
    else if (isObject(value)) for (const [key, member] of Object.entries(value)) if (key !== 'div') visit(member, key)
  }
  visit(resource, '')
  return said
}

interface Saying {
  readonly texts: string[]
  readonly numbers: Set<number>
  readonly units: Set<string>
}

function sayText(text: string, name: string, { texts, numbers, units }: Saying): void {
  if (name === 'unit') units.add(text)
  if (!/\p{N}/u.test(text)) return
  texts.push(PLAIN.test(text) ? text : text.normalize('NFKD'))
  for (const number of text.matchAll(NUMBER)) numbers.add(valueOf(number[0]))
}

const NUMBER = /\d+(?:[.,]\d+)?/g

function valueOf(text: string): number {
  return Number(text.replace(',', '.'))
}

/** Whether a code stands in what one of several resources says, by itself or within a longer word. */
export function isCodeSaid(code: string, all: readonly Said[]): boolean {
  return all.some(({ texts }) => texts.some((text) => text.includes(code)))
}

/** The units of several resources. */
export function unitsOf(all: readonly Said[]): ReadonlySet<string> {
  const units = new Set<string>()
  for (const said of all) for (const unit of said.units) units.add(unit)
  return units
}

/** Text of a narrative that was not taken from data, by the classes of HL7. */
const NOT_DATA = /(?:^|\s)(?:boilerplate|additional)(?:\s|$)/

/** The text of a narrative; with `data`, only what may have been taken from data. */
export function textOf({ tokens }: ReadNarrative, part: 'all' | 'data' = 'all'): string {
  const texts: string[] = []
  const open: boolean[] = []
  for (const token of tokens) {
    if (token.kind === 'text') {
      if (part === 'all' || open.at(-1) !== true) texts.push(token.text)
    } else if (token.kind === 'close') {
      open.pop()
      texts.push(' ')
    } else {
      const isOther = token.attributes.some(({ name, value }) => name === 'class' && NOT_DATA.test(value))
      open.push(isOther || open.at(-1) === true)
      texts.push(' ')
    }
  }
  return texts.join('').replace(/\s+/g, ' ')
}

/** Codes of SNOMED CT and LOINC in a text, which their check digits tell from other numbers. */
export function codesIn(text: string): readonly string[] {
  const snomed = [...text.matchAll(/(?<![\d.,/+-])\d{6,18}(?![\d.,/-])/g)].map(([code]) => code).filter(isSnomed)
  const loinc = [...text.matchAll(/(?<![\d.,/-])\d{3,5}-\d(?![\d.,/-])/g)].map(([code]) => code).filter(isLoinc)
  return [...new Set([...snomed, ...loinc])]
}

/** A number and its unit in a text. */
export interface Amount {
  readonly text: string
  readonly value: number
  /** How many digits stand after the decimal mark. */
  readonly digits: number
}

/** The numbers in a text that one of the units follows; those of dates, times and ranges are left alone. */
export function amountsIn(text: string, units: ReadonlySet<string>): readonly Amount[] {
  const known = [...units].filter((unit) => /[\p{L}%]/u.test(unit) && unit.length < 30)
  if (known.length === 0) return []
  const names = known
    .sort((one, other) => other.length - one.length)
    .map((unit) => unit.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
  const pattern = new RegExp(`(?<![\\p{L}\\d.,:/+-])(\\d+(?:[.,]\\d+)?) ?(?:${names.join('|')})(?![\\p{L}\\d])`, 'gu')
  return [...text.matchAll(pattern)].map(([whole, number = '']) => ({
    text: whole,
    value: valueOf(number),
    digits: number.split(/[.,]/)[1]?.length ?? 0,
  }))
}

/** Whether a number in the data of one of several resources is the one printed, or is printed so when rounded. */
export function isSaid({ value, digits }: Amount, all: readonly Said[]): boolean {
  for (const { numbers } of all) if (numbers.has(value)) return true
  const half = 0.5 * 10 ** -digits
  for (const { numbers } of all) for (const number of numbers) if (Math.abs(number - value) <= half) return true
  return false
}

const D5 = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
  [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
  [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
  [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
  [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
  [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
  [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
  [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
  [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
] as const // prettier-ignore
const PERMUTATION = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4] as const

/** By the check digit of Verhoeff. @see https://confluence.ihtsdotools.org/display/DOCRELFMT/6.4+Check-digit */
function isSnomed(code: string): boolean {
  let check = 0
  for (const [place, digit] of [...code].reverse().map(Number).entries()) {
    let permuted = digit
    for (let times = place % 8; times > 0; times -= 1) permuted = PERMUTATION[permuted] ?? 0
    check = D5[check]?.[permuted] ?? 0
  }
  return check === 0 && !code.startsWith('0')
}

/** By the check digit of Luhn. @see https://loinc.org/kb/faq/structure/ */
function isLoinc(code: string): boolean {
  const digits = [...code.replace('-', '')].reverse().map(Number)
  const sum = digits.reduce((total, digit, place) => {
    const weighted = place % 2 === 1 ? digit * 2 : digit
    return total + (weighted > 9 ? weighted - 9 : weighted)
  }, 0)
  return sum % 10 === 0
}

/** The members that say what a resource is about, in the words of people. */
const LABELS: readonly string[] = [
  'code', 'medicationCodeableConcept', 'vaccineCode', 'type', 'description', 'title', 'deviceName', 'productCodeableConcept',
] // prettier-ignore
/** Resources about which a section speaks; those who acted and where are not among them. */
const CLINICAL: ReadonlySet<string> = new Set([
  'AllergyIntolerance', 'CarePlan', 'ClinicalImpression', 'Condition', 'Consent', 'Device', 'DeviceUseStatement',
  'DiagnosticReport', 'FamilyMemberHistory', 'Flag', 'Goal', 'ImagingStudy', 'Immunization', 'Medication',
  'MedicationAdministration', 'MedicationDispense', 'MedicationRequest', 'MedicationStatement', 'Observation', 'Procedure',
  'ServiceRequest', 'Specimen',
]) // prettier-ignore

/** What a clinical resource is called. */
export interface Names {
  /** By whoever wrote it, in the language of the document. */
  readonly texts: readonly string[]
  /** By code systems, in any language. */
  readonly displays: readonly string[]
}

/** The names of what a resource is about; none where it is about no clinical matter. */
export function namesOf(resource: Resource): Names {
  const members = CLINICAL.has(resource.resourceType) ? LABELS.map((name) => resource[name]) : []
  return {
    texts: members.flatMap((one) => namesIn(one, 'text')),
    displays: members.flatMap((one) => namesIn(one, 'display')),
  }
}

function namesIn(value: Json | undefined, kind: 'text' | 'display'): readonly string[] {
  if (typeof value === 'string') return kind === 'text' ? [value] : []
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap((one) => namesIn(one, kind))
  if (!isObject(value)) return []
  const { text, display, name, coding }: JsonObject = value
  const own = kind === 'text' ? [text, name] : [display]
  return [...own.filter((one) => typeof one === 'string'), ...namesIn(coding, kind)]
}

/** Scripts that write without spaces between words. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]{2,}/gu

/** Beginnings of the words of a text by which it is known again: words of one root begin alike in several languages. */
export function traitsOf(text: string): readonly string[] {
  const pairs = [...text.matchAll(UNSPACED)].flatMap(([run]) =>
    Array.from(run.slice(1), (second, at) => run[at] + second),
  )
  const abbreviations = text.match(/(?<![\p{L}\d])[\p{Lu}\d]{2,3}(?![\p{L}\d])/gu) ?? []
  const words = wordsOf(text).filter((word) => word.length > 3)
  return [...words.map((word) => word.slice(0, 5)), ...pairs, ...abbreviations]
}
