/** The JSON reader loses nothing and refuses what is doubtful. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FhirError } from '../../src/fhir/error.ts'
import { parseJson, stringify } from '../../src/fhir/json.ts'

function refusal(input: string | Uint8Array, limits?: { maxBytes?: number; maxDepth?: number }): string {
  try {
    parseJson(input, limits)
  } catch (error) {
    if (error instanceof FhirError) return `${error.issues[0].code}: ${error.issues[0].text}`
    throw error
  }
  return 'accepted'
}

describe('decimals', () => {
  it.each(['1.50', '0.0', '-0', '1e3', '1E+2', '12345678901234567890.123456789', '0.1', '7', '1e400'])(
    '%s keeps its text',
    (text) => {
      expect(stringify(parseJson(`{"value":${text}}`))).toBe(`{"value":${text}}`)
    },
  )
})

describe('what is refused, with its place', () => {
  it.each([
    ['{"a":1,"a":2}', 'structure: The member "a" stands twice in one object (line 1, column 8)'],
    ['{"a":1,\n "b":tru}', 'structure: Unexpected "t", expected a value (line 2, column 6)'],
    ['[1,]', 'structure: Unexpected "]", expected a value (line 1, column 4)'],
    ['{"a"}', 'structure: Unexpected "}", expected ":" (line 1, column 5)'],
    ['', 'structure: Unexpected the end, expected a value (line 1, column 1)'],
    ['{} x', 'structure: Unexpected "x", expected the end (line 1, column 4)'],
    ['"\\ud800"', 'structure: The string has a lone surrogate, which is no character (line 1, column 1)'],
    ['"\ud800"', 'structure: The string has a lone surrogate, which is no character (line 1, column 1)'],
    ['"a\nb"', 'structure: Unexpected "\\n", expected the closing quote of a string (line 1, column 3)'],
    ['"\\x"', 'structure: The string has an escape that JSON does not know (line 1, column 2)'],
    ['01', 'structure: Unexpected "1", expected the end (line 1, column 2)'],
    ['{"__proto__":{}}', 'structure: The member name "__proto__" is not allowed (line 1, column 2)'],
  ])('%j', (text, expected) => {
    expect(refusal(text)).toBe(expected)
  })

  it('bytes that are no UTF-8 are named by their offset', () => {
    expect(refusal(Uint8Array.of(0x22, 0x61, 0xff, 0x22))).toBe('structure: The JSON text is not UTF-8 at byte 2')
  })

  it('depth and size over the limit are refused, at the limit taken', () => {
    expect(refusal('[[[]]]', { maxDepth: 2 })).toBe('too-long: Nesting is deeper than 2 levels (line 1, column 3)')
    expect(refusal('[[]]', { maxDepth: 2 })).toBe('accepted')
    expect(refusal('[1,2]', { maxBytes: 4 })).toBe('too-long: The JSON text has 5 bytes, at most 4 are allowed')
    expect(refusal('['.repeat(100_000))).toMatch(/^too-long: Nesting is deeper than 100 levels/)
  })
})

describe('what is read', () => {
  it('a byte order mark before the text is passed over', () => {
    expect(parseJson('\uFEFF{}')).toEqual({})
    expect(parseJson(Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d))).toEqual({})
  })

  it('a member named like a property of every object is an ordinary member', () => {
    expect(Object.keys(parseJson('{"constructor":1,"toString":2}') as object)).toEqual(['constructor', 'toString'])
  })

  it('any JSON text is read as JSON.parse reads it and written as JSON.stringify writes it', () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), fc.constantFrom(undefined, 2), (text, indent) => {
        fc.pre(!/__proto__|\\ud[89a-f]/i.test(text) && text.isWellFormed() && !/-0\b(?!\.)/.test(text))
        const spaced = JSON.stringify(JSON.parse(text), null, indent)
        expect(stringify(parseJson(spaced), indent)).toBe(spaced)
      }),
    )
  })
})
