/** The bundled fonts come in four cuts, those of other scripts and languages where a page needs them. */

import { expect, it } from 'vitest'
import { fontData, isLegible, letterFonts, pageFonts } from '../../../src/edge/browser/fonts.ts'

const beginning = (data: string): string => Buffer.from(data.slice(0, 8), 'base64').toString('latin1', 0, 4)

it('letters are four whole faces, and each serves as what it is', () => {
  expect(letterFonts().map(({ faces }) => `${faces[0]?.weight} ${faces[0]?.style}`)).toEqual([
    '400 normal',
    '400 italic',
    '700 normal',
    '700 italic',
  ])
  expect(letterFonts().map((font) => beginning(fontData(font)))).toEqual(Array(4).fill('\0\u0001\0\0'))
})

it.each([
  ['Aspirin 100 mg – 1 × täglich, SpO₂ 95 %, 10⁹/L, Ελλάδα Київ हिन्दी', []],
  ['pO₂ ≥ 90', ['math-latin-400-normal']],
  ['☐ ja ☒ nein', ['symbols-2-symbols-400-normal']],
  ['&#8805;', ['math-latin-400-normal']],
  ['&#x2265;', ['math-latin-400-normal']],
  ['<style>li::before { content: "\\2713" }</style>', ['math-latin-400-normal']],
  ['مرحبا', ['NotoSansArabic_400Regular', 'NotoSansArabic_700Bold']],
  ['e\u0301', []],
  ['<pre>1</pre>', ['NotoSansMono_400Regular', 'NotoSansMono_700Bold']],
])('of the others %j needs %j', (page, names) => {
  const { files, css } = pageFonts(page)
  expect(files.map(({ file }) => file.replace(/^noto-sans-|\.(?:ttf|woff2)$/g, ''))).toEqual(names)
  expect(css).toBe('')
})

it.each([
  ['<p>患者</p>', 'Noto Sans SC'],
  ['<p>患者さん</p>', 'Noto Sans JP'],
  ['<p>환자 患者</p>', 'Noto Sans KR'],
  ['<p lang="ja">患者</p>', 'Noto Sans JP'],
  ['<p lang="zh-TW">患者</p>', 'Noto Sans TC'],
  ['<p lang="zh-Hant-HK">患者</p>', 'Noto Sans TC'],
  ['<p lang="zh-CN">患者</p>', 'Noto Sans SC'],
  ['<p lang="ko">患者</p>', 'Noto Sans KR'],
])('ideographs of %s are of %s alone', (page, family) => {
  const { files, css } = pageFonts(page)
  expect(new Set(files.map((file) => file.family))).toEqual(new Set([family]))
  expect(css.startsWith(`:root{--ideographs:"${family}"`)).toBe(true)
})

it('a page in two languages has the ideographs of both', () => {
  const { files } = pageFonts('<html lang="ja"><p>骨</p><p lang="zh-Hant">骨</p></html>')
  expect(new Set(files.map(({ family }) => family))).toEqual(new Set(['Noto Sans JP', 'Noto Sans TC']))
})

it.each(['A', 'é', 'e\u0301', '髙', '𠮷', '한', 'ا', 'نَ', '\u200d', '\u3000', 'க்', 'が'])('%j is legible', (unit) => {
  expect(isLegible(unit)).toBe(true)
})

it.each(['😀', 'ᚠ', '\ue000', '\u0085', 'ا\u0951', '\u0378'])('%j is not', (unit) => {
  expect(isLegible(unit)).toBe(false)
})
