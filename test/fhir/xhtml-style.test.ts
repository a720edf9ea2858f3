/** Styles that readers should honour pass; what hides, adds or fetches does not. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseStyle, safeStyles, styleText } from '../../src/fhir/xhtml-style.ts'

const stylesOf = (style: string) => safeStyles(parseStyle(style))
const kept = (style: string) => styleText(stylesOf(style).kept)

describe('what passes', () => {
  it.each([
    ['font-weight: bold', 'font-weight:bold'],
    ['FONT-STYLE: Italic', 'font-style:italic'],
    ['text-decoration: underline wavy red', 'text-decoration-line:underline'],
    ['text-align:right;', 'text-align:right'],
    ['white-space: pre', 'white-space:pre-wrap'],
    ['list-style-type: lower-roman', 'list-style-type:lower-roman'],
    ['font-family: "Times New Roman", Symbola, serif', "font-family:'times new roman',serif"],
    ['color: black; background: khaki', 'color:#000000;background-color:#f0e68c'],
    ['border: 1px solid khaki', 'border:1px solid khaki'],
    ['color: navy !important', 'color:#000080'],
    ['font-size: 12pt', 'font-size:clamp(7pt,12pt,36pt)'],
    ['font-size: large', 'font-size:large'],
    ['content: "; color: red"; color: navy', 'color:#000080'],
    ['col/* */or: navy; /* color: red', ''],
  ])('%s', (style, expected) => {
    expect(kept(style)).toBe(expected)
  })
})

describe('what hides or alters text is told and has no effect', () => {
  it.each([
    'display: none',
    'DISPLAY : NONE !important',
    'visibility: hidden',
    'opacity: 0',
    'opacity: .02',
    'position: fixed',
    'clip-path: inset(50%)',
    'content: "10"',
    'font-size: 0',
    'font-size: 2px',
    'text-indent: -9999px',
    'margin-left: -5000px',
    'letter-spacing: -1em',
    'color: transparent',
    'unicode-bidi: bidi-override',
    'transform: scale(0)',
    'filter: opacity(0)',
    'height: 0',
  ])('%s', (style) => {
    const { hiding, kept: passed } = stylesOf(style)
    expect(hiding).toHaveLength(1)
    expect(passed.every(({ property, value }) => property === 'font-size' && value.startsWith('clamp(7pt,'))).toBe(true)
  })

  it('text in the colour of its ground, which is written so that it can be read', () => {
    expect(stylesOf('color: #fff; background-color: white').hiding).toEqual(['color: as the ground'])
    expect(stylesOf('color: white').hiding).toEqual(['color: as the ground'])
    expect(stylesOf('color: white; background-color: navy').hiding).toEqual([])
    expect(safeStyles(parseStyle('color: white'), 'other').hiding).toEqual([])
    expect(kept('color: white')).toBe('color:#565656')
  })
})

it.each([
  'background: url(http://example.org/)',
  'background: u\\72l(x)',
  'width: expression(alert(1))',
  'list-style: image-set("x")',
  'color: var(--x)',
])('what reaches out of the narrative is told: %s', (style) => {
  expect(stylesOf(style)).toMatchObject({ kept: [], unsafe: [expect.any(String)] })
})

it('what carries no meaning is left out by name', () => {
  expect(stylesOf('width: 33%; display: inline-block; margin：4px')).toMatchObject({
    kept: [],
    hiding: [],
    dropped: ['width', 'display', 'margin：4px'],
  })
})

it('no style whatever brings in another property, an address or an escape, and passing twice changes nothing', () => {
  const pieces = fc.array(
    fc.oneof(
      fc.constantFrom(
        ...'color : ; red url( ) " \' \\ /* */ ! important { } display none font-size 1px em clamp(7pt, @import content # 0 background'.split(
          ' ',
        ),
      ),
      fc.string(),
    ),
  )
  fc.assert(
    fc.property(pieces, (parts) => {
      const text = kept(parts.join(''))
      expect(text).toMatch(/^(?:(?:[a-z-]+:(?:[\w #%.,'-]|clamp\([\w.%]+,[\w.%]+,36pt\))+)(?:;|$))*$/)
      expect(text).not.toMatch(/url|display|content|\\|\/\*/)
      expect(kept(text)).toBe(text)
    }),
  )
})
