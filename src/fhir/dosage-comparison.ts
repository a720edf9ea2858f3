/** Two ways to take a medicine compared, part by part, only as far as both are recorded and comparable. */

import { decimalValue, isDecimal } from './decimal.ts'
import { folded, haveCommon, medicineOf, objectsIn, productIn, strengthsIn, type TreatmentRecord } from './medicine.ts'
import type { Json, JsonObject } from './types.ts'

/** What two regimens may differ in. */
export type Aspect = 'product' | 'strength' | 'form' | 'dose' | 'route' | 'timing' | 'instructions' | 'status'

/** `open` where one side lacks it, or says it in words that cannot be compared. */
export type Agreement = 'same' | 'differs' | 'open'

/** One value of an aspect: comparable by its key; in words alone, other words may mean the same. */
interface Value {
  readonly key: string
  readonly isWords?: true
}

/** How two groups of records of one medicine agree in each aspect; both have at least one record. */
export function agreementsOf(
  before: readonly TreatmentRecord[],
  after: readonly TreatmentRecord[],
): ReadonlyMap<Aspect, Agreement> {
  const all = new Map<Aspect, Agreement>()
  for (const [aspect, { values, isNeeded }] of Object.entries(READERS) as readonly [Aspect, Reader][]) {
    all.set(aspect, compared(before.flatMap(values), after.flatMap(values), isNeeded))
  }
  all.set('product', productOf(before, after))
  if (all.get('strength') === 'open' && !needsStrength(before, after)) all.set('strength', 'same')
  if (all.get('dose') === 'same' && all.get('timing') === 'same' && !haveEqualSteps(before, after))
    all.set('dose', 'differs')
  return all
}

/** Whether records of one side differ from each other in an aspect that all of them tell. */
export function isDivided(records: readonly TreatmentRecord[], aspect: Aspect): boolean {
  const reader = READERS[aspect as keyof typeof READERS] as Reader | undefined
  const told =
    reader === undefined ? [] : records.map((record) => keysOf(reader.values(record))).filter((key) => key !== '')
  return new Set(told).size > 1
}

interface Reader {
  readonly values: (record: TreatmentRecord) => readonly Value[]
  /** Without it nothing can be called unchanged. */
  readonly isNeeded: boolean
}

const READERS: Readonly<Record<Exclude<Aspect, 'product'>, Reader>> = {
  strength: { values: strengths, isNeeded: true },
  form: { values: ({ medication }) => concepts(medication?.['form']), isNeeded: false },
  dose: { values: (record) => dosages(record).flatMap(doseOf), isNeeded: true },
  route: { values: (record) => dosages(record).flatMap(({ route }) => concepts(route)), isNeeded: false },
  timing: { values: (record) => dosages(record).flatMap(timingOf), isNeeded: true },
  instructions: { values: (record) => dosages(record).flatMap(instructionsOf), isNeeded: false },
  status: { values: ({ resource }) => [{ key: resource['status'] === 'on-hold' ? 'on-hold' : '' }], isNeeded: false },
}

function compared(before: readonly Value[], after: readonly Value[], isNeeded: boolean): Agreement {
  if (before.length === 0 || after.length === 0) return isNeeded ? 'open' : 'same'
  if (keysOf(before) === keysOf(after)) return 'same'
  return [...before, ...after].some(({ isWords }) => isWords) ? 'open' : 'differs'
}

function keysOf(values: readonly Value[]): string {
  return [...new Set(values.map(({ key }) => key))].sort().join('\n')
}

function dosages({ resource }: TreatmentRecord): readonly JsonObject[] {
  return objectsIn(resource['dosageInstruction'] ?? resource['dosage'])
}

/** A concept by its codes; by its words where it has none, and then it cannot be told from other words. */
function concepts(value: Json | undefined): readonly Value[] {
  return objectsIn(value).flatMap(({ coding, text }): readonly Value[] => {
    const codes = objectsIn(coding).flatMap(({ system, code }) => (typeof code === 'string' ? [`${folded(system)}|${code}`] : [])) // prettier-ignore
    const [first] = codes.sort()
    if (first !== undefined) return [{ key: first }]
    const words = folded(text)
    return words === '' ? [] : [{ key: words, isWords: true }]
  })
}

