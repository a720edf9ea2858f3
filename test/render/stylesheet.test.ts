/** A document's stylesheet applies to narratives alone, and hides, adds and fetches nothing. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { safeStylesheet } from '../../src/render/stylesheet.ts'

const safe = (css: string) => safeStylesheet(css, '.narrative')

describe('what passes', () => {
  it.each([
    ['p { color: navy }', '.narrative p { color:#000080 }'],
    [
      '.grave, td.right > b { font-weight: bold !important }',
      '.narrative .doc-grave, .narrative td.right>b { font-weight:bold }',
    ],
    ['body { font-family: Arial, serif }', '.narrative { font-family:arial,serif }'],
    ['html > body p { font-style: italic }', '.narrative p { font-style:italic }'],
    ['tr:nth-child(odd) td { background: #eee }', '.narrative tr:nth-child(odd) td { background-color:#eeeeee }'],
    ['@media print { p { text-align: justify } }', '@media print {\n.narrative p { text-align:justify }\n}'],
  ])('%s', (css, expected) => {
    expect(safe(css).css).toBe(expected)
  })

  it('the class names that it uses, as the document writes them', () => {
    expect(safe('.grave.bold { color: red } .never { width: 5px }').classes).toEqual(new Set(['grave']))
  })
})

describe('what does not pass is told', () => {
  it.each([
    ['p { display: none }', 'style "display: none"'],
    ['p { visibility: hidden; opacity: 0 }', 'style "visibility: hidden"'],
    ['p { background: url(http://example.org/a.png) }', 'style "background: url(http://example.org/a.png)"'],
    ['p { color: white; background-color: white }', 'style "color: as the ground"'],
    ['@import url(http://example.org/a.css);', 'rule @import'],
    ['@font-face { font-family: x; src: url(http://example.org/a) }', 'rule @font-face'],
    ['@media (min-width: 1px) { p { color: red } }', 'rule @media'],
    ['p { content: "12 mg" }', 'style "content: "12 mg""'],
    ['{'.repeat(40), 'stylesheet too large or too deeply nested'],
    ['p { color: red }'.repeat(40_000), 'stylesheet too large or too deeply nested'],
  ])('%#: as content', (css, name) => {
    const { css: text, removals } = safe(css)
    expect([...removals.content]).toContain(name)
    expect(text).not.toMatch(/display|visibility|opacity|url|content|import|font-face|min-width/)
  })

  it.each([
    ['#a { color: red }', 'selector #a'],
    ['a[href] { color: red }', 'selector a[href]'],
    ['p::before { color: red }', 'selector p::before'],
    ['p:not(.a) { color: red }', 'selector p:not(.a)'],
    ['body + p { color: red }', 'selector body+p'],
    ['script { color: red }', 'selector script'],
    ['p { width: 5px }', 'style width'],
  ])('%s: as presentation', (css, name) => {
    const { css: text, removals } = safe(css)
    expect(text).toBe('')
    expect([...removals.presentation]).toContain(name)
  })
})

it('whatever the text, each rule begins with the scope and has no property beside those that pass', () => {
  const pieces = fc.array(
    fc.oneof(
      fc.constantFrom(
        ...'p .a #b { } ; : color red url( ) @media print @import " \' \\ /* */ <!-- --> > + ~ , * ::before :root html body !important display none [ ] & \\7d'.split(
          ' ',
        ),
      ),
      fc.string(),
    ),
  )
  fc.assert(
    fc.property(pieces, (parts) => {
      for (const line of safe(parts.join(' ')).css.split('\n')) {
        expect(line).toMatch(
          /^(?:|@media (?:all|print|screen)[a-z, ]* \{|\}|(?:\.narrative(?: [\w.*:()+>~ -]+)?(?:, |(?= \{)))+ \{ [\w #%.,:;'()-]+ \})$/,
        )
      }
    }),
    { numRuns: 1000 },
  )
})
