/** A document that a later one replaces, amends or calls an error says so, outside of what was attested (H-7). */

import { describe, expect, it } from 'vitest'
import type { Successor } from '../../src/ports.ts'
import { page } from '../../src/render/page.ts'
import { design, documentOf } from './reader.ts'

const later: Successor = {
  relation: 'replaces',
  reference: 'Bundle/2',
  identifier: 'urn:uuid:00000000-0000-4000-8000-000000000002',
  date: '2026-03-02T09:30:00+01:00',
}
const shown = (...successors: readonly Successor[]): string => page(documentOf({}), { ...design, successors }).xhtml

describe('the page of a superseded document', () => {
  it.each<[Successor['relation'], string, string]>([
    ['replaces', 'error', 'Replaced: a later document takes the place of this one'],
    ['appends', 'warning', 'Added to: a later document adds to this one'],
    ['transforms', 'notice', 'Transformed: a later document was made from this one'],
    ['entered-in-error', 'error', 'Entered in error: a later document says that this one is not valid'],
    ['later', 'warning', 'Not the latest: a later document of the same series is stored'],
  ])('by one that %s begins with a banner, its identifier and its date', (relation, tone, words) => {
    const [, found, banner = ''] =
      /<p class="banner (\w+)"><strong>(.*?)<\/strong>/.exec(shown({ ...later, relation })) ?? []
    expect(found).toBe(tone)
    expect(banner).toContain(words)
    expect(banner).toContain(later.identifier)
    expect(banner).toMatch(/2\sMar\s2026,\s09:30/)
  })
  it('says it outside of the attested part', () => {
    const xhtml = shown(later)
    expect(xhtml.indexOf(later.identifier)).toBeLessThan(xhtml.indexOf('<main'))
    expect(xhtml.slice(xhtml.indexOf('<main'))).not.toContain(later.identifier)
  })
  it('says it in the margin of every printed page', () => {
    expect(shown(later)).toContain('@page { @top-center { content: "SUPERSEDED"; } }')
  })
  it('tells each of several, and a date that nobody knows as such', () => {
    const xhtml = shown(later, { ...later, relation: 'appends', identifier: 'another', date: '' })
    expect(xhtml.match(/class="banner/g)?.length).toBe(2)
    expect(xhtml).toContain('another of an unknown date')
  })
})

it('a document that nothing supersedes has the page that it has without a store', () => {
  expect(shown()).toBe(page(documentOf({}), design).xhtml)
})
