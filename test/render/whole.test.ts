/** Ranges and dates stay on one line, in the text of a page alone. */

import { describe, expect, it } from 'vitest'
import { keptWhole } from '../../src/render/whole.ts'

const whole = (text: string): string => `<span class="whole">${text}</span>`

describe('what stays on one line', () => {
  it.each([
    '1\u00a0–\u00a02\u00a0mg',
    '3.5\u00a0mmol/L\u00a0–\u00a05\u00a0mol/L',
    '2026年3月1日',
    '2026年3月',
    '2026년\u00a03월\u00a01일',
    '30分钟',
    '1.5\u00a0時間',
    '10회',
  ])('is %s', (text) => {
    expect(keptWhole(`<p>take ${text} daily</p>`)).toBe(`<p>take ${whole(text)} daily</p>`)
  })

  it('is nothing in attributes, titles and styles, and nothing that would make a column too wide', () => {
    const long = `${'x'.repeat(20)}\u00a0–\u00a0${'y'.repeat(20)}`
    const head = '<title>1\u00a0–\u00a02</title><style>/* 1\u00a0–\u00a02 */</style>'
    const page = `<head>${head}</head><body class="a"><i title="1\u00a0–\u00a02">${long}</i></body>`
    expect(keptWhole(page)).toBe(page)
  })

  it('is no range of times, which may break, and no number that only stands beside a year', () => {
    const page = '<p>1\u00a0Mar\u00a02026 – 2\u00a0Mar\u00a02026, 3\u00a0–\u00a0</p>'
    expect(keptWhole(page)).toBe(page)
  })

  it('is found wherever it stands', () => {
    const range = '1\u00a0–\u00a02'
    expect(keptWhole(`<body title="${range}"><p>${range} or ${range}</p><p>no</p>${range}`)).toBe(
      `<body title="${range}"><p>${whole(range)} or ${whole(range)}</p><p>no</p>${whole(range)}`,
    )
  })

  it('leaves markup and characters as they are', () => {
    expect(keptWhole('<p>&lt;1\u00a0–\u00a02&amp;<b>3</b></p>')).toBe(
      `<p>&lt;${whole('1\u00a0–\u00a02')}&amp;<b>3</b></p>`,
    )
  })
})
