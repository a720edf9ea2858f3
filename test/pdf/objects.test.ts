/** The objects of a PDF are read and written as they are; what is damaged or hostile is refused. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FhirError } from '../../src/fhir/error.ts'
import { deflated, inflated } from '../../src/pdf/deflate.ts'
import { Lexer } from '../../src/pdf/lexer.ts'
import {
  added,
  pdfDict,
  pdfName,
  PdfRef,
  PdfStream,
  PdfString,
  pdfText,
  resolved,
  textOf,
  type PdfDocument,
  type PdfValue,
} from '../../src/pdf/objects.ts'
import { readPdf } from '../../src/pdf/read.ts'
import { valueText, writePdf } from '../../src/pdf/write.ts'

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1')
const read = (text: string): PdfValue => new Lexer(text).value()

/** A file with a classic table, as Chromium writes them. */
function classic(objects: Readonly<Record<number, string>>, trailer: string): Uint8Array {
  let body = '%PDF-1.4\n'
  const offsets = Object.entries(objects).map(([number, text]) => {
    const offset = body.length
    body += `${number} 0 obj\n${text}\nendobj\n`
    return `${String(offset).padStart(10, '0')} 00000 n \n`
  })
  const start = body.length
  const table = `xref\n0 ${offsets.length + 1}\n0000000000 65535 f \n${offsets.join('')}`
  return latin1(`${body}${table}trailer\n<<${trailer}>>\nstartxref\n${start}\n%%EOF\n`)
}

const small = classic(
  { 1: '<</Type /Catalog /Pages 2 0 R>>', 2: '<</Type /Pages /Kids [] /Count 0>>' },
  '/Root 1 0 R /Size 3',
)

describe('values', () => {
  it.each([
    ['/A#20b', pdfName('A b')],
    ['(a\\(b\\)(c)\\n\\101\\\r\n)', new PdfString('a(b)(c)\nA')],
    ['<48 656C6c6F7>', new PdfString('Hellop')],
    ['[1 -2.5 .5 3 0 R true null % note\n]', [1, -2.5, 0.5, new PdfRef(3), true, null]],
    ['<</A 1/B<</C[2 0]>>>>', pdfDict({ A: 1, B: pdfDict({ C: [2, 0] }) })],
  ])('%j is read', (text, value) => {
    expect(read(text)).toEqual(value)
  })

  it.each(['<</A', '(a', '[1', '<</A 1>', '<4', 'endobj', ''])('%j is no value', (text) => {
    expect(() => read(text)).toThrow(FhirError)
  })

  it('nests no deeper than is allowed', () => {
    expect(() => read('['.repeat(100_000))).toThrow('nests deeper than 200 levels')
  })

  const value = fc.letrec<{ value: PdfValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.stringMatching(/^[\x20-\x7e]{1,8}$/).map(pdfName),
      fc.nat(1000).map((number) => new PdfRef(number)),
      fc.uint8Array().map((bytes) => new PdfString(Buffer.from(bytes).toString('latin1'))),
      fc.array(tie('value'), { maxLength: 4 }),
      fc
        .dictionary(fc.stringMatching(/^[\x21-\x7e]{1,8}$/), tie('value'), { maxKeys: 4 })
        .map((members) => pdfDict(members)),
    ),
  })).value

  it('read back as they were written', () => {
    fc.assert(
      fc.property(value, (one) => {
        expect(read(valueText(one))).toEqual(one)
      }),
    )
  })

  it('text is read back as it was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(textOf(pdfText(text))).toBe(text)
      }),
    )
  })

  it('a number is written without an exponent', () => {
    expect([1e-7, 1.5, 1e21].map(valueText)).toEqual(['0.0000001', '1.5', '1000000000000000000000'])
  })
})

