/** All named characters of HTML 4 are there but the four that XML has too. */

import { expect, it } from 'vitest'
import { entities } from '../../src/fhir/xhtml-entities.ts'

it('each has its character', () => {
  expect(entities.size).toBe(248)
  expect([...entities.values()].every((character) => Array.from(character).length === 1)).toBe(true)
  expect(['nbsp', 'szlig', 'micro', 'Omega', 'diams'].map((name) => entities.get(name))).toEqual([
    '\u00a0',
    'ß',
    'µ',
    'Ω',
    '♦',
  ])
})
