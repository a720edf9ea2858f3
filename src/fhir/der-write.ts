/** A writer of DER. @see https://www.itu.int/rec/T-REC-X.690 */

/** An element with its tag and length. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content])
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const digits = length.toString(16)
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex')
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes])
}

export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return element(0x30, ...parts)
}

export function set(...parts: readonly Uint8Array[]): Buffer {
  return element(0x31, ...parts)
}

/** `[n] EXPLICIT`: the element inside another. */
export function explicit(n: number, ...parts: readonly Uint8Array[]): Buffer {
  return element(0xa0 | n, ...parts)
}

/** A number that is not negative. */
export function integer(value: number | bigint): Buffer {
  const digits = value.toString(16)
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex')
  return element(0x02, ...((bytes[0] ?? 0) < 0x80 ? [] : [Buffer.from([0])]), bytes)
}

/** `1.2.840.10045.4.3.2` */
export function objectIdentifier(text: string): Buffer {
  const [first = 0, second = 0, ...arcs] = text.split('.').map(Number)
  return element(0x06, ...[first * 40 + second, ...arcs].map(base128))
}

function base128(arc: number): Buffer {
  const bytes = [arc % 128]
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift(0x80 | (rest % 128))
  return Buffer.from(bytes)
}

export function utf8String(text: string): Buffer {
  return element(0x0c, Buffer.from(text, 'utf8'))
}

export function octetString(bytes: Uint8Array): Buffer {
  return element(0x04, bytes)
}

export function bitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return element(0x03, Buffer.from([unusedBits]), bytes)
}

export const yes = Buffer.from([0x01, 0x01, 0xff])

/** UTCTime until 2049, GeneralizedTime after, as RFC 5280 wants, from an instant. */
export function time(instant: string): Buffer {
  const digits = new Date(instant).toISOString().slice(0, 19).replace(/[-:T]/g, '')
  const isShort = Number(digits.slice(0, 4)) < 2050
  return element(isShort ? 0x17 : 0x18, Buffer.from(`${isShort ? digits.slice(2) : digits}Z`, 'latin1'))
}
