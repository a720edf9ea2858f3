/**
 * A signed PDF made to last: baseline T, LT or LTA of PAdES, by updates at its end that leave what was signed as it is.
 * @see https://www.etsi.org/deliver/etsi_en/319100_319199/31914201/01.02.01_60/en_31914201v010201p.pdf
 */

import { fail } from '../../fhir/error.ts'
import { pdfName } from '../../pdf/objects.ts'
import { readPdf } from '../../pdf/read.ts'
import { appended } from '../../pdf/update.ts'
import { readCms } from '../cms.ts'
import { withStamp as withCmsStamp } from '../cms-write.ts'
import {
  fresh,
  sourcesOf,
  stampOver,
  valuesFor,
  valuesForStamp,
  type LastingRequest,
  type Sources,
  type Values,
} from '../gather.ts'
import type { Certificate } from '../x509.ts'
import { readSignatures, type PdfReading } from './pades.ts'
import { filled, withRoom } from './place.ts'
import { addValues, hasValues, storedValues } from './security-store.ts'

export interface PdfLastingRequest extends LastingRequest {
  readonly level: 'T' | 'LT' | 'LTA'
}

const RANK: Readonly<Record<string, number>> = { 'B-B': 0, 'B-T': 1, 'B-LT': 2, 'B-LTA': 3 }

type Step = (pdf: Uint8Array, sources: Sources) => Promise<Uint8Array>

const STEPS: Readonly<Record<PdfLastingRequest['level'], readonly Step[]>> = {
  T: [stamped],
  LT: [stamped, withValues],
  LTA: [stamped, withValues, withStamp],
}

/**
 * The PDF with its signature at the level given. What has the level already gets a further document time-stamp, which is
 * how LTA is renewed.
 * @throws FhirError `business-rule` where the signature does not hold or what the level needs is not to be had
 */
export async function augmentPdf(pdf: Uint8Array, request: PdfLastingRequest): Promise<Uint8Array> {
  const { level } = request
  const sources = sourcesOf(request)
  const { reading } = mustHold(pdf)
  const has = reading.level ?? 'B-B'
  if (level !== 'LTA' && (RANK[has] ?? 0) >= (RANK[`B-${level}`] ?? 0))
    throw refused(`The signature has the level ${has} already, expected a higher one or LTA, which is renewed`)
  let made = pdf
  for (const step of STEPS[level]) made = await step(made, sources)
  return made
}

/** The only signature of the PDF, which holds. @throws FhirError `business-rule` */
function mustHold(pdf: Uint8Array): PdfReading {
  const [found, another] = readSignatures(pdf)
  if (found === undefined || another !== undefined) throw refused('The PDF has not exactly one signature, expected one')
  if (found.reading.integrity?.holds !== true) throw refused('The signature does not hold over the PDF')
  return found
}

function refused(text: string): Error {
  return fail('business-rule', text, { rule: 'lasting-signature' })
}

/** Level T: a time-stamp, where there is none. */
async function stamped(pdf: Uint8Array, sources: Sources): Promise<Uint8Array> {
  const found = mustHold(pdf)
  return stampsIn(found).length > 0 ? pdf : ((await stampedInside(pdf, found, sources)) ?? withStamp(pdf, sources))
}

/** The time-stamp takes its place in what the signature leaves out; undefined where there is not room enough, or it is followed by something. */
async function stampedInside(
  pdf: Uint8Array,
  { signature: { end, start, room, value } }: PdfReading,
  sources: Sources,
): Promise<Uint8Array | undefined> {
  const [signer] = readCms(value).signers
  if (signer === undefined || signer.unsigned.size > 0 || end !== pdf.byteLength) return undefined
  const made = withCmsStamp(value, await stampOver(signer.value, sources))
  return made.byteLength > room ? undefined : filled({ bytes: pdf, start, room }, made)
}

function stampsIn({ reading }: PdfReading): readonly Uint8Array[] {
  return reading.additions.flatMap((one) => (one.kind === 'gathered' ? [] : [one.token]))
}

/** Level LT: what the signer and the time-stamps are to be judged by. */
async function withValues(pdf: Uint8Array, sources: Sources): Promise<Uint8Array> {
  const found = mustHold(pdf)
  const [leaf, ...others] = found.reading.claims.certificates
  if (leaf === undefined) throw refused('The signature bears no certificate of its signer')
  const ofSigner = await valuesOfSigner([leaf, ...others], found, sources)
  const values = [...ofSigner]
  for (const token of unsettled(found)) values.push(await valuesForStamp(token, sources))
  const document = readPdf(pdf)
  const lacking = fresh(values, storedValues(document))
  if (!hasValues(lacking)) return pdf
  const changed = addValues(document, lacking)
  return appended(pdf, { document, changed: new Set(changed) })
}

/** Those of the signer are gathered once: later nobody may say any more whether it was revoked. */
async function valuesOfSigner(
  certificates: readonly [Certificate, ...Certificate[]],
  { reading }: PdfReading,
  sources: Sources,
): Promise<readonly Values[]> {
  return (RANK[reading.level ?? ''] ?? 0) >= (RANK['B-LT'] ?? 0) ? [] : [await valuesFor(certificates, sources)]
}

/** The time-stamps from the last one of the document on: those before it had theirs when it was made. */
function unsettled({ reading }: PdfReading): readonly Uint8Array[] {
  const stamps = reading.additions.filter((one) => one.kind !== 'gathered')
  const last = stamps.findLastIndex(({ kind }) => kind === 'archive')
  return stamps.slice(Math.max(0, last)).map(({ token }) => token)
}

const STAMP_ROOM = 12_288

/** A time-stamp over the whole document. */
async function withStamp(pdf: Uint8Array, sources: Sources): Promise<Uint8Array> {
  const members = { Type: pdfName('DocTimeStamp'), SubFilter: pdfName('ETSI.RFC3161') }
  const prepared = withRoom(pdf, { members, what: 'Timestamp', room: STAMP_ROOM })
  return filled(prepared, await stampOver(prepared.covered, sources))
}
