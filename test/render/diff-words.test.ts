/** What is told as changed gives both texts back, and no more is told than changed. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changesIn, inContext, type Piece } from '../../src/render/diff-words.ts'

function side(pieces: readonly Piece[], left: 'removed' | 'added'): string {
  return pieces.map(({ kind, text }) => (kind === left ? '' : text)).join('')
}

describe('changesIn', () => {
  it.each([
    ['same', 'same', '=same'],
    ['', 'new', '+new'],
    ['old', '', '-old'],
    ['Ramipril 5 mg daily', 'Ramipril 10 mg daily', '=Ramipril |-5 |+10 |=mg daily'],
    ['dose 1.5 mg', 'dose 15 mg', '=dose |-1.5 |+15 |=mg'],
    ['a b c d', 'a c d e', '=a |-b |=c |-d|+d e'],
  ])('%j to %j', (older, newer, told) => {
    const signs = { same: '=', added: '+', removed: '-' }
    expect(
      changesIn(older, newer)
        .map(({ kind, text }) => signs[kind] + text)
        .join('|'),
    ).toBe(told)
  })

  it('gives both texts back, whatever they are', () => {
    const word = fc.constantFrom('a', 'b', 'c', '5', '5.0', '\n', ' ', 'ä', ',', '語')
    const text = fc.array(word, { maxLength: 60 }).map((words) => words.join(' '))
    fc.assert(
      fc.property(text, text, (older, newer) => {
        const pieces = changesIn(older, newer)
        expect(side(pieces, 'added')).toBe(older)
        expect(side(pieces, 'removed')).toBe(newer)
      }),
    )
  })

  it('tells texts with nothing in common as one removed and one added', () => {
    const words = (letter: string): string => Array.from({ length: 2_000 }, (_, at) => `${letter}${at} `).join('')
    expect(changesIn(words('a'), words('b')).map(({ kind }) => kind)).toEqual(['removed', 'added'])
  })
})

describe('inContext', () => {
  it('cuts what is the same to the words beside a change', () => {
    const long = Array.from({ length: 50 }, (_, at) => `w${at} `).join('')
    const [before, , , after] = inContext(changesIn(`${long}old ${long}`, `${long}new ${long}`))
    expect(before?.text).toMatch(/^ … w38 .*w49 $/)
    expect(after?.text).toMatch(/^w0 .*w11 {2}… $/)
  })
})
