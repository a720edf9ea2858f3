/** DER as it is read, and BER where the field writes it. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { child, identifierOf, integerOf, octetsOf, readDer, TAG, timeOf } from '../../src/fhir/der.ts'
import * as der from '../../src/fhir/der-write.ts'
import { FhirError } from '../../src/fhir/error.ts'

it('reads what the writer wrote', () => {
  const written = der.sequence(der.integer(1), der.explicit(0, der.octetString(Buffer.alloc(300, 7))), der.set())
  const read = readDer(written)
  expect(read.bytes).toEqual(written)
  expect(read.children.map(({ tag }) => tag)).toEqual([TAG.integer, 0xa0, TAG.set])
  expect(octetsOf(child(child(read, 1), 0))).toHaveLength(300)
})

it.each(['1.2.840.113549.1.1.11', '2.5.29.15', '2.999.1.1', '0.9.2342.19200300.100.1.1', '1.3.6.1.5.5.7.48.1.5'])(
  'reads the identifier %s',
  (id) => {
    expect(identifierOf(readDer(der.objectIdentifier(id)))).toBe(id)
  },
)

it.each([
  [0, '00'],
  [127, '7f'],
  [128, '0080'],
  [-1, 'ff'],
  [-128, '80'],
  [65_537, '010001'],
])('reads the number %s', (value, content) => {
  expect(integerOf(readDer(der.element(TAG.integer, Buffer.from(content, 'hex'))))).toBe(value)
})

it.each([
  [0x17, '260301103000Z', '2026-03-01T10:30:00Z'],
  [0x17, '500301103000Z', '1950-03-01T10:30:00Z'],
  [0x18, '20510301103000Z', '2051-03-01T10:30:00Z'],
  [0x18, '20260301103000.25Z', '2026-03-01T10:30:00.250Z'],
])('reads the time %s %s', (tag, text, instant) => {
  expect(timeOf(readDer(der.element(tag, Buffer.from(text))))).toBe(Date.parse(instant))
})

it.each(['20260301103000', '20261301103000Z', '2603011030Z', '20260301103000+0100'])('takes %s for no time', (text) => {
  expect(() => timeOf(readDer(der.element(0x18, Buffer.from(text))))).toThrow(FhirError)
})

describe('BER', () => {
  it('may leave the end of an element to two octets of zero, and an octet string in parts', () => {
    const parts = Buffer.from('3080 2480 040161 04026263 0000 0000'.replaceAll(' ', ''), 'hex')
    expect(Buffer.from(octetsOf(child(readDer(parts), 0))).toString()).toBe('abc')
  })

  it.each(['3080', '308000', '0480610000', '30'])('that ends too early is refused: %s', (hex) => {
    expect(() => readDer(Buffer.from(hex, 'hex'))).toThrow(FhirError)
  })
})

it.each([
  ['an octet after the end', '020101ff'],
  ['a length beyond the end', '02020101'.slice(0, 6)],
  ['a child beyond its parent', '3003020501'],
  ['a length of eight octets', '30880000000000000001'],
  ['a tag of several octets', '1f810100'],
  ['nothing', ''],
])('%s is refused', (_, hex) => {
  expect(() => readDer(Buffer.from(hex, 'hex'))).toThrow(FhirError)
})

it('is refused where it is nested too deep, at the cost of its length', () => {
  const deep = Array.from({ length: 50 }).reduce<Buffer>((inner) => der.sequence(inner), der.sequence())
  expect(() => readDer(deep)).toThrow(FhirError)
  expect(() => readDer(Buffer.alloc(100_000, Buffer.from([0x30, 0x80])))).toThrow(FhirError)
})

it('gives an element or a FhirError for any octets', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (octets) => {
      try {
        expect(readDer(octets).bytes).toHaveLength(octets.length)
      } catch (error) {
        expect(error).toBeInstanceOf(FhirError)
      }
    }),
  )
})
