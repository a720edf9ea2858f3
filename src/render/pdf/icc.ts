/** The sRGB colour space as an ICC profile, made from its published numbers. @see https://www.color.org/specification/ICC.1-2010_profile-2004-10.pdf (7, 10) */

/** Of the primaries, adapted to D50: X, Y, Z. @see https://www.color.org/srgb.pdf */
const COLORANTS = {
  rXYZ: [0.4360747, 0.2225045, 0.0139322],
  gXYZ: [0.3850649, 0.7168786, 0.0971045],
  bXYZ: [0.1430804, 0.0606169, 0.7141733],
} as const
const D50 = [0.9642, 1, 0.8249] as const
/** The transfer curve: exponent, and the line near black. @see IEC 61966-2-1 */
const CURVE = [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045] as const

/** A display profile of version 2.1 curves would need a table; version 4 has the curve as a function. */
export function srgbProfile(): Uint8Array {
  const curve = tag('para', Buffer.concat([uint16(3), uint16(0), ...CURVE.map(fixed)]))
  const tags: readonly (readonly [string, Buffer])[] = [
    ['desc', unicode('sRGB')],
    ['cprt', unicode('No copyright: numbers of IEC 61966-2-1')],
    ['wtpt', xyz(D50)],
    ['rXYZ', xyz(COLORANTS.rXYZ)],
    ['gXYZ', xyz(COLORANTS.gXYZ)],
    ['bXYZ', xyz(COLORANTS.bXYZ)],
    ['rTRC', curve],
    ['gTRC', curve],
    ['bTRC', curve],
  ]
  const start = 128 + 4 + tags.length * 12
  const offsets = new Map<Buffer, number>()
  let size = start
  for (const [, data] of tags) {
    if (offsets.has(data)) continue
    offsets.set(data, size)
    size += data.length
  }
  const table = tags.map(([name, data]) =>
    Buffer.concat([ascii(name), uint32(offsets.get(data) ?? 0), uint32(data.length)]),
  )
  return Buffer.concat([header(size), uint32(tags.length), ...table, ...offsets.keys()])
}

function header(size: number): Buffer {
  const head = Buffer.alloc(128)
  head.writeUInt32BE(size, 0)
  head.writeUInt32BE(0x04200000, 8)
  head.write('mntrRGB XYZ ', 12, 'latin1')
  // a date is asked for: that of the standard
  for (const [at, part] of [1999, 10, 18, 0, 0, 0].entries()) head.writeUInt16BE(part, 24 + 2 * at)
  head.write('acsp', 36, 'latin1')
  for (const [at, part] of D50.entries()) fixed(part).copy(head, 68 + 4 * at)
  return head
}

function tag(type: string, data: Buffer): Buffer {
  const whole = Buffer.concat([ascii(type), uint32(0), data])
  return Buffer.concat([whole, Buffer.alloc((4 - (whole.length % 4)) % 4)])
}

function unicode(text: string): Buffer {
  const utf16 = Buffer.from(text, 'utf16le').swap16()
  return tag('mluc', Buffer.concat([uint32(1), uint32(12), ascii('enUS'), uint32(utf16.length), uint32(28), utf16]))
}

function xyz(values: readonly number[]): Buffer {
  return tag('XYZ ', Buffer.concat(values.map(fixed)))
}

function fixed(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(Math.round(value * 65_536))
  return bytes
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function ascii(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}