/** Quantities by value and unit, `5 mg` and `5.0 mg` alike; nothing is converted. */
function measure(value: Json | undefined): string {
  return objectsIn(value)
    .map((one) => {
      if (isDecimal(one['value'])) {
        const unit = one['code'] ?? one['unit'] ?? ''
        return `${folded(one['comparator'])}${decimalValue(one['value'])} ${folded(unit)}`
      }
      return ['low', 'high', 'numerator', 'denominator'].map((name) => measure(one[name])).join('~')
    })
    .join('+')
}

const RATES = ['doseQuantity', 'doseRange', 'rateRatio', 'rateRange', 'rateQuantity']

function doseOf(dosage: JsonObject): readonly Value[] {
  const told = objectsIn(dosage['doseAndRate']).map((one) => RATES.map((name) => measure(one[name])).join(';'))
  const key = told.filter((text) => /\d/.test(text)).join('|')
  return key === '' ? wordsOf(dosage) : [{ key }]
}

function timingOf(dosage: JsonObject): readonly Value[] {
  const [timing] = objectsIn(dosage['timing'])
  const rhythm = rhythmOf(timing)
  if (rhythm === undefined) return isAsNeeded(dosage) === '' || timing !== undefined ? timingWords(timing, dosage) : [{ key: isAsNeeded(dosage) }] // prettier-ignore
  return [{ key: `${rhythm} ${isAsNeeded(dosage)}`.trim() }]
}

function timingWords(timing: JsonObject | undefined, dosage: JsonObject): readonly Value[] {
  const words = objectsIn(timing?.['code']).map(({ text }) => folded(text)).filter((text) => text !== '') // prettier-ignore
  return words.length > 0 ? words.map((key) => ({ key, isWords: true })) : wordsOf(dosage)
}

function isAsNeeded(dosage: JsonObject): string {
  const isSo = dosage['asNeededBoolean'] === true || dosage['asNeededCodeableConcept'] !== undefined
  return isSo ? `as needed ${keysOf(concepts(dosage['asNeededCodeableConcept']))}`.trim() : ''
}

function wordsOf({ text }: JsonObject): readonly Value[] {
  const words = folded(text)
  return words === '' ? [] : [{ key: words, isWords: true }]
}

/** Abbreviations as frequency, period and unit. @see http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation */
const ABBREVIATIONS: Readonly<Record<string, string>> = {
  QD: '1/1d', BID: '2/1d', TID: '3/1d', QID: '4/1d', QOD: '1/2d', Q1H: '1/1h', Q2H: '1/2h', Q3H: '1/3h', Q4H: '1/4h', Q6H: '1/6h', Q8H: '1/8h', WK: '1/1wk', MO: '1/1mo',
} // prettier-ignore

/** Members of a rhythm beside frequency and period; bounds are the length of the treatment, and no change of it. */
const RHYTHM = ['frequencyMax', 'periodMax', 'count', 'countMax', 'duration', 'durationMax', 'durationUnit', 'offset']
const MOMENTS = ['when', 'timeOfDay', 'dayOfWeek']

function rhythmOf(timing: JsonObject | undefined): string | undefined {
  if (timing === undefined) return undefined
  const [repeat = {}] = objectsIn(timing['repeat'])
  const codes = objectsIn(timing['code']).flatMap(({ coding }) => objectsIn(coding).map(({ code }) => code))
  const [code] = codes.filter((one): one is string => typeof one === 'string')
  const number = (name: string): string => {
    const value = repeat[name]
    return isDecimal(value) ? String(decimalValue(value)) : folded(value)
  }
  const period =
    number('period') === '' ? '' : `${number('frequency') || '1'}/${number('period')}${number('periodUnit')}`
  const rest = RHYTHM.flatMap((name) => (number(name) === '' ? [] : [`${name} ${number(name)}`]))
  const moments = MOMENTS.flatMap((name) => listed(repeat[name]))
  const basic = period === '' ? (code === undefined ? '' : (ABBREVIATIONS[code] ?? code)) : period
  const events = listed(timing['event'])
  const all = [basic, ...rest, ...moments, ...events].filter((part) => part !== '')
  return all.length === 0 ? undefined : all.join(' ')
}

