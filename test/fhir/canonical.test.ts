/** Canonical JSON is that of RFC 8785. */

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonical, isFaithful } from '../../src/fhir/canonical.ts'
import { decimal } from '../../src/fhir/decimal.ts'
import { parseJson } from '../../src/fhir/json.ts'
import type { Json } from '../../src/fhir/types.ts'

const numbers = JSON.parse(readFileSync(new URL('rfc8785-numbers.json', import.meta.url), 'utf8')) as {
  rows: [string, string][]
}

it.each(numbers.rows)('the double %s is written %s', (bits, text) => {
  expect(canonical(Buffer.from(bits, 'hex').readDoubleBE())).toBe(text)
})

describe('the text', () => {
  it('has its members in the order of UTF-16 code units, whatever their language', () => {
    const text = '{"\\u20ac":1,"\\r":2,"\\ufb33":3,"1":4,"\\ud83d\\ude00":5,"\\u0080":6,"\\u00f6":7}'
    expect(canonical(parseJson(text))).toBe(
      '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}',
    )
  })

  it('keeps every character raw that JSON lets be raw, the no-break space too', () => {
    expect(canonical(parseJson('"\\u00a0\\u2028\\/\\u000f\\b"'))).toBe('"\u00a0\u2028/\\u000f\\b"')
  })

  it('loses trailing zeros and the root members named, no others', () => {
    expect(canonical(parseJson('{"id":"1","b":{"id":1.50,"a":1E2}}'), ['id'])).toBe('{"b":{"a":100,"id":1.5}}')
  })

  it('is refused for a number beyond a double and for a lone surrogate', () => {
    expect(() => canonical(parseJson('[1e400]'))).toThrow('The number 1e400 is beyond a double')
    expect(() => canonical(['\ud800'])).toThrow('lone surrogate')
  })

  it('is its own canonical form and does not depend on the order of members', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ noUnicodeString: false })), (value) => {
        fc.pre(JSON.stringify(value).isWellFormed() && !/\\ud[89a-f]|__proto__/i.test(JSON.stringify(value)))
        const text = canonical(value)
        expect(canonical(parseJson(text))).toBe(text)
        expect(canonical(Object.fromEntries(Object.entries(value).reverse()) as Json)).toBe(text)
      }),
    )
  })
})

describe('isFaithful', () => {
  it.each(['1.50', '0.0', '-0.00', '1E2', '1e-7', '100', '0.000001', '12.3400e1'])('%s keeps its value', (text) => {
    expect(isFaithful(decimal(text))).toBe(true)
  })
  it.each(['0.1234567890123456789', '12345678901234567890', '1e400', '9007199254740993', '1e-400'])(
    '%s is altered',
    (text) => {
      expect(isFaithful(decimal(text))).toBe(false)
    },
  )
})
