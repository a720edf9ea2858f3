/** What a QR code says is read by a decoder that others wrote. */

import fc from 'fast-check'
import decode from 'jsqr'
import { describe, expect, it } from 'vitest'
import { imprint } from '../../src/render/imprint.ts'
import { qrCode, type QrCode } from '../../src/render/qr.ts'

const SCALE = 4

/** The path painted as pixels: each of its parts is a bar of one row. */
function pixels({ size, path }: QrCode): Uint8ClampedArray {
  const side = size * SCALE
  const image = new Uint8ClampedArray(side * side * 4).fill(255)
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let row = Number(y) * SCALE; row < (Number(y) + 1) * SCALE; row += 1) {
      const start = row * side + Number(x) * SCALE
      for (let at = start; at < start + Number(width) * SCALE; at += 1) image.set([0, 0, 0], 4 * at)
    }
  }
  return image
}

function read(code: QrCode): string | undefined {
  const side = code.size * SCALE
  const found = (decode as unknown as typeof decode.default)(pixels(code), side, side)
  return found === null ? undefined : Buffer.from(found.binaryData).toString('utf8')
}

describe('a code', () => {
  it('says its text, whatever its script', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), (text) => {
        expect(read(qrCode(text))).toBe(text)
      }),
      { numRuns: 15 },
    )
  })
})

describe('an imprint', () => {
  const digest = new Uint8Array(32).fill(7)
  const name = `ni:///sha-256;${Buffer.from(digest).toString('base64url')}`

  it('ties the page to its document by identifier and digest', () => {
    const { code, identifier, digest: hex } = imprint({ system: 'urn:ietf:rfc:3986', value: 'urn:uuid:1' }, digest)
    expect(read(code)).toBe(`urn:ietf:rfc:3986|urn:uuid:1\n${name}`)
    expect([identifier, hex]).toEqual(['urn:uuid:1', '07'.repeat(32)])
  })

  it.each([
    ['without an identifier', undefined],
    ['with one that is too long for paper', { value: 'x'.repeat(400) }],
  ])('%s says the digest alone', (_, identifier) => {
    expect(read(imprint(identifier, digest).code)).toBe(name)
  })
})
