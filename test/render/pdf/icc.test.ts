/** The colour profile is what its header and its table say. */

import { describe, expect, it } from 'vitest'
import { srgbProfile } from '../../../src/render/pdf/icc.ts'

describe('the profile', () => {
  const bytes = Buffer.from(srgbProfile())
  const count = bytes.readUInt32BE(128)
  const tags = Array.from({ length: count }, (_, index) => {
    const at = 132 + 12 * index
    return {
      name: bytes.toString('latin1', at, at + 4),
      offset: bytes.readUInt32BE(at + 4),
      size: bytes.readUInt32BE(at + 8),
    }
  })
  const fixed = (at: number): number => bytes.readInt32BE(at) / 65_536

  it('is as long as it says, a display profile for RGB', () => {
    expect(bytes.readUInt32BE(0)).toBe(bytes.length)
    expect(bytes.toString('latin1', 12, 24)).toBe('mntrRGB XYZ ')
  })

  it('has each of its tags within itself, at a multiple of four', () => {
    expect(tags.map(({ name }) => name)).toEqual([
      'desc',
      'cprt',
      'wtpt',
      'rXYZ',
      'gXYZ',
      'bXYZ',
      'rTRC',
      'gTRC',
      'bTRC',
    ])
    expect(tags.every(({ offset, size }) => offset % 4 === 0 && offset + size <= bytes.length)).toBe(true)
  })

  it('has primaries that make up its white', () => {
    const [red, green, blue] = ['rXYZ', 'gXYZ', 'bXYZ'].map(
      (name) => tags.find((tag) => tag.name === name)?.offset ?? 0,
    )
    const sum = (part: number): number =>
      [red, green, blue].reduce<number>((all, at = 0) => all + fixed(at + 8 + 4 * part), 0)
    expect([0, 1, 2].map((part) => sum(part).toFixed(3))).toEqual(['0.964', '1.000', '0.825'])
  })
})
