/** Vital signs that say their unit in words alone, and pressures that stand alone. @see https://hl7.org/fhir/R4/observation-vitalsigns.html */

import type { Issue } from '../../fhir/issue.ts'
import { isObject, type Json, type JsonObject } from '../../fhir/types.ts'
import { loincCodes } from '../../fhir/vital-signs.ts'
import type { Node } from '../../fhir/walk.ts'

/** By the code of a unit of vital signs, the words that mean nothing else where a vital sign is measured. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  '/min': ['/min', 'bpm', 'beats/min', 'beats/minute', '{beats}/min', 'breaths/min', 'breaths/minute', '{breaths}/min'],
  'mm[Hg]': ['mm[Hg]', 'mmHg', 'mm Hg'],
  Cel: ['Cel', '°C', 'C', 'degC'],
  '[degF]': ['[degF]', '°F', 'F', 'degF'],
  '%': ['%'],
  cm: ['cm'],
  '[in_i]': ['[in_i]', 'in', 'inch', 'inches'],
  kg: ['kg'],
  g: ['g'],
  '[lb_av]': ['[lb_av]', 'lb', 'lbs'],
  'kg/m2': ['kg/m2', 'kg/m²', 'kg/m^2'],
}

const UCUM = 'http://unitsofmeasure.org'

interface Change {
  readonly value: Json
  readonly told: string
}

/** A quantity with the code that its unit in words means, or the unit that its code is. */
export function withUnitCode({ value, type }: Node): Change | undefined {
  if (type !== 'Quantity' || !isObject(value)) return undefined
  const { unit, code, system } = value
  if (unit === undefined && typeof code === 'string')
    return { value: { ...value, unit: code }, told: `the unit is written by its code ${code}` }
  if (typeof unit !== 'string' || (code !== undefined && system !== undefined)) return undefined
  const meant = Object.keys(WORDS).find((one) => WORDS[one]?.includes(unit.trim()))
  if (meant === undefined || (code !== undefined && code !== meant)) return undefined
  return { value: { ...value, system: UCUM, code: meant }, told: `the unit ${unit} has its code ${meant} beside it` }
}

/** A code without what UCUM calls an annotation, where nothing else sets it apart from that which is expected. @see https://ucum.org/ucum#para-6 */
export function withoutAnnotation({ value }: Node, { text }: Pick<Issue, 'text'>): Change | undefined {
  const expected = /expected exactly "([^"]+)"/.exec(text)?.[1]
  if (typeof value !== 'string' || value.replaceAll(/\{[^{}]*\}/g, '') !== expected) return undefined
  return { value: expected, told: `the code ${value} of a unit is written ${expected}, as its profile asks` }
}

const AS_TEXT: JsonObject = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'as-text' }] } // prettier-ignore

/** A measurement in words, where its code asks for a quantity: the words as a note, the value told to be there as text. */
export function asText({ value: observation }: Node): Change | undefined {
  if (!isObject(observation)) return undefined
  const { valueString, note, ...others } = observation
  if (typeof valueString !== 'string' || others['dataAbsentReason'] !== undefined) return undefined
  const notes = Array.isArray(note) ? (note as readonly Json[]) : []
  return {
    value: { ...others, dataAbsentReason: AS_TEXT, note: [...notes, { text: valueString }] },
    told: `the value ${valueString}, which is no quantity, stands as a note`,
  }
}

const PANEL: JsonObject = { system: 'http://loinc.org', code: '85354-9', display: 'Blood pressure panel with all children optional' } // prettier-ignore
const DIASTOLIC: JsonObject = { system: 'http://loinc.org', code: '8462-4', display: 'Diastolic blood pressure' }
const UNKNOWN: JsonObject = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' }] } // prettier-ignore

/** A systolic pressure alone as the panel that its code asks for, the diastolic told as unknown. */
export function asPanel({ value: observation }: Node): Change | undefined {
  if (!isObject(observation) || !loincCodes(observation['code']).includes('8480-6')) return undefined
  const { code, valueQuantity, component, ...others } = observation
  if (!isObject(valueQuantity) || component !== undefined || !isObject(code)) return undefined
  const coding = [...(Array.isArray(code['coding']) ? (code['coding'] as readonly Json[]) : []), PANEL]
  const components = [
    { code, valueQuantity },
    { code: { coding: [DIASTOLIC] }, dataAbsentReason: UNKNOWN },
  ]
  return {
    value: { ...others, code: { ...code, coding }, component: components },
    told: 'the systolic pressure stands in a panel, as its code asks, and the diastolic is told as unknown',
  }
}
