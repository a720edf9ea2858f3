/**
 * Signatures of a PDF as their judgement wants them: those of PAdES, and other detached ones in CMS.
 * @see https://www.etsi.org/deliver/etsi_en/319100_319199/31914201/01.02.01_60/en_31914201v010201p.pdf
 */

import { identifierOf, child, TAG } from '../../fhir/der.ts'
import { fail } from '../../fhir/error.ts'
import type { Instant } from '../../fhir/types.ts'
import { PdfString, resolved, type PdfDict, type PdfDocument } from '../../pdf/objects.ts'
import { readPdf } from '../../pdf/read.ts'
import { ATTRIBUTE, cmsFault, namesCertificate, readCms, type CmsSigner } from '../cms.ts'
import { DATA } from '../cms-write.ts'
import { must } from '../must.ts'
import type { Addition, IntegrityFacts, Reading } from '../reading.ts'
import type { Certificate } from '../x509.ts'
import { changesSince, mustBeUnchanged } from './changes.ts'
import { gatheredOf, hasValues, storedValues } from './security-store.ts'
import { isDocumentStamp, signaturesIn, type PdfSignature } from './signatures.ts'

/** A signature by the name of its field. */
export interface PdfReading {
  readonly name: string
  readonly signature: PdfSignature
  readonly reading: Reading
}

/** Every signature of the PDF, document time-stamps aside. @throws FhirError with the first reason to refuse one */
export function readSignatures(pdf: Uint8Array): readonly PdfReading[] {
  return signaturesOfPdf(pdf).map(({ name, signature, read }) => ({ name, signature, reading: read() }))
}

/** A signature that is read when it is asked for. */
export interface UnreadSignature {
  readonly name: string
  readonly signature: PdfSignature
  /** @throws FhirError with the first reason to refuse it */
  readonly read: () => Reading
}

/** The signatures of the PDF, document time-stamps aside. @throws FhirError where the file or a range of it is malformed */
export function signaturesOfPdf(pdf: Uint8Array): readonly UnreadSignature[] {
  const document = readPdf(pdf)
  const all = signaturesIn(pdf, document)
  return all
    .filter((one) => !isDocumentStamp(one))
    .map((signature) => ({ name: signature.name, signature, read: () => readingOf(signature, { pdf, document, all }) }))
}

interface Setting {
  readonly pdf: Uint8Array
  readonly document: PdfDocument
  readonly all: readonly PdfSignature[]
}

const SUB_FILTERS: readonly string[] = ['ETSI.CAdES.detached', 'adbe.pkcs7.detached']

function readingOf(signature: PdfSignature, setting: Setting): Reading {
  const { subFilter, value, dict } = signature
  if (!SUB_FILTERS.includes(subFilter))
    throw fail('not-supported', `The signature is of the kind ${subFilter}, expected ${SUB_FILTERS.join(' or ')}`)
  mustBeUnchanged(signature, setting)
  const cms = readCms(value)
  const [signer, another] = cms.signers
  must(signer !== undefined && another === undefined, 'The signature has not exactly one signer')
  must(cms.contentType === DATA && cms.content === undefined, 'The signature brings a content of its own along')
  const leaf = cms.certificates.find((candidate) => signer.isNamed(candidate))
  const isEtsi = subFilter === 'ETSI.CAdES.detached'
  const additions = [...stampsOf(signer), ...laterAdditions(signature, setting)]
  const others = cms.certificates.filter((one) => one !== leaf)
  const claims = {
    time: instantIn(setting.document, dict),
    commitments: commitmentsOf(signer),
    certificates: leaf === undefined ? [] : [leaf, ...others],
  }
  const isNamed = leaf === undefined ? undefined : namesCertificate(signer, leaf)
  must(isNamed !== false, 'The signature names another certificate than that of its key')
  const isBaseline =
    isEtsi && isNamed === true && claims.time !== undefined && !signer.attributes.has(ATTRIBUTE.signingTime)
  return {
    format: isEtsi && isNamed === true ? 'PAdES' : 'CMS',
    ...(isBaseline && { level: levelOf(additions) }),
    claims,
    integrity: leaf === undefined ? undefined : integrityOf(signer, leaf, signature.covered),
    additions,
  }
}

