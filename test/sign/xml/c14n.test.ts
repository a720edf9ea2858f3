/** Canonical forms of XML are those of the recommendations. */

import { describe, expect, it } from 'vitest'
import { c14nOf, canonicalDocument, canonicalElement, type C14n } from '../../../src/sign/xml/c14n.ts'
import { elementsOf, readTree, type XmlElement } from '../../../src/sign/xml/tree.ts'

const INCLUSIVE = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'
const INCLUSIVE_11 = 'http://www.w3.org/2006/12/xml-c14n11'
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#'

function formOf(uri: string): C14n {
  const form = c14nOf(uri)
  if (form === undefined) throw new TypeError(`${uri} is no canonical form`)
  return form
}

function whole(xml: string, uri = INCLUSIVE): string {
  return Buffer.from(canonicalDocument(readTree(xml), { form: formOf(uri) })).toString()
}

/** The canonical form of the element at the end of a way of places. */
function part(xml: string, way: readonly number[], form: C14n): string {
  const element = way.reduce<XmlElement | undefined>((at, place) => at && elementsOf(at)[place], readTree(xml).root)
  if (element === undefined) throw new TypeError('There is no such element')
  return Buffer.from(canonicalElement(element, { form })).toString()
}

describe('a document', () => {
  it.each([
    ['<a/>', '<a></a>'],
    ['<a c=\'1\' b="2"/>', '<a b="2" c="1"></a>'],
    ['<?xml version="1.0"?>\n\n<a>\r\n</a>\n', '<a>\n</a>'],
    [
      '<a b=" x\n\ty " c="&#9;&#10;&#13;&quot;&lt;&gt;&amp;"/>',
      '<a b=" x  y " c="&#x9;&#xA;&#xD;&quot;&lt;>&amp;"></a>',
    ],
    ['<a>&lt;&gt;&amp;&quot;&#13;&#9;&#xe9;\u{1F600}</a>', '<a>&lt;&gt;&amp;"&#xD;\té\u{1F600}</a>'],
    ['<a><![CDATA[<b> & ]]>c</a>', '<a>&lt;b&gt; &amp; c</a>'],
    ['<!-- x --><?p  q ?><a><!-- y --><?r?></a><?s t?><!-- z -->', '<?p q ?>\n<a><?r?></a>\n<?s t?>'],
    [
      '<a xmlns="urn:1" xmlns:z="urn:z" xmlns:b="urn:b" z:q="1" b:r="2" a="3"/>',
      '<a xmlns="urn:1" xmlns:b="urn:b" xmlns:z="urn:z" a="3" b:r="2" z:q="1"></a>',
    ],
    [
      '<a xmlns="urn:1"><b xmlns="urn:1"><c xmlns=""><d xmlns=""/></c></b></a>',
      '<a xmlns="urn:1"><b><c xmlns=""><d></d></c></b></a>',
    ],
    [
      '<a xmlns:p="urn:1"><p:b xmlns:p="urn:2"><p:c xmlns:p="urn:1"/></p:b></a>',
      '<a xmlns:p="urn:1"><p:b xmlns:p="urn:2"><p:c xmlns:p="urn:1"></p:c></p:b></a>',
    ],
    ['<a \u{1D4D0}="2" \uFF5E="1"/>', '<a \uFF5E="1" \u{1D4D0}="2"></a>'],
  ])('%s is %s', (xml, canonical) => {
    expect(whole(xml)).toBe(canonical)
    expect(whole(canonical)).toBe(canonical)
  })

  it('keeps comments where the form says so', () => {
    const xml = '<!--x--><a><!--y--></a><!--z-->'
    for (const uri of [INCLUSIVE, INCLUSIVE_11])
      expect(whole(xml, `${uri}#WithComments`)).toBe('<!--x-->\n<a><!--y--></a>\n<!--z-->')
    expect(whole(xml, `${EXCLUSIVE}WithComments`)).toBe('<!--x-->\n<a><!--y--></a>\n<!--z-->')
    expect(whole(xml)).toBe('<a></a>')
  })

  it('with a namespace that is no absolute URI has no canonical form', () => {
    expect(() => whole('<a xmlns="b"/>')).toThrow('no absolute URI')
  })

  it('has no other forms', () => {
    expect(c14nOf('http://www.w3.org/2010/xml-c14n2')).toBeUndefined()
    expect(c14nOf('toString')).toBeUndefined()
  })
})

describe('an element', () => {
  const xml =
    '<a xmlns="urn:1" xmlns:p="urn:p" xmlns:q="urn:q" xml:lang="de" xml:id="i"><b><p:c d="1" q:e="2"><f/></p:c></b></a>'

  it('takes over namespaces and attributes xml: in the inclusive form', () => {
    const expected =
      '<p:c xmlns="urn:1" xmlns:p="urn:p" xmlns:q="urn:q" d="1" xml:id="i" xml:lang="de" q:e="2"><f></f></p:c>'
    expect(part(xml, [0, 0], formOf(INCLUSIVE))).toBe(expected)
    expect(part(xml, [0, 0], formOf(INCLUSIVE_11))).toBe(expected.replace(' xml:id="i"', ''))
  })

  it('declares what it uses in the exclusive form, where it is used', () => {
    expect(part(xml, [0, 0], formOf(EXCLUSIVE))).toBe(
      '<p:c xmlns:p="urn:p" xmlns:q="urn:q" d="1" q:e="2"><f xmlns="urn:1"></f></p:c>',
    )
    expect(part(xml, [0], { ...formOf(EXCLUSIVE), inclusivePrefixes: ['', 'q', 'unknown'] })).toBe(
      '<b xmlns="urn:1" xmlns:q="urn:q"><p:c xmlns:p="urn:p" d="1" q:e="2"><f></f></p:c></b>',
    )
  })

  it('is left out with all that is in it where it is named', () => {
    const { root } = readTree(xml)
    const [without] = elementsOf(root)
    expect(Buffer.from(canonicalElement(root, { form: formOf(EXCLUSIVE), without })).toString()).toBe(
      '<a xmlns="urn:1" xml:id="i" xml:lang="de"></a>',
    )
  })

  it('below xml:base has no form of 1.1', () => {
    expect(() => part('<a xml:base="b"><c/></a>', [0], formOf(INCLUSIVE_11))).toThrow('xml:base')
    expect(part('<a xml:base="b"><c/></a>', [0], formOf(INCLUSIVE))).toBe('<c xml:base="b"></c>')
  })
})
