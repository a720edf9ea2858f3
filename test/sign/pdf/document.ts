/** A small PDF of our own for tests, its objects known by number, and what may be done to it after it was signed. */

import { deflated, plain } from '../../../src/pdf/deflate.ts'
import {
  added,
  dictOf,
  pdfDict,
  pdfName,
  PdfRef,
  PdfString,
  type PdfDocument,
  type PdfValue,
} from '../../../src/pdf/objects.ts'
import { readPdf } from '../../../src/pdf/read.ts'
import { appended } from '../../../src/pdf/update.ts'
import { writePdf } from '../../../src/pdf/write.ts'

export const NUMBERS = { catalog: 1, pages: 2, page: 3, contents: 4, font: 5, file: 6, specification: 7, missing: 90 }

function ref(name: keyof typeof NUMBERS): PdfRef {
  return new PdfRef(NUMBERS[name])
}

/** One page with a line of text, and a file embedded. */
export function smallPdf(file: Uint8Array, text = 'Take one tablet'): Uint8Array {
  const source = pdfDict({ Type: pdfName('EmbeddedFile'), Subtype: pdfName('application/fhir+json') })
  const objects = new Map<number, PdfValue>([
    [NUMBERS.catalog, pdfDict({ Type: pdfName('Catalog'), Pages: ref('pages'), AF: [ref('specification')] })],
    [NUMBERS.pages, pdfDict({ Type: pdfName('Pages'), Kids: [ref('page')], Count: 1 })],
    [
      NUMBERS.page,
      pdfDict({
        Type: pdfName('Page'),
        Parent: ref('pages'),
        MediaBox: [0, 0, 300, 300],
        Contents: ref('contents'),
        Resources: pdfDict({ Font: pdfDict({ F1: ref('font') }), XObject: pdfDict({ Shadow: ref('missing') }) }),
      }),
    ],
    [NUMBERS.contents, plain(Buffer.from(`BT /F1 12 Tf 20 200 Td (${text}) Tj ET /Shadow Do`))],
    [NUMBERS.font, pdfDict({ Type: pdfName('Font'), Subtype: pdfName('Type1'), BaseFont: pdfName('Helvetica') })],
    [NUMBERS.file, deflated(file, source)],
    [
      NUMBERS.specification,
      pdfDict({
        Type: pdfName('Filespec'),
        UF: new PdfString('document.json'),
        AFRelationship: pdfName('Source'),
        EF: pdfDict({ F: ref('file') }),
      }),
    ],
  ])
  const id = new PdfString('0123456789abcdef')
  return writePdf({ objects, trailer: pdfDict({ Root: ref('catalog'), Size: 8, ID: [id, id] }) })
}

/** The file with an update that changes its document. */
export function updated(pdf: Uint8Array, change: (document: PdfDocument) => readonly number[]): Uint8Array {
  const document = readPdf(pdf)
  return appended(pdf, { document, changed: new Set(change(document)) })
}

export function replaced(number: number, value: PdfValue): (document: PdfDocument) => readonly number[] {
  return ({ objects }) => {
    objects.set(number, value)
    return [number]
  }
}

/** Draws an annotation over the page. */
export function overlaid(document: PdfDocument): readonly number[] {
  const look = added(document, plain(Buffer.from('BT (Take ten tablets) Tj ET'), pdfDict({ Subtype: pdfName('Form') })))
  const members = {
    Type: pdfName('Annot'),
    Subtype: pdfName('Stamp'),
    Rect: [0, 0, 300, 300],
    AP: pdfDict({ N: look }),
  }
  const annotation = added(document, pdfDict(members))
  const page = dictOf(document, ref('page'))
  page?.set('Annots', [...(Array.isArray(page.get('Annots')) ? (page.get('Annots') as PdfValue[]) : []), annotation])
  return [look.number, annotation.number, NUMBERS.page]
}

/** The file with what stands in its text once and only once changed to something of the same length. */
export function overwritten(pdf: Uint8Array, before: RegExp, after: (found: string) => string): Uint8Array {
  const text = Buffer.from(pdf).toString('latin1')
  const found = before.exec(text)
  if (found === null) throw new Error(`There is nothing like ${before.source} in the PDF`)
  const made = after(found[0])
  return Buffer.from(text.slice(0, found.index) + made + text.slice(found.index + found[0].length), 'latin1')
}
