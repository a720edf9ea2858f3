/** XML as a tree: what a signature is read from has one meaning. */

import { describe, expect, it } from 'vitest'
import { attributeOf, childOf, elementsOf, mustHave, readTree, textOf, treeOf } from '../../../src/sign/xml/tree.ts'

describe('a tree', () => {
  it('resolves namespaces, and knows each element by the attributes that may be its id', () => {
    const { root, ids } = readTree('<p:a xmlns:p="urn:1" xmlns="urn:2" Id="x"><b ID="y"/><b id="y" xml:id="z"/></p:a>')
    expect([root.uri, root.local, ...elementsOf(root).map(({ uri }) => uri)]).toEqual(['urn:1', 'a', 'urn:2', 'urn:2'])
    expect(['x', 'y', 'z', 'w'].map((id) => ids.get(id)?.length)).toEqual([1, 2, 1, undefined])
  })

  it.each([
    ['<a>', 'not well-formed'],
    ['', 'not well-formed'],
    ['<a/><b/>', 'not well-formed'],
    ['<a b="1" b="2"/>', 'not well-formed'],
    ['<a xmlns:p="urn:1" xmlns:q="urn:1" p:b="1" q:b="2"/>', 'not well-formed'],
    ['<p:a/>', 'not well-formed'],
    ['<a>&b;</a>', 'not well-formed'],
    ['<!DOCTYPE a><a/>', 'document type'],
    ['<?xml version="1.0" encoding="ISO-8859-1"?><a/>', 'UTF-8'],
    ['<a>'.repeat(300), 'Nesting'],
    [`<a ${Array.from({ length: 200 }, (_, index) => `b${index}=""`).join(' ')}/>`, 'attributes'],
  ])('%# refuses what is none, or hostile', (xml, why) => {
    expect(() => readTree(xml)).toThrow(why)
    expect(treeOf(xml)).toBeUndefined()
  })

  it('refuses what is not UTF-8', () => {
    expect(() => readTree(Uint8Array.of(0x3c, 0x61, 0xff, 0x2f, 0x3e))).toThrow('UTF-8')
  })

  it('gives the text of an element that has nothing else, and refuses a comment in it', () => {
    const { root } = readTree('<a><b> x&amp;<![CDATA[y]]> </b><c>1<!-- -->2</c><d><e/></d></a>')
    const texts = elementsOf(root).map((one) => () => textOf(one))
    expect(texts[0]?.()).toBe('x&y')
    expect(texts[1]).toThrow('something else than text')
    expect(texts[2]).toThrow('something else than text')
  })

  it('gives the only child of a name, and refuses two', () => {
    const { root } = readTree('<a b="1"><c/><d/><d/></a>')
    expect(childOf(root, '', 'c')?.local).toBe('c')
    expect(childOf(root, '', 'e')).toBeUndefined()
    expect(() => childOf(root, '', 'd')).toThrow('more than once')
    expect(() => mustHave(root, '', 'e')).toThrow('has no e')
    expect([attributeOf(root, 'b'), attributeOf(root, 'c')]).toEqual(['1', undefined])
  })
})
