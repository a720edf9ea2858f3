/** Dosage and Timing in words. @see https://hl7.org/fhir/R4/dosage.html @see https://hl7.org/fhir/R4/datatypes.html#Timing */

import { decimalText, isDecimal } from '../fhir/decimal.ts'
import { isObject, type Json, type JsonObject } from '../fhir/types.ts'
import { dose, quantity, rangeOf, ratioOf, showDecimal } from './format-measure.ts'
import { dayName, timeUnit } from './locale.ts'
import {
  joined,
  labelOf,
  many,
  objects,
  others,
  plainText,
  shown,
  wordOf,
  type Format,
  type Wording,
} from './wording.ts'

const REPEAT = 'Timing.repeat'

const timing: Format = (value, wording) => {
  const { repeat } = value
  const code = shown(value, 'Timing', 'code', wording)
  const parts = isObject(repeat) ? repeated(repeat, wording) : []
  return joined([
    code,
    ...parts,
    shown(value, 'Timing', 'event', wording),
    ...others(value, 'Timing', ['code', 'repeat', 'event'], wording),
  ])
}

const RHYTHM = ['frequency', 'frequencyMax', 'period', 'periodMax', 'periodUnit']
const LASTING = ['duration', 'durationMax', 'durationUnit']
const COUNT = ['count', 'countMax'] as const

function repeated(repeat: JsonObject, wording: Wording): readonly string[] {
  const { phrase } = wording
  const listed = (name: string): string => shown(repeat, REPEAT, name, wording)
  const words = (name: string, kind: string): string =>
    joined(many(repeat[name]).map((code) => wordOf(kind, plainText(code), wording)))
  const parts: string[] = [rhythm(repeat, wording)]
  const add = (key: string, text: string): void => void (text !== '' && parts.push(phrase(key, { value: text })))
  add('timing.duration', length(repeat, ['duration', 'durationMax', 'durationUnit'], wording))
  add('timing.days', joined(many(repeat['dayOfWeek']).map((code) => dayName(plainText(code), wording.locale))))
  add('timing.times', listed('timeOfDay'))
  const offset = isDecimal(repeat['offset'])
    ? phrase('timing.offset', { value: showDecimal(repeat['offset'], wording) })
    : ''
  parts.push(joined([offset, words('when', 'when')], ' '))
  parts.push(counted(repeat, wording))
  add('timing.for', listed('boundsDuration'))
  parts.push(boundsRange(repeat, wording))
  parts.push(listed('boundsPeriod'))
  const used = [
    ...RHYTHM,
    ...LASTING,
    ...COUNT,
    'dayOfWeek',
    'timeOfDay',
    'offset',
    'when',
    'boundsDuration',
    'boundsRange',
    'boundsPeriod',
  ]
  return [...parts, ...others(repeat, REPEAT, used, wording)]
}

/** `20 times in all`, at most so many where no least is said. */
function counted(repeat: JsonObject, wording: Wording): string {
  const { phrase } = wording
  const { amount, isMost } = upTo(repeat, COUNT, wording)
  if (amount === '') return ''
  const count = amount === '1' ? phrase('timing.countOnce') : phrase('timing.count', { value: amount })
  return isMost ? phrase('range.to', { high: count }) : count
}

/** For how long: with one end it is told which of the two that is. */
function boundsRange(repeat: JsonObject, wording: Wording): string {
  const { boundsRange: range } = repeat
  if (!isObject(range)) return shown(repeat, REPEAT, 'boundsRange', wording)
  const { low, high } = range
  const [least, most] = [low, high].map((end) => (isObject(end) ? quantity(end, wording) : plainText(end)))
  const rest = others(range, 'Range', ['low', 'high'], wording)
  if (!least && !most) return joined(rest)
  if (least && most) return wording.phrase('timing.for', { value: rangeOf(quantity)(range, wording) })
  const key = least ? 'timing.forAtLeast' : 'timing.forAtMost'
  return joined([wording.phrase(key, { value: least || most || '' }), ...rest])
}

/** `3 times per day`, `every 8 hours`, `every 4 to 6 hours`, `up to 4 times per day`. */
function rhythm(repeat: JsonObject, wording: Wording): string {
  const { phrase } = wording
  const { amount: times, isMost } = upTo(repeat, ['frequency', 'frequencyMax'], wording)
  const atMost = (text: string): string => (isMost ? phrase('range.to', { high: text }) : text)
  const often = times === '' ? '' : phrase(times === '1' ? 'timing.once' : 'timing.frequency', { times })
  const period = length(repeat, ['period', 'periodMax', 'periodUnit'], wording)
  // a unit of time alone says no rhythm
  if (repeat['period'] === undefined && repeat['periodMax'] === undefined && period !== '') {
    const unit = phrase('labelled', { label: labelOf(REPEAT, 'periodUnit', wording), value: period })
    return joined([atMost(often), unit])
  }
  if (period === '') return often === '' ? '' : atMost(often)
  const unit = plainText(repeat['periodUnit'])
  const isOne = isText(repeat['period'], '1') && repeat['periodMax'] === undefined && unit !== ''
  if (times === '' || (times === '1' && !isOne && !isMost)) return phrase('timing.every', { period })
  const per = isOne ? timeUnit(unit, '1', wording.locale) : period
  return atMost(phrase(times === '1' ? 'timing.oncePer' : 'timing.per', { times, period: per }))
}

type Names = readonly [least: string, most: string]

interface Amount {
  readonly amount: string
  /** Of two bounds only the upper one is there: the words around the amount say so, as languages differ in where. */
  readonly isMost: boolean
}

