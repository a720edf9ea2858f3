/**
 * An XML signature with a time-stamp: XAdES baseline T, in the place where the signature is, as what is added to it later is
 * no part of what was signed.
 * @see https://www.etsi.org/deliver/etsi_en/319100_319199/31913201/01.03.01_60/en_31913201v010301p.pdf
 */

import { fromExactBase64, sha256, toBase64, toBase64url } from '../../fhir/digest.ts'
import { fail, type FhirError } from '../../fhir/error.ts'
import type { Model } from '../../fhir/model.ts'
import type { Bundle, Signature, Signed } from '../../fhir/types.ts'
import { sourcesOf, stampOver, type LastingRequest } from '../gather.ts'
import type { Reading } from '../reading.ts'
import { c14nOf, canonicalElement, EXCLUSIVE } from './c14n.ts'
import { readXades } from './detached.ts'
import { readSignature } from './dsig.ts'
import { DS } from './names.ts'
import { qualifyingOf } from './properties.ts'
import { readTree } from './tree.ts'

export interface StampRequest extends LastingRequest {
  /** The definitions that the XML form of the document is made by. */
  readonly model: Model
}

/**
 * The document with a time-stamp in its XML signature.
 * @throws FhirError `business-rule` where it has no XAdES baseline signature that holds, or that one has a time-stamp
 * already; `no-store`, `timeout` where the authority gives none
 */
export async function stampXades(bundle: Bundle, { model, ...request }: StampRequest): Promise<Signed> {
  const { signature } = bundle
  const content = typeof signature?.data === 'string' ? fromExactBase64(signature.data) : undefined
  if (signature === undefined || content === undefined) throw refused('The Bundle has no signature in XML')
  mustBe('B-B', readOf(bundle, signature, model))
  const token = await stampOver(canonicalValue(content), sourcesOf(request))
  const data = toBase64(withToken(Buffer.from(content).toString('utf8'), token))
  const stamped = { ...bundle, signature: { ...signature, data } }
  mustBe('B-T', readOf(stamped, stamped.signature, model))
  return stamped as Bundle as Signed
}

function readOf(signed: Bundle, signature: Signature, model: Model): Reading {
  return readXades({ signature, signed }, model)
}

function mustBe(level: 'B-B' | 'B-T', { integrity, ...reading }: Reading): void {
  if (integrity?.holds !== true) throw refused('The signature does not hold over the document')
  if (reading.level === level) return
  throw refused(`The signature is ${reading.format} ${reading.level ?? ''}, expected XAdES ${level}`)
}

function canonicalValue(content: Uint8Array): Uint8Array {
  const form = c14nOf(EXCLUSIVE) ?? { isExclusive: true, hasComments: false }
  return canonicalElement(readSignature(readTree(content).root).valueElement, { form })
}

/** The text with the token at the end of the properties; nothing else of it is written anew. */
function withToken(text: string, token: Uint8Array): string {
  const qualifying = qualifyingOf(readSignature(readTree(text).root))
  const end = `</${qualifying?.name ?? ''}>`
  const [before, after] = [text.lastIndexOf(end), text.lastIndexOf(end) + end.length]
  if (qualifying === undefined || before < 0) throw refused('The signature has no place for a time-stamp')
  const added = timestampText(token, qualifying.prefix === '' ? '' : `${qualifying.prefix}:`)
  return `${text.slice(0, before)}${added}${end}${text.slice(after)}`
}

function timestampText(token: Uint8Array, prefix: string): string {
  const id = `stamp-${toBase64url(sha256(token)).slice(0, 22)}`
  const open = (name: string, attributes = ''): string => `<${prefix}${name}${attributes}>`
  const close = (name: string): string => `</${prefix}${name}>`
  return [
    open('UnsignedProperties'),
    open('UnsignedSignatureProperties'),
    open('SignatureTimeStamp', ` Id="${id}"`),
    `<ds:CanonicalizationMethod xmlns:ds="${DS}" Algorithm="${EXCLUSIVE}"/>`,
    `${open('EncapsulatedTimeStamp')}${toBase64(token)}${close('EncapsulatedTimeStamp')}`,
    close('SignatureTimeStamp'),
    close('UnsignedSignatureProperties'),
    close('UnsignedProperties'),
  ].join('')
}

function refused(text: string): FhirError {
  return fail('business-rule', text, { rule: 'lasting-signature' })
}
