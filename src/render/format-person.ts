/** Names, addresses and contacts of people and organisations. */

import { isolated, own } from './locale.ts'
import { joined, many, objects, others, plainText, shown, type Format } from './wording.ts'
import type { JsonObject } from '../fhir/types.ts'

const NAME = ['use', 'text', 'family', 'given', 'prefix', 'suffix']

/** Scripts of cultures that put the family before the given name, as far as the name itself is written in one. */
const FAMILY_FIRST = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u30fc\u3005\s]+$/u

/** Languages of such cultures whose letters are those of others. */
const FAMILY_FIRST_LANGUAGE = /^(?:hu|vi)(?:-|$)/i

/** Says whether the family (`F`) or the given name (`G`) is the first. @see https://hl7.org/fhir/R4/extension-humanname-assembly-order.html */
const ASSEMBLY_ORDER = 'http://hl7.org/fhir/StructureDefinition/humanname-assembly-order'

/**
 * The parts of a HumanName in the order that it says, else of its script, else of the document's language; its own text
 * where it has one. @see https://hl7.org/fhir/R4/datatypes.html#HumanName
 */
export function nameText(name: JsonObject, language = ''): string {
  const part = (key: string): string => many(name[key]).map(plainText).filter(Boolean).join(' ')
  const said = plainText(objects(name['extension']).find(({ url }) => url === ASSEMBLY_ORDER)?.['valueCode'])
  const isUsual = FAMILY_FIRST.test(part('family') + part('given')) || FAMILY_FIRST_LANGUAGE.test(language)
  const isFamilyFirst = said === '' ? isUsual : said === 'F'
  const order = isFamilyFirst ? ['prefix', 'family', 'given', 'suffix'] : ['prefix', 'given', 'family', 'suffix']
  return plainText(name['text']) || order.map(part).filter(Boolean).join(' ')
}

/** The name that a person goes by: not an old one, the official before the others, a whole one before a part. */
export function currentName(names: readonly JsonObject[]): JsonObject | undefined {
  const rank = (name: JsonObject): number => {
    const place = NAME_USES.indexOf(plainText(name['use']))
    return (place < 0 ? NAME_USES.indexOf('') : place) + (isWhole(name) ? 0 : 0.5)
  }
  return [...names].sort((a, b) => rank(a) - rank(b))[0]
}

function isWhole(name: JsonObject): boolean {
  return plainText(name['text']) !== '' || (plainText(name['family']) !== '' && many(name['given']).length > 0)
}

const NAME_USES = ['official', 'usual', '', 'nickname', 'anonymous', 'temp', 'maiden', 'old']

const humanName: Format = (value, wording) => {
  const rest = others(value, 'HumanName', NAME, wording)
  return withNotes(nameText(value, wording.content), [shown(value, 'HumanName', 'use', wording), ...rest])
}

/** A text with what qualifies it in parentheses. */
export function withNotes(text: string, notes: readonly string[]): string {
  const note = joined(notes)
  if (text === '' || note === '') return text + note
  return `${isolated(text)} (${isolated(note)})`
}

const ADDRESS = ['use', 'type', 'text', 'line', 'city', 'district', 'state', 'postalCode', 'country']

const CITY_FIRST = ['line', 'postalCode city', 'district', 'state', 'country']
const STATE_BEHIND_CITY = ['line', 'city state postalCode', 'district', 'country']
const CITY_BEFORE_CODE = ['line', 'district', 'city', 'state', 'postalCode', 'country']
const LARGE_TO_SMALL = ['postalCode', 'country', 'state', 'city', 'district', 'line']

/** How the lines of an address follow each other, by the country that it names. */
const ORDERS: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(['US', 'USA', 'CA', 'CAN', 'AU', 'AUS'].map((country) => [country, STATE_BEHIND_CITY])),
  ...Object.fromEntries(['GB', 'GBR', 'IE', 'IRL', 'IN', 'IND'].map((country) => [country, CITY_BEFORE_CODE])),
  ...Object.fromEntries(
    ['JP', 'JPN', 'CN', 'CHN', 'TW', 'TWN', 'KR', 'KOR'].map((country) => [country, LARGE_TO_SMALL]),
  ),
}

function orderOf(country: string): readonly string[] {
  return own(ORDERS, country.toUpperCase()) ?? CITY_FIRST
}

/** The lines of an address; its own text where it has one. @see https://hl7.org/fhir/R4/datatypes.html#Address */
const address: Format = (value, wording) => {
  const part = (key: string): string => plainText(value[key])
  const lines = many(value['line']).map(plainText)
  const built = joined(
    orderOf(part('country')).flatMap((line) => (line === 'line' ? lines : joined(line.split(' ').map(part), ' '))),
  )
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