function listed(value: Json | undefined): readonly string[] {
  return (Array.isArray(value) ? value : []).map(folded).sort()
}

const LIMITS = ['maxDosePerPeriod', 'maxDosePerAdministration', 'maxDosePerLifetime']

/** What is said beside dose and timing; the words of a dosage that has no other structure are compared as its dose. */
function instructionsOf(dosage: JsonObject): readonly Value[] {
  const limits = LIMITS.flatMap((name) =>
    dosage[name] === undefined ? [] : [{ key: `${name} ${measure(dosage[name])}` }],
  )
  const words = [...objectsIn(dosage['additionalInstruction']).flatMap((one) => concepts(one)), ...said(dosage['patientInstruction'])] // prettier-ignore
  const text = dosage['doseAndRate'] === undefined ? [] : said(dosage['text'])
  return [...limits, ...words.map(({ key }): Value => ({ key, isWords: true })), ...text]
}

function said(text: Json | undefined): readonly Value[] {
  return folded(text) === '' ? [] : [{ key: folded(text), isWords: true }]
}

function strengths({ resource, medication }: TreatmentRecord): readonly Value[] {
  const coded = objectsIn(medication?.['ingredient']).map((one) => measure(one['strength'])).filter((text) => /\d/.test(text)) // prettier-ignore
  if (coded.length > 0) return [{ key: coded.sort().join('+') }]
  const told = medicineOf({ resource, medication })
    .names.map(strengthsIn)
    .find((found) => found.length > 0)
  return told === undefined ? [] : [{ key: told.join('+') }]
}

/** One product where a code or a name is common; numbers in names are strengths, which are compared for themselves. */
function productOf(before: readonly TreatmentRecord[], after: readonly TreatmentRecord[]): Agreement {
  const one = calledIn(before)
  const other = calledIn(after)
  if (haveCommon(one.codes, other.codes)) return 'same'
  if (one.names.size === 0 || other.names.size === 0) return 'open'
  const products = (names: ReadonlySet<string>): ReadonlySet<string> => new Set([...names].map(productIn))
  return haveCommon(products(one.names), products(other.names)) ? 'same' : 'differs'
}

/** All codes and names of products. */
function calledIn(records: readonly TreatmentRecord[]): {
  readonly codes: ReadonlySet<string>
  readonly names: ReadonlySet<string>
} {
  const medicines = records.map(medicineOf)
  return {
    codes: new Set(medicines.flatMap(({ products }) => [...products])),
    names: new Set(medicines.flatMap(({ names }) => names)),
  }
}

/** A dose in tablets says nothing without the strength of a tablet, which a common code or name tells. */
function needsStrength(before: readonly TreatmentRecord[], after: readonly TreatmentRecord[]): boolean {
  const one = calledIn(before)
  const other = calledIn(after)
  if (haveCommon(one.codes, other.codes) || haveCommon(one.names, other.names)) return false
  const doses = [...before, ...after].flatMap(dosages).flatMap(doseOf)
  return !doses.every(({ key }) => WEIGHT.test(key))
}

const WEIGHT = /\d (?:[kmuµ]?g|mcg|\[iu\]|iu|mmol|meq)\b/

/** Whether doses go with the same times: 10 in the morning and 14 in the evening is not 14 and 10. */
function haveEqualSteps(before: readonly TreatmentRecord[], after: readonly TreatmentRecord[]): boolean {
  const steps = (records: readonly TreatmentRecord[]): string =>
    keysOf(records.flatMap(dosages).map((one) => ({ key: `${keysOf(doseOf(one))} @ ${keysOf(timingOf(one))}` })))
  return steps(before) === steps(after)
}
