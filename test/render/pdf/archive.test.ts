/** A printed PDF becomes one for an archive: what the standards ask for is there, and the same bytes come each time. */

import { describe, expect, it } from 'vitest'
import { inflated } from '../../../src/pdf/deflate.ts'
import { embeddedDocument } from '../../../src/pdf/embedded.ts'
import {
  dictOf,
  nameOf,
  PdfRef,
  PdfStream,
  PdfString,
  resolved,
  type PdfDict,
  type PdfDocument,
} from '../../../src/pdf/objects.ts'
import { readPdf } from '../../../src/pdf/read.ts'
import { archived, sourceFile, type ArchiveRequest } from '../../../src/render/pdf/archive.ts'
import { printedPdf } from './printed.ts'

const source = Buffer.from('{"resourceType":"Bundle","type":"document"}\n')
const request: ArchiveRequest = {
  level: '3a',
  files: [sourceFile(source, 'application/fhir+json; charset=utf-8')],
  facts: {
    title: 'Discharge summary – Ä',
    authors: ['Dr Mira Muster'],
    language: 'de',
    date: '2026-03-01T10:20:30.5+01:00',
    producer: 'fhirdoc 0.0.0',
    identifier: 'urn:uuid:1',
    rendering: { digest: 'abc' },
  },
}

function opened(pdf: Uint8Array): { readonly document: PdfDocument; readonly catalog: PdfDict } {
  const document = readPdf(pdf)
  const catalog = dictOf(document, document.trailer.get('Root'))
  if (catalog === undefined) throw new TypeError('No catalog')
  return { document, catalog }
}

function textOfStream(document: PdfDocument, value: Parameters<typeof resolved>[1]): string {
  const stream = resolved(document, value)
  if (!(stream instanceof PdfStream)) throw new TypeError('No stream')
  return Buffer.from(inflated(document, stream)).toString('utf8')
}

describe('an archive PDF', () => {
  const pdf = archived(printedPdf(), request)
  const { document, catalog } = opened(pdf)
  const at = (number: number): PdfDict => dictOf(document, new PdfRef(number)) as PdfDict

  it('carries its document byte for byte, as the source of its pages', () => {
    expect(embeddedDocument(pdf)).toEqual({ name: 'document.json', mediaType: 'application/fhir+json', bytes: source })
    expect(catalog.get('AF')).toHaveLength(1)
  })

  it('says of itself what the document says, in the same words twice', () => {
    const xmp = textOfStream(document, catalog.get('Metadata'))
    const info = dictOf(document, document.trailer.get('Info'))
    expect(xmp).toContain('<xmp:CreateDate>2026-03-01T10:20:30.5+01:00</xmp:CreateDate>')
    expect(info?.get('CreationDate')).toEqual(new PdfString("D:20260301102030+01'00'"))
    expect(xmp).toContain('Discharge summary – Ä')
    expect(xmp).toContain('<pdfaid:part>3</pdfaid:part>')
    expect(xmp).toContain('<fhirdoc:digest>abc</fhirdoc:digest>')
    expect(info?.has('Author')).toBe(true)
  })

  it('keeps the language of its pages, and takes the colours of its profile', () => {
    expect(catalog.get('Lang')).toEqual(new PdfString('en'))
    const [intent] = catalog.get('OutputIntents') as readonly PdfRef[]
    expect(nameOf(document, dictOf(document, intent), 'S')).toBe('GTS_PDFA1')
  })

  it('marks what no tag says as an artifact', () => {
    expect(textOfStream(document, at(3).get('Contents'))).toMatch(/^\/Artifact BMC\n0 0 10 10 re\nf\nEMC\n\/P/)
  })

  it('gives each link words', () => {
    expect([5, 6].map((number) => at(number).get('Contents'))).toEqual([
      new PdfString('https://example.org/'),
      new PdfString('section-1'),
    ])
  })

  it('says no glyph to be the character U+0000', () => {
    expect(textOfStream(document, at(20).get('ToUnicode'))).toContain('<0001> <FFFD>')
  })

  it('has an id by its content', () => {
    expect(document.trailer.get('ID')).toHaveLength(2)
    expect(opened(archived(printedPdf(), { ...request, files: [] })).document.trailer.get('ID')).not.toEqual(
      document.trailer.get('ID'),
    )
  })

  it('is the same bytes whatever the browser numbered its elements by', () => {
    expect(Buffer.from(archived(printedPdf('node00000001'), request)).equals(pdf)).toBe(true)
  })

  it('has no date where the document names none', () => {
    const { date: _date, ...facts } = request.facts
    const undated = opened(archived(printedPdf(), { ...request, facts }))
    const info = dictOf(undated.document, undated.document.trailer.get('Info'))
    expect([...(info?.keys() ?? [])]).not.toContain('CreationDate')
    expect(textOfStream(undated.document, undated.catalog.get('Metadata'))).not.toContain('CreateDate')
  })
})

describe('PDF/A-2a', () => {
  it('says so, and takes no files', () => {
    const { document, catalog } = opened(archived(printedPdf(), { ...request, level: '2a', files: [] }))
    expect(textOfStream(document, catalog.get('Metadata'))).toContain('<pdfaid:part>2</pdfaid:part>')
    expect(() => archived(printedPdf(), { ...request, level: '2a' })).toThrow('takes no files')
  })
})
