/** What a PDF says of itself is well-formed, whatever the document says. */

import { SaxesParser } from 'saxes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { xmpPacket } from '../../../src/render/pdf/xmp.ts'

const claim = { part: 3, conformance: 'A' } as const
const bare = { title: 'a', authors: [], producer: 'fhirdoc', rendering: {} }

function isWellFormed(packet: string): boolean {
  new SaxesParser({ xmlns: true }).write(packet).close()
  return true
}

describe('the packet', () => {
  it('is XML whatever the words of the document', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (title, author) => {
        expect(isWellFormed(xmpPacket({ ...bare, title, authors: [author] }, claim))).toBe(true)
      }),
    )
  })

  it('describes each property of ours', () => {
    const packet = xmpPacket({ ...bare, rendering: { template: 'page', digest: 'd' } }, claim)
    expect([...packet.matchAll(/<pdfaProperty:name>(\w+)</g)].map(([, name]) => name)).toEqual([
      'part',
      'digest',
      'template',
    ])
  })

  it('names the identifier and the language where there are any', () => {
    const packet = xmpPacket({ ...bare, identifier: 'urn:oid:1', language: 'el' }, claim)
    expect(packet).toContain('<dc:identifier>urn:oid:1</dc:identifier>')
    expect(packet).toContain('<rdf:li>el</rdf:li>')
    expect(xmpPacket(bare, claim)).not.toMatch(/dc:identifier|dc:language|dc:creator/)
  })
})