/** What malformed signed attributes or a weak algorithm are is told where the signature is refused. */
function integrityOf(signer: CmsSigner, leaf: Certificate, covered: Uint8Array): IntegrityFacts {
  const fault = cmsFault(signer, leaf, { contentType: DATA, content: covered })
  if (fault?.kind === 'form' || fault?.kind === 'algorithm')
    throw fail('structure', `The signature is not to be taken: ${fault.text}`)
  return {
    form: 'the octets of the file',
    omits: [],
    fitsKey: true,
    holds: fault === undefined,
    ...(fault?.kind === 'digest' && { isDigestOther: true }),
    payload: 'detached',
    holdsOverPayload: false,
    otherForm: undefined,
    notCovered: [],
  }
}

function stampsOf({ unsigned, value }: CmsSigner): readonly Addition[] {
  const tokens = unsigned.get(ATTRIBUTE.signatureTimeStamp) ?? []
  return tokens.map(({ bytes }) => ({ kind: 'signature', token: bytes, data: value }))
}

/** What the updates of the file added: at each later document time-stamp the store as it was then, and the stamp. */
function laterAdditions({ end }: PdfSignature, { pdf, document, all }: Setting): readonly Addition[] {
  const stamps = all.filter((one) => isDocumentStamp(one) && one.end > end)
  const last = stamps.at(-1)
  const steps = stamps.flatMap((stamp): readonly Addition[] => [
    ...stored(readPdf(pdf.subarray(0, stamp.end))),
    { kind: 'archive', token: stamp.value, data: stamp.covered },
  ])
  return [...steps, ...(last?.end === pdf.byteLength ? [] : stored(document))]
}

function stored(document: PdfDocument): readonly Addition[] {
  const values = storedValues(document)
  return hasValues(values) ? [gatheredOf(values)] : []
}

function levelOf(additions: readonly Addition[]): string {
  const isStamped = additions.some(({ kind }) => kind !== 'gathered')
  if (!isStamped) return 'B-B'
  const store = additions.findIndex((one) => one.kind === 'gathered' && one.crls.length + one.ocsps.length > 0)
  if (store < 0) return 'B-T'
  return additions.slice(store).some(({ kind }) => kind === 'archive') ? 'B-LTA' : 'B-LT'
}

/** Empty where it does not say what it is for, which PAdES leaves open. */
function commitmentsOf({ attributes }: CmsSigner): readonly string[] {
  const values = attributes.get(ATTRIBUTE.commitmentType) ?? []
  return values.map((value) => `urn:oid:${identifierOf(child(value, 0, TAG.objectIdentifier))}`)
}

const DATE = /^D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:Z(?:00'?00'?)?|([+-]\d\d)'?(\d\d)'?)$/

/** The time that the signature claims; undefined where it claims none that is one. @see ISO 32000-1:2008, 7.9.4 */
function instantIn(document: PdfDocument, dict: PdfDict): Instant | undefined {
  const held = resolved(document, dict.get('M'))
  const [, year, month, day, hour, minute, second, offset, minutes = '00'] =
    DATE.exec(held instanceof PdfString ? held.bytes : '') ?? []
  if (year === undefined) return undefined
  const zone = offset === undefined ? 'Z' : `${offset}:${minutes}`
  const instant = `${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`
  return Number.isNaN(Date.parse(instant)) ? undefined : instant
}

/** Whether a PDF is another to which nothing came but signatures and what they are judged by. @throws FhirError where one is malformed */
export function isOnlySigned(bare: Uint8Array, pdf: Uint8Array): boolean {
  const document = readPdf(pdf)
  const signatures = new Set(signaturesIn(pdf, document).map(({ dict }) => dict))
  return changesSince(readPdf(bare), document, signatures) === undefined
}
