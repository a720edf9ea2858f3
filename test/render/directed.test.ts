import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { directed as directedBy } from '../../src/render/directed.ts'
import { isolated } from '../../src/render/locale.ts'

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const directed = (text: string): string => directedBy(text, escape)
const apart = (text: string): string => `<span dir="auto">${text}</span>`
const leftToRight = (text: string): string => `<span dir="ltr">${text}</span>`
const rightToLeft = (text: string): string => `<span dir="rtl">${text}</span>`

describe('a line in which both directions meet', () => {
  it('is as it is where nothing is set apart', () => {
    expect(directed('5 mg\n10 mg')).toBe('5 mg<br/>10 mg')
  })

  it('is read as its words are, where there are any beside what is set apart', () => {
    expect(directed(`Dave (${isolated('لقب')})`)).toBe(`Dave (${apart('لقب')})`)
    expect(directed(`5 mg ${isolated('قرص')}`)).toBe(`5 mg ${apart('قرص')}`)
  })

  it('is read from right to left where digits and marks alone stand beside words of that direction', () => {
    const date = isolated('9 سبتمبر 2023')
    expect(directed(`${date}, 18:38:19.793 +00:00`)).toBe(
      rightToLeft(`${apart('9 سبتمبر 2023')}, ${leftToRight('18:38:19.793 +00:00')}`),
    )
    expect(directed(`${isolated('هاتف')}, ${isolated('منزل')}`)).toBe(rightToLeft(`${apart('هاتف')}, ${apart('منزل')}`))
  })

  it('keeps a number with its sign and its comparator: nothing of it is mirrored', () => {
    for (const number of ['-0.5', '<5', '< 0.5', '> 12', '≥3', '1 – 2', '120/80', '1 000', '12:30', '5, 6'])
      expect(directed(`${number} ${isolated('قرص')}`)).toBe(
        rightToLeft(`${leftToRight(escape(number))} ${apart('قرص')}`),
      )
    expect(directed(`${isolated('قرص')} (< 5)`)).toBe(rightToLeft(`${apart('قرص')} (${leftToRight('&lt; 5')})`))
    expect(directed(`${isolated('قرص')} <`)).toBe(rightToLeft(`${apart('قرص')} ${leftToRight('&lt;')}`))
  })

  it('sets a piece of several lines apart as a whole', () => {
    expect(directed(`${isolated('سطر\nآخر')}, 5`)).toBe(`${apart('سطر<br/>آخر')}, 5`)
  })

  it('says the same characters in the same order, whatever the text', () => {
    const piece = fc.oneof(
      fc.constantFrom('5', ' ', ', ', '-', '+', '<', '&', 'mg', '\n', '1.5', '('),
      fc.constantFrom('قرص', 'يوم').map(isolated),
    )
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('')
        const said = directed(text)
          .replaceAll('<br/>', '\n')
          .replaceAll(/<[^>]*>/g, '')
        expect(said).toBe(escape(text).replaceAll(/[\u2068\u2069]/g, ''))
      }),
    )
  })
})
