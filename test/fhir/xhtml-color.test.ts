/** Colours are made so that every text can be read on every ground. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { colorOf, contrast, legible, luminance } from '../../src/fhir/xhtml-color.ts'

it.each([
  ['red', [1, 0, 0]],
  ['#0f0', [0, 1, 0]],
  ['#0000ff', [0, 0, 1]],
  ['rgb(255, 0, 0)', [1, 0, 0]],
  ['rgb(100% 0% 0%)', [1, 0, 0]],
  ['rgba(0,0,0,1)', [0, 0, 0]],
])('%s is read', (text, expected) => {
  expect(colorOf(text)).toEqual(expected)
})

it.each(['transparent', 'rgba(0,0,0,.5)', 'rgb(256,0,0)', '#00000000', 'inherit', '', 'constructor'])(
  '%j is no opaque colour',
  (text) => {
    expect(colorOf(text)).toBeUndefined()
  },
)

it('black on white has a contrast of 21, a colour on itself 1', () => {
  expect(contrast(luminance('black') ?? NaN, luminance('white') ?? NaN)).toBeCloseTo(21)
  expect(contrast(luminance('red') ?? NaN, luminance('#f00') ?? NaN)).toBe(1)
})

it('any two colours, made legible, have a contrast of 4.5 or more, and stay as they are the second time', () => {
  const color = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`)
  fc.assert(
    fc.property(color, color, (one, other) => {
      const text = legible(one, 'text') ?? ''
      const ground = legible(other, 'ground') ?? ''
      expect(contrast(luminance(text) ?? NaN, luminance(ground) ?? NaN)).toBeGreaterThanOrEqual(4.5)
      expect([legible(text, 'text'), legible(ground, 'ground')]).toEqual([text, ground])
    }),
  )
})
