/** What no font can draw stands in print as its code point, and is told. */

import { describe, expect, it } from 'vitest'
import { printable } from '../../src/render/scripts.ts'

const LATIN = /^[\p{Script=Latin}\p{Script=Common}\p{M}\u200b]+$/u
const isLegible = (unit: string): boolean => LATIN.test(unit) && !/\p{Emoji_Presentation}/u.test(unit)
const page = (body: string, head = ''): string =>
  `<!DOCTYPE html>\n<html><head>${head}</head><body>${body}</body></html>`

describe('printable', () => {
  it('leaves a page that can be drawn as it is', () => {
    const xhtml = page('<p title="x">Ärzte 1.50 ≥ 3 e\u0301\u200b</p>')
    expect(printable(xhtml, isLegible)).toEqual({ xhtml, issues: [] })
  })

  it('puts a box with the code point for each character that cannot, and says so', () => {
    const { xhtml, issues } = printable(page('<p title="😀">well 😀 患<b>者</b></p>'), isLegible)
    expect(xhtml.replaceAll(/ style="[^"]*"/g, '')).toBe(
      page(
        '<p title="😀">well <span class="no-glyph" dir="ltr">[U+1F600]</span> <span class="no-glyph" dir="ltr">[U+60A3]</span>' +
          '<b><span class="no-glyph" dir="ltr">[U+8005]</span></b></p>',
      ),
    )
    expect(issues).toEqual([
      {
        severity: 'warning',
        code: 'not-supported',
        text: 'No bundled font has U+1F600, U+60A3, U+8005: in print the code point stands for the character',
        rule: 'font-missing',
      },
    ])
  })

  it('keeps a letter whose mark cannot be drawn with it', () => {
    const { xhtml } = printable(page('<p>a\u0301</p>'), (unit) => unit === 'a')
    expect(xhtml).toContain('<p>a<span')
    expect(xhtml).toContain('[U+0301]')
  })

  it('writes plain text into style sheets, and leaves the title', () => {
    const head = '<title>患</title><style>@page { @top-left { content: "患"; } }</style>'
    expect(printable(page('', head), isLegible).xhtml).toBe(page('', head.replace('"患"', '"[U+60A3]"')))
  })

  it('names the first of many', () => {
    const { issues } = printable(
      page(Array.from({ length: 20 }, (_, index) => String.fromCodePoint(0x4e00 + index)).join('')),
      isLegible,
    )
    expect(issues[0]?.text).toContain('U+4E0B …')
  })
})
