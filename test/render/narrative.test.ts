/** Any narrative becomes harmless, well-formed XHTML, and no innocent text is lost. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { textOf } from '../../src/fhir/xhtml.ts'
import { harmless, type NarrativeContext } from '../../src/render/narrative.ts'
import { harmOf } from './harm.ts'
import { innocentText, visible } from './innocent.ts'

const context: NarrativeContext = { expression: 'Bundle.entry[0].resource.text.div', prefix: 'n1', headingLevel: 2 }
const shown = (content: string, more: Partial<NarrativeContext> = {}) =>
  harmless(`<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`, { ...context, ...more }).xhtml.slice(
    '<div>'.length,
    -'</div>'.length,
  )
const rulesOf = (div: string, more: Partial<NarrativeContext> = {}) =>
  harmless(div, { ...context, ...more }).issues.map(({ rule }) => rule)

describe('a clean narrative', () => {
  const clean =
    '<p class="bold" title="&quot;a&quot;">Potassium &lt; 4.1&#160;mmol/l<br/>next</p><table><tbody><tr><td colspan="2">1</td></tr></tbody></table>'

  it('stays as it is but for its namespace declaration, and has no issue', () => {
    expect(shown(clean)).toBe(clean.replace('&#160;', '\u00a0'))
    expect(rulesOf(`<div xmlns="http://www.w3.org/1999/xhtml">${clean}</div>`)).toEqual([])
  })

  it('says its language to XML and to HTML, and its direction', () => {
    expect(
      harmless('<div xmlns="http://www.w3.org/1999/xhtml" xml:lang="ar" dir="rtl"><p lang="en-GB">x</p></div>', context)
        .xhtml,
    ).toBe('<div xml:lang="ar" lang="ar" dir="rtl"><p lang="en-GB" xml:lang="en-GB">x</p></div>')
  })
})

describe('what is not allowed is taken away, its text stays, and the issue names it', () => {
  it.each([
    ['<script>alert("5")</script>4.1', '4.1', 'element script'],
    ['<style>p { color: red }</style>4.1', '4.1', 'element style'],
    ['<iframe src="http://example.org/">4.1</iframe>', '<div>4.1</div>', 'element iframe'],
    ['<svg onload="alert(1)"><text>4.1</text></svg>', '<div>4.1</div>', 'element svg'],
    ['<form action="http://example.org/"><input name="a"/>4.1</form>', '<div>4.1</div>', 'element input'],
    ['<p onclick="alert(1)">4.1</p>', '<p>4.1</p>', 'attribute onclick'],
    ['<p style="display:none">4.1</p>', '<p>4.1</p>', 'style "display: none"'],
    [
      '<p style="background:url(http://example.org/)">4.1</p>',
      '<p>4.1</p>',
      'style "background: url(http://example.org/)"',
    ],
    ['<a href="java&#9;script:alert(1)">4.1</a>', '<a>4.1</a>', 'link java script:alert(1)'],
    ['<a href="data:text/html,5">4.1</a>', '<a>4.1</a>', 'link data:text/html,5'],
    ['<bdo dir="rtl">12</bdo>', '<span dir="rtl">12</span>', 'element bdo'],
    ['dose \u202e12\u202c', 'dose 12', 'direction marks'],
    ['<meta http-equiv="refresh" content="0;url=http://example.org/"/>4.1', '4.1', 'element meta'],
  ])('%s', (content, expected, name) => {
    expect(shown(content)).toBe(expected)
    const [issue] = harmless(`<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`, context).issues
    expect(issue).toMatchObject({ severity: 'warning', rule: 'narrative-removed', expression: context.expression })
    expect(issue?.text).toContain(name)
  })

  it.each([
    ['<p style="width:33%;margin:0" accesskey="a">4.1</p>', '<p>4.1</p>'],
    ['<section>4</section><section>5</section>', '<div>4</div><div>5</div>'],
    ['<font color="red">4.1</font>', '4.1'],
    [
      '<s>5</s> <u>6</u> <center>7</center>',
      '<span class="strikethrough">5</span> <span class="underline">6</span> <div class="center">7</div>',
    ],
    [
      '<div style="background: navy"><b style="color: white">4.1</b><i style="margin: 0">5</i></div>',
      '<div style="background-color:#cbcbd8"><b style="color:#565656">4.1</b><i>5</i></div>',
    ],
  ])('looks without meaning are information alone: %s', (content, expected) => {
    expect(shown(content)).toBe(expected)
    expect(rulesOf(`<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`)).toEqual(['narrative-presentation'])
  })
})

describe('the numbers of a list are those that its author gave, since other text may name them', () => {
  it.each([
    ['<ol start="3"><li>a</li><li value="7">b</li></ol>', '<ol start="3"><li>a</li><li value="7">b</li></ol>'],
    ['<ol type="I"><li>a</li></ol>', '<ol class="big-roman"><li>a</li></ol>'],
    ['<ol type="i"><li type="A">a</li></ol>', '<ol class="little-roman"><li class="big-alpha">a</li></ol>'],
    ['<ol reversed=""><li>a</li></ol>', '<ol reversed="reversed"><li>a</li></ol>'],
    ['<ol start="x" type="url(a)"><li value="1e9">a</li></ol>', '<ol><li>a</li></ol>'],
  ])('%s', (content, expected) => {
    expect(shown(content)).toBe(expected)
  })
})

describe('what is not well-formed is shown as far as it can be read', () => {
  it.each([
    ['<div>dose <5 mg & >2 x</div>', '<div>dose &lt;5 mg &amp; &gt;2 x</div>'],
    ['plain <b>text', '<div>plain <b>text</b></div>'],
    ['<div>a&nbsp;b</div>', '<div>a\u00a0b</div>'],
    ['<div><br>one<br>two</div>', '<div><br/>one<br/>two</div>'],
    ['<div><script>open <p>text</p></div>', '<div>open <p>text</p></div>'],
    ['<DIV><P>one</DIV>', '<div><p>one</p></div>'],
    ['', '<div></div>'],
  ])('%s', (div, expected) => {
    expect(harmless(div, context).xhtml).toBe(expected)
    expect(rulesOf(div)).toContain('narrative-repaired')
  })
})

describe('elements stand where XML and HTML read them alike', () => {
  it.each([
    [
      'a block in a paragraph',
      '<p>a<table><tr><td>1</td></tr></table></p>',
      '<div>a<table><tr><td>1</td></tr></table></div>',
    ],
    ['text in a table', '<table>a<tr><td>1</td></tr></table>', '<table><tr><td>a</td></tr><tr><td>1</td></tr></table>'],
    ['a cell without row', '<table><td>1</td><td>2</td></table>', '<table><tr><td>1</td><td>2</td></tr></table>'],
    ['cells without table', '<td>1</td><td>2</td>', '<div>1</div><div>2</div>'],
    [
      'a cell in a cell',
      '<table><tr><td>1<td>2</td>3</td></tr></table>',
      '<table><tr><td>1</td><td>2</td><td>3</td></tr></table>',
    ],
    [
      'a table in a table',
      '<table><table><tr><td>1</td></tr></table></table>',
      '<table><tr><td><table><tr><td>1</td></tr></table></td></tr></table>',
    ],
    [
      'text and lists in a list',
      '<ul>a<ul><li>b</li></ul></ul>',
      '<ul><li class="unlist">a<ul><li>b</li></ul></li></ul>',
    ],
    [
      'the foot of a table before its body, as HTML 4 has it',
      '<table><tfoot><tr><td>sum</td></tr></tfoot><tbody><tr><td>1</td></tr></tbody></table>',
      '<table><tbody><tr><td>1</td></tr></tbody><tfoot><tr><td>sum</td></tr></tfoot></table>',
    ],
    ['an item without list', '<li>1</li>', '<div>1</div>'],
    [
      'a link in a link',
      '<a href="http://a.example/">1<a href="http://b.example/">2</a></a>',
      '<a href="http://a.example/" rel="noreferrer noopener">1<span>2</span></a>',
    ],
    ['content of a line break', '<br>1</br>', '<br/>1'],
  ])('%s', (_, content, expected) => {
    expect(shown(content)).toBe(expected)
  })

  it('and never deeper than browsers go', () => {
    const { xhtml } = harmless(`${'<div>'.repeat(5000)}4.1${'</div>'.repeat(5000)}`, context)
    expect(textOf(xhtml)).toBe('4.1')
    expect(xhtml.match(/<div>/g)?.length).toBe(101)
  })
})

describe('headings', () => {
  it('follow the level above without gaps', () => {
    expect(shown('<h1>a</h1><h3>b</h3><h2>c</h2><h5>d</h5><h1>e</h1>')).toBe(
      '<h3>a</h3><h4>b</h4><h4>c</h4><h5>d</h5><h3>e</h3>',
    )
    expect(shown('<h5>a</h5><h6>b</h6>', { headingLevel: 5 })).toBe('<h6>a</h6><h6>b</h6>')
  })

  it('are none without content or within another', () => {
    expect(shown('<h1> </h1><h2>a<h3>b</h3></h2>')).toBe('<div> </div><h3>a<div>b</div></h3>')
  })
})

it('header cells say what they head', () => {
  expect(
    shown(
      '<table><thead><tr><th>a</th><td>b</td></tr></thead><tbody><tr><th>c</th><td>1</td></tr><tr><th>d</th><th scope="row">e</th></tr></tbody></table>',
    ),
  ).toBe(
    '<table><thead><tr><th scope="col">a</th><td>b</td></tr></thead><tbody><tr><th scope="row">c</th><td>1</td></tr><tr><th scope="col">d</th><th scope="row">e</th></tr></tbody></table>',
  )
})

describe('ids and links', () => {
  it('are those of the page, and still lead where they led', () => {
    expect(
      shown('<p id="a b">x</p><a name="n" id="i">y</a><a href="#a b">1</a><a href="#n">2</a><a href="#i">3</a>'),
    ).toBe('<p id="n1-a-b">x</p><a id="n1-i">y</a><a href="#n1-a-b">1</a><a href="#n1-i">2</a><a href="#n1-i">3</a>')
    expect(shown('<table><tr><th id="k">K</th><td headers="k z">4.1</td></tr></table>')).toContain(
      '<th id="n1-k" scope="row">K</th><td headers="n1-k">',
    )
    expect(shown('<map name="m"><area href="#p" alt="p" shape="rect" coords="0,0,9,9"/></map><p id="p">x</p>')).toBe(
      '<map name="n1-m" id="n1-m"><area href="#n1-p" alt="p" shape="rect" coords="0,0,9,9"/></map><p id="n1-p">x</p>',
    )
  })

  it('are each there once: the first of several keeps its id', () => {
    expect(shown('<p id="a">1</p><p id="a">2</p><p id="a-2">3</p><a href="#a">4</a>')).toBe(
      '<p id="n1-a">1</p><p id="n1-a-3">2</p><p id="n1-a-2">3</p><a href="#n1-a">4</a>',
    )
  })

  it('to other parts of the document become links on the page, where the page shows them', () => {
    const anchor = (href: string) => ({ 'Patient/1': 'subject', '#course': 'n2-course' })[href]
    expect(
      shown('<a href="Patient/1">1</a><a href="#course">2</a><a href="Patient/2">3</a><a href="#gone">4</a>', {
        anchor,
      }),
    ).toBe('<a href="#subject">1</a><a href="#n2-course">2</a><a title="Patient/2">3</a><a>4</a>')
  })

  it('outside may be followed by hand and tell nothing of where they were', () => {
    expect(
      shown(
        '<a href="https://example.org/?a=1&amp;b=2">1</a><a href="mailto:a@example.org">2</a><a href="tel:+1">3</a>',
      ),
    ).toBe(
      '<a href="https://example.org/?a=1&amp;b=2" rel="noreferrer noopener">1</a><a href="mailto:a@example.org" rel="noreferrer noopener">2</a><a title="tel:+1">3</a>',
    )
  })
})

describe('images', () => {
  const png = 'data:image/png;base64,iVBORw0KGgo='
  const image = (src: string) =>
    src === '#curve' ? png : src === 'Binary/bad' ? 'data:image/svg+xml;base64,PHN2Zy8+' : undefined

  it('that the document holds are shown', () => {
    expect(shown(`<img src="#curve" alt="Curve" width="50%"/><img src="${png}" title="T"/>`, { image })).toBe(
      `<img src="${png}" alt="Curve" width="50%"/><img src="${png}" alt="T" title="T"/>`,
    )
  })

  it('that it does not hold leave their text and address, and are told', () => {
    const content = '<img src="http://example.org/a.png?b&amp;c" alt="Lung" id="l"/>'
    expect(shown(content, { image })).toBe(
      '<span id="n1-l" class="missing-image">[Lung – http://example.org/a.png?b&amp;c]</span>',
    )
    expect(rulesOf(`<div>${content}</div>`)).toContain('narrative-removed')
    expect(shown('<img src="Binary/bad" alt=""/><img src="data:image/svg+xml,%3Csvg%3E" alt="S"/>', { image })).toBe(
      '<span class="missing-image">[Binary/bad]</span><span class="missing-image">[S – data:image/svg+xml]</span>',
    )
  })
})

it('class names are HL7’s, and those of the document’s stylesheets under a name of their own', () => {
  expect(
    shown('<p class="bold banner  generated grave">x</p><p class="banner">y</p>', { classes: new Set(['grave']) }),
  ).toBe('<p class="bold generated doc-grave">x</p><p>y</p>')
})

describe('whatever the text', () => {
  const pieces = fc.array(
    fc.oneof(
      fc.constantFrom(
        ...'<div> </div> <p> </p> <p <br/> <br> <b> </b> <table> <thead> <tr> <td> <th> </td> </tr> </table> <ul> <dl> <li> <dd> </li> <h2> </h2> <h5> <pre> <map> <col/> <colgroup>'.split(
          ' ',
        ),
        ...'<style> </style> <svg> <!-- --> <![CDATA[ ]]> <?x ?> <!DOCTYPE &amp; &nbsp; &#0; &# & < > " \' <section> <u> <x:p> <html> <body>'.split(
          ' ',
        ),
        '<a href="javascript:x" onclick="x">',
        '<a href="#a" style="color:red;display:none">',
        '<p id="a" id="b" class="bold x">',
        '<p id="a" title="<">',
        '<a name="b" lang="de">',
        '<a b=c d>',
        '<area href="http://x.example/"/>',
        '\u202e',
        '\u0000',
        '\ud800',
      ),
      fc.string(),
      fc.lorem({ maxCount: 2 }),
    ),
    { maxLength: 40 },
  )
  const bare = { ...context, prefix: '' }

  it('it is well-formed and within the allow-list, and passing it again changes nothing', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          pieces.map((parts) => parts.join('')),
          fc.string({ unit: 'binary' }),
        ),
        (div) => {
          const { xhtml } = harmless(div, bare)
          expect(harmOf(xhtml)).toEqual([])
          expect(harmless(xhtml, bare).xhtml).toBe(xhtml)
          expect(harmOf(harmless(div, context).xhtml)).toEqual([])
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('its innocent text is there in its order', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const div = parts.join('')
        expect(visible(textOf(harmless(div, context).xhtml))).toBe(visible(innocentText(div)))
      }),
      { numRuns: 2000 },
    )
  })
})

it('header cells that are empty head nothing', () => {
  expect(shown('<table><tr><th abbr="x" scope="col"> </th><th>a</th></tr></table>')).toBe(
    '<table><tr><td> </td><th scope="col">a</th></tr></table>',
  )
})
