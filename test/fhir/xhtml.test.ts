/** The tokenizer knows what is well-formed, and loses no text of what is not. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { links, textOf, tokenize } from '../../src/fhir/xhtml.ts'

const faultsOf = (text: string) => tokenize(text).faults.map((fault) => fault.text)

/** Pieces of markup that a careless or hostile author may put in any order. */
const pieces = fc.array(
  fc.oneof(
    fc.constantFrom(
      ...'<div> </div> <p> </p> <p <br/> <br> <b> </b> <table> <tr> <td> </td> </table> <ul> <li> <h2> </h2> <h5>'.split(
        ' ',
      ),
      ...'<script> </script> <style> </style> <svg> <!-- --> <![CDATA[ ]]> <?x ?> <!DOCTYPE &amp; &nbsp; &#0; &# & < > " \''.split(
        ' ',
      ),
      '<a href="javascript:x">',
      '<a href="#a">',
      '</a>',
      '<img src="http://x/" onerror="y"/>',
      '<p style="display:none">',
      '<p id="a" id="b">',
      '<a b=c d>',
      '\u202e',
      '\u0000',
      '\ud800',
    ),
    fc.string(),
  ),
  { maxLength: 30 },
)

describe('what is well-formed has no fault', () => {
  it.each([
    '<div/>',
    ' <div>\n</div >\n',
    '<div a=\'"\' b = "\'">x > y &lt; &#65;&#x41; &apos;</div>',
    '<div><!-- <p> & -- not a close --></div>'.replace(' -- ', ' - '),
    '<div é="1"><名/></div>',
    '<div><a:b xml:lang="de"/></div>',
  ])('%s', (text) => {
    expect(faultsOf(text)).toEqual([])
  })
})

describe('what is not well-formed has its fault', () => {
  it.each([
    ['', 'There is no element'],
    ['text', 'There is text outside the root element'],
    ['<div/><div/>', 'There is a second root element, expected one'],
    ['<div>', 'The element div is not closed'],
    ['<div></p></div>', 'The close tag of p does not match, expected div'],
    ['<div><b><i></b></i></div>', 'The close tag of b does not match, expected i'],
    ['<div>a < b</div>', 'The character < is no markup, expected &lt;'],
    ['<div>a & b</div>', 'The character & begins no reference, expected &amp;'],
    ['<div>&nbsp;</div>', 'The entity &nbsp; is not one of the five of XML'],
    ['<div>&#0;</div>', 'The reference &#0; is no character that XML allows'],
    ['<div>&#xD800;</div>', 'The reference &#xD800; is no character that XML allows'],
    ['<div>\u0000</div>', 'There is U+0000, a character that XML does not allow'],
    ['<div>\ud800</div>', 'There is U+D800, a character that XML does not allow'],
    ['<div>]]></div>', 'The text has ]]>, expected ]]&gt;'],
    ['<div><![CDATA[x]]></div>', 'A CDATA section is not allowed, expected escaped text'],
    ['<?xml version="1.0"?><div/>', 'A processing instruction is not allowed'],
    ['<!DOCTYPE html><div/>', 'A document type declaration is not allowed'],
    ['<div><!-- a -- b --></div>', 'A comment has -- within, expected none'],
    ['<div><!-- a ---></div>', 'A comment has -- within, expected none'],
    ['<div a="1" a="2"/>', 'The attribute a is there twice, expected once'],
    ['<div a="1"b="2"/>', 'There is no space between two attributes'],
    ['<div a=1></div>', 'The value of the attribute a has no quotes'],
    ['<div a></div>', 'The attribute a has no value'],
    ['<div></div a="1">', 'The close tag of div has more than a name'],
    ['<div a="<"></div>', 'The character < is no markup, expected &lt;'],
  ])('%j', (text, fault) => {
    expect(faultsOf(text)).toContain(fault)
  })

  it('with the offset at which it stands', () => {
    expect(tokenize('<div>a & b</div>').faults).toEqual([
      { offset: 7, text: 'The character & begins no reference, expected &amp;' },
    ])
  })
})

describe('tokens', () => {
  it('have their ranges, and attributes the range of their value as written', () => {
    const text = "<div><a href = 'x?a=1&amp;b=2'>t&lt;</a><br/></div>"
    const { tokens } = tokenize(text)
    expect(tokens.map(({ start, end }) => text.slice(start, end))).toEqual([
      '<div>',
      "<a href = 'x?a=1&amp;b=2'>",
      't&lt;',
      '</a>',
      '<br/>',
      '',
      '</div>',
    ])
    const [link] = links(text)
    expect(link).toEqual({ attribute: 'href', element: 'a', value: 'x?a=1&b=2', start: 16, end: 29 })
    expect(text.slice(link?.start, link?.end)).toBe('x?a=1&amp;b=2')
  })

  it('resolve references, HTML names too, and line ends as XML says', () => {
    expect(textOf('<div>a\r\nb\rc&eacute;&#xe9;&amp;amp;</div>')).toBe('a\nb\ncéé&amp;')
    expect(tokenize('<div a="1\n2\t3&#10;4"/>').tokens[0]).toMatchObject({ attributes: [{ value: '1 2 3\n4' }] })
  })

  it('are balanced, and nothing of a text without markup is lost, whatever the text', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const { tokens } = tokenize(parts.join(''))
        const open: string[] = []
        for (const token of tokens) {
          if (token.kind === 'open') open.push(token.name)
          if (token.kind === 'close') expect(open.pop()).toBe(token.name)
        }
        expect(open).toEqual([])
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!/[<&\r]/.test(text) && text.isWellFormed())
        expect(textOf(text)).toBe(text)
      }),
    )
  })

  it('show what looks like a tag and is none', () => {
    expect(textOf('<div>dose <5 mg, >2 x, <a@example.org>, <a title="x>y</div>')).toBe(
      'dose <5 mg, >2 x, <a@example.org>, <a title="x>y',
    )
  })

  it('keep markup within a script from closing what is around it', () => {
    const { tokens } = tokenize('<div><p><script>"</p>"</script>after</p></div>')
    const names = tokens.map((token) => (token.kind === 'text' ? token.text : `${token.kind} ${token.name}`))
    expect(names).toEqual([
      'open div',
      'open p',
      'open script',
      '"',
      '"',
      'close script',
      'after',
      'close p',
      'close div',
    ])
  })
})

it.each(['<', '<a b="', '<!--', '<![CDATA[', '<?', '<!D', '</a', '<a>', '<a></b>', '&', '<a ', "<a b='x\" c='"])(
  'a hundred thousand times %s is read in linear time',
  (piece) => {
    const started = performance.now()
    tokenize(piece.repeat(100_000))
    expect(performance.now() - started).toBeLessThan(3000)
  },
)
