/**
 * The PDF that Chromium prints as one for an archive: PDF/A-2a or 3a and PDF/UA-1 at once, the same bytes for the same
 * document. @see https://www.iso.org/standard/57229.html (ISO 19005-3:2012) @see https://www.iso.org/standard/64599.html (ISO 14289-1:2014)
 */

import { sha256 } from '../../fhir/digest.ts'
import { fail } from '../../fhir/error.ts'
import { withArtifacts } from './artifacts.ts'
import { deflated, inflated, ofPacked, packed, plain } from '../../pdf/deflate.ts'
import { TAG } from './cells.ts'
import { srgbProfile } from './icc.ts'
import {
  added,
  dictOf,
  pdfDict,
  pdfName,
  PdfRef,
  PdfStream,
  PdfString,
  pdfText,
  resolved,
  sweep,
  type PdfDict,
  type PdfDocument,
  type PdfValue,
} from '../../pdf/objects.ts'
import { readPdf } from '../../pdf/read.ts'
import { mendLinks, mendStructure } from './structure.ts'
import { writePdf } from '../../pdf/write.ts'
import { xmpPacket, type DocumentFacts } from './xmp.ts'

/** A file that the PDF carries. */
export interface AssociatedFile {
  readonly name: string
  readonly mediaType: string
  readonly description: string
  /** What it is to the pages: their source, or something beside. @see ISO 19005-3:2012, 6.8 */
  readonly relationship: 'Source' | 'Supplement' | 'Alternative' | 'Data'
  readonly bytes: Uint8Array
  /** The same, packed as the PDF will have them, where that was done beside the printing. */
  readonly packed?: Uint8Array
}

/** The files, packed as the PDF will have them. */
export function packedFiles(files: readonly AssociatedFile[]): Promise<readonly AssociatedFile[]> {
  return Promise.all(files.map(async (file) => ({ ...file, packed: await packed(file.bytes) })))
}

/** The document as the file that its pages are made from. */
export function sourceFile(bytes: Uint8Array, mediaType: string): AssociatedFile {
  const form = /\bxml\b/.test(mediaType) ? 'xml' : 'json'
  return {
    name: `document.${form}`,
    mediaType: `application/fhir+${form}`,
    description: 'The FHIR document that these pages show',
    relationship: 'Source',
    bytes,
  }
}

export interface ArchiveRequest {
  readonly facts: DocumentFacts
  /** 2a takes no files. */
  readonly level: '2a' | '3a'
  readonly files: readonly AssociatedFile[]
}

/** The archive form of a printed PDF. @throws FhirError `structure` where it is none, `not-supported` for files in 2a */
export function archived(printed: Uint8Array, { facts, level, files }: ArchiveRequest): Uint8Array {
  if (level === '2a' && files.length > 0) throw fail('not-supported', 'PDF/A-2a takes no files, expected 3a')
  const document = readPdf(printed, { unread: TAG })
  const catalog = dictOf(document, document.trailer.get('Root'))
  if (catalog === undefined) throw fail('structure', 'The PDF has no catalog')
  for (const page of pagesOf(document, catalog)) {
    markArtifacts(document, page)
    mendLinks(document, page)
  }
  mendFonts(document)
  mendStructure(document, catalog)
  catalog.set('OutputIntents', [outputIntent(document)])
  if (files.length > 0) embed(document, catalog, files, facts.date)
  describe(document, catalog, facts, level)
  sweep(document)
  return withId(document)
}

function* pagesOf(document: PdfDocument, catalog: PdfDict): Generator<PdfDict> {
  const pending: PdfValue[] = [catalog.get('Pages') ?? null]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const node = dictOf(document, next)
    const kids = resolved(document, node?.get('Kids'))
    if (Array.isArray(kids)) pending.push(...kids.toReversed())
    else if (node !== undefined) yield node
  }
}

function markArtifacts(document: PdfDocument, page: PdfDict): void {
  const content = page.get('Contents')
  const stream = resolved(document, content)
  if (!(content instanceof PdfRef) || !(stream instanceof PdfStream)) return
  const marked = withArtifacts(Buffer.from(inflated(document, stream)).toString('latin1'))
  document.objects.set(content.number, deflated(Buffer.from(marked, 'latin1')))
}

/** No glyph is said to be the character U+0000, which is none. @see ISO 19005-3:2012, 6.2.11.7.2 */
function mendFonts(document: PdfDocument): void {
  for (const value of [...document.objects.values()]) {
    const map = value instanceof Map ? value.get('ToUnicode') : undefined
    const stream = resolved(document, map)
    if (!(map instanceof PdfRef) || !(stream instanceof PdfStream)) continue
    const text = Buffer.from(inflated(document, stream)).toString('latin1')
    if (!text.includes('<0000>\n')) continue
    const mended = text.replace(/^(<[0-9A-Fa-f]+> (?:<[0-9A-Fa-f]+> )?)<0000>$/gm, '$1<FFFD>')
    document.objects.set(map.number, deflated(Buffer.from(mended, 'latin1')))
  }
}

