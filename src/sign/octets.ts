/**
 * The octets that a signature covers: RFC 8785 of the Bundle without its signature and, in the form `#document`, without
 * its own id and meta, which a server that stores it assigns anew.
 * @see https://hl7.org/fhir/R4/json.html#canonical
 */

import { canonical } from '../fhir/canonical.ts'
import { fail } from '../fhir/error.ts'
import { isObject, type Bundle, type Json, type Signature } from '../fhir/types.ts'
import { mediaType } from './media-type.ts'

const JSON_FORM = 'http://hl7.org/fhir/canonicalization/json'
/** The form that documents are signed in. */
export const DOCUMENT_FORM = `${JSON_FORM}#document`

/**
 * The canonical forms that are known, and the members of the Bundle that each leaves out: those of R4 and R5, which look no
 * deeper than the Bundle itself.
 */
const FORMS: Readonly<Record<string, readonly string[]>> = {
  [DOCUMENT_FORM]: ['signature', 'id', 'meta'],
  [JSON_FORM]: ['signature'],
  [`${JSON_FORM}#data`]: ['signature', 'text'],
  [`${JSON_FORM}#static`]: ['signature', 'text', 'meta'],
}

/** What R6 leaves out under the same names, wherever it stands: these cover no narrative. */
const DEEP_FORMS: Readonly<Record<string, (name: string, member: Json) => boolean>> = {
  [`${JSON_FORM}#data`]: isNarrative,
  [`${JSON_FORM}#static`]: (name, member) => name === 'meta' || isNarrative(name, member),
}

function isNarrative(name: string, member: Json): boolean {
  return name === 'text' && isObject(member) && typeof member['div'] === 'string'
}

/** The members of the Bundle that a form leaves out; undefined where the form is not known. */
export function omitted(canonicalization: string): readonly string[] | undefined {
  return Object.hasOwn(FORMS, canonicalization) ? FORMS[canonicalization] : undefined
}

/**
 * The forms that a signature may cover: the one that its header or targetFormat declares; where neither does, every
 * known one, what HL7's own tool takes for undeclared first.
 */
export function formsOf({ type, signature }: Bundle, canon?: string): readonly [string, ...string[]] {
  const declared = canon ?? formOf(signature)
  if (declared !== undefined) return [declared]
  return type === 'document' ? [DOCUMENT_FORM, JSON_FORM] : [JSON_FORM, DOCUMENT_FORM]
}

const JSON_TYPES: readonly string[] = ['application/fhir+json', 'application/json']

/**
 * The form that targetFormat declares; undefined where it declares none. A media type that is not JSON, or none at all,
 * declares a form that nothing is known of.
 */
export function formOf({ targetFormat }: Signature = {}): string | undefined {
  if (targetFormat === undefined) return undefined
  const type = typeof targetFormat === 'string' ? mediaType(targetFormat) : undefined
  if (type === undefined) return '(unreadable)'
  return type.parameters['canonicalization'] ?? (JSON_TYPES.includes(type.essence) ? undefined : type.essence)
}

/**
 * The octets that a signature over the Bundle covers, in the form given: by default the one that its signature
 * declares, and `#document` where it has none.
 * @throws FhirError `not-supported` for a form that is not known, `value` where the Bundle has no canonical form
 */
export function octets(bundle: Bundle, canonicalization?: string): Uint8Array {
  const form = canonicalization ?? (bundle.signature === undefined ? DOCUMENT_FORM : formsOf(bundle)[0])
  return Buffer.from(text(bundle, form), 'utf8')
}

function text(bundle: Bundle, form: string): string {
  const omit = omitted(form)
  if (omit !== undefined) return canonical(bundle, omit)
  const known = Object.keys(FORMS).join(', ')
  throw fail('not-supported', `The canonical form ${form} is not supported, expected one of ${known}`)
}

/** A form under which a signature may hold although it declares another. */
export interface OtherForm {
  readonly name: string
  readonly octets: () => Uint8Array
}

/** What single resources leave out in each form: that of documents is their id and meta, which a server assigns anew. */
const RESOURCE_FORMS: Readonly<Record<string, readonly string[]>> = {
  [JSON_FORM]: [],
  [DOCUMENT_FORM]: ['id', 'meta'],
}

/** The forms that a signature over single resources may cover: the one that is declared, else every known one. */
export function resourceForms(declared: string | undefined): readonly [string, ...string[]] {
  return declared === undefined ? [JSON_FORM, DOCUMENT_FORM] : [declared]
}

/** The members of a resource that a form leaves out; undefined where the form is not known. */
export function omittedOfResource(form: string): readonly string[] | undefined {
  return Object.hasOwn(RESOURCE_FORMS, form) ? RESOURCE_FORMS[form] : undefined
}

/** The text as HL7's own writer has it. */
export function withSpacesEscaped(text: string): string {
  return text.replace(UNICODE_SPACES, escape)
}

// HL7's own writer escapes these, where RFC 8785 leaves them as they are.
const UNICODE_SPACES = /[\u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]/g

/** The other forms of a Bundle, for diagnosis only: each known one, and each as HL7's own writer escapes it. */
export function otherForms(bundle: Bundle, declared: string): readonly OtherForm[] {
  const forms = [DOCUMENT_FORM, JSON_FORM]
  const deep = Object.entries(DEEP_FORMS)
    .filter(([form]) => form === declared)
    .map(([form, leavesOut]) => ({
      name: `${form} as R6 has it, which covers no narrative`,
      octets: () => Buffer.from(canonical(without({ ...bundle, signature: undefined }, leavesOut)), 'utf8'),
    }))
  const plain = forms
    .filter((form) => form !== declared)
    .map((form) => ({ name: form, octets: () => octets(bundle, form) }))
  const escaped = forms.map((form) => ({
    name: `${form}, with Unicode spaces escaped, which RFC 8785 forbids`,
    octets: () => Buffer.from(withSpacesEscaped(text(bundle, form)), 'utf8'),
  }))
  return [...deep, ...plain, ...escaped]
}

/** A value without the members that are left out, at any depth. */
function without(value: Json, leavesOut: (name: string, member: Json) => boolean): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => without(item, leavesOut))
  if (!isObject(value)) return value
  const kept = Object.entries(value).flatMap(([name, member]) =>
    member === undefined || leavesOut(name, member) ? [] : [[name, without(member, leavesOut)] as const],
  )
  return Object.fromEntries(kept)
}

function escape(space: string): string {
  return `\\u${space.charCodeAt(0).toString(16).padStart(4, '0')}`
}