function upTo(repeat: JsonObject, [least, most]: Names, wording: Wording): Amount {
  const [low, high] = [repeat[least], repeat[most]].map((one) =>
    isDecimal(one) ? showDecimal(one, wording) : plainText(one),
  )
  if (!high) return { amount: low ?? '', isMost: false }
  return low ? { amount: wording.phrase('range.both', { low, high }), isMost: false } : { amount: high, isMost: true }
}

function length(repeat: JsonObject, [least, most, unit]: readonly [...Names, string], wording: Wording): string {
  const { amount, isMost } = upTo(repeat, [least, most], wording)
  const code = plainText(repeat[unit])
  if (amount === '') return code === '' ? '' : timeUnit(code, '', wording.locale)
  const whole = code === '' ? amount : `${amount}\u00a0${timeUnit(code, amount, wording.locale)}`
  return isMost ? wording.phrase('range.to', { high: whole }) : whole
}

function isText(value: Json | undefined, text: string): boolean {
  return isDecimal(value) && decimalText(value) === text
}

const AMOUNTS: Readonly<Record<string, Format>> = {
  doseQuantity: dose,
  doseRange: rangeOf(dose),
  rateQuantity: dose,
  rateRange: rangeOf(dose),
  rateRatio: ratioOf(dose),
}
const LIMITS: Readonly<Record<string, Format>> = {
  maxDosePerPeriod: ratioOf(dose),
  maxDosePerAdministration: dose,
  maxDosePerLifetime: dose,
}

/** A Dosage: its own text first, then what is structured, then instructions. */
const dosage: Format = (value, wording) => {
  const part = (name: string): string => shown(value, 'Dosage', name, wording)
  const doses = objects(value['doseAndRate']).map((one) => doseAndRate(one, wording))
  const limits = Object.entries(LIMITS).map(([name, format]) => amounts(value[name], format, wording, `dosage.${name}`))
  const structured = joined([
    sequence(value, 'Dosage', wording),
    joined(doses, '; '),
    part('timing'),
    asNeeded(value, wording),
    ...['route', 'method', 'site'].map(part),
    ...limits,
  ])
  const instructions = [part('additionalInstruction'), part('patientInstruction')]
  const used = [...DOSAGE, ...Object.keys(LIMITS)]
  return joined([part('text'), structured, ...instructions, ...others(value, 'Dosage', used, wording)], '\n')
}

/** Which step of several a dosage is. */
function sequence(value: JsonObject, type: string, wording: Wording): string {
  const step = shown(value, type, 'sequence', wording)
  return step && wording.phrase('dosage.sequence', { value: step })
}

const DOSAGE = [
  'sequence', 'text', 'additionalInstruction', 'patientInstruction', 'timing', 'asNeededBoolean', 'asNeededCodeableConcept',
  'site', 'route', 'method', 'doseAndRate',
] // prettier-ignore

function amounts(value: Json | undefined, format: Format, wording: Wording, key?: string): string {
  const texts = many(value).map((one) => (isObject(one) ? format(one, wording) : wording.show(one, undefined)))
  const text = joined(texts)
  return key === undefined || text === '' ? text : wording.phrase(key, { value: text })
}

function doseAndRate(value: JsonObject, wording: Wording): string {
  const type = 'Dosage.doseAndRate'
  const texts = Object.entries(AMOUNTS).map(([name, format]) => {
    const key = name.startsWith('rate') ? 'dosage.rate' : undefined
    return amounts(value[name], format, wording, key)
  })
  const kind = shown(value, type, 'type', wording)
  const named = kind === '' ? [] : [`(${kind})`]
  const rest = others(value, type, ['type', ...Object.keys(AMOUNTS)], wording)
  return joined([joined([joined(texts), ...named], ' '), ...rest])
}

function asNeeded(value: JsonObject, wording: Wording): string {
  const reason = shown(value, 'Dosage', 'asNeededCodeableConcept', wording)
  if (reason !== '') return wording.phrase('dosage.asNeededFor', { value: reason })
  const { asNeededBoolean } = value
  if (asNeededBoolean === undefined) return shown(value, 'Dosage', 'asNeededBoolean', wording)
  return asNeededBoolean === true ? wording.phrase('dosage.asNeeded') : wording.phrase('dosage.notAsNeeded')
}

/** A part of a dosage that has a column of its own, and the elements that it tells. */
export interface DosagePart {
  readonly tells: readonly string[]
  readonly text: (dosage: JsonObject, type: string, wording: Wording) => string
}

/** The columns of a dosage, of the datatype or of a MedicationAdministration. */
export const DOSAGE_PARTS: Readonly<Record<string, DosagePart>> = {
  step: { tells: ['sequence'], text: sequence },
  dose: {
    tells: ['doseAndRate', 'dose', 'rate'],
    text: (value, type, wording) => {
      const rate = shown(value, type, 'rate', wording)
      const doses = objects(value['doseAndRate']).map((one) => doseAndRate(one, wording))
      const strange = many(value['doseAndRate']).filter((one) => !isObject(one))
      return joined([
        joined([...doses, ...strange.map(plainText)], '; '),
        shown(value, type, 'dose', wording),
        rate && wording.phrase('dosage.rate', { value: rate }),
      ])
    },
  },
  frequency: {
    tells: ['timing', 'asNeeded'],
    text: (value, type, wording) => joined([shown(value, type, 'timing', wording), asNeeded(value, wording)]),
  },
}

export const DOSAGE_FORMATS: Readonly<Record<string, Format>> = {
  Timing: timing,
  Dosage: dosage,
  'Dosage.doseAndRate': doseAndRate,
}
