/** An update leaves the bytes before it as they are, and what it says stands. */

import { describe, expect, it } from 'vitest'
import { plain } from '../../src/pdf/deflate.ts'
import { added, dictOf, pdfDict, pdfName, PdfRef, PdfString, type PdfDocument } from '../../src/pdf/objects.ts'
import { readPdf } from '../../src/pdf/read.ts'
import { appended } from '../../src/pdf/update.ts'
import { writePdf } from '../../src/pdf/write.ts'

const catalog = '1 0 obj\n<</Type /Catalog>>\nendobj\n'
const row = `${String(9).padStart(10, '0')} 00000 n \n`
const classic = Buffer.from(
  `%PDF-1.4\n${catalog}xref\n0 2\n0000000000 65535 f \n${row}trailer\n<</Root 1 0 R /Size 2>>\nstartxref\n${9 + catalog.length}\n%%EOF`,
)
const modern = Buffer.from(
  writePdf({
    objects: new Map([[1, pdfDict({ Type: pdfName('Catalog') })]]),
    trailer: pdfDict({ Root: new PdfRef(1), Size: 2, ID: [new PdfString('a'), new PdfString('a')] }),
  }),
)

/** The document with one object changed and one new, and their numbers. */
function changed(bytes: Uint8Array): { readonly document: PdfDocument; readonly changed: readonly number[] } {
  const document = readPdf(bytes)
  const { number } = added(document, plain(Buffer.from('new')))
  dictOf(document, new PdfRef(1))?.set('New', new PdfRef(number))
  return { document, changed: [number, 1] }
}

describe.each([
  ['a classic table', classic],
  ['a stream as its table', modern],
])('an update of a file with %s', (_, before) => {
  const after = appended(before, changed(before))

  it('begins with the bytes of the file', () => {
    expect(Buffer.from(after.subarray(0, before.length))).toEqual(before)
  })

  it('has what is new beside what was', () => {
    const { objects, trailer } = readPdf(after)
    const reference = dictOf({ objects, trailer }, trailer.get('Root'))?.get('New')
    expect(reference).toBeInstanceOf(PdfRef)
    expect(objects.get((reference as PdfRef).number)).toEqual(plain(Buffer.from('new')))
  })

  it('may be followed by another', () => {
    const twice = appended(after, changed(after))
    const { objects } = readPdf(twice)
    expect(Buffer.from(twice.subarray(0, after.length))).toEqual(Buffer.from(after))
    expect([...objects.keys()].length).toBe(readPdf(after).objects.size + 1)
  })

  it('is of the same kind, and the same each time', () => {
    const last = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(Buffer.from(after).toString('latin1'))?.[1])
    expect(Buffer.from(after.subarray(last, last + 4)).toString() === 'xref').toBe(before === classic)
    expect(appended(before, changed(before))).toEqual(after)
  })

  it('keeps the first part of the ID and makes the second anew', () => {
    const id = readPdf(after).trailer.get('ID') as [PdfString, PdfString]
    expect(id[0].bytes === 'a').toBe(before === modern)
    expect(id[1].bytes).toHaveLength(16)
  })
})

describe('an update', () => {
  it('of what says not where its table is, is refused', () => {
    const document = readPdf(classic)
    expect(() => appended(Buffer.from('%PDF-1.4'), { document, changed: [] })).toThrow('startxref')
  })

  it('of an object that is not there is a mistake of the caller', () => {
    expect(() => appended(classic, { document: readPdf(classic), changed: [99] })).toThrow(TypeError)
  })
})
