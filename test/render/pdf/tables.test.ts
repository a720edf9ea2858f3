/** A row that is written short is made to span as many columns as the widest. */

import { describe, expect, it } from 'vitest'
import { Lexer } from '../../../src/pdf/lexer.ts'
import { dictOf, PdfRef, type PdfDict, type PdfDocument, type PdfValue } from '../../../src/pdf/objects.ts'
import { mendTable, tableAttributes } from '../../../src/render/pdf/tables.ts'

/** A table of rows of cells, each written by its attributes. */
function table(rows: readonly (readonly string[])[]): {
  readonly document: PdfDocument
  readonly spans: () => unknown
} {
  const objects = new Map<number, PdfValue>()
  const put = (number: number, text: string): void => void objects.set(number, new Lexer(text).value())
  const document: PdfDocument = { objects, trailer: new Map() }
  put(1, `<</S /Table /K [${rows.map((_, row) => `${10 * (row + 1)} 0 R`).join(' ')}]>>`)
  for (const [row, cells] of rows.entries()) {
    const numbers = cells.map((_, cell) => 10 * (row + 1) + cell + 1)
    put(10 * (row + 1), `<</S /TR /K [${numbers.map((number) => `${number} 0 R`).join(' ')}]>>`)
    for (const [cell, attributes] of cells.entries())
      put(numbers[cell] ?? 0, `<</S /TD ${attributes === '' ? '' : `/A ${attributes}`}>>`)
  }
  const spans = (): unknown =>
    rows.map((_, row) => {
      const kids = dictOf(document, new PdfRef(10 * (row + 1)))?.get('K')
      return (Array.isArray(kids) ? kids : [kids]).map((kid) => {
        const own = tableAttributes(document, dictOf(document, kid) as PdfDict)
        return own.find((one) => one.has('ColSpan'))?.get('ColSpan') ?? 1
      })
    })
  mendTable(document, dictOf(document, new PdfRef(1)) as PdfDict)
  return { document, spans }
}

const down = '<</O /Table /RowSpan 2>>'

describe('rows', () => {
  it.each([
    ['of one width stay', [['', ''], ['', '']], [[1, 1], [1, 1]]],
    ['that are short span what is missing with their last cell', [['', '', ''], ['', '']], [[1, 1, 1], [1, 2]]],
    ['without cells get one', [['', ''], []], [[1, 1], [2]]],
    ['below a cell that reaches down are as wide as with it', [[down, ''], ['']], [[1, 1], [1]]],
    ['keep their spans in whichever dictionary they are', [['', '', ''], ['', '[<</O /Table /Scope /Row>> <</O /Table /ColSpan 1>>]']], [[1, 1, 1], [1, 2]]],
    ['widen no cell that reaches down', [['', '', '', ''], [down, '', down], ['', '']], [[1, 1, 1, 1], [1, 2, 1], [1, 1]]],
    ['whose cells all reach down get one more', [['', '', ''], [down, down], ['']], [[1, 1, 1], [1, 1, 1], [1]]],
    ['may have attributes of other owners', [['', ''], ['<</O /Layout>>']], [[1, 1], [2]]],
  ])('%s', (_, rows, expected) => {
    expect(table(rows).spans()).toEqual(expected)
  }) // prettier-ignore
})