describe('a file', () => {
  it('is read and written with the same objects, and the same bytes each time', () => {
    const document = readPdf(small)
    const stream = added(document, deflated(latin1('content')))
    const once = writePdf(document)
    const again = readPdf(once)
    expect([...again.objects].sort(([a], [b]) => a - b)).toEqual([...document.objects])
    expect(inflated(again, resolved(again, stream) as PdfStream)).toEqual(Buffer.from('content'))
    expect(writePdf(again)).toEqual(once)
  })

  it('is read with its updates, the latest first', () => {
    const text = Buffer.from(small).toString('latin1')
    const offset = text.length
    const previous = /startxref\n(\d+)/.exec(text)?.[1] ?? ''
    const update = `2 0 obj\n<</Count 7>>\nendobj\nxref\n2 1\n${String(offset).padStart(10, '0')} 00000 n \ntrailer\n<</Prev ${previous}>>\n`
    const start = offset + update.indexOf('xref')
    const { objects, trailer } = readPdf(latin1(`${text}${update}startxref\n${start}\n%%EOF\n`))
    expect([objects.get(2), trailer.get('Root')]).toEqual([pdfDict({ Count: 7 }), new PdfRef(1)])
  })

  it('a stream may have its length in another object', () => {
    const { objects } = readPdf(classic({ 1: '<</Length 2 0 R>> stream\nabc\nendstream', 2: '3' }, '/Root 1 0 R'))
    expect((objects.get(1) as PdfStream).data).toEqual(Buffer.from('abc'))
  })

  it.each([
    ['no PDF', latin1('hello'), 'no PDF'],
    ['cut off', small.subarray(0, small.length - 30), 'startxref'],
    [
      'with a table that lies',
      latin1(Buffer.from(small).toString('latin1').replace('1 0 obj', '9 0 obj')),
      'not well-formed',
    ],
    ['encrypted', classic({ 1: '<<>>' }, '/Root 1 0 R /Encrypt 1 0 R'), 'encrypted'],
  ])('that is %s is refused', (_, bytes, text) => {
    expect(() => readPdf(bytes)).toThrow(text)
  })

  it('whose tables name each other ends', () => {
    const text = Buffer.from(small).toString('latin1')
    const start = /startxref\n(\d+)/.exec(text)?.[1] ?? ''
    expect(readPdf(latin1(text.replace('/Size 3', `/Size 3 /Prev ${start}`))).objects.size).toBe(2)
  })

  it('that is damaged anywhere gives its objects or a FhirError', () => {
    fc.assert(
      fc.property(fc.nat(small.length - 1), fc.nat(255), (at, byte) => {
        const damaged: PdfDocument | 'refused' = ((): PdfDocument | 'refused' => {
          try {
            return readPdf(Uint8Array.from(small, (own, place) => (place === at ? byte : own)))
          } catch (error) {
            if (error instanceof FhirError) return 'refused'
            throw error
          }
        })()
        expect(damaged === 'refused' || damaged.objects instanceof Map).toBe(true)
      }),
    )
  })
})

describe('streams', () => {
  it('undo the rows of PNG', () => {
    const rows = [
      [0, 1, 2, 3],
      [1, 1, 1, 1],
      [2, 1, 1, 1],
      [3, 1, 1, 1],
      [4, 1, 1, 1],
    ]
    const parms = pdfDict({ DecodeParms: pdfDict({ Predictor: 15, Columns: 3 }) })
    const stream = deflated(Uint8Array.from(rows.flat()), parms)
    const document: PdfDocument = { objects: new Map(), trailer: new Map() }
    expect([...inflated(document, stream)]).toEqual([1, 2, 3, 1, 2, 3, 2, 3, 4, 2, 3, 4, 3, 4, 5])
  })

  it('with another filter are refused', () => {
    const stream = new PdfStream(pdfDict({ Filter: pdfName('LZWDecode') }), new Uint8Array())
    expect(() => inflated({ objects: new Map(), trailer: new Map() }, stream)).toThrow('expected FlateDecode')
  })
})
