/** Letters that no bundled font has are told before they are printed. */

import { expect, it } from 'vitest'
import { unbundledScripts } from '../../src/render/scripts.ts'

const told = (text: string): readonly string[] =>
  unbundledScripts(`<!DOCTYPE html>\n<html><body><p>${text}</p></body></html>`).map(({ text: told }) => told)

it('Latin, Greek, Cyrillic, digits and signs are bundled', () => {
  expect(told('Ärzte Ελλάδα Київ 1.50 ≥ 3 µg/L ₂ ⁹ é 😀')).toEqual([])
})

it('others are named', () => {
  expect(told('患者 かな ไทย')).toEqual([expect.stringContaining('letters of Han, Hiragana, Thai,')])
  expect(told('ᚠ')).toEqual([expect.stringContaining('another script')])
})
