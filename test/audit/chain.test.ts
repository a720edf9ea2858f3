import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BEGINNING, breakAt, linked, type Break, type Head, type Link } from '../../src/audit/chain.ts'

/** The first fault of links that should follow a head. */
function faultOf(links: readonly Link[], start: Head = BEGINNING): Break | undefined {
  let head = start
  for (const link of links) {
    const fault = breakAt(link, head)
    if (fault !== undefined) return fault
    head = link
  }
  return undefined
}

const lines = fc.array(fc.string(), { minLength: 3, maxLength: 12 })

describe('A chain', () => {
  it('is whole as it was made, in one go or in several', () => {
    fc.assert(
      fc.property(lines, fc.nat(), (texts, cut) => {
        const first = linked(texts.slice(0, cut % texts.length), BEGINNING)
        const rest = linked(texts.slice(first.length), first.at(-1) ?? BEGINNING)
        expect(faultOf([...first, ...rest])).toBeUndefined()
        expect([...first, ...rest]).toEqual(linked(texts, BEGINNING))
      }),
    )
  })

  it('tells the first line that was changed', () => {
    fc.assert(
      fc.property(lines, fc.nat(), fc.string({ minLength: 1 }), (texts, place, more) => {
        const links = [...linked(texts, BEGINNING)]
        const at = place % links.length
        const link = links[at]
        if (link !== undefined) links[at] = { ...link, text: link.text + more }
        expect(faultOf(links)?.seq).toBe(at + 1)
      }),
    )
  })

  it('tells a changed line even where its own digest was made anew', () => {
    const links = [...linked(['a', 'b', 'c'], BEGINNING)]
    const [forged] = linked(['x'], links[0] ?? BEGINNING)
    if (forged !== undefined) links[1] = forged
    expect(faultOf(links)).toMatchObject({ seq: 3 })
  })

  it('tells lines that are missing, stand twice or in another order', () => {
    const links = linked(['a', 'b', 'c', 'd', 'e'], BEGINNING)
    const [a, b, c, d, e] = links as [Link, Link, Link, Link, Link]
    expect(faultOf([a, c, d, e])?.text).toBe('The line 2 is missing')
    expect(faultOf([a, e])?.text).toBe('The lines 2 to 4 are missing')
    expect(faultOf([a, b, b, c])).toMatchObject({ seq: 2 })
    expect(faultOf([a, { ...c, seq: 2 }, { ...b, seq: 3 }, d])).toMatchObject({ seq: 2 })
  })
})
