/** The reader of our own YAML reads what we write, and refuses the rest. */

import { expect, it } from 'vitest'
import { parseYaml } from './yaml.ts'

it('maps, lists and scalars', () => {
  const source = "# note\na:\n  b: 'c: d'\n  e:\n    - f\n    - 'g'\nh: ['i', 'j']\nk:\n"
  expect(parseYaml(source)).toEqual({ a: { b: 'c: d', e: ['f', 'g'] }, h: ['i', 'j'], k: null })
})

it.each(['a: 1\na: 2', 'a: |\n  b', 'a\n', 'a: 1\n   b: 2'])('%j is refused', (source) => {
  expect(() => parseYaml(source)).toThrow(SyntaxError)
})
