/** Words as plain text and back: formatting that may be meant stays, what may be something else stays as it was written. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleaned } from '../../../src/web/draft/words.ts'
import { fromMarkdown, toMarkdown } from '../../../src/web/draft/words-markdown.ts'

describe('markdown', () => {
  it.each([
    ['a\n\nb **bold** _it_', '<p>a</p><p>b <b>bold</b> <i>it</i></p>'],
    ['text\n- one\n- two\n1. x\n2. y', '<p>text</p><ul><li>one</li><li>two</li></ul><ol><li>x</li><li>y</li></ol>'],
    ['| a | b |\n| --- | --- |\n| 1 | 2 |', '<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>'],
    ['~~Penicillin~~', '<p><span class="strikethrough">Penicillin</span></p>'],
    ['line\nline', '<p>line<br/>line</p>'],
  ])('is read and written again: %j', (text, xhtml) => {
    expect(fromMarkdown(text)).toBe(xhtml)
    expect(toMarkdown(xhtml)).toEqual({ text, isFaithful: true })
  }) // prettier-ignore

  it.each(['5*10 and 3*4', '- 5 kg', '3. May', 'x_y_z', 'a | b', '2 < 3 & 4 > 1'])('is no formatting in %s', (text) => {
    expect(toMarkdown(fromMarkdown(text)).text).toBe(text)
    expect(fromMarkdown(text)).not.toMatch(/<(?:b|i|ul|ol|table)>/)
  })

  it('says where formatting would be lost by it', () => {
    expect(toMarkdown('<table><tr><td colspan="2">a</td></tr></table>').isFaithful).toBe(false)
    expect(toMarkdown('<p>H<sub>2</sub>O</p>').isFaithful).toBe(false)
  })

  it('of any text makes words that are clean already', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const made = fromMarkdown(text)
        expect(cleaned(made).xhtml.replace(/\s+/g, '')).toBe(made.replaceAll('\u00a0', ' ').replace(/\s+/g, ''))
      }),
    )
  })
})
