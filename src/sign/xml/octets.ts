/**
 * The octets that an XML signature covers: the canonical XML of the Bundle without its signature and, in the form
 * `#document`, without its own id and meta. It is C14N 1.0 without XML declaration, as HL7's own tool has it.
 * @see https://hl7.org/fhir/R4/xml.html#canonical
 */

import { fail, FhirError } from '../../fhir/error.ts'
import type { Model } from '../../fhir/model.ts'
import type { Bundle, Signature } from '../../fhir/types.ts'
import { canonicalXml } from '../../fhir/xml-write.ts'
import { mediaType } from '../media-type.ts'
import type { OtherForm } from '../octets.ts'
import type { Part } from '../parts.ts'
import { addedTo, type Form, type Target } from '../target.ts'

const XML_FORM = 'http://hl7.org/fhir/canonicalization/xml'
/** The form that documents are signed in. */
export const XML_DOCUMENT_FORM = `${XML_FORM}#document`

/** The forms that are known, and the members of the Bundle that each leaves out. */
const FORMS: Readonly<Record<string, readonly string[]>> = {
  [XML_DOCUMENT_FORM]: ['signature', 'id', 'meta'],
  [XML_FORM]: ['signature'],
}

/**
 * The octets that a signature over the Bundle covers, as UTF-8; by default in the form that its signature declares, and
 * `#document` where it has none in XML.
 * @throws FhirError `structure` where the Bundle has what XML cannot say, `not-supported` for a form that is not known
 */
export function xmlOctets(bundle: Bundle, model: Model, form = formsOf(bundle)[0]): Uint8Array {
  const omits = omittedBy(form)
  if (omits !== undefined) return Buffer.from(canonicalXml(bundle, model, omits), 'utf8')
  const known = Object.keys(FORMS).join(', ')
  throw fail('not-supported', `The canonical form ${form} is not supported, expected one of ${known}`)
}

function omittedBy(form: string): readonly string[] | undefined {
  return Object.hasOwn(FORMS, form) ? FORMS[form] : undefined
}

/** The forms that a signature may cover: the one that its targetFormat declares, else every known one. */
function formsOf({ type, signature }: Bundle): readonly [string, ...string[]] {
  const declared = isOverXml(signature) ? xmlFormOf(signature ?? {}) : XML_DOCUMENT_FORM
  if (declared !== undefined) return [declared]
  return type === 'document' ? [XML_DOCUMENT_FORM, XML_FORM] : [XML_FORM, XML_DOCUMENT_FORM]
}

/** What single resources leave out in each form: that of documents is their id and meta, which a server assigns anew. */
const RESOURCE_FORMS: Readonly<Record<string, readonly string[]>> = {
  [XML_FORM]: [],
  [XML_DOCUMENT_FORM]: ['id', 'meta'],
}

/** The forms that a signature over single resources may cover: the one that is declared, else every known one. */
export function resourceForms(declared: string | undefined): readonly [string, ...string[]] {
  return declared === undefined ? [XML_FORM, XML_DOCUMENT_FORM] : [declared]
}

/** The members of a resource that a form leaves out; undefined where the form is not known. */
export function omittedOfResource(form: string): readonly string[] | undefined {
  return Object.hasOwn(RESOURCE_FORMS, form) ? RESOURCE_FORMS[form] : undefined
}

/** The octets that a signature over one resource covers. @throws FhirError `not-supported` where it is over several */
export function partXmlOctets({ targets }: Part, signature: Signature, model: Model): Uint8Array {
  const [target, another] = targets
  const [form] = resourceForms(isOverXml(signature) ? xmlFormOf(signature) : undefined)
  const omits = omittedOfResource(form)
  if (omits !== undefined && another === undefined)
    return Buffer.from(canonicalXml(target.resource, model, omits), 'utf8')
  const why = omits === undefined ? `The canonical form ${form}` : 'One text of several resources in XML'
  throw fail('not-supported', `${why} is not supported`)
}

/** Whether a signature says that it is over XML. */
export function isOverXml({ targetFormat, sigFormat }: Signature = {}): boolean {
  const type = typeof targetFormat === 'string' ? mediaType(targetFormat) : undefined
  return type === undefined ? sigFormat === XML_SIGNATURE : XML_TYPES.includes(type.essence)
}

/** The sigFormat of XML signatures, of R4 to R5. @see https://hl7.org/fhir/R4/datatypes.html#Signature */
export const XML_SIGNATURE = 'application/signature+xml'

const XML_TYPES: readonly string[] = ['application/fhir+xml', 'application/xml', 'text/xml']

/** The form that targetFormat declares; undefined where it declares none. */
export function xmlFormOf({ targetFormat }: Signature): string | undefined {
  if (targetFormat === undefined) return undefined
  const type = typeof targetFormat === 'string' ? mediaType(targetFormat) : undefined
  if (type === undefined) return '(unreadable)'
  return type.parameters['canonicalization'] ?? (XML_TYPES.includes(type.essence) ? undefined : type.essence)
}

/** H-5 of the safety table: what no canonical form of XML covers. The digits of decimals it does. */
const NEVER_COVERED = [
  'Bundle.signature.who',
  'Bundle.signature.onBehalfOf',
  'Bundle.signature.type',
  'how the markup of narrative is spelled (comments, order of attributes, names of characters)',
]

/** The Bundle in its canonical forms of XML. */
export function xmlTarget(bundle: Bundle, model: Model): Target {
  const names = formsOf({ ...bundle, signature: { targetFormat: XML_TYPES[0] ?? '' } })
  return {
    forms: (declared) => {
      const [first, ...others] = declared === undefined ? names : [declared]
      return [formOf(bundle, model, first), ...others.map((name) => formOf(bundle, model, name))]
    },
    others: (declared) => names.flatMap((name) => alike(formOf(bundle, model, name), declared)),
  }
}

/** A form itself, where it is not the declared one, and with the XML declaration that the text of the specification adds. */
function alike({ name, octets }: Form, declared: string): readonly OtherForm[] {
  if (octets === undefined) return []
  const declaration = Buffer.from('<?xml version="1.0" encoding="UTF-8"?>')
  const whole = { name: `${name}, with XML declaration`, octets: () => Buffer.concat([declaration, octets()]) }
  return name === declared ? [whole] : [{ name, octets }, whole]
}

function formOf(bundle: Bundle, model: Model, name: string): Form {
  const omits = omittedBy(name)
  if (omits === undefined) return { name, omits, notCovered: [] }
  let octets: Uint8Array
  try {
    octets = xmlOctets(bundle, model, name)
  } catch (error) {
    if (!(error instanceof FhirError)) throw error
    return { name: `${name} (${error.message})`, omits: undefined, notCovered: [] }
  }
  const members = omits.filter((member) => member !== 'signature').map((member) => `Bundle.${member}`)
  return { name, omits, octets: () => octets, notCovered: [...members, ...NEVER_COVERED, ...addedTo(bundle)] }
}
