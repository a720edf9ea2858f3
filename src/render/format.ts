/** Any value of any datatype in words, by one table of datatypes; it never fails and never leaves a part out. */

import { decimalText, isDecimal } from '../fhir/decimal.ts'
import { isObject, isResource, type Json, type JsonObject } from '../fhir/types.ts'
import { CODE_FORMATS, showBytes } from './format-code.ts'
import { DOSAGE_FORMATS } from './format-dosage.ts'
import { MEASURE_FORMATS, showNumber } from './format-measure.ts'
import { PERSON_FORMATS } from './format-person.ts'
import { showDate, showDateTime, showTime, TIME_FORMATS } from './format-time.ts'
import { own } from './locale.ts'
import { inLanguage } from './translation.ts'
import { PART_FORMATS } from './parts.ts'
import { absentReason, codeWord, joined, objects, others, plainText, type Format, type Wording } from './wording.ts'

/** Datatypes that are objects. */
const FORMATS: Readonly<Record<string, Format>> = {
  ...TIME_FORMATS,
  ...MEASURE_FORMATS,
  ...PERSON_FORMATS,
  ...CODE_FORMATS,
  ...DOSAGE_FORMATS,
  ...PART_FORMATS,
}

/** Datatypes that are a JSON string, number or boolean and are not shown as they are. */
const PRIMITIVES: Readonly<Record<string, (value: Json, wording: Wording) => string>> = {
  boolean: (value, { phrase }) => (typeof value === 'boolean' ? phrase(value ? 'yes' : 'no') : plainText(value)),
  decimal: showNumber,
  integer: showNumber,
  positiveInt: showNumber,
  unsignedInt: showNumber,
  integer64: showNumber,
  date: (value, wording) => showDate(plainText(value), wording),
  dateTime: (value, wording) => showDateTime(plainText(value), wording),
  instant: (value, wording) => showDateTime(plainText(value), wording),
  time: (value) => showTime(plainText(value)),
  code: (value, { locale }) => codeWord(plainText(value), locale),
  base64Binary: showBytes,
  xhtml: () => '',
}

/** The types of objects that the model does not know, by what they look like. */
const LOOKS: readonly (readonly [string, (value: JsonObject) => boolean])[] = [
  ['CodeableConcept', (value) => 'coding' in value || ('text' in value && Object.keys(value).length === 1)],
  ['Reference', (value) => typeof value['reference'] === 'string'],
  ['Period', (value) => 'start' in value || 'end' in value],
  ['Quantity', (value) => 'value' in value && ('unit' in value || 'comparator' in value)],
  ['Extension', (value) => typeof value['url'] === 'string'],
]

export type { Wording } from './wording.ts'

const ZONE = 'http://hl7.org/fhir/StructureDefinition/tz-code'

/** The wording of a time that says in which zone it was. @see https://hl7.org/fhir/R4/extension-tz-code.html */
function inZone(wording: Wording, beside: Json | undefined): Wording {
  const extensions = isObject(beside) ? objects(beside['extension']) : []
  const zone = plainText(extensions.find(({ url }) => url === ZONE)?.['valueCode'])
  return zone === '' ? wording : { ...wording, zone }
}

/** What {@link wordingOf} completes. */
export type WordingParts = Omit<Wording, 'show'>

/** A wording whose values are shown by the table of datatypes. */
export function wordingOf(parts: WordingParts): Wording {
  const wording: Wording = { ...parts, show: (value, type, beside) => shownBeside(value, type, beside, wording) }
  return wording
}

/** A text with its translation, a time in the zone that it names. */
function shownBeside(
  value: Json | undefined,
  type: string | undefined,
  beside: Json | undefined,
  wording: Wording,
): string {
  const text = show(value, type, inZone(wording, beside))
  return typeof value === 'string' && beside !== undefined ? inLanguage(text, beside, wording.locale) : text
}

function show(value: Json | undefined, type: string | undefined, wording: Wording): string {
  if (value === undefined || value === null) return ''
  if (Array.isArray(value)) return joined((value as readonly Json[]).map((item) => wording.show(item, type)))
  return isObject(value) ? showObject(value, type, wording) : showPrimitive(value, type, wording)
}

function showPrimitive(value: Json, type: string | undefined, wording: Wording): string {
  const format = type === undefined ? undefined : own(PRIMITIVES, type)
  const text = format?.(value, wording)
  if (text !== undefined && (text !== '' || type === 'xhtml')) return text
  if (typeof value === 'boolean') return wording.phrase(value ? 'yes' : 'no')
  return isDecimal(value) ? decimalText(value) : plainText(value)
}

function showObject(value: JsonObject, type: string | undefined, wording: Wording): string {
  if (isResource(value)) return joined([value.resourceType, ...others(value, value.resourceType, [], wording)], '; ')
  const known = type !== undefined && (own(FORMATS, type) ?? own(wording.model.types, type)) !== undefined
  const isPrimitive = known && own(wording.model.types, type)?.kind === 'primitive-type'
  const shape = known && !isPrimitive ? type : LOOKS.find(([, looks]) => looks(value))?.[0]
  const format = shape === undefined ? undefined : own(FORMATS, shape)
  if (format !== undefined) return format(value, wording)
  const text = joined(others(value, shape ?? '', [], wording), '; ')
  return text === '' ? (absentReason(value, wording) ?? '') : text
}
