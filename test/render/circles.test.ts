/** What goes round in a circle is found, and what only leads to one or comes from one is not. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { onCircles } from '../../src/render/circles.ts'

const NODES = ['a', 'b', 'c', 'd', 'e', 'f'] as const

function reaches(next: ReadonlyMap<string, readonly string[]>, from: string): ReadonlySet<string> {
  const reached = new Set(next.get(from))
  for (const one of reached) for (const other of next.get(one) ?? []) reached.add(other)
  return reached
}

describe('what is on a circle', () => {
  it('is none where nothing leads back', () => {
    expect(onCircles(new Map([['a', ['b', 'c']], ['b', ['c']]]))).toEqual(new Set()) // prettier-ignore
  })

  it('is not what leads to one, nor what comes from it', () => {
    const next = new Map([['before', ['a']], ['a', ['b']], ['b', ['a', 'after']]]) // prettier-ignore
    expect(onCircles(next)).toEqual(new Set(['a', 'b']))
  })

  it('is all that reaches itself, and else only what lies between two', () => {
    const graphs = fc.tuple(...NODES.map(() => fc.subarray([...NODES])))
    fc.assert(
      fc.property(graphs, (lists) => {
        const next = new Map(NODES.map((node, index) => [node as string, lists[index] as readonly string[]]))
        const isRound = (node: string): boolean => reaches(next, node).has(node)
        const found = onCircles(next)
        for (const node of NODES) {
          const isFrom = NODES.some((other) => isRound(other) && reaches(next, other).has(node))
          const isTo = [...reaches(next, node)].some(isRound)
          expect(found.has(node)).toBe(isRound(node) || (isFrom && isTo))
        }
      }),
    )
  })
})
