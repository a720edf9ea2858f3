/** JSON Patch on values whose numbers keep their text. */

import { describe, expect, it } from 'vitest'
import { FhirError } from '../../../src/fhir/error.ts'
import { parseJson, stringify } from '../../../src/fhir/json.ts'
import type { Json, JsonObject } from '../../../src/fhir/types.ts'
import { patched, pathsOf } from '../../../src/http/rest/json-patch.ts'

const apply = (value: string, patch: Json): string => stringify(patched(parseJson(value) as JsonObject, patch))
const failure = (value: string, patch: Json): readonly [string, string] => {
  try {
    return ['none', apply(value, patch)]
  } catch (error) {
    if (!(error instanceof FhirError)) throw error
    return [error.issues[0].code, error.issues[0].text]
  }
}

describe('a patch', () => {
  it.each<[string, Json, string]>([
    ['{"a":1}', [{ op: 'add', path: '/b', value: [2] }], '{"a":1,"b":[2]}'],
    ['{"a":[1,3]}', [{ op: 'add', path: '/a/1', value: 2 }], '{"a":[1,2,3]}'],
    ['{"a":[1]}', [{ op: 'add', path: '/a/-', value: 2 }], '{"a":[1,2]}'],
    ['{"a":1,"b":2}', [{ op: 'remove', path: '/a' }], '{"b":2}'],
    ['{"a":{"b":1}}', [{ op: 'move', from: '/a/b', path: '/c' }], '{"a":{},"c":1}'],
    ['{"a~b":{"c/d":1}}', [{ op: 'replace', path: '/a~0b/c~1d', value: 2 }], '{"a~b":{"c/d":2}}'],
  ])('of %s by %j gives %s', (value, patch, expected) => {
    expect(apply(value, patch)).toBe(expected)
  })

  it('keeps the text of decimals, also of those that it copies', () => {
    const patch = [
      { op: 'copy', from: '/a', path: '/b' },
      { op: 'test', path: '/a', value: JSON.rawJSON('1.50') },
    ]
    expect(apply('{"a":1.50}', patch)).toBe('{"a":1.50,"b":1.50}')
  })

  it('tests numbers by their value, however deep and however they are written', () => {
    const patch = [
      { op: 'test', path: '/a', value: JSON.rawJSON('1.5') },
      { op: 'test', path: '/b', value: { d: [JSON.rawJSON('10e1')], c: 'x' } },
      { op: 'add', path: '/e', value: true },
    ]
    const text = '{"a":1.50,"b":{"c":"x","d":[100]}}'
    expect(apply(text, patch)).toBe('{"a":1.50,"b":{"c":"x","d":[100]},"e":true}')
    const further = { op: 'test', path: '/a', value: JSON.rawJSON('1.50000000000000000001') }
    expect(failure(text, [...patch, further])).toEqual(['processing', expect.stringContaining('The operation 3')])
  })

  it('leaves texts alone that begin as its own marks do', () => {
    expect(apply('{"a":"\\u0000n1"}', [{ op: 'copy', from: '/a', path: '/b' }])).toBe(
      '{"a":"\\u0000n1","b":"\\u0000n1"}',
    )
  })

  it('leaves the value that it is given', () => {
    const value = { a: { b: 1 } }
    patched(value, [{ op: 'remove', path: '/a/b' }])
    expect(value).toEqual({ a: { b: 1 } })
  })

  it.each<[Json, string, string]>([
    [7, 'structure', 'no JSON Patch'],
    [[7], 'structure', 'The operation 0 of the patch is not well-formed'],
    [[{ op: 'invent', path: '/a' }], 'structure', 'not well-formed'],
    [[{ op: 'add', path: 'a', value: 1 }], 'structure', 'not well-formed'],
    [[{ op: 'add', path: '/a' }], 'structure', 'not well-formed'],
    [[{ op: 'move', path: '/a' }], 'structure', 'not well-formed'],
    [[{ op: 'remove', path: '/b' }], 'processing', 'there is nothing at its path'],
    [[{ op: 'add', path: '/b/c', value: 1 }], 'processing', 'what should hold the new value is not there'],
    [[{ op: 'test', path: '/a', value: 2 }], 'processing', 'what it tests is otherwise'],
    [[{ op: 'add', path: '/__proto__/x', value: 1 }], 'processing', 'it cannot be done'],
    [Array.from({ length: 1001 }, () => ({ op: 'test', path: '/a', value: 1 })), 'too-costly', 'at most 1000'],
  ])('%j is refused: %s', (patch, code, text) => {
    expect(failure('{"a":1}', patch)).toEqual([code, expect.stringContaining(text)])
  })
})

it('the paths that a patch writes are those that it does not only test or copy from', () => {
  const patch = [{ op: 'test', path: '/a', value: 1 }, { op: 'copy', from: '/b', path: '/c' }, { op: 'move', from: '/d', path: '/e' }] // prettier-ignore
  expect(pathsOf(patch)).toEqual(['/c', '/e', '/d'])
})
