/** The bundled fonts come in four cuts, with the signs of clinical texts where a page needs them. */

import { expect, it } from 'vitest'
import { fontFaceCss, letterFonts, signFonts, type FontFile } from '../../../src/edge/browser/fonts.ts'

const beginning = ({ data }: FontFile): string => Buffer.from(data.slice(0, 8), 'base64').toString('latin1', 0, 4)

it('letters are four whole faces', () => {
  expect(letterFonts().flatMap(({ cuts }) => cuts.map(({ weight, style }) => `${weight} ${style}`))).toEqual([
    '400 normal',
    '400 italic',
    '700 normal',
    '700 italic',
  ])
  expect(letterFonts().map(beginning)).toEqual(Array(4).fill('\0\u0001\0\0'))
})

it.each([
  ['Aspirin 100 mg – 1 × täglich, SpO₂ 95 %, 10⁹/L', 0],
  ['pO₂ ≥ 90', 1],
  ['☐ ja ☒ nein', 1],
  ['→ ✔', 2],
  ['&#8805;', 1],
  ['&#x2265;', 1],
  ['<style>li::before { content: "\\2713" }</style>', 1],
  ['日本語', 0],
])('of signs %j needs %d files', (page, count) => {
  expect(signFonts(page).map(beginning)).toEqual(Array(count).fill('wOF2'))
})

it('the style rules stand alone, for a text as few as it needs', () => {
  const faces = (css: string): number => css.match(/@font-face/g)?.length ?? 0
  expect(faces(fontFaceCss())).toBe(28)
  expect(faces(fontFaceCss('Aspirin'))).toBe(4)
  expect(faces(fontFaceCss('Aspirin Ασπιρίνη'))).toBe(8)
  expect(faces(fontFaceCss('日本語'))).toBe(4)
  expect(fontFaceCss('a')).not.toMatch(/url\((?!data:)/)
})
