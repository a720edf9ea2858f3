import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { directedBeside, directed as directedBy } from '../../src/render/directed.ts'
import { isolated } from '../../src/render/locale.ts'

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const directed = (text: string): string => directedBy(text, escape)
const apart = (text: string): string => `<span dir="rtl">${text}</span>`
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

  it('keeps a number with its unit, and a name in Latin letters with its marks, among words read from the right', () => {
    expect(directed('أسبرين 100 mg (Aspirin®)')).toBe(
      rightToLeft(`أسبرين ${leftToRight('100 mg')} (${leftToRight('Aspirin®')})`),
    )
    expect(directed('لمدة 7 d, حتى < 5 mg, كل -30 دقيقة')).toBe(
      rightToLeft(`لمدة ${leftToRight('7 d')}, حتى ${leftToRight('&lt; 5 mg')}, كل ${leftToRight('-30')} دقيقة`),
    )
    expect(directed('تيتر 1 / 128')).toBe(rightToLeft(`تيتر ${leftToRight('1 / 128')}`))
  })

  it('leaves a dash or a sign between two pieces to neither', () => {
    expect(directed(`1 – ${isolated('2 قرص')}`)).toBe(rightToLeft(`1 – ${apart('2 قرص')}`))
    expect(directed('2 – 3 × يوم')).toBe(rightToLeft(`${leftToRight('2 – 3')} × يوم`))
  })

  it('is read from the right where its first word is, whatever follows', () => {
    const label = isolated('الانقباضي')
    expect(directed(`${isolated(`${label}: ≥ 120 mmHg`)}`)).toBe(
      rightToLeft(apart(`${apart('الانقباضي')}: ${leftToRight('≥ 120 mmHg')}`)),
    )
    expect(directed(`+962 6 (${isolated(`${isolated('هاتف')}, ${isolated('منزل')}`)})`)).toBe(
      rightToLeft(`${leftToRight('+962 6')} (${apart(`${apart('هاتف')}, ${apart('منزل')}`)})`),
    )
  })

  it('behind a label of another direction says its own', () => {
    const beside = (label: string, text: string): string => directedBeside(label, text, escape)
    expect(beside('الجرعة', '< 5 mg')).toBe(leftToRight('&lt; 5 mg'))
    expect(beside('الجرعة', '≤ 5')).toBe(leftToRight('≤ 5'))
    expect(beside('Dose', 'قرص')).toBe(apart('قرص'))
    expect(beside('Dose', '< 5 mg')).toBe('&lt; 5 mg')
    expect(beside('الجرعة', '–')).toBe('–')
  })

  it('sets a piece of several lines apart as a whole', () => {
    expect(directed(`${isolated('سطر\nآخر')}, 5`)).toBe(rightToLeft(`${apart('سطر<br/>آخر')}, 5`))
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
