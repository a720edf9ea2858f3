/** Every printed page says whom it is about, which document it is of, its status and its number. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/fhir/types.ts'
import { cssString } from '../../src/render/furniture.ts'
import { page } from '../../src/render/page.ts'
import { design, documentOf } from './reader.ts'

function boxes(composition: JsonObject): Readonly<Record<string, string>> {
  const { xhtml } = page(documentOf(composition), design)
  const found = [...xhtml.matchAll(/@([a-z]+-[a-z]+) \{ content: (.*?); \}/g)]
  return Object.fromEntries(found.map(([, box = '', content = '']) => [box, content.replaceAll('\u00a0', ' ')]))
}

describe('the margins of a page', () => {
  it('name the patient with birth date, title and status, identifier, and page of pages', () => {
    expect(boxes({})).toEqual({
      'top-left': '"Clara Ahorn · born 12 Mar 1961"',
      'top-right': '"A letter · final"',
      'bottom-left': '"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"',
      'bottom-right': '"Page " counter(page) " of " counter(pages)',
    })
  })

  it('shorten a title that no margin has room for', () => {
    const title = boxes({ title: 'Long words '.repeat(30) })['top-right'] ?? ''
    expect(title).toMatch(/^"Long words .*… · final"$/)
    expect(title.length).toBeLessThan(100)
  })

  it('shorten a word that would run into the margin beside; those that can be broken stay', () => {
    expect(boxes({ title: `A ${'Z'.repeat(60)} end` })['top-right']).toBe(`"A ${'Z'.repeat(31)}… end · final"`)
    const broken = `${'long-'.repeat(14)}${'漢字'.repeat(4)}`
    expect(boxes({ title: broken })['top-right']).toBe(`"${broken} · final"`)
  })

  it('say it loudly where the document is not final', () => {
    expect(boxes({ status: 'entered-in-error' })['top-center']).toBe('"ENTERED IN ERROR"')
    expect(boxes({ status: 'preliminary' })['top-center']).toBe('"PRELIMINARY"')
  })
})

describe('cssString', () => {
  it('is one string of CSS that no text ends, and that holds no markup', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const inner = cssString(text).slice(1, -1)
        expect(inner.replaceAll(/\\[0-9a-f]+ /g, '')).not.toMatch(/["'\\<>&\n\r\f]/)
        expect(inner.replaceAll(/\\([0-9a-f]+) /g, (_, code: string) => String.fromCharCode(parseInt(code, 16)))).toBe(
          text,
        )
      }),
    )
  })
})
