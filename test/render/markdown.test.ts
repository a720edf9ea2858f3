/** Markdown is read only where it cannot be meant otherwise, and nothing of it is markup of its own. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeText } from '../../src/fhir/xhtml-text.ts'
import { tokenize } from '../../src/fhir/xhtml.ts'
import { markdownXhtml } from '../../src/render/markdown.ts'

const inline = (text: string): string => escapeText(text)

describe('markdownXhtml', () => {
  it.each([
    ['plain', 'plain'],
    ['one\ntwo', 'one<br/>two'],
    ['a **bold** word', 'a <b>bold</b> word'],
    ['# Heading\ntext', '<b>Heading</b><br/>text'],
    ['- birch\n- hazel', '<ul><li>birch</li><li>hazel</li></ul>'],
    ['Seen:\n* birch\n* hazel\nafter', 'Seen:<ul><li>birch</li><li>hazel</li></ul>after'],
    ['1. first\n2. second', '1. first<br/>2. second'],
    ['<script>x</script>', '&lt;script&gt;x&lt;/script&gt;'],
  ])('%j', (text, xhtml) => {
    expect(markdownXhtml(text, inline)).toBe(xhtml)
  })

  it.each([
    '- 5 kg since January',
    '- 5 kg\n- 3 kg',
    '5*10 and 6*10',
    '2**3 and 4**5',
    '** not bold **',
    '+ 2 D\n+ 3 D',
    '_id_ of a_b_c',
    '#1 of 3',
    '[text](http://h.example)',
  ])('%j stands as it was written', (text) => {
    expect(markdownXhtml(text, inline)).toBe(text.replaceAll('\n', '<br/>'))
  })

  it('is well-formed and keeps every letter and number, whatever the text is', () => {
    const piece = fc.constantFrom('- ', '* ', '**', '# ', 'word', '5', '<b>', '&', '\n', ' ', '語')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('')
        const { tokens, faults } = tokenize(`<div>${markdownXhtml(text, inline)}</div>`)
        expect(faults).toEqual([])
        const told = tokens.flatMap((token) => (token.kind === 'text' ? [token.text] : [])).join('')
        const signs = /[\p{L}\p{N}&<>]/gu
        expect(told.match(signs)).toEqual(text.match(signs))
      }),
    )
  })
})
