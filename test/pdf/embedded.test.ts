/** The document that a PDF carries is found whoever made the PDF, and given byte for byte. */

import { describe, expect, it } from 'vitest'
import { deflated, plain } from '../../src/pdf/deflate.ts'
import { embeddedDocument, embeddedFiles } from '../../src/pdf/embedded.ts'
import { Lexer } from '../../src/pdf/lexer.ts'
import { pdfDict, pdfName, type PdfDict, type PdfStream, type PdfValue } from '../../src/pdf/objects.ts'
import { readPdf } from '../../src/pdf/read.ts'
import { writePdf } from '../../src/pdf/write.ts'

const json = Buffer.from('\ufeff{"resourceType": "Bundle" }\r\n')
const typed = (type: string): PdfStream => deflated(json, pdfDict({ Subtype: pdfName(type) }))

function pdf(objects: Readonly<Record<number, string | PdfStream>>): Uint8Array {
  const values = Object.entries(objects).map(([number, value]): [number, PdfValue] => [
    Number(number),
    typeof value === 'string' ? new Lexer(value).value() : value,
  ])
  return writePdf({ objects: new Map(values), trailer: new Lexer('<</Root 1 0 R>>').value() as PdfDict })
}

const tree = '<</Names <</EmbeddedFiles <</Kids [<</Names [(a) 2 0 R (b) 3 0 R]>>]>>>>>>'

describe('the document of a PDF', () => {
  it('is the source of the pages where others are embedded besides', () => {
    const bytes = pdf({
      1: '<</AF [2 0 R 3 0 R]>>',
      2: '<</UF (report.json) /AFRelationship /Supplement /EF <</F 4 0 R>>>>',
      3: '<</UF (d.json) /AFRelationship /Source /EF <</UF 5 0 R>>>>',
      4: plain(Buffer.from('{}')),
      5: typed('application/fhir+json'),
    })
    expect(embeddedDocument(bytes)).toEqual({ name: 'd.json', mediaType: 'application/fhir+json', bytes: json })
    expect(embeddedFiles(readPdf(bytes)).map(({ name }) => name)).toEqual(['report.json', 'd.json'])
  })

  it.each([
    ['its media type', '(x)', 'application/json', 'json'],
    ['its name', '(x.XML)', 'application/octet-stream', 'xml'],
  ])('is the only FHIR file by %s', (_, name, type, form) => {
    const bytes = pdf({
      1: tree,
      2: '<</F (picture.png) /EF <</F 4 0 R>>>>',
      3: `<</F ${name} /EF <</F 5 0 R>>>>`,
      4: typed('image/png'),
      5: typed(type),
    })
    expect(embeddedDocument(bytes)).toMatchObject({ mediaType: `application/fhir+${form}`, bytes: json })
  })

  it.each([
    ['carries nothing', { 1: '<<>>' }, 'carries no FHIR document'],
    ['carries something else', { 1: tree, 2: '<</F (a.txt) /EF <</F 4 0 R>>>>', 4: typed('text/plain') }, 'carries no FHIR'],
    ['names a file that is not there', { 1: tree, 2: '<</F (a.json) /EF <</F 9 0 R>>>>' }, 'carries no FHIR'],
    ['carries two', { 1: tree, 2: '<</F (a.json) /EF <</F 4 0 R>>>>', 3: '<</F (b.json) /EF <</F 5 0 R>>>>', 4: plain(json), 5: plain(json) }, 'a.json, b.json'],
    ['has a tree that goes in circles', { 1: '<</Names <</EmbeddedFiles 2 0 R>>>>', 2: '<</Kids [2 0 R 2 0 R]>>' }, 'carries no FHIR'],
    ['has a filter that nobody knows', { 1: tree, 2: '<</F (a.json) /EF <</F 4 0 R>>>>', 4: plain(json, pdfDict({ Filter: pdfName('Own') })) }, 'expected FlateDecode'],
  ])('is not found where the PDF %s', (_, objects, text) => {
    expect(() => embeddedDocument(pdf(objects))).toThrow(text)
  }) // prettier-ignore
})
