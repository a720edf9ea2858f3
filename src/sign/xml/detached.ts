/**
 * XML signatures of documents, as XAdES and HL7's own tool have them: the one in a Signature, and the one beside the document.
 * @see https://www.etsi.org/deliver/etsi_en/319100_319199/31913201/01.03.01_60/en_31913201v010301p.pdf
 */

import { fromExactBase64 } from '../../fhir/digest.ts'
import { fail } from '../../fhir/error.ts'
import type { Model } from '../../fhir/model.ts'
import type { Bundle, Signature } from '../../fhir/types.ts'
import { must } from '../must.ts'
import type { IntegrityFacts, Reading, SignatureKind } from '../reading.ts'
import type { Form, Target } from '../target.ts'
import type { Certificate } from '../x509.ts'
import { additionsOf, laterLevel, unreadIn } from './additions.ts'
import { c14nOf, canonicalElement, EXCLUSIVE } from './c14n.ts'
import { readSignature, type Reference, type XmlSignature } from './dsig.ts'
import { fitsMethod, isValue } from './methods.ts'
import { SIGNED_PROPERTIES } from './names.ts'
import { xmlFormOf, xmlTarget } from './octets.ts'
import { certificatesOf, signedProperties, unsignedProperties, type Properties } from './properties.ts'
import { elementNamed, isDigestOf, transformed } from './references.ts'
import { isTemplate, templateOctets } from './template.ts'
import { readTree, type XmlDocument, type XmlElement } from './tree.ts'

export interface EmbeddedXml {
  readonly signature: Signature
  /** The Bundle as the signature covers it, with that signature. */
  readonly signed: Bundle
}

/** The signature in a Signature element. @throws FhirError with the first reason to refuse it */
export function readXades({ signature, signed }: EmbeddedXml, model: Model): Reading {
  const { data } = signature
  if (typeof data !== 'string' || data === '') throw fail('required', 'The signature has no data')
  const content = fromExactBase64(data)
  must(content !== undefined, 'Signature.data is not base64')
  return readDetachedXml(content, xmlTarget(signed, model), xmlFormOf(signature))
}

/**
 * A signature that stands beside what it is over, in the form that is declared for it, or in any.
 * @throws FhirError with the first reason to refuse it
 */
export function readDetachedXml(content: Uint8Array, target: Target, declared?: string): Reading {
  const document = readTree(content)
  const signature = readSignature(document.root)
  const properties = signedProperties(signature, document)
  const reference = documentReference(signature, document)
  const canon = agreed([reference], declared)
  const certificates = certificatesOf(signature, properties?.named)
  const unsigned = unsignedProperties(signature)
  const kind = kindOf({ signature, properties, references: [reference], unsigned })
  const claims = { time: properties?.time, commitments: properties?.commitments, certificates }
  const [leaf] = certificates
  if (leaf === undefined) return { ...kind, claims, integrity: undefined, additions: [] }
  const own = { signature, document, properties, reference }
  const { facts, octets } = integrityOf(own, target.forms(canon), { leaf, others: () => target.others(canon ?? '') })
  const unread = unreadIn(properties?.element, unsigned)
  return {
    ...kind,
    claims,
    integrity: facts,
    additions: additionsOf(unsigned, { signature, referenced: octets }),
    unread,
  }
}

/**
 * The only reference to the document. The others are to parts of the signature, so that nothing else can be signed in its
 * place. @throws FhirError `not-supported` where it is not one
 */
function documentReference(signature: XmlSignature, document: XmlDocument): Reference {
  const [found, another] = outwardReferences(signature, document)
  must(found !== undefined && another === undefined, 'The signature is not over one document', 'not-supported')
  return found
}

const MOST_INWARD = 10

/** The references to what lies outside of the signature. @throws FhirError where one is to what it should not be */
export function outwardReferences({ references, keyInfo }: XmlSignature, document: XmlDocument): readonly Reference[] {
  const isInward = (one: Reference): boolean => {
    const { uri, type } = one
    return type === SIGNED_PROPERTIES || (uri?.startsWith('#') === true && uri !== '#' && isOf(one, keyInfo, document))
  }
  const inward = references.filter(isInward)
  must(inward.length <= MOST_INWARD, `The signature has more than ${MOST_INWARD} references to itself`, 'too-costly')
  const outward = references.filter((one) => !inward.includes(one))
  for (const { uri = '', transforms } of outward) {
    const isDetached = uri === '#' || !uri.startsWith('#')
    must(isDetached, `The signature is over ${uri}, expected the document alone`, 'not-supported')
    must(!transforms.some(({ kind }) => kind === 'enveloped'), 'The signature is not in what it signs')
  }
  return outward
}

/** Whether a reference is to the element given. */
function isOf({ uri = '' }: Reference, element: XmlElement | undefined, document: XmlDocument): boolean {
  return element !== undefined && elementNamed(document, uri.slice(1)) === element
}

