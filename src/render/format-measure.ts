/** Numbers with their units, as they were sent: they never pass through a JavaScript number on their way to paper (H-8). */

import { decimalText, isDecimal } from '../fhir/decimal.ts'
import { isObject, type Decimal, type Json, type JsonObject } from '../fhir/types.ts'
import { systemName } from './format-code.ts'
import { own } from './locale.ts'
import { absentReason, joined, labelOf, others, plainText, type Format, type Wording } from './wording.ts'

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹'

/** A number's own text with the decimal mark of the language; an exponent as a power of ten. */
export function showDecimal(value: number | Decimal, { locale }: Pick<Wording, 'locale'>): string {
  const [mantissa = '', exponent] = decimalText(value).split(/[eE]\+?/)
  const marked = mantissa.replace('.', locale.decimalMark)
  if (exponent === undefined) return marked
  return `${marked}×10${exponent.replace('-', '⁻').replaceAll(/\d/g, (digit) => SUPERSCRIPTS.charAt(Number(digit)))}`
}

/** A dose has no trailing zeros: `5.0` has been read as 50. */
export function withoutTrailingZeros(value: number | Decimal): number | Decimal {
  const text = decimalText(value)
  return /^-?\d+\.\d*0$/.test(text) ? JSON.rawJSON(text.replace(/\.?0+$/, '')) : value
}

const UCUM = 'http://unitsofmeasure.org'
const COMPARATORS: Readonly<Record<string, string>> = { '<=': '≤', '>=': '≥' }

/**
 * Comparator, value and unit; the unit as it was sent, and the UCUM code beside it where the two differ.
 * @see https://hl7.org/fhir/R4/datatypes.html#Quantity
 */
export const quantity: Format = (value, wording) => {
  const comparator = plainText(value['comparator'])
  const number = numberOf(value, wording)
  // at the end of a line the number would go on without it
  const amount = joined([own(COMPARATORS, comparator) ?? comparator, number], '\u00a0')
  const unit = unitOf(value, wording)
  const whole = amount === '' || unit === '' ? amount + unit : `${amount}\u00a0${unit}`
  return joined([whole, ...others(value, 'Quantity', ['value', 'comparator', 'unit', 'system', 'code'], wording)])
}

/** A Quantity that is given to a patient. */
export const dose: Format = (value, wording) => {
  const { value: number } = value
  return quantity(isDecimal(number) ? { ...value, value: withoutTrailingZeros(number) } : value, wording)
}

function numberOf(value: JsonObject, wording: Wording): string {
  const { value: number } = value
  if (isDecimal(number)) return showDecimal(number, wording)
  return plainText(number) || (absentReason(value['_value'], wording) ?? absentReason(value, wording) ?? '')
}

/** The unit in words. A code of another system than UCUM is no unit that people read: it stands only where words are missing. */
function unitOf(value: JsonObject, { locale }: Wording): string {
  const [unit, code, system] = [plainText(value['unit']), plainText(value['code']), plainText(value['system'])]
  const isUcum = system === '' || system === UCUM
  if (unit === ONE && (code === '' || code === ONE)) return ''
  if (code === '' || code === unit) return unit
  const words = own(locale.units, code) ?? [/^\{(.*)\}$/.exec(code)?.[1] ?? code]
  // a number beside a number is read as one
  if (unit === '') return isUcum ? (words[0] ?? code) : /^\d/.test(code) ? `(${systemName(system)} ${code})` : code
  const isSame = words.some(
    (word) => word === unit || (word.length > LETTERS && word.toLowerCase() === unit.toLowerCase()),
  )
  return !isUcum || isSame ? unit : `${unit} (${code})`
}

/** The unit of what has none, which behind its number would be read as a digit of it: "5 1". */
const ONE = '1'

/** In words of no more letters capitals count: `mg` is not `Mg`. */
const LETTERS = 2

/** The low and high bound in words, with the format of one bound. */
export function rangeOf(bound: Format): Format {
  return (value, wording) => {
    const [low, high] = [value['low'], value['high']].map((one) =>
      isObject(one) ? bound(one, wording) : plainText(one),
    )
    const rest = others(value, 'Range', ['low', 'high'], wording)
    return joined([bounds(low ?? '', high ?? '', wording), ...rest])
  }
}

function bounds(low: string, high: string, { phrase }: Wording): string {
  if (high === '') return low === '' ? '' : phrase('range.from', { low })
  if (low === '') return phrase('range.to', { high })
  const [, lowNumber, lowUnit] = /^((?:[^\d\u00a0]*\u00a0)?[^\u00a0]+)(\u00a0.*)$/s.exec(low) ?? []
  const isSameUnit = lowUnit !== undefined && high.endsWith(lowUnit)
  return phrase('range.both', { low: isSameUnit ? (lowNumber ?? low) : low, high })
}

/** A ratio in words, with the format of its parts. */
export function ratioOf(part: Format): Format {
  return (value, wording) => {
    const parts = ['numerator', 'denominator'].map((name) => {
      const one = value[name]
      return isObject(one) ? part(one, wording) : plainText(one)
    })
    const ratio = parts.filter((text) => text !== '').join(' / ')
    return joined([ratio, ...others(value, 'Ratio', ['numerator', 'denominator'], wording)])
  }
}

/** How old somebody was then, and said to be that. */
function agedBy(part: Format): Format {
  return (value, wording) => {
    const age = part(value, wording)
    return age === '' ? '' : wording.phrase('labelled', { label: wording.phrase('column.age'), value: age })
  }
}

const money: Format = (value, wording) => {
  const amount = joined([numberOf(value, wording), plainText(value['currency'])], '\u00a0')
  return joined([amount, ...others(value, 'Money', ['value', 'currency'], wording)])
}

/** The samples as sent, after what says how to read them. @see https://hl7.org/fhir/R4/datatypes.html#SampledData */
const sampledData: Format = (value, wording) => {
  const { period } = value
  const label = labelOf('SampledData', 'period', wording)
  const between = isDecimal(period) ? `${showDecimal(period, wording)}\u00a0ms` : plainText(period)
  const told = period === undefined ? [] : [wording.phrase('labelled', { label, value: between })]
  return joined([...told, ...others(value, 'SampledData', ['period'], wording)], '; ')
}

export const MEASURE_FORMATS: Readonly<Record<string, Format>> = {
  Quantity: quantity,
  SimpleQuantity: quantity,
  MoneyQuantity: quantity,
  Age: quantity,
  Count: quantity,
  Distance: quantity,
  Duration: quantity,
  Range: rangeOf(quantity),
  Ratio: ratioOf(quantity),
  'Quantity of a dose': dose,
  'Range of a dose': rangeOf(dose),
  'Ratio of a dose': ratioOf(dose),
  'Age in a life': agedBy(quantity),
  'Range in a life': agedBy(rangeOf(quantity)),
  Money: money,
  SampledData: sampledData,
}

/** A decimal, or what stands in its place. */
export function showNumber(value: Json, wording: Wording): string {
  return isDecimal(value) ? showDecimal(value, wording) : plainText(value)
}
