/** The tags of a browser are mended where PDF/UA asks for more. */

import { describe, expect, it } from 'vitest'
import { dictOf, nameOf, PdfRef, PdfString, type PdfDict } from '../../../src/pdf/objects.ts'
import { readPdf } from '../../../src/pdf/read.ts'
import { mendStructure } from '../../../src/render/pdf/structure.ts'
import { tableAttributes } from '../../../src/render/pdf/tables.ts'
import { printedPdf } from './printed.ts'

describe('the structure', () => {
  const document = readPdf(printedPdf())
  const at = (number: number): PdfDict => dictOf(document, new PdfRef(number)) as PdfDict
  mendStructure(document, at(1))

  it('says what a tag means that PDF does not know', () => {
    expect(nameOf(document, dictOf(document, at(7).get('RoleMap')), 'Strong')).toBe('Span')
  })

  it('has no figure without a text', () => {
    expect(nameOf(document, at(19), 'S')).toBe('Sect')
  })

  it('has labels and bodies alone in the items of lists', () => {
    const kinds = (at(11).get('K') as readonly PdfRef[]).map((kid) => nameOf(document, at(kid.number), 'S'))
    expect(kinds).toEqual(['Lbl', 'LBody'])
  })

  it('numbers its elements through the document, and cells find their headers', () => {
    const id = new PdfString('e00000000')
    expect(at(15).get('ID')).toEqual(id)
    expect(tableAttributes(document, at(17)).map((attributes) => attributes.get('Headers'))).toEqual([[id], undefined])
    expect(dictOf(document, at(7).get('IDTree'))?.get('Names')).toEqual([id, new PdfRef(15)])
  })

  it('is left alone where there is none', () => {
    const bare = new Map([['Type', null]])
    mendStructure(document, bare)
    expect(bare).toEqual(new Map([['Type', null]]))
  })
})
