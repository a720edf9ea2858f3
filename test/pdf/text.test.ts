/** The text of pages is read in the order in which it is drawn, through the characters that fonts name. */

import { describe, expect, it } from 'vitest'
import { plain } from '../../src/pdf/deflate.ts'
import { pdfDict, pdfName, PdfRef, type PdfDocument, type PdfValue } from '../../src/pdf/objects.ts'
import { pageTexts } from '../../src/pdf/text.ts'

const CMAP = `1 beginbfchar <0003> <0041> endbfchar
2 beginbfrange <0010> <0012> <0061> <0020> <0021> [<00660066> <D83DDE00>] endbfrange`

/** A document of one page with the content, whose fonts are F1 (with names for its characters) and F2 (without). */
function drawing(content: string, form = ''): PdfDocument {
  const wide = pdfDict({ Subtype: pdfName('Type0'), ToUnicode: new PdfRef(5) })
  const fonts = pdfDict({
    F1: wide,
    F2: pdfDict({ Subtype: pdfName('Type1') }),
    F3: pdfDict({ Subtype: pdfName('Type0') }),
  })
  const resources = pdfDict({ Font: fonts, XObject: pdfDict({ Fm: new PdfRef(6) }) })
  const objects = new Map<number, PdfValue>([
    [1, pdfDict({ Pages: new PdfRef(2) })],
    [2, pdfDict({ Kids: [new PdfRef(3)], Resources: resources })],
    [3, pdfDict({ Parent: new PdfRef(2), Contents: new PdfRef(4) })],
    [4, plain(Buffer.from(content, 'latin1'))],
    [5, plain(Buffer.from(CMAP))],
    [6, plain(Buffer.from(form), pdfDict({ Subtype: pdfName('Form') }))],
  ])
  return { objects, trailer: pdfDict({ Root: new PdfRef(1) }) }
}

describe('the text of a page', () => {
  it.each([
    ['strings of a simple font', "BT /F2 9 Tf (Take) Tj (one) ' ET", 'Takeone'],
    ['arrays with kerning, and no white space', 'BT /F2 9 Tf [(Ta) -20 (k e)] TJ ET', 'Take'],
    ['codes that the font names', 'BT /F1 9 Tf <000300100012> Tj <00200021> Tj ET', 'Aacff😀'],
    ['codes that no font names', 'BT /F1 9 Tf <0099> Tj /F3 9 Tf <0003> Tj ET', '\ufffd\ufffd'],
    ['what comes after an image in the line', 'BI /W 1 ID (no) Tj EI BT /F2 9 Tf (yes) Tj ET', 'yes'],
  ])('is that of %s', (_, content, text) => {
    expect(pageTexts(drawing(content))).toEqual([text])
  })

  it('has what forms draw where they are drawn, and ends where a form draws itself', () => {
    expect(pageTexts(drawing('/Fm Do BT /F2 9 Tf (b) Tj ET', 'BT /F2 9 Tf (a) Tj ET'))).toEqual(['ab'])
    expect(pageTexts(drawing('/Fm Do', 'BT /F2 9 Tf (a) Tj ET /Fm Do'))[0]).toMatch(/^a{1,20}$/)
  })
})
