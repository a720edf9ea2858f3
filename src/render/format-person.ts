/** Names, addresses and contacts of people and organisations. */

import { isolated } from './locale.ts'
import { joined, many, others, plainText, shown, type Format } from './wording.ts'
import type { JsonObject } from '../fhir/types.ts'

const NAME = ['use', 'text', 'family', 'given', 'prefix', 'suffix']

/** The parts of a HumanName in order; its own text where it has one. @see https://hl7.org/fhir/R4/datatypes.html#HumanName */
export function nameText(name: JsonObject): string {
  const part = (key: string): string => many(name[key]).map(plainText).filter(Boolean).join(' ')
  const parts = ['prefix', 'given', 'family', 'suffix'].map(part).filter(Boolean)
  return plainText(name['text']) || parts.join(' ')
}

/** The name that a person goes by: not an old one, the official before the others. */
export function currentName(names: readonly JsonObject[]): JsonObject | undefined {
  const rank = (name: JsonObject): number => {
    const place = NAME_USES.indexOf(plainText(name['use']))
    return place < 0 ? NAME_USES.indexOf('') : place
  }
  return [...names].sort((a, b) => rank(a) - rank(b))[0]
}

const NAME_USES = ['official', 'usual', '', 'nickname', 'anonymous', 'temp', 'maiden', 'old']

const humanName: Format = (value, wording) => {
  const rest = others(value, 'HumanName', NAME, wording)
  return withNotes(nameText(value), [shown(value, 'HumanName', 'use', wording), ...rest])
}

/** A text with what qualifies it in parentheses. */
export function withNotes(text: string, notes: readonly string[]): string {
  const note = joined(notes)
  if (text === '' || note === '') return text + note
  return `${isolated(text)} (${isolated(note)})`
}

const ADDRESS = ['use', 'type', 'text', 'line', 'city', 'district', 'state', 'postalCode', 'country']

/** The lines of an address; its own text where it has one. @see https://hl7.org/fhir/R4/datatypes.html#Address */
const address: Format = (value, wording) => {
  const part = (key: string): string => plainText(value[key])
  const lines = many(value['line']).map(plainText)
  const city = joined([part('postalCode'), part('city')], ' ')
  const built = joined([...lines, city, part('district'), part('state'), part('country')])
  const notes = [shown(value, 'Address', 'use', wording), shown(value, 'Address', 'type', wording)]
  return withNotes(part('text') || built, [...notes, ...others(value, 'Address', ADDRESS, wording)])
}

const CONTACT = ['system', 'value', 'use', 'rank']

const contactPoint: Format = (value, wording) => {
  const [system, use] = ['system', 'use'].map((name) => shown(value, 'ContactPoint', name, wording))
  const contact = plainText(value['value']) || shown(value, 'ContactPoint', 'value', wording)
  return withNotes(contact, [system ?? '', use ?? '', ...others(value, 'ContactPoint', CONTACT, wording)])
}

/** @see https://hl7.org/fhir/R4/metadatatypes.html#ContactDetail */
const contactDetail: Format = (value, wording) =>
  joined([
    plainText(value['name']),
    shown(value, 'ContactDetail', 'telecom', wording),
    ...others(value, 'ContactDetail', ['name', 'telecom'], wording),
  ])

export const PERSON_FORMATS: Readonly<Record<string, Format>> = {
  HumanName: humanName,
  Address: address,
  ContactPoint: contactPoint,
  ContactDetail: contactDetail,
}
