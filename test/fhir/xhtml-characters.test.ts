/** Characters that nobody sees are told where they deceive, and left alone where a writing needs them. */

import { expect, it } from 'vitest'
import { hiddenCharacters, withoutOverrides } from '../../src/fhir/xhtml-characters.ts'

it.each([
  ['a direction override', 'dose \u202e12\u202c mg', 1],
  ['an embedding left open', 'dose \u202b12 mg', 1],
  ['a close without an opening', '\u2069', 1],
  ['no width within a number', '1\u200b0 mg', 1],
  ['no width within a word', 'pen\u2060icillin', 1],
  ['plain text', 'Potassium 4.1 mmol/l', 0],
  ['an isolate that is closed', 'name \u2067שלום\u2069', 0],
  ['emoji joined', '👩\u200d⚕️', 0],
  ['Persian with its non-joiner', 'می\u200cخواهم', 0],
  ['Thai with its breaks', 'ผู้\u200bป่วย', 0],
  ['a byte order mark at the edge', '\ufeffPotassium', 0],
])('%s', (_, text, count) => {
  expect(hiddenCharacters(text)).toHaveLength(count)
})

it('overrides and what is not balanced is taken out, all else stays', () => {
  expect(withoutOverrides('dose \u202e12\u202c mg')).toBe('dose 12 mg')
  expect(withoutOverrides('a\u2066b')).toBe('ab')
  expect(withoutOverrides('a\u2066b\u2069c\u200b')).toBe('a\u2066b\u2069c\u200b')
})
