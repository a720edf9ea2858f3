/** A PDF as a browser prints it, as small as can be: one page with a heading, a list, a table, a figure and a link. */

import { deflated, plain } from '../../../src/pdf/deflate.ts'
import { Lexer } from '../../../src/pdf/lexer.ts'
import type { PdfDict, PdfDocument, PdfStream, PdfValue } from '../../../src/pdf/objects.ts'
import { writePdf } from '../../../src/pdf/write.ts'

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1')

const OBJECTS: Readonly<Record<number, string>> = {
  1: '<</Type /Catalog /Pages 2 0 R /StructTreeRoot 7 0 R /Lang (en)>>',
  2: '<</Type /Pages /Kids [3 0 R] /Count 1>>',
  3: '<</Type /Page /Parent 2 0 R /Contents 4 0 R /Annots [5 0 R 6 0 R] /Resources <</Font <</F1 20 0 R>>>>>>',
  5: '<</Type /Annot /Subtype /Link /A <</S /URI /URI (https://example.org/)>>>>',
  6: '<</Type /Annot /Subtype /Link /Dest /section-1>>',
  7: '<</Type /StructTreeRoot /K 8 0 R>>',
  8: '<</Type /StructElem /S /Document /P 7 0 R /K [9 0 R 10 0 R 13 0 R 19 0 R]>>',
  9: '<</Type /StructElem /S /Strong /P 8 0 R /K 0>>',
  10: '<</Type /StructElem /S /L /P 8 0 R /K 11 0 R>>',
  11: '<</Type /StructElem /S /LI /P 10 0 R /K [12 0 R 1]>>',
  12: '<</Type /StructElem /S /Lbl /P 11 0 R /K 2>>',
  13: '<</Type /StructElem /S /Table /P 8 0 R /K [14 0 R 16 0 R]>>',
  14: '<</Type /StructElem /S /TR /P 13 0 R /K [15 0 R 21 0 R]>>',
  15: '<</Type /StructElem /S /TH /P 14 0 R /ID (node00004711) /K 3>>',
  16: '<</Type /StructElem /S /TR /P 13 0 R /K 17 0 R>>',
  17: '<</Type /StructElem /S /TD /P 16 0 R /K 4 /A [<</O /Table /Headers [(node00004711)]>> <</O /Table /ColSpan 1>>]>>',
  19: '<</Type /StructElem /S /Figure /P 8 0 R /K 5>>',
  20: '<</Type /Font /Subtype /Type0 /ToUnicode 22 0 R>>',
  21: '<</Type /StructElem /S /TD /P 14 0 R /K 6>>',
  23: '<</Title (as the browser says) /CreationDate (D:20260101000000Z)>>',
}
const CONTENT = '0 0 10 10 re\nf\n/P <</MCID 0 >>BDC\nBT\n<0001> Tj\nET\nEMC\n'
const TO_UNICODE = '1 beginbfchar\n<0001> <0000>\nendbfchar\n'

/** Its ids as a browser numbers them, which differ from print to print. */
export function printedPdf(id = 'node00004711'): Uint8Array {
  const objects = new Map<number, PdfValue>(
    Object.entries(OBJECTS).map(([number, text]) => [
      Number(number),
      new Lexer(text.replaceAll('node00004711', id)).value(),
    ]),
  )
  const streams: Readonly<Record<number, PdfStream>> = { 4: deflated(latin1(CONTENT)), 22: plain(latin1(TO_UNICODE)) }
  for (const [number, stream] of Object.entries(streams)) objects.set(Number(number), stream)
  const trailer = new Lexer('<</Root 1 0 R /Info 23 0 R /Size 24>>').value() as PdfDict
  const document: PdfDocument = { objects, trailer }
  return writePdf(document)
}
