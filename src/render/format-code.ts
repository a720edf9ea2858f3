/** Codes, identifiers, references, notes and attachments. */

import { isObject, type Json, type JsonObject } from '../fhir/types.ts'
import { languageTag, own } from './locale.ts'
import { inLanguage } from './translation.ts'
import { withNotes } from './format-person.ts'
import {
  absentReason,
  codeWord,
  joined,
  objects,
  others,
  plainText,
  shown,
  type Format,
  type Wording,
} from './wording.ts'

/** The last part of a system's URI, which tells codes without words apart: `loinc.org`, `v3-ActCode`. */
export function systemName(system: string): string {
  return /([^/:#?]+)[/#?]*$/.exec(system)?.[1] ?? system
}

/** Systems whose codes are English words, where they look like such. */
const HL7 = /^http:\/\/(?:terminology\.)?hl7\.org\//
const WORDS = /^[a-z]{3,}(?:-[a-z]+)*$/

/** The kinds of words for codes of systems whose words are those of an element that takes them. */
const KINDS: Readonly<Record<string, string>> = {
  'http://terminology.hl7.org/CodeSystem/list-empty-reason': 'empty',
}

const LANGUAGES = 'urn:ietf:bcp:47'

/** Of which the titles of documents and sections are at hand. */
const LOINC = 'http://loinc.org'

/** The name of a language in the language of the page; undefined where the code is none. */
function languageName(code: string, { language, dates }: Wording['locale']): string | undefined {
  if (languageTag(code) === undefined) return undefined
  try {
    const names = new Intl.DisplayNames([dates?.locale ?? language], { type: 'language', languageDisplay: 'standard' })
    return names.of(code)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function wordOfCode(code: string, system: string, locale: Wording['locale']): string {
  const kind = own(KINDS, system) ?? systemName(system)
  if (system === LANGUAGES) return languageName(code, locale) ?? code
  const title = system === LOINC ? own(locale.headings, code) : undefined
  return own(locale.codes, `${kind}.${code}`) ?? title ?? codeWord(code, locale)
}

const coding: Format = (value, wording) => {
  const [code, system] = [plainText(value['code']), plainText(value['system'])]
  const display = plainText(value['display'])
  if (display !== '') return inLanguage(display, value['_display'], wording.locale)
  if (code === '') return absentReason(value['_code'], wording) ?? system
  const word = wordOfCode(code, system, wording.locale)
  const isWord = word !== code || system === '' || system === LANGUAGES || (HL7.test(system) && WORDS.test(code))
  return isWord ? word : `${code} (${systemName(system)})`
}

/** The text; without one, what each coding says. @see https://hl7.org/fhir/R4/datatypes.html#CodeableConcept */
const codeableConcept: Format = (value, wording) => {
  const text = inLanguage(plainText(value['text']), value['_text'], wording.locale)
  const codings = objects(value['coding'])
  const chosen = text !== '' ? [text] : codings.map((one) => coding(one, wording))
  const words =
    text === '' && codings.some(({ display }) => display !== undefined) ? withDisplay(codings, wording) : chosen
  const whole = joined(words, ' / ') || (absentReason(value, wording) ?? '')
  return joined([whole, ...others(value, 'CodeableConcept', ['text', 'coding'], wording)])
}

/** Codings that people can read; those without words add nothing for a reader. */
function withDisplay(codings: readonly JsonObject[], wording: Wording): readonly string[] {
  return codings.filter(({ display }) => display !== undefined).map((one) => coding(one, wording))
}

/** The system of values that are URIs and need no further one. */
const URI = 'urn:ietf:rfc:3986'

const IDENTIFIER = ['use', 'type', 'system', 'value']

/** Type, value, and the system where no type says what the value is. @see https://hl7.org/fhir/R4/datatypes.html#Identifier */
const identifier: Format = (value, wording) => {
  const type = shown(value, 'Identifier', 'type', wording)
  const text = joined([type, shown(value, 'Identifier', 'value', wording)], ' ')
  const system = type === '' && value['system'] !== URI ? plainText(value['system']) : ''
  return withNotes(text, [
    system,
    shown(value, 'Identifier', 'use', wording),
    ...others(value, 'Identifier', IDENTIFIER, wording),
  ])
}

const reference: Format = (value, wording) => wording.refer(value)

/** R5 @see https://hl7.org/fhir/R5/references.html#CodeableReference */
const codeableReference: Format = (value, wording) => {
  const parts = [
    isObject(value['concept']) ? codeableConcept(value['concept'], wording) : '',
    isObject(value['reference']) ? wording.refer(value['reference']) : '',
  ]
  return joined([...parts, ...others(value, 'CodeableReference', ['concept', 'reference'], wording)])
}

const ANNOTATION = ['text', 'time', 'authorReference', 'authorString']

const annotation: Format = (value, wording) => {
  const part = (name: string): string => shown(value, 'Annotation', name, wording)
  const notes = [part('authorReference'), part('authorString'), part('time')]
  const all = [...notes, ...others(value, 'Annotation', ANNOTATION, wording)]
  // behind a text of several lines a note would seem to be one on the last
  return part('text').includes('\n') && joined(all) !== ''
    ? `${part('text')}\n\n(${joined(all)})`
    : withNotes(part('text'), all)
}

const ATTACHMENT = ['contentType', 'title', 'data', 'url', 'hash']

/** What an attachment is; never its bytes. @see https://hl7.org/fhir/R4/datatypes.html#Attachment */
const attachment: Format = (value, wording) => {
  const part = (name: string): string => shown(value, 'Attachment', name, wording)
  const name = part('title') || part('url') || wording.phrase('attachment.untitled')
  const address = part('title') === '' ? '' : part('url')
  return withNotes(name, [
    part('contentType'),
    part('data'),
    address,
    ...others(value, 'Attachment', ATTACHMENT, wording),
  ])
}

/** An extension by the last part of its address. */
const extension: Format = (value, wording) => {
  const name = systemName(plainText(value['url']))
  const parts = others(value, 'Extension', ['url'], { ...wording, phrase: bare(wording) })
  const nested = objects(value['extension']).map((one) => extension(one, wording))
  return wording.phrase('labelled', { label: name, value: joined([...parts, ...nested]) })
}

/** The value of an extension needs no label: its address is one. */
function bare({ phrase }: Wording): Wording['phrase'] {
  return (key, slots) => (key === 'labelled' ? (slots?.['value'] ?? '') : phrase(key, slots))
}

export const CODE_FORMATS: Readonly<Record<string, Format>> = {
  Coding: coding,
  CodeableConcept: codeableConcept,
  Identifier: identifier,
  Reference: reference,
  CodeableReference: codeableReference,
  Annotation: annotation,
  Attachment: attachment,
  Extension: extension,
}

/** How many bytes a base64 text stands for: bytes are never shown as text. */
export function showBytes(value: Json, { phrase }: Wording): string {
  const digits = (typeof value === 'string' ? value : '').replaceAll(/[\s=]/g, '').length
  return phrase('attachment.bytes', { bytes: String(Math.floor((digits * 3) / 4)) })
}
