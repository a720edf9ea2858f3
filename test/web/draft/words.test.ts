/** What people write is cleaned on the server: allowed formatting stays, of all else the text, and what was lost is told. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tokenize } from '../../../src/fhir/xhtml.ts'
import { cleaned, isBlank } from '../../../src/web/draft/words.ts'

describe('words', () => {
  it.each([
    ['Hello<br>world', '<p>Hello<br/>world</p>'],
    ['<div>a</div><div>b<b>c</b></div>', '<p>a</p><p>b<b>c</b></p>'],
    ['<p style="font-weight:bold">x</p>', '<p><b>x</b></p>'],
    ['<ul><li>a<li>b</ul>', '<ul><li>a</li><li>b</li></ul>'],
    ['<table><tr><td colspan=2>a</td></tr></table>', '<table><tr><td colspan="2">a</td></tr></table>'],
    ['<p class="MsoNormal">x<o:p></o:p></p>', '<p>x</p>'],
    ['a &lt; b & c', '<p>a &lt; b &amp; c</p>'],
    ['<h1>T</h1>text', '<h3>T</h3><p>text</p>'],
    ['<p></p><p> </p>', ''],
  ])('become what may stand in a section: %s', (html, xhtml) => {
    expect(cleaned(html)).toEqual({ xhtml, leftOut: [] })
  })

  it('that are struck out stay struck out, however that is written', () => {
    for (const html of [
      '<s>Penicillin</s>',
      '<del>Penicillin</del>',
      '<span style="text-decoration: line-through">Penicillin</span>',
    ])
      expect(cleaned(html).xhtml).toBe('<p><span class="strikethrough">Penicillin</span></p>')
  })

  it('run nothing and fetch nothing, and say what was left out', () => {
    const { xhtml, leftOut } = cleaned(
      '<script>alert(1)</script><img src="https://elsewhere.example/x" onerror="x"><a href="javascript:x">click</a>',
    )
    expect(xhtml).toBe('<p>[https://elsewhere.example/x]click</p>')
    expect(leftOut.join()).toContain('element script')
    expect(leftOut.join()).toContain('link javascript:x')
  })

  it('that were hidden are shown', () => {
    expect(cleaned('<span style="display:none">No allergy</span>').xhtml).toBe('<p>No allergy</p>')
  })

  it('are the same when they are cleaned again, well-formed, and hold no attribute that could do something', () => {
    const markup = fc.array(fc.oneof(fc.constantFrom('<p>', '</p>', '<div>', '</div>', '<b>', '</b>', '<td>', '<table>', '<li>', '<ul>', '<br>', '<script>', '<a href="x" onclick="y">', '<s>', '</s>', '<svg>'), fc.string()), { maxLength: 20 }) // prettier-ignore
    fc.assert(
      fc.property(markup, (parts) => {
        const { xhtml } = cleaned(parts.join(''))
        const { tokens, faults } = tokenize(`<div>${xhtml}</div>`)
        expect(faults).toEqual([])
        const names = tokens.flatMap((token) => (token.kind === 'open' ? token.attributes.map(({ name }) => name) : []))
        expect(names.filter((name) => !/^(?:class|colspan|rowspan|scope|dir|lang|xml:lang)$/.test(name))).toEqual([])
        expect(cleaned(xhtml).xhtml).toBe(xhtml)
      }),
    )
  })

  it('are blank where there is nothing to read', () => {
    expect(isBlank('<p> </p>')).toBe(true)
    expect(isBlank('<p>a</p>')).toBe(false)
  })
})
