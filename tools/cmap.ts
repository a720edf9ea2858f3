/** The code points that a font file has glyphs for, TrueType or WOFF2. @see https://learn.microsoft.com/en-us/typography/opentype/spec/cmap @see https://www.w3.org/TR/WOFF2/ */

import { brotliDecompressSync } from 'node:zlib'

/** The code points of a font, ascending. @throws TypeError where the file is no font, or its table has another form */
export function codePointsOf(font: Buffer): readonly number[] {
  const table = font.toString('latin1', 0, 4) === 'wOF2' ? cmapOfWoff2(font) : cmapOfSfnt(font)
  return [...new Set(subtables(table).flatMap(readSubtable))].sort((one, other) => one - other)
}

function cmapOfSfnt(font: Buffer): Buffer {
  const count = font.readUInt16BE(4)
  for (let index = 0; index < count; index++) {
    const at = 12 + index * 16
    if (font.toString('latin1', at, at + 4) !== 'cmap') continue
    const start = font.readUInt32BE(at + 8)
    return font.subarray(start, start + font.readUInt32BE(at + 12))
  }
  throw new TypeError('The font has no cmap')
}

const WOFF2_HEADER_BYTES = 48
const CMAP = 0
const GLYF = 10
const LOCA = 11
const OTHER_TAG = 63
const NULL_TRANSFORM = 3

/** The tables follow each other in one compressed stream; the one of characters is never transformed. */
function cmapOfWoff2(font: Buffer): Buffer {
  const count = font.readUInt16BE(12)
  let at = WOFF2_HEADER_BYTES
  let start = 0
  let found: { readonly start: number; readonly length: number } | undefined
  const base128 = (): number => {
    for (let value = 0; ;) {
      const byte = font.readUInt8(at++)
      value = value * 128 + (byte & 0x7f)
      if (byte < 0x80) return value
    }
  }
  for (let index = 0; index < count; index++) {
    const flags = font.readUInt8(at++)
    const tag = flags & 0x3f
    if (tag === OTHER_TAG) at += 4
    const original = base128()
    const version = flags >> 6
    const isTransformed = tag === GLYF || tag === LOCA ? version !== NULL_TRANSFORM : version !== 0
    const length = isTransformed ? base128() : original
    if (tag === CMAP) found = { start, length }
    start += length
  }
  if (found === undefined) throw new TypeError('The font has no cmap')
  const compressed = font.subarray(at, at + font.readUInt32BE(20))
  return brotliDecompressSync(compressed).subarray(found.start, found.start + found.length)
}

/** Those for Unicode: of the platforms 0 and 3 (encodings 1 and 10). */
function subtables(cmap: Buffer): readonly Buffer[] {
  const count = cmap.readUInt16BE(2)
  return Array.from({ length: count }, (_, index) => 4 + index * 8)
    .filter((at) => {
      const [platform, encoding] = [cmap.readUInt16BE(at), cmap.readUInt16BE(at + 2)]
      return platform === 0 || (platform === 3 && (encoding === 1 || encoding === 10))
    })
    .map((at) => cmap.subarray(cmap.readUInt32BE(at + 4)))
}

/** Variation selectors (14) name no characters of their own. */
const FORMATS: Readonly<Record<number, (table: Buffer) => readonly number[]>> = {
  4: segments,
  12: groups,
  14: () => [],
}

function readSubtable(table: Buffer): readonly number[] {
  const format = table.readUInt16BE(0)
  const read = FORMATS[format]
  if (read === undefined) throw new TypeError(`The cmap has the format ${format}, expected 4, 12 or 14`)
  return read(table)
}

function segments(table: Buffer): readonly number[] {
  const bytes = table.readUInt16BE(6)
  const found: number[] = []
  for (let at = 14; at < 14 + bytes; at += 2) {
    const [last, first] = [table.readUInt16BE(at), table.readUInt16BE(at + bytes + 2)]
    const delta = table.readUInt16BE(at + 2 * bytes + 2)
    const offset = table.readUInt16BE(at + 3 * bytes + 2)
    for (let codePoint = first; codePoint <= last && codePoint < 0xffff; codePoint++) {
      const place = at + 3 * bytes + 2 + offset + (codePoint - first) * 2
      const raw = offset === 0 ? codePoint : table.readUInt16BE(place)
      if (raw !== 0 && ((raw + delta) & 0xffff) !== 0) found.push(codePoint)
    }
  }
  return found
}

function groups(table: Buffer): readonly number[] {
  const count = table.readUInt32BE(12)
  return Array.from({ length: count }, (_, index) => 16 + index * 12).flatMap((at) => {
    const [first, last, glyph] = [table.readUInt32BE(at), table.readUInt32BE(at + 4), table.readUInt32BE(at + 8)]
    const start = glyph === 0 ? first + 1 : first
    return Array.from({ length: last - start + 1 }, (_, index) => start + index)
  })
}