/** The form may be named twice, and only one of the names is signed: both must say the same. */
export function agreed(references: readonly Reference[], declared: string | undefined): string | undefined {
  const transforms = references.flatMap((one) => one.transforms)
  const names = new Set(transforms.flatMap((one) => (one.kind === 'fhir' ? [one.uri] : [])))
  const [named, another] = names
  if (named === undefined) return declared
  must(another === undefined, `The signature declares the canonical forms ${named} and ${another ?? ''}`, 'conflict')
  must(
    declared === undefined || declared === named,
    `The signature declares the canonical form ${named}, targetFormat declares ${declared ?? ''}`,
    'conflict',
  )
  return named
}

interface Own {
  readonly signature: XmlSignature
  readonly document: XmlDocument
  readonly properties: Properties | undefined
  readonly reference: Reference
}

interface Judging {
  readonly leaf: Certificate
  readonly others: () => ReturnType<Target['others']>
}

interface Found {
  readonly facts: IntegrityFacts
  /** What the references are over, in their order; undefined where one of them does not hold. */
  readonly octets: readonly Uint8Array[] | undefined
}

function integrityOf(own: Own, forms: readonly [Form, ...Form[]], { leaf, others }: Judging): Found {
  const { signature, reference, properties } = own
  const fitsKey = fitsMethod(signature.method, leaf)
  const isSigned = fitsKey && isSignedInfo(signature, leaf)
  const held = forms.find((form) => isOver(reference, form))
  const parts = signature.references.map((one) => (one === reference ? undefined : inwardOctets(one, own)))
  const arePartsSame = signature.references.every((one, index) => {
    const part = parts[index]
    return part === undefined || isDigestOf(one, part)
  })
  const form = held ?? forms[0]
  const holds = isSigned && held !== undefined && arePartsSame
  const whole = held && documentOctets(reference, held)
  const facts: IntegrityFacts = {
    ...detachedFacts(form, { fitsKey, isSigned, holds }),
    ...(held !== undefined && { otherDigestOf: 'itself' as const }),
    otherForm: isSigned && held === undefined ? others().find((one) => isOver(reference, one))?.name : undefined,
    notCovered: [...form.notCovered, ...unnamedIn(properties)],
  }
  return { facts, octets: holds && whole !== undefined ? parts.map((part) => part ?? whole) : undefined }
}

interface Proofs {
  readonly fitsKey: boolean
  /** Whether the value holds over SignedInfo. */
  readonly isSigned: boolean
  /** Whether what its references are over holds too. */
  readonly holds: boolean
}

/** What is alike in the facts of every signature whose document or resources stand outside of it. */
export function detachedFacts(
  { name, omits }: Pick<Form, 'name' | 'omits'>,
  { fitsKey, isSigned, holds }: Proofs,
): Omit<IntegrityFacts, 'otherForm' | 'notCovered'> {
  const isDigestOther = isSigned && !holds && omits !== undefined
  return { form: name, omits, fitsKey, holds, isDigestOther, payload: 'detached', holdsOverPayload: false }
}

/** Without its name in the signed properties, another certificate of the same key could take its place. */
export function unnamedIn(properties: Properties | undefined): readonly string[] {
  return properties?.named === undefined ? ['the certificate in the signature'] : []
}

/** Whether the value holds over SignedInfo as it was received or, of HL7's own tool, as that would have written it. */
export function isSignedInfo(signature: XmlSignature, leaf: Certificate): boolean {
  const { signedInfo, c14n, value, method } = signature
  const received = canonicalElement(signedInfo, { form: c14n.form })
  if (isValue(method, leaf, { octets: received, value })) return true
  const rebuilt = isTemplate(signature) ? templateOctets(signature) : undefined
  return rebuilt !== undefined && isValue(method, leaf, { octets: rebuilt, value })
}

function isOver(reference: Reference, { octets }: Pick<Form, 'octets'>): boolean {
  return octets !== undefined && isDigestOf(reference, documentOctets(reference, { octets }))
}

export function documentOctets({ transforms }: Reference, { octets }: Pick<Form, 'octets'>): Uint8Array {
  return transformed({ kind: 'octets', octets: octets?.() ?? new Uint8Array() }, transforms)
}

/** What a reference to a part of the signature is over. */
export function inwardOctets(
  { uri = '', transforms, type }: Reference,
  { signature, document }: Pick<Own, 'signature' | 'document'>,
): Uint8Array {
  const element = elementNamed(document, uri.slice(1))
  const isHl7 = isTemplate(signature) && type === SIGNED_PROPERTIES && transforms.length === 0
  const form = isHl7 ? c14nOf(EXCLUSIVE) : undefined
  return form === undefined
    ? transformed({ kind: 'element', element }, transforms)
    : canonicalElement(element, { form })
}

interface Parts {
  readonly signature: XmlSignature
  readonly properties: Properties | undefined
  /** To what it is over. */
  readonly references: readonly Reference[]
  readonly unsigned: readonly XmlElement[]
}

export function kindOf({ signature, properties, references, unsigned }: Parts): SignatureKind {
  if (properties?.named === undefined || properties.time === undefined)
    return { format: isTemplate(signature) ? 'XML-DSig (HL7)' : 'XML-DSig' }
  const { named, formats } = properties
  const areFormatsTold = references.every(({ id }) => id !== undefined && formats.includes(id))
  const isBaseline = named.version === 2 && areFormatsTold
  return { format: 'XAdES', ...(isBaseline && { level: laterLevel(unsigned) }) }
}