let profile: PdfStream | undefined

function outputIntent(document: PdfDocument): PdfRef {
  profile ??= deflated(srgbProfile(), pdfDict({ N: 3 }))
  return added(
    document,
    pdfDict({
      Type: pdfName('OutputIntent'),
      S: pdfName('GTS_PDFA1'),
      OutputConditionIdentifier: pdfText('sRGB'),
      Info: pdfText('sRGB IEC61966-2.1'),
      DestOutputProfile: added(document, profile),
    }),
  )
}

/** @see ISO 32000-1:2008, 7.11.4 */
function embed(document: PdfDocument, catalog: PdfDict, files: readonly AssociatedFile[], date?: string): void {
  const specs = files.map(({ name, mediaType, description, relationship, bytes, packed: made }) => {
    const params = pdfDict({ Size: bytes.length, ModDate: pdfDate(date) })
    const members = pdfDict({ Type: pdfName('EmbeddedFile'), Subtype: pdfName(mediaType), Params: params })
    const file = added(document, made === undefined ? deflated(bytes, members) : ofPacked(made, members))
    const spec = added(
      document,
      pdfDict({
        Type: pdfName('Filespec'),
        F: pdfText(name),
        UF: pdfText(name),
        Desc: pdfText(description),
        AFRelationship: pdfName(relationship),
        EF: pdfDict({ F: file, UF: file }),
      }),
    )
    return [name, spec] as const
  })
  catalog.set(
    'AF',
    specs.map(([, spec]) => spec),
  )
  const names = dictOf(document, catalog.get('Names')) ?? new Map<string, PdfValue>()
  const sorted = specs.toSorted(([one], [other]) => (one < other ? -1 : 1))
  names.set('EmbeddedFiles', pdfDict({ Names: sorted.flatMap(([name, spec]) => [pdfText(name), spec]) }))
  catalog.set('Names', names)
}

/** The same in the metadata and in the information dictionary. */
function describe(document: PdfDocument, catalog: PdfDict, facts: DocumentFacts, level: '2a' | '3a'): void {
  const { title, authors, language, producer, date } = facts
  const packet = xmpPacket(facts, { part: level === '2a' ? 2 : 3, conformance: 'A' })
  const members = pdfDict({ Type: pdfName('Metadata'), Subtype: pdfName('XML') })
  catalog.set('Metadata', added(document, plain(Buffer.from(packet, 'utf8'), members)))
  if (language !== undefined && !catalog.has('Lang')) catalog.set('Lang', pdfText(language))
  catalog.set('ViewerPreferences', pdfDict({ DisplayDocTitle: true }))
  const info = pdfDict({
    Title: pdfText(title),
    Author: authors.length === 0 ? undefined : pdfText(authors.join(', ')),
    Creator: pdfText(producer),
    Producer: pdfText(producer),
    CreationDate: pdfDate(date),
    ModDate: pdfDate(date),
  })
  const held = document.trailer.get('Info')
  if (held instanceof PdfRef) document.objects.set(held.number, info)
  else document.trailer.set('Info', added(document, info))
}

/** An instant as PDF writes it: `D:20260301T…` without the marks. @see ISO 32000-1:2008, 7.9.4 */
function pdfDate(instant: string | undefined): PdfString | undefined {
  if (instant === undefined) return undefined
  const [, year, month, day, hour, minute, second, zone = 'Z'] =
    /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(instant) ?? []
  const offset = zone === 'Z' ? 'Z' : `${zone.replace(':', "'")}'`
  return new PdfString(`D:${year}${month}${day}${hour}${minute}${second}${offset}`)
}

const NO_ID = '0'.repeat(32)

/** The file with the digest of all else in it as its id. */
function withId(document: PdfDocument): Uint8Array {
  const placeholder = new PdfString(Buffer.from(NO_ID, 'hex').toString('latin1'))
  document.trailer.set('ID', [placeholder, placeholder])
  const bytes = Buffer.from(writePdf(document))
  const id = Buffer.from(sha256(bytes)).toString('hex').slice(0, NO_ID.length)
  const place = bytes.lastIndexOf(`[<${NO_ID}> <${NO_ID}>]`, undefined, 'latin1')
  if (place < 0) throw new TypeError('The id of the PDF has no place')
  bytes.write(`[<${id}> <${id}>]`, place, 'latin1')
  return bytes
}
